class RunningNorm(nnx.Module):
    def __init__(self, features, momentum, rngs):
        self.scale = nnx.Param(1.0 + 0.1 * jax.random.normal(rngs.params(), (features,)))
        self.bias = nnx.Param(jnp.zeros((features,)))
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
    model = RunningNorm(batches.shape[2], momentum, rngs=nnx.Rngs(int(seed)))
    graphdef, params, stats = nnx.split(model, nnx.Param, nnx.BatchStat)

    def step(stats, batch):
        model = nnx.merge(graphdef, params, stats)
        out = model(batch, True)
        return nnx.state(model, nnx.BatchStat), out

    stats, _ = jax.lax.scan(step, stats, batches)
    out = nnx.merge(graphdef, params, stats)(batches[-1], False)
    counts = [float(len(jax.tree.leaves(state))) for state in (params, stats)]
    return jnp.array([*counts, stats["running_mean"][...].sum(), stats["running_var"][...].sum(), out.sum()])
