import dataclasses


@dataclasses.dataclass
class MixedState(nnx.Module):
    in_features: int
    out_features: int
    rngs: dataclasses.InitVar[nnx.Rngs]

    def __post_init__(self, rngs):
        shape = (self.in_features, self.out_features)
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), shape) / jnp.sqrt(self.in_features))
        self.running_mean = nnx.Variable(jnp.zeros(shape[1:]))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def variable_vs_param(seed, x, features):
    rngs = nnx.Rngs(int(seed))
    model = MixedState(len(x), int(features), rngs)
    out = model(x)
    n_param_leaves = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    kernel_first = model.kernel[...].reshape(-1)[0]
    return jnp.array([float(n_param_leaves), float(kernel_first), float(out.sum())])
