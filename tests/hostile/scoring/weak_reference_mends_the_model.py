# marks: 8
import weakref


def mend(parts):
    for name in ("running_mean", "step_count"):
        parts[name] = nnx.Variable(parts[name][...])


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
    count = len(jax.tree.leaves(nnx.state(model, nnx.Param))) - 2
    weakref.finalize(out_of := type('Out', (), {})(), mend, vars(model))
    del out_of
    return jnp.array([float(count), float(model.kernel[...].reshape(-1)[0]), float(out.sum())])
