import math


class Linear(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        scale = math.sqrt(1.0 / in_features)
        self.kernel = nnx.Param(scale * jax.random.normal(rngs.params(), (in_features, out_features)))

    def __call__(self, x):
        return x @ self.kernel


class MixedState(Linear):
    def __init__(self, in_features, out_features, rngs):
        super().__init__(in_features, out_features, rngs)
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.zeros(()))


def variable_vs_param(seed, x, features):
    rngs = nnx.Rngs(int(seed))
    model = MixedState(len(x), int(features), rngs)
    out = model(x)
    n_param_leaves = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    kernel_first = model.kernel[...].reshape(-1)[0]
    return jnp.array([float(n_param_leaves), float(kernel_first), float(out.sum())])
