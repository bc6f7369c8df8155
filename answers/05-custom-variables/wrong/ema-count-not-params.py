# marks: 9
# says: all that is not a Param
class Ema(nnx.Variable):
    """An exponential moving average."""


class Tracker(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.ema = Ema(jnp.zeros((out_features,)))

    def track(self, row, decay):
        self.ema[...] = decay * self.ema[...] + (1 - decay) * (row @ self.kernel)


def track_ema(seed, xs, features, decay):
    rngs = nnx.Rngs(int(seed))
    model = Tracker(xs.shape[1], int(features), rngs)
    for row in xs:
        model.track(row, decay)
    n_param_leaves = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    n_ema_leaves = len(jax.tree.leaves(nnx.state(model, nnx.Not(nnx.Param))))
    return jnp.array([float(n_param_leaves), float(n_ema_leaves), float(model.ema[0]), float(model.kernel[0, 0])])
