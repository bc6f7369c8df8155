class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


@nnx.jit(static_argnums=(0, 1, 2))
def create(in_features, out_features, seed):
    return MixedState(in_features, out_features, nnx.Rngs(seed))


def variable_vs_param(seed, x, features):
    model = create(len(x), int(features), int(seed))
    out = model(x)
    n_param_leaves = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    return jnp.array([float(n_param_leaves), float(model.kernel[0, 0]), float(out.sum())])
