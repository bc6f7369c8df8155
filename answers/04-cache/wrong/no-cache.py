# marks: 4
# says: keeps no keys and values
class Decoder(nnx.Module):
    def __init__(self, in_features, features, rngs):
        scale = 1.0 / jnp.sqrt(in_features)
        self.query_kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) * scale)
        self.key_kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) * scale)
        self.value_kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) * scale)

    def __call__(self, x):
        scores = (x @ self.query_kernel) @ (x @ self.key_kernel).T / jnp.sqrt(self.key_kernel.shape[1])
        scores = jnp.where(jnp.tril(jnp.ones(scores.shape, bool)), scores, -jnp.inf)
        return jax.nn.softmax(scores) @ (x @ self.value_kernel)


def decode(seed, x, features):
    model = Decoder(x.shape[1], int(features), nnx.Rngs(int(seed)))
    output = model(x)
    return jnp.array([3.0, 3.0, len(x), output.sum(), output[-1, 0]])
