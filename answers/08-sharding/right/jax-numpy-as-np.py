import jax.numpy as np
import numpy


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / np.sqrt(in_features))
        self.running_mean = nnx.Variable(np.zeros((out_features,)))
        self.step_count = nnx.Variable(np.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def shard_params(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    mesh = Mesh(numpy.array(jax.devices("cpu")[:8]), ("model",))

    def place(leaf):
        return NamedSharding(mesh, P(None, "model") if isinstance(leaf, nnx.Param) else P())

    before = nnx.state(model)
    wanted = jax.tree.map(place, before, is_leaf=lambda node: isinstance(node, nnx.Variable))
    nnx.update(model, jax.device_put(before, wanted))
    replicated = [leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))]
    rows, columns = model.kernel[...].addressable_shards[0].data.shape
    n_replicated = sum(replicated)
    return np.array([len(replicated) - n_replicated, n_replicated, rows, columns, model(x).sum()])
