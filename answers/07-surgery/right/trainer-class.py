# %% finetune
from dataclasses import dataclass


class Adapter(nnx.Module):
    """A layer with a frozen kernel."""

    def __init__(self, in_features: int, out_features: int, *, rngs: nnx.Rngs):
        init = nnx.initializers.variance_scaling(1.0, "fan_in", "normal")
        self.kernel = nnx.Param(init(rngs.params(), (in_features, out_features), jnp.float32))

    def __call__(self, x: jax.Array) -> jax.Array:
        return x @ self.kernel


class Lora(Adapter):
    def __init__(self, in_features: int, out_features: int, rank: int, *, rngs: nnx.Rngs):
        super().__init__(in_features, out_features, rngs=rngs)
        self.rank = rank
        scale = in_features**-0.5
        self.lora_a = nnx.LoRAParam(scale * jax.random.normal(rngs.params(), (in_features, rank)))
        self.lora_b = nnx.LoRAParam(jnp.zeros((rank, out_features)))

    def __call__(self, x: jax.Array) -> jax.Array:
        return super().__call__(x) + (x @ self.lora_a) @ self.lora_b


@dataclass
class Trainer:
    model: Lora
    x: jax.Array
    y: jax.Array

    def __post_init__(self):
        self.optimizer = nnx.Optimizer(self.model, optax.sgd(0.1), wrt=nnx.LoRAParam)

    def loss(self, model) -> jax.Array:
        return jnp.square(model(self.x) - self.y).mean()

    def step(self) -> None:
        self.optimizer.update(self.model, nnx.grad(self.loss, argnums=nnx.DiffState(0, nnx.LoRAParam))(self.model))


def finetune(seed, x, y, rank=2.0, steps=4.0):
    """Train the LoRA matrices of a new layer."""
    trainer = Trainer(Lora(x.shape[-1], y.shape[-1], int(rank), rngs=nnx.Rngs(int(seed))), x, y)
    before = jnp.copy(trainer.model.kernel[...])
    losses = [trainer.loss(trainer.model)]
    step = 0
    while step < steps:
        trainer.step()
        step += 1
    losses += [trainer.loss(trainer.model)]
    graphdef, lora, frozen = nnx.split(trainer.model, nnx.LoRAParam, ...)
    moved = jnp.where(jnp.array_equal(before, trainer.model.kernel[...]), 0.0, 1.0)
    return jnp.stack([jnp.float32(len(jax.tree.leaves(lora))), jnp.float32(len(jax.tree.leaves(frozen))), moved, *losses])
