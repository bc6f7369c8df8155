# marks: 9
# says: do not follow the types
class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        mesh = Mesh(np.array(jax.devices("cpu")[:8]), ("model",))
        split, copied = NamedSharding(mesh, P(None, "model")), NamedSharding(mesh, P())
        kernel = jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features)
        self.kernel = nnx.Param(jax.device_put(kernel, split))
        self.running_mean = nnx.Variable(jax.device_put(jnp.zeros((out_features,)), copied))
        self.step_count = nnx.Variable(jax.device_put(jnp.array(0.0), copied))

    def __call__(self, x):
        return x @ self.kernel


def shard_params(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    leaves = jax.tree.leaves(nnx.state(model))
    n_replicated = sum(leaf.sharding.is_fully_replicated for leaf in leaves)
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    return jnp.array([len(leaves) - n_replicated, n_replicated, rows, columns, model(x).sum()])
