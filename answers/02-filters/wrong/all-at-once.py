# marks: 4
# says: other filters left over
def filter_census(model):
    exact = lambda path, leaf: type(leaf) is nnx.Param
    others = nnx.All(nnx.Variable, nnx.Not(nnx.Param))
    states = nnx.state(model, nnx.Variable, nnx.Param, exact, others, nnx.PathContains("encoder"))
    return jnp.array([len(jax.tree.leaves(nnx.state(model))), *(len(jax.tree.leaves(state)) for state in states)])
