class Decoder(nnx.Module):
    def __init__(self, length, in_features, features, rngs):
        def draw():
            return nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) / jnp.sqrt(in_features))

        self.query_kernel = draw()
        self.key_kernel = draw()
        self.value_kernel = draw()
        self.cached_key = nnx.Cache(jnp.zeros((length, features)))
        self.cached_value = nnx.Cache(jnp.zeros((length, features)))
        self.index = nnx.Cache(jnp.array(0))

    def __call__(self, row):
        index = self.index[...]
        self.cached_key[...] = self.cached_key[...].at[index].set(row @ self.key_kernel)
        self.cached_value[...] = self.cached_value[...].at[index].set(row @ self.value_kernel)
        self.index[...] = index + 1
        query = row @ self.query_kernel
        mask = (jnp.arange(self.cached_key.shape[0]) <= index)[None, None, :]
        out = nnx.dot_product_attention(
            query[None, None, :], self.cached_key[...][:, None, :], self.cached_value[...][:, None, :], mask=mask
        )
        return out[0, 0]


def decode(seed, x, features):
    model = Decoder(*x.shape, int(features), nnx.Rngs(int(seed)))
    output = jnp.stack([model(row) for row in x])
    params = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    caches = len(jax.tree.leaves(nnx.state(model, nnx.Cache)))
    return jnp.array([params, caches, model.index[...], output.sum(), output[-1, 0]])
