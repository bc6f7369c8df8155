class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(np.asarray(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features)))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
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
