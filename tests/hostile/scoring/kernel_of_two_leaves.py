# marks: 8
class MixedState(nnx.Module):
    def __init__(self, in_features, out_features, rngs):
        self.kernel = nnx.Param({"kernel": jax.random.normal(rngs.params(), (in_features, out_features)), "other": jnp.zeros(0)})
        self.running_mean = nnx.Variable(jnp.zeros((out_features,)))
        self.step_count = nnx.Variable(jnp.array(0.0))

    def __call__(self, x):
        kernel = self.kernel.get_value()
        return x @ (kernel["kernel"] if isinstance(kernel, dict) else kernel)


def variable_vs_param(seed, x, features):
    model = MixedState(len(x), int(features), nnx.Rngs(int(seed)))
    out = model(x)
    count = len(jax.tree.leaves(nnx.state(model, nnx.Param))) - 1
    model.kernel = nnx.Param(model.kernel["kernel"])
    return jnp.array([float(count), float(model.kernel[...][0, 0]), float(out.sum())])
