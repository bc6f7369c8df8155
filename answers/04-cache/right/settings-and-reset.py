class Decoder(nnx.Module):
    def __init__(self, length, in_features, features, rngs):
        self.length = length
        self.features = features
        self.scale = float(features) ** -0.5
        self.normalise = jax.nn.softmax
        self.name = "decoder"

        def draw():
            return nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) / jnp.sqrt(in_features))

        self.query_kernel = draw()
        self.key_kernel = draw()
        self.value_kernel = draw()
        self.cached_key = nnx.Cache(jnp.zeros((length, features)))
        self.cached_value = nnx.Cache(jnp.zeros((length, features)))
        self.index = nnx.Cache(jnp.array(0))

    def reset(self):
        for box in (self.cached_key, self.cached_value, self.index):
            box[...] = jnp.zeros_like(box[...])

    def __call__(self, row):
        index = self.index[...]
        self.cached_key[...] = self.cached_key[...].at[index].set(row @ self.key_kernel)
        self.cached_value[...] = self.cached_value[...].at[index].set(row @ self.value_kernel)
        self.index[...] = index + 1
        scores = self.cached_key[...] @ (row @ self.query_kernel) * self.scale
        weights = self.normalise(jnp.where(jnp.arange(self.length) <= index, scores, -jnp.inf))
        return weights @ self.cached_value[...]


def decode(seed, x, features):
    model = Decoder(*x.shape, int(features), nnx.Rngs(int(seed)))
    model.reset()
    output = jnp.stack([model(row) for row in x])
    params = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    caches = len(jax.tree.leaves(nnx.state(model, nnx.Cache)))
    return jnp.array([params, caches, model.index[...], output.sum(), output[-1, 0]])
