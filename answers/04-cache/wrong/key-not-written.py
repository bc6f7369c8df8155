# marks: 8
# says: does not write into cached_key
class Decoder(nnx.Module):
    def __init__(self, length, in_features, features, rngs):
        scale = 1.0 / jnp.sqrt(in_features)
        self.query_kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) * scale)
        self.key_kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) * scale)
        self.value_kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, features)) * scale)
        self.cached_key = nnx.Cache(jnp.zeros((length, features)))
        self.cached_value = nnx.Cache(jnp.zeros((length, features)))
        self.index = nnx.Cache(jnp.array(0))

    def __call__(self, row):
        index = self.index[...]
        self.cached_value[...] = self.cached_value[...].at[index].set(row @ self.value_kernel[...])
        self.index[...] = index + 1
        query = row @ self.query_kernel[...]
        scores = self.cached_key[...] @ query / jnp.sqrt(query.shape[0])
        scores = jnp.where(jnp.arange(scores.shape[0]) <= index, scores, -jnp.inf)
        return jax.nn.softmax(scores) @ self.cached_value[...]


def decode(seed, x, features):
    length, in_features = x.shape
    model = Decoder(length, in_features, int(features), nnx.Rngs(int(seed)))
    output = jnp.stack([model(row) for row in x])
    params = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    caches = len(jax.tree.leaves(nnx.state(model, nnx.Cache)))
    return jnp.array([float(params), float(caches), float(model.index[...]), float(output.sum()), float(output[-1, 0])])
