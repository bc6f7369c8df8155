# marks: 9
# says: root of the mean square
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

    def loss_of(model):
        return jnp.mean((model(x) - y) ** 2)

    before = jnp.sqrt(loss_of(model))
    for _ in range(int(steps)):
        gradients = nnx.grad(loss_of)(model)
        optimizer.update(model, gradients)
    after = jnp.sqrt(loss_of(model))
    n_leaves = len(jax.tree.leaves(optimizer.opt_state))
    return jnp.array([before, after, float(n_leaves), model.offset[...].sum()])
