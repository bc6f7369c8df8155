from dataclasses import dataclass
from functools import cached_property, partial



class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        key = rngs.params()
        self.kernel = nnx.Param(jax.random.normal(key, (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


@dataclass
class Placer:
    """Where each leaf of a model goes."""

    mesh: Mesh

    @cached_property
    def split(self) -> NamedSharding:
        return NamedSharding(self.mesh, P(None, "model"))

    @cached_property
    def copied(self) -> NamedSharding:
        return NamedSharding(self.mesh, P())

    def place(self, model: nnx.Module) -> nnx.Module:
        for filter, sharding in ((nnx.Param, self.split), (nnx.Not(nnx.Param), self.copied)):
            state = nnx.state(model, filter)
            nnx.update(model, jax.tree.map(partial(jax.device_put, device=sharding), state))
        return model


def shard_params(seed: float, x: jax.Array, features: float = 8.0) -> jax.Array:
    """Place the state of a new model."""
    mesh = Mesh(np.asarray(jax.devices("cpu")[:8]).reshape(8), axis_names=("model",))
    model = Placer(mesh).place(MixedState(x.size, int(features), rngs=nnx.Rngs(int(seed))))
    everywhere = [leaf.is_fully_replicated for leaf in jax.tree.leaves(nnx.state(model))]
    shard = model.kernel[...].addressable_shards[0].data
    numbers = [everywhere.count(False), everywhere.count(True), *shard.shape, float(jnp.sum(model(x)))]
    return jnp.asarray(numbers, dtype=jnp.float32)
