from functools import partial


def my_draw(key, rows, columns):
    return jax.random.normal(key, (rows, columns)) * (1.0 / jnp.sqrt(rows))


class Regressor(nnx.Module):
    """Linear regression with a fixed offset."""

    def __init__(self, in_features: int, out_features: int, rngs: nnx.Rngs):
        self.kernel = nnx.Param(my_draw(rngs.params(), in_features, out_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x: jax.Array) -> jax.Array:
        return x @ self.kernel + self.offset


def my_losses(model, x, y):
    return jnp.mean((model(x) - y) ** 2)


def my_leaves(tree):
    return float(len(jax.tree.leaves(tree)))


def _trained(model, optimizer, x, y, steps):
    for _ in range(steps):
        optimizer.update(model, nnx.grad(my_losses)(model, x, y))
    return model


def my_results(*numbers):
    return jnp.stack([jnp.asarray(number, jnp.float32) for number in numbers])


def train(seed, x, y, learning_rate, steps):
    model = Regressor(x.shape[1], y.shape[1], nnx.Rngs(int(seed)))
    optimizer = nnx.Optimizer(model, optax.adam(learning_rate), wrt=nnx.Param)
    first = my_losses(model, x, y)
    model = _trained(model, optimizer, x, y, int(steps))
    return my_results(first, my_losses(model, x, y), my_leaves(optimizer.opt_state), model.offset[...].sum())
