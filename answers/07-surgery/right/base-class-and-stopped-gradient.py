# %% finetune
class Dense(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, out_features)) / in_features**0.5)

    def __call__(self, x):
        return jnp.dot(x, jax.lax.stop_gradient(self.kernel[...]))


class Lora(Dense):
    def __init__(self, in_features, out_features, rank, rngs):
        super().__init__(in_features, out_features, rngs)
        self.lora_a = nnx.LoRAParam(jax.random.normal(rngs.params(), (in_features, rank)) * in_features**-0.5)
        self.lora_b = nnx.LoRAParam(jnp.zeros((rank, out_features)))

    def __call__(self, x):
        return super().__call__(x) + jnp.einsum("ni,ir,ro->no", x, self.lora_a[...], self.lora_b[...])


def finetune(seed, x, y, rank, steps):
    trained = nnx.LoRAParam
    model = Lora(x.shape[1], y.shape[1], int(rank), nnx.Rngs(params=int(seed)))
    optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=trained)

    def loss_of(model):
        return jnp.mean((model(x) - y) ** 2)

    kernel_before = model.kernel[...]
    loss_before = loss_of(model)
    for _ in range(int(steps)):
        gradients = nnx.grad(loss_of, argnums=nnx.DiffState(0, trained))(model)
        optimizer.update(model, gradients)

    n_trained = len(jax.tree.leaves(nnx.state(model, trained)))
    n_frozen = len(jax.tree.leaves(nnx.state(model, nnx.Not(trained))))
    kernel_moved = jnp.any(model.kernel[...] != kernel_before)
    return jnp.array([float(n_trained), float(n_frozen), float(kernel_moved), loss_before, loss_of(model)])
