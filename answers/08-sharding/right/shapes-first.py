class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def shard_params(seed, x, features):
    mesh = Mesh(np.array(jax.devices("cpu")[:8]), ("model",))

    def create():
        return nnx.state(MixedState(len(x), int(features), nnx.Rngs(int(seed))))

    shapes = jax.eval_shape(create)
    wanted = jax.tree.map(
        lambda leaf: NamedSharding(mesh, P(None, "model") if isinstance(leaf, nnx.Param) else P()),
        shapes,
        is_leaf=lambda node: isinstance(node, nnx.Variable),
    )
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    nnx.update(model, jax.jit(lambda state: state, out_shardings=wanted)(nnx.state(model)))
    replicated = [leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))]
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    n_replicated = sum(replicated)
    return jnp.array([len(replicated) - n_replicated, n_replicated, rows, columns, model(x).sum()])
