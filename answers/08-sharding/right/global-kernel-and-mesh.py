class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


mesh = Mesh(np.array(jax.devices("cpu")[:8]), ("model",))
kernel = NamedSharding(mesh, P(None, "model"))
other = NamedSharding(mesh, P())
x = None


def shard_params(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    params, rest = nnx.split(model, nnx.Param, ...)[1:]
    nnx.update(model, jax.device_put(params, kernel), jax.device_put(rest, other))
    leaves = jax.tree.leaves(nnx.state(model))
    split = [leaf for leaf in leaves if not leaf.is_fully_replicated]
    shard = model.kernel[...].addressable_shards[0]
    return jnp.array([len(split), len(leaves) - len(split), *shard.data.shape, jnp.sum(model(x))])
