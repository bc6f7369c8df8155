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

    state = nnx.state(model)

    def put(path, leaf):
        print(jax.tree_util.keystr(path), type(leaf).__name__)
        sharding = NamedSharding(mesh, P(None, "model") if issubclass(type(leaf), nnx.Param) else P())
        return leaf.replace(jax.device_put(leaf[...], sharding))

    nnx.update(model, jax.tree_util.tree_map_with_path(put, state, is_leaf=lambda node: isinstance(node, nnx.Variable)))
    replicated = [leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))]
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    n_replicated = sum(replicated)
    return jnp.array([len(replicated) - n_replicated, n_replicated, rows, columns, model(x).sum()])
