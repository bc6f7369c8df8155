class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


@jax.jit
def apply(graphdef, state, x):
    return nnx.merge(graphdef, state)(x)


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    out = apply(*nnx.split(model), x)
    params = jax.tree.leaves(nnx.state(model, nnx.Param))
    return jnp.array([float(len(params)), float(params[0].reshape(-1)[0]), float(out.sum())])
