class Projections(nnx.Module):
    """The three kernels of attention."""

    def __init__(self, in_features, features, rngs):
        keys = [rngs.params() for _ in range(3)]
        draws = [jax.random.normal(key, (in_features, features)) / np.sqrt(in_features) for key in keys]
        self.query_kernel, self.key_kernel, self.value_kernel = map(nnx.Param, draws)

    def project(self, row):
        return row @ self.query_kernel, row @ self.key_kernel, row @ self.value_kernel


class Decoder(Projections):
    """Attention that remembers."""

    def __init__(self, length, in_features, features, *, rngs):
        super().__init__(in_features, features, rngs)
        self.cached_key = nnx.Cache(jnp.zeros((length, features)))
        self.cached_value = nnx.Cache(jnp.zeros((length, features)))
        self.index = nnx.Cache(jnp.array(0))

    def remember(self, key, value):
        index = self.index[...]
        for box, vector in ((self.cached_key, key), (self.cached_value, value)):
            box[...] = box[...].at[index].set(vector)
        self.index[...] = index + 1
        return index

    def __call__(self, row):
        query, key, value = self.project(row)
        index = self.remember(key, value)
        scores = jnp.einsum("lf,f->l", self.cached_key[...], query) / len(query) ** 0.5
        return jnp.einsum("l,lf->f", jax.nn.softmax(scores, where=jnp.arange(len(scores)) <= index), self.cached_value[...])


def decode(seed, x, features):
    length, in_features = x.shape
    model = Decoder(length, in_features, int(features), rngs=nnx.Rngs(int(seed)))
    output = jnp.zeros((length, int(features)))
    for position in range(length):
        output = output.at[position].set(model(x[position]))
    counts = [float(len(jax.tree.leaves(nnx.state(model, kind)))) for kind in (nnx.Param, nnx.Cache)]
    return jnp.array([*counts, float(model.index[...]), float(jnp.sum(output)), float(output[-1][0])])
