class MixedState(nnx.Module):
    """A linear layer without bias, and two records.

    Attributes
    ----------
    kernel : nnx.Param
        The weight, of shape (in_features, out_features).
    running_mean, step_count : nnx.Variable
        Records that no optimizer trains.
    """

    kernel: nnx.Param
    running_mean: nnx.Variable
    step_count: nnx.Variable

    def __init__(self, in_features: int, out_features: int, rngs: nnx.Rngs) -> None:
        self.in_features = in_features
        self.out_features = out_features
        self.scale = float(in_features) ** -0.5
        noise = jax.random.normal(rngs.params(), (in_features, out_features))
        self.kernel = nnx.Param(self.scale * noise)
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Return x @ kernel."""
        return jnp.matmul(x, self.kernel[...])


def variable_vs_param(seed: float, x: jax.Array, features: float) -> jax.Array:
    """Count the Param leaves, and return the count, the first weight and the sum of the output."""
    (in_features,) = x.shape
    model = MixedState(in_features, int(features), nnx.Rngs(int(seed)))
    params = nnx.state(model, nnx.Param)
    n_param_leaves = len(jax.tree.leaves(params))
    kernel_first = params["kernel"][...].reshape(-1)[0]
    return jnp.array([float(n_param_leaves), float(kernel_first), float(model(x).sum())])
