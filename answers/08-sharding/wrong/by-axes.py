# marks: 9
# says: further records are not copied
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

    def place(leaf):
        return NamedSharding(mesh, P(None, "model") if leaf.ndim == 2 else P())

    state = nnx.state(model)
    shardings = jax.tree.map(place, state, is_leaf=lambda node: isinstance(node, nnx.Variable))
    nnx.update(model, jax.device_put(state, shardings))
    leaves = jax.tree.leaves(nnx.state(model))
    n_replicated = sum(leaf.sharding.is_fully_replicated for leaf in leaves)
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    return jnp.array([len(leaves) - n_replicated, n_replicated, rows, columns, model(x).sum()])
