# marks: 0
# says: has no .at
class Decoder(nnx.Module):
    def __init__(self, length, in_features, features, rngs):
        def draw():
            return nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) / jnp.sqrt(in_features))

        self.query_kernel = draw()
        self.key_kernel = draw()
        self.value_kernel = draw()
        self.cached_key = nnx.Cache(np.zeros((length, features)))
        self.cached_value = nnx.Cache(np.zeros((length, features)))
        self.index = nnx.Cache(jnp.array(0))

    def __call__(self, row):
        index = self.index[...]
        self.cached_key[...] = self.cached_key[...].at[index].set(row @ self.key_kernel)
        self.cached_value[...] = self.cached_value[...].at[index].set(row @ self.value_kernel)
        self.index[...] = index + 1
        length, features = self.cached_key.shape
        scores = self.cached_key[...] @ (row @ self.query_kernel) / jnp.sqrt(features)
        weights = jax.nn.softmax(jnp.where(jnp.arange(length) <= index, scores, -jnp.inf))
        return weights @ self.cached_value[...]


def decode(seed, x, features):
    model = Decoder(*x.shape, int(features), nnx.Rngs(int(seed)))
    output = jnp.stack([model(row) for row in x])
    params = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    caches = len(jax.tree.leaves(nnx.state(model, nnx.Cache)))
    return jnp.array([params, caches, model.index[...], output.sum(), output[-1, 0]])
