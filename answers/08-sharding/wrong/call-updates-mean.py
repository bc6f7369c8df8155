# marks: 9
# says: changes its state
class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        out = x @ self.kernel
        self.running_mean[...] = 0.9 * self.running_mean[...] + 0.1 * out
        return out


def shard_params(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    mesh = Mesh(np.array(jax.devices("cpu")[:8]), ("model",))

    def place(leaf):
        return NamedSharding(mesh, P(None, "model") if isinstance(leaf, nnx.Param) else P())

    before = nnx.state(model)
    wanted = jax.tree.map(place, before, is_leaf=lambda node: isinstance(node, nnx.Variable))
    nnx.update(model, jax.device_put(before, wanted))
    replicated = [leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))]
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    n_replicated = sum(replicated)
    return jnp.array([len(replicated) - n_replicated, n_replicated, rows, columns, model(x).sum()])
