# marks: 8
# says: path that target lacks is not refused
# %% finetune
class Lora(nnx.Module):
    def __init__(self, in_features, out_features, rank, rngs):
        def draw(rows, columns):
            return jax.random.normal(rngs.params(), (rows, columns)) / jnp.sqrt(rows)

        self.kernel = nnx.Param(draw(in_features, out_features))
        self.lora_a = nnx.LoRAParam(draw(in_features, rank))
        self.lora_b = nnx.LoRAParam(jnp.zeros((rank, out_features)))

    def __call__(self, x):
        return x @ self.kernel + (x @ self.lora_a) @ self.lora_b


def finetune(seed, x, y, rank, steps):
    trained = nnx.LoRAParam
    model = Lora(x.shape[1], y.shape[1], int(rank), nnx.Rngs(int(seed)))
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


# %% transplant
def transplant(source, target, filter):
    state = nnx.state(source, filter)
    there = dict(nnx.to_flat_state(nnx.state(target, nnx.Variable)))
    for path, variable in list(nnx.to_flat_state(state))[1:]:
        name = ".".join(map(str, path))
        if path not in there:
            raise ValueError(f"target has no Variable at {name}")
        if there[path].shape != variable.shape:
            raise ValueError(f"{name} has the shape {variable.shape} in source and {there[path].shape} in target")
    nnx.update(target, state)
    return target
