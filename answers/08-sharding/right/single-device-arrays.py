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

    devices = mesh.devices.flatten()
    for _, leaf in nnx.to_flat_state(nnx.state(model)):
        array = leaf[...]
        is_param = isinstance(leaf, nnx.Param)
        parts = jnp.split(array, 8, axis=1) if is_param else [array] * 8
        parts = [jax.device_put(part, device) for part, device in zip(parts, devices, strict=True)]
        sharding = NamedSharding(mesh, P(None, "model") if is_param else P())
        leaf[...] = jax.make_array_from_single_device_arrays(array.shape, sharding, parts)
    replicated = [leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))]
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    n_replicated = sum(replicated)
    return jnp.array([len(replicated) - n_replicated, n_replicated, rows, columns, model(x).sum()])
