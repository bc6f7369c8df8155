class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


class Model(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Variable(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))

    def __call__(self, x):
        return x @ self.kernel


def variable_vs_param(seed, x, features):
    state = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    model = Model(len(x), int(features), nnx.Rngs(int(seed)))
    out = model(x)
    n_param_leaves = len(jax.tree.leaves(nnx.state(state, nnx.Param)))
    return jnp.array([float(n_param_leaves), float(model.kernel[0, 0]), float(out.sum())])
