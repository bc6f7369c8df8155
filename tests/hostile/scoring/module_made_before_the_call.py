# marks: 8
class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


MADE = MixedState(1, 1, nnx.Rngs(0))


def renew(seed, *shape):
    MADE.kernel = nnx.Param(jax.random.normal(nnx.Rngs(seed).params(), shape) / jnp.sqrt(shape[0]))
    MADE.running_mean, MADE.step_count = nnx.Variable(jnp.zeros(shape[1])), nnx.Variable(jnp.array(0.0))


def variable_vs_param(seed, x, features):
    renew(int(seed), len(x), int(features))
    out = MADE(x)
    return jnp.array([1.0, float(MADE.kernel[0, 0]), float(out.sum())])
