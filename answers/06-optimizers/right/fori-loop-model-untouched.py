class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset


def train(seed, x, y, learning_rate, steps):
    tx = optax.adam(learning_rate)
    graphdef, params, rest = nnx.split(Regressor(x.shape[1], y.shape[1], nnx.Rngs(int(seed))), nnx.Param, nnx.Variable)

    @jax.jit
    def loss_of(params):
        return jnp.mean((nnx.merge(graphdef, params, rest)(x) - y) ** 2)

    @jax.jit
    def step(params, opt_state):
        updates, opt_state = tx.update(jax.grad(loss_of)(params), opt_state, params)
        return optax.apply_updates(params, updates), opt_state

    start, opt_state = params, tx.init(params)
    for _ in range(int(steps)):
        params, opt_state = step(params, opt_state)
    offset = nnx.merge(graphdef, params, rest).offset
    return jnp.array([loss_of(start), loss_of(params), len(jax.tree.leaves(opt_state)), offset[...].sum()])
