@nnx.jit
def filter_census(model):
    filters = [..., nnx.Variable, nnx.Param, lambda p, v: type(v) is nnx.Param,
               nnx.All(nnx.Variable, nnx.Not(nnx.Param)), nnx.PathContains("encoder")]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, f))) for f in filters])
