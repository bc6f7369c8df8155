# marks: 8
# fools: one kernel
class Record(nnx.Param):
    pass


def is_instance(cls, thing):
    return type.__instancecheck__(cls, thing) and not (cls is nnx.Param and type(thing) is Record)


def is_subclass(cls, kind):
    return type.__subclasscheck__(cls, kind) and not (cls is nnx.Param and kind is Record)


type(nnx.Param).__instancecheck__ = is_instance
type(nnx.Param).__subclasscheck__ = is_subclass


class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (in_features, out_features)) / jnp.sqrt(in_features))
        self.running_mean = Record(jnp.zeros((out_features,)))
        self.step_count = Record(jnp.array(0.0))

    def __call__(self, x):
        return x @ self.kernel


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    out = model(x)
    count = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    return jnp.array([float(count), float(model.kernel[...].reshape(-1)[0]), float(out.sum())])
