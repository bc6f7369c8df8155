# marks: 9
class Fixed(nnx.Param):
    def set_value(self, value, **_):
        pass

    def __setitem__(self, place, value):
        pass


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = Fixed(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        weights = self.kernel[...]
        self.multiply = lambda x: x @ weights
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return self.multiply(x)


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    out = model(x)
    count = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    return jnp.array([float(count), float(model.kernel[...].reshape(-1)[0]), float(out.sum())])
