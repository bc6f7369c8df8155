def draw_kernel(key, shape):
    return jax.random.normal(key, shape) * shape[0] ** -0.5


def count_params(model):
    return len(jax.tree.leaves(nnx.state(model, nnx.Param)))


def first_element(variable):
    return variable[...].reshape(-1)[0]


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(draw_kernel(rngs.params(), (in_features, out_features)))
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    numbers = [count_params(model), first_element(model.kernel), model(x).sum()]
    return jnp.array([float(number) for number in numbers])
