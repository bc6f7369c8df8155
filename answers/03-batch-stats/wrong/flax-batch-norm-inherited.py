# marks: 8
# says: no state called running_mean
class RunningNorm(nnx.BatchNorm):
    def __init__(self, features, momentum, rngs):
        super().__init__(features, momentum=momentum, use_running_average=False, rngs=nnx.Rngs(0))
        self.scale[...] = 1.0 + 0.1 * jax.random.normal(rngs.params(), (features,))


def running_norm(seed, batches, momentum):
    rngs = nnx.Rngs(int(seed))
    model = RunningNorm(batches.shape[-1], momentum, rngs)
    for batch in batches:
        model(batch, use_running_average=False)
    out = model(batches[-1], use_running_average=True)
    n_params = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    n_stats = len(jax.tree.leaves(nnx.state(model, nnx.BatchStat)))
    mean, var = model.mean[...], model.var[...]
    return jnp.array([float(n_params), float(n_stats), mean.sum(), var.sum(), out.sum()])
