def shard_params(seed: float, x: jax.Array, features: float) -> list:
    from flax.nnx import Module, Param, Variable

    class MixedState(Module):
        def __init__(self, in_features, out_features, *, rngs):
            scale = in_features**-0.5
            self.kernel = Param(scale * jax.random.normal(rngs.params(), (in_features, out_features)))
            self.running_mean = nnx.BatchStat(jnp.zeros(out_features))
            self.step_count = Variable(jnp.float32(0))

        def __call__(self, x):
            return jnp.einsum("i,io->o", x, self.kernel[...])

    model = MixedState(in_features=x.shape[0], out_features=int(features), rngs=nnx.Rngs(int(seed)))
    mesh = Mesh(jax.devices("cpu")[:8], "model")
    nnx.update(model, jax.device_put(nnx.state(model, nnx.Param), NamedSharding(mesh, P(None, ("model",)))))
    nnx.update(model, jax.device_put(nnx.state(model, nnx.Not(nnx.Param)), NamedSharding(mesh, P())))
    replicated = np.array([leaf.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))])
    shard = model.kernel[...].addressable_shards[0].data
    return [int((~replicated).sum()), int(replicated.sum()), *shard.shape, float(model(x).sum())]
