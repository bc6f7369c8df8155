class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset


def train(seed, x, y, learning_rate, steps):
    model = Regressor(x.shape[1], y.shape[1], nnx.Rngs(int(seed)))
    tx = optax.adam(learning_rate)
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)
    opt_state = tx.init(params)

    def loss_of(params):
        return jnp.mean((nnx.merge(graphdef, params, rest)(x) - y) ** 2)

    def step(_, carry):
        params, opt_state = carry
        updates, opt_state = tx.update(jax.grad(loss_of)(params), opt_state, params)
        return optax.apply_updates(params, updates), opt_state

    before = loss_of(params)
    params, opt_state = jax.lax.fori_loop(0, int(steps), step, (params, opt_state))
    nnx.update(model, params)
    return jnp.array([before, loss_of(params), len(jax.tree.leaves(opt_state)), model.offset[...].sum()])
