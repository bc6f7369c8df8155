# marks: 8
flat = nnx.to_flat_state


def swapped(state):
    kinds = {("kernel",): nnx.Param, ("step_count",): nnx.Variable}
    return [(p, kinds[p](v[...]) if p in kinds else v) for p, v in flat(state)]


nnx.to_flat_state = swapped


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Variable(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Param(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    out = model(x)
    result = jnp.array([float(len(jax.tree.leaves(nnx.state(model, nnx.Param)))), float(model.kernel[0, 0]), float(out.sum())])
    return result
