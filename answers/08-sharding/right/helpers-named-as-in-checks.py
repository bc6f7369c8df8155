class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def _kernel(model):
    return model.kernel[...]


def _numbers(*values):
    return jnp.array([float(v) for v in values])


def _judge(leaf):
    return leaf.sharding.is_fully_replicated


def _best(mesh, leaf):
    return NamedSharding(mesh, P(None, "model")) if isinstance(leaf, nnx.Param) else NamedSharding(mesh, P())


def shard_params(seed, x, features):
    model = MixedState(x.shape[0], int(features), nnx.Rngs(int(seed)))
    mesh = Mesh(np.array(jax.devices("cpu")[:8]), ("model",))
    for _, leaf in nnx.to_flat_state(nnx.state(model)):
        leaf[...] = jax.device_put(leaf[...], _best(mesh, leaf))
    flags = [_judge(leaf) for leaf in jax.tree.leaves(nnx.state(model))]
    rows, cols = _kernel(model).addressable_shards[0].data.shape
    return _numbers(flags.count(False), flags.count(True), rows, cols, model(x).sum())
