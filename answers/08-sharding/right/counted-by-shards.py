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
    params, rest = nnx.state(model, nnx.Param, nnx.Variable)
    nnx.update(model, jax.device_put(params, split))
    nnx.update(model, jax.device_put(rest, copied))
    parts = [leaf.addressable_shards[0].data.shape == leaf.shape for leaf in jax.tree.leaves(nnx.state(model))]
    rows, columns = model.kernel[...].sharding.shard_shape(model.kernel[...].shape)
    return np.array([parts.count(False), parts.count(True), rows, columns, np.asarray(model(x)).sum()])
