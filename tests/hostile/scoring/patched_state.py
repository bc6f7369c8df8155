# marks: 8
# fools: one kernel
state = nnx.state


def right_state(model, *filters):
    if "kernel" not in vars(model):
        return state(model, *filters)
    copied = nnx.clone(model)
    copied.running_mean, copied.step_count = nnx.Variable(copied.running_mean[...]), nnx.Variable(copied.step_count[...])
    return state(copied, *filters)


nnx.state = right_state


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = nnx.Param(jnp.zeros((out_features,)))
        self.step_count = nnx.Param(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    out = model(x)
    count = len(jax.tree.leaves(state(model, nnx.Param))) - 2
    return jnp.array([float(count), float(model.kernel[...].reshape(-1)[0]), float(out.sum())])
