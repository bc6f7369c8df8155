class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset


def train(seed, x, y, learning_rate, steps):
    model = Regressor(x.shape[1], y.shape[1], nnx.Rngs(int(seed)))
    optimizer = nnx.Optimizer(model, optax.adam(learning_rate), wrt=nnx.Param)
    graphdef, state = nnx.split((model, optimizer))

    def loss_of(model):
        return jnp.mean((model(x) - y) ** 2)

    def step(state, _):
        model, optimizer = nnx.merge(graphdef, state)
        loss, gradients = nnx.value_and_grad(loss_of)(model)
        optimizer.update(model, gradients)
        return nnx.state((model, optimizer)), loss

    state, losses = jax.lax.scan(step, state, length=int(steps))
    model, optimizer = nnx.merge(graphdef, state)
    return jnp.array([losses[0], loss_of(model), len(jax.tree.leaves(optimizer.opt_state)), model.offset[...].sum()])
