class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset

    def loss(self, x, y):
        return jnp.mean((self(x) - y) ** 2)

    def fit(self, optimizer, x, y, steps):
        for _ in range(steps):
            optimizer.update(self, nnx.grad(type(self).loss)(self, x, y))


def train(seed, x, y, learning_rate, steps):
    model = Regressor(x.shape[1], y.shape[1], nnx.Rngs(int(seed)))
    optimizer = nnx.Optimizer(model, optax.adam(learning_rate), wrt=nnx.Param)
    before = model.loss(x, y)
    model.fit(optimizer, x, y, int(steps))
    return jnp.array([before, model.loss(x, y), len(jax.tree.leaves(optimizer.opt_state)), model.offset[...].sum()])
