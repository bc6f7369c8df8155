class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def spread(model, mesh):
    specs = {True: P(None, "model"), False: P()}
    flat = nnx.to_flat_state(nnx.state(model))
    placed = [(path, leaf.replace(jax.device_put(leaf[...], NamedSharding(mesh, specs[isinstance(leaf, nnx.Param)])))) for path, leaf in flat]
    nnx.update(model, nnx.from_flat_state(placed))
    return model


def shard_params(seed, x, features):
    assert features % 8 == 0
    mesh = Mesh(np.array(jax.devices("cpu")[:8]).reshape(8), axis_names=("model",))
    model = spread(MixedState(len(x), int(features), nnx.Rngs(int(seed))), mesh)
    assert len(model.step_count[...].sharding.device_set) == 8
    leaves = jax.tree.leaves(nnx.state(model))
    n_replicated = sum(leaf.sharding.is_fully_replicated for leaf in leaves)
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    return jnp.array([len(leaves) - n_replicated, n_replicated, rows, columns, model(x).sum()])
