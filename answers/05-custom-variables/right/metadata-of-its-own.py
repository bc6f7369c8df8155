class Ema(nnx.Variable):
    """An exponential moving average."""

    def __init__(self, value, decay, **metadata):
        super().__init__(value, decay=decay, **metadata)

    def push(self, value):
        self[...] = self.decay * self[...] + (1 - self.decay) * value


class Tracker(nnx.Module):
    def __init__(self, in_features, out_features, rngs, decay):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.ema = Ema(jnp.zeros((out_features,)), decay=decay)


def track_ema(seed, xs, features, decay):
    rngs = nnx.Rngs(int(seed))
    model = Tracker(xs.shape[1], int(features), rngs, decay)
    for row in xs:
        model.ema.push(row @ model.kernel)
    n_param_leaves = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    n_ema_leaves = len(jax.tree.leaves(nnx.state(model, Ema)))
    return jnp.array([float(n_param_leaves), float(n_ema_leaves), float(model.ema[0]), float(model.kernel[0, 0])])
