class RunningNorm(nnx.Module):
    def __init__(self, features, momentum, rngs):
        self.scale = nnx.Param(np.asarray(1.0 + 0.1 * jax.random.normal(rngs.params(), (features,))))
        self.bias = nnx.Param(np.asarray(jnp.zeros((features,))))
        self.running_mean = nnx.BatchStat(jnp.zeros((features,)))
        self.running_var = nnx.BatchStat(jnp.ones((features,)))
        self.momentum = momentum

    def __call__(self, x, training):
        if training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean[...] = self.momentum * self.running_mean[...] + (1 - self.momentum) * mean
            self.running_var[...] = self.momentum * self.running_var[...] + (1 - self.momentum) * var
        else:
            mean, var = self.running_mean[...], self.running_var[...]
        return self.scale * (x - mean) / jnp.sqrt(var + 1e-5) + self.bias


def running_norm(seed, batches, momentum):
    rngs = nnx.Rngs(int(seed))
    model = RunningNorm(batches.shape[-1], momentum, rngs)
    for batch in batches:
        model(batch, training=True)
    out = model(batches[-1], training=False)
    n_params = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    n_stats = len(jax.tree.leaves(nnx.state(model, nnx.BatchStat)))
    mean, var = model.running_mean[...], model.running_var[...]
    return jnp.array([float(n_params), float(n_stats), mean.sum(), var.sum(), out.sum()])
