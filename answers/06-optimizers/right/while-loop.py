class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset


def mean_squared_error(model, x, y):
    return jnp.mean((model(x) - y) ** 2)


def train(seed, x, y, learning_rate, steps):
    (_, n_in), (_, n_out) = x.shape, y.shape
    rngs = nnx.Rngs(int(seed))
    model = Regressor(n_in, n_out, rngs)
    optimizer = nnx.Optimizer(model, optax.adam(learning_rate), wrt=nnx.Param)
    loss_and_gradients = nnx.value_and_grad(mean_squared_error)
    history = []
    remaining = int(steps)
    while remaining:
        loss, gradients = loss_and_gradients(model, x, y)
        history.append(loss)
        optimizer.update(model, gradients)
        remaining -= 1
    history.append(mean_squared_error(model, x, y))
    leaves = jax.tree_util.tree_leaves(optimizer.opt_state)
    return jnp.array([history[0], history[-1], float(len(leaves)), float(jnp.sum(model.offset[...]))])
