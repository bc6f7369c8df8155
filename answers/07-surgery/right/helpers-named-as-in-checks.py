# %% finetune
def _drawn(rngs, rows, columns):
    return jax.random.normal(rngs.params(), (rows, columns)) / jnp.sqrt(rows)


class Lora(nnx.Module):
    def __init__(self, in_features, out_features, rank, rngs):
        self.kernel = nnx.Param(_drawn(rngs, in_features, out_features))
        self.lora_a = nnx.LoRAParam(_drawn(rngs, in_features, rank))
        self.lora_b = nnx.LoRAParam(jnp.zeros((rank, out_features)))

    def __call__(self, x):
        return _output(self, x)


def _output(model, x):
    return x @ model.kernel + (x @ model.lora_a) @ model.lora_b


def _leaves(model, filter):
    return len(jax.tree.leaves(nnx.state(model, filter)))


def finetune(seed, x, y, rank, steps):
    model = Lora(x.shape[1], y.shape[1], int(rank), nnx.Rngs(int(seed)))
    opt = nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.LoRAParam)
    loss = lambda m: jnp.mean((m(x) - y) ** 2)
    kernel = np.array(model.kernel)
    first = loss(model)
    for _ in range(int(steps)):
        opt.update(model, nnx.grad(loss, argnums=nnx.DiffState(0, nnx.LoRAParam))(model))
    moved = float(not np.array_equal(kernel, np.array(model.kernel)))
    return jnp.array([_leaves(model, nnx.LoRAParam), _leaves(model, nnx.Not(nnx.LoRAParam)), moved, first, loss(model)])
# %% transplant
def _shapes(model, filter=...):
    return {path: leaf.shape for path, leaf in nnx.to_flat_state(nnx.state(model, filter))}


def transplant(source, target, filter):
    ours, theirs = _shapes(source, filter), _shapes(target)
    wrong = [path for path in ours if path not in theirs or ours[path] != theirs[path]]
    if wrong:
        raise ValueError("does not fit: " + ", ".join("/".join(map(str, path)) for path in wrong))
    nnx.update(target, nnx.state(source, filter))
    return target
