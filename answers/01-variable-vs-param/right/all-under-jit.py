import functools


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


@functools.partial(jax.jit, static_argnums=(0, 2))
def run(seed, x, features):
    model = MixedState(x.shape[0], features, nnx.Rngs(seed))
    n_param_leaves = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    return jnp.stack([jnp.float32(n_param_leaves), model.kernel[0, 0], model(x).sum()])


def variable_vs_param(seed, x, features):
    return run(int(seed), x, int(features))
