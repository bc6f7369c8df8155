import functools


class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset


@functools.partial(jax.jit, static_argnames="steps")
def run(key, x, y, learning_rate, steps):
    model = Regressor(x.shape[1], y.shape[1], nnx.Rngs(key))
    optimizer = nnx.Optimizer(model, optax.adam(learning_rate), wrt=nnx.Param)
    graphdef, state = nnx.split((model, optimizer))

    def loss_of(model):
        return jnp.mean((model(x) - y) ** 2)

    def step(state, _):
        model, optimizer = nnx.merge(graphdef, state)
        optimizer.update(model, nnx.grad(loss_of)(model))
        return nnx.state((model, optimizer)), None

    before = loss_of(model)
    state, _ = jax.lax.scan(step, state, length=steps)
    model, optimizer = nnx.merge(graphdef, state)
    n_leaves = len(jax.tree.leaves(optimizer.opt_state))
    return jnp.stack([before, loss_of(model), jnp.float32(n_leaves), model.offset[...].sum()])


def train(seed, x, y, learning_rate, steps):
    return run(jax.random.key(int(seed)), x, y, learning_rate, int(steps))
