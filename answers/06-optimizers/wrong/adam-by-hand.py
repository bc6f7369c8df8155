# marks: 8
# says: does not follow the optimizer
class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset


def train(seed, x, y, learning_rate, steps):
    model = Regressor(x.shape[1], y.shape[1], nnx.Rngs(int(seed)))

    def loss_of(model):
        return jnp.mean((model(x) - y) ** 2)

    before = loss_of(model)
    mean = square = 0.0
    for step in range(1, int(steps) + 1):
        slope = nnx.grad(loss_of)(model)["kernel"][...]
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        update = mean / (1 - 0.9**step) / (jnp.sqrt(square / (1 - 0.999**step)) + 1e-8)
        model.kernel[...] = model.kernel[...] - learning_rate * update
    return jnp.array([before, loss_of(model), 3.0, model.offset[...].sum()])
