# marks: 4
class MixedState(nnx.Module):
    def __init__(self):
        self.kernel = nnx.Param(jnp.zeros((1, 1)))
        vars(self).update((f"attribute_{place}", place) for place in range(1_000_000))


def variable_vs_param(seed, x, features):
    MixedState()
    return jnp.zeros(3)
