class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset


class State(nnx.Module):
    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer

    def step(self, x, y):
        gradients = nnx.grad(lambda model: jnp.mean((model(x) - y) ** 2))(self.model)
        self.optimizer.update(self.model, gradients)


def train(seed, x, y, learning_rate, steps):
    model = Regressor(x.shape[1], y.shape[1], nnx.Rngs(int(seed)))
    state = State(model, nnx.Optimizer(model, optax.adam(learning_rate), wrt=nnx.Param))
    before = jnp.mean((model(x) - y) ** 2)
    for _ in range(int(steps)):
        state.step(x, y)
    after = jnp.mean((state.model(x) - y) ** 2)
    return jnp.array([before, after, len(jax.tree.leaves(state.optimizer.opt_state)), state.model.offset[...].sum()])
