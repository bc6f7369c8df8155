class Regressor(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.offset = nnx.Variable(jnp.ones((out_features,)))

    def __call__(self, x):
        return x @ self.kernel + self.offset


@nnx.jit
def step(model, optimizer, x, y):
    gradients = nnx.grad(lambda model: jnp.mean(jnp.square(model(x) - y)))(model)
    optimizer.update(model, gradients)


@nnx.jit
def evaluate(model, x, y):
    return jnp.mean(jnp.square(model(x) - y))


def train(seed, x, y, learning_rate, steps):
    model = Regressor(in_features=x.shape[-1], out_features=y.shape[-1], rngs=nnx.Rngs(params=int(seed)))
    optimizer = nnx.Optimizer(model, tx=optax.adam(learning_rate=learning_rate), wrt=nnx.Param)
    losses = [evaluate(model, x, y)]
    for _ in range(int(steps)):
        step(model, optimizer, x, y)
        losses.append(evaluate(model, x, y))
    return jnp.stack([losses[0], losses[-1], jnp.float32(len(jax.tree.leaves(optimizer.opt_state))), jnp.sum(model.offset[...])])
