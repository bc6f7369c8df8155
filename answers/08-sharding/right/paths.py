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

    params = {path for path, _ in nnx.to_flat_state(nnx.state(model, nnx.Param))}
    state = nnx.state(model)
    flat = {
        path: leaf.replace(jax.device_put(leaf[...], NamedSharding(mesh, P(None, "model") if path in params else P())))
        for path, leaf in nnx.to_flat_state(state)
    }
    nnx.update(model, nnx.State.from_flat_path(flat))
    replicated = [leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))]
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    n_replicated = sum(replicated)
    return jnp.array([len(replicated) - n_replicated, n_replicated, rows, columns, model(x).sum()])
