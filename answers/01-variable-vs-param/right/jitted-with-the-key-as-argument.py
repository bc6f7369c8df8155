from functools import partial


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


@partial(jax.jit, static_argnames="features")
def run(key, x, features):
    model = MixedState(len(x), features, nnx.Rngs(key))
    count = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    return jnp.array([float(count), model.kernel[...].reshape(-1)[0], model(x).sum()])


def variable_vs_param(seed, x, features):
    return run(jax.random.key(int(seed)), x, int(features))
