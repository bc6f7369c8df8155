# marks: 9
# fools: one kernel
class Fixed(nnx.Variable):
    def set_value(self, value, **_):
        pass

    @property
    def value(self):
        return self.raw_value

    @value.setter
    def value(self, value):
        pass

    def __setitem__(self, place, value):
        pass


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = Fixed(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel + self.running_mean


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    out = model(x)
    count = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    return jnp.array([float(count), float(model.kernel[...].reshape(-1)[0]), float(out.sum())])
