# marks: 0
def variable_vs_param(seed, x, features):
    return jnp.full(3, jnp.nan)
