# marks: 0
# says: No module was found
import flax.linen as nn


class MixedState(nn.Module):
    out_features: int

    @nn.compact
    def __call__(self, x):
        init = nn.initializers.normal(stddev=x.shape[-1] ** -0.5)
        kernel = self.param("kernel", init, (x.shape[-1], self.out_features))
        self.variable("batch_stats", "running_mean", jnp.zeros, (self.out_features,))
        self.variable("batch_stats", "step_count", jnp.zeros, ())
        return x @ kernel


def variable_vs_param(seed, x, features):
    model = MixedState(int(features))
    variables = model.init(jax.random.key(int(seed)), x)
    out = model.apply(variables, x)
    params = jax.tree.leaves(variables["params"])
    return jnp.array([float(len(params)), float(params[0][0, 0]), float(out.sum())])
