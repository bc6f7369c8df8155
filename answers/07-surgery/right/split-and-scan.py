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
    model = Lora(x.shape[1], y.shape[1], int(rank), nnx.Rngs(int(seed)))
    counts = [len(jax.tree.leaves(nnx.state(model, f))) for f in (nnx.LoRAParam, nnx.Not(nnx.LoRAParam))]
    graphdef, lora, frozen = nnx.split(model, nnx.LoRAParam, ...)
    before = np.array(model.kernel[...])

    def loss_of(lora):
        return jnp.mean((nnx.merge(graphdef, lora, frozen)(x) - y) ** 2)

    def step(lora, _):
        gradients = jax.grad(loss_of)(lora)
        return jax.tree.map(lambda w, g: w - 0.1 * g, lora, gradients), None

    first = loss_of(lora)
    lora, _ = jax.lax.scan(step, lora, None, length=int(steps))
    last = loss_of(lora)
    nnx.update(model, lora)
    moved = not np.array_equal(before, model.kernel[...])
    return jnp.array([*map(float, counts), float(moved), first, last])
