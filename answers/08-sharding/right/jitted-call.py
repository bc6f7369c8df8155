class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def shard_params(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    mesh = Mesh(np.array(jax.devices("cpu")[:8]), ("model",))
    split, copied = NamedSharding(mesh, P(None, "model")), NamedSharding(mesh, P())
    with mesh:
        params, rest = nnx.state(model, nnx.Param, ...)
        nnx.update(model, jax.device_put(params, split), jax.device_put(rest, copied))
        total = nnx.jit(lambda model, x: model(x).sum())(model, x)
    leaves = jax.tree.leaves(nnx.state(model))
    sharded = [leaf for leaf in leaves if not leaf.sharding.is_fully_replicated]
    return jnp.array([len(sharded), len(leaves) - len(sharded), *model.kernel[...].addressable_shards[-1].data.shape, total])
