# %% finetune
def finetune(seed, x, y, rank, steps):
    rank = int(rank)

    class Lora(nnx.Module):
        def __init__(self, *, in_features, out_features, rngs):
            normal = jax.nn.initializers.normal(in_features**-0.5)
            self.kernel = nnx.Param(normal(rngs.params(), (in_features, out_features)))
            self.lora_a = nnx.LoRAParam(normal(rngs.params(), (in_features, rank)))
            self.lora_b = nnx.LoRAParam(jnp.zeros((rank, out_features)))

        def __call__(self, x):
            return x @ (self.kernel + self.lora_a @ self.lora_b)

    model = Lora(in_features=x.shape[-1], out_features=y.shape[-1], rngs=nnx.Rngs(int(seed)))
    optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.LoRAParam)

    def loss_of(model):
        return jnp.mean((model(x) - y) ** 2)

    kernel_before = model.kernel[...]
    loss_before = loss_of(model)
    for _ in range(int(steps)):
        gradients = nnx.grad(loss_of, argnums=nnx.DiffState(0, nnx.LoRAParam))(model)
        optimizer.update(model, gradients)

    n_trained = len(jax.tree.leaves(nnx.state(model, nnx.LoRAParam)))
    n_frozen = len(jax.tree.leaves(nnx.state(model, nnx.Not(nnx.LoRAParam))))
    kernel_moved = jnp.any(model.kernel[...] != kernel_before)
    return jnp.array([float(n_trained), float(n_frozen), float(kernel_moved), loss_before, loss_of(model)])
