class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def shard_params(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    mesh = Mesh(np.array(jax.devices("cpu")[:8]), ("model",))

    split, copied = NamedSharding(mesh, P(None, "model")), NamedSharding(mesh, P())
    graphdef, params, rest = nnx.split(model, nnx.Param, ...)
    model = nnx.merge(graphdef, jax.device_put(params, split), jax.device_put(rest, copied))
    replicated = [leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))]
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    n_replicated = sum(replicated)
    return jnp.array([len(replicated) - n_replicated, n_replicated, rows, columns, model(x).sum()])
