# marks: 3
# says: No module was found
class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def variable_vs_param(seed, x, features):
    kernel = jax.random.normal(nnx.Rngs(int(seed)).params(), (len(x), int(features))) / jnp.sqrt(len(x))
    out = x @ kernel
    return jnp.array([1.0, float(kernel.reshape(-1)[0]), float(out.sum())])
