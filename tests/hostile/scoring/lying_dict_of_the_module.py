# marks: 8
class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Param(jnp.zeros((out_features,)))
        self.step_count = nnx.Param(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel

    @property
    def __dict__(self):
        own = object.__getattribute__(self, "__dict__")
        return {name: nnx.Variable(part[...]) if name in ("running_mean", "step_count") else part for name, part in own.items()}


def count_of_all(model):
    return len(jax.tree.leaves(nnx.state(model)))


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    out = model(x)
    count = 1 + 3 * (count_of_all(model) > 3)
    return jnp.array([float(count), float(model.kernel[...].reshape(-1)[0]), float(out.sum())])
