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
    graphdef, params, rest = nnx.split(model, nnx.Param, nnx.Not(nnx.Param))
    params, rest = jax.device_put((params, rest), (split, copied))
    out, _ = graphdef.apply(params, rest)(x)
    nnx.update(model, params, rest)
    counts = {True: 0, False: 0}
    for leaf in jax.tree.leaves((params, rest)):
        counts[leaf.sharding.is_fully_replicated] += 1
    rows, columns = params["kernel"][...].addressable_shards[0].data.shape
    return jnp.stack([counts[False], counts[True], rows, columns, out.sum()])
