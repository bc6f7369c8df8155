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
    for path, node in nnx.iter_graph(model):
        if isinstance(node, nnx.Param):
            node.value = jax.device_put(node.value, split)
        elif isinstance(node, nnx.Variable):
            node.value = jax.device_put(node.value, copied)
    n_split = n_copied = 0
    for leaf in jax.tree.leaves(nnx.state(model)):
        if leaf.sharding.is_fully_replicated:
            n_copied += 1
        else:
            n_split += 1
    part = model.kernel.value.addressable_shards[0].data
    return jnp.array([n_split, n_copied, part.shape[0], part.shape[1], float(model(x).sum())])
