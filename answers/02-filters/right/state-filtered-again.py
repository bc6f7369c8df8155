def filter_census(model):
    state = nnx.state(model)
    variables = nnx.filter_state(state, nnx.Variable)
    params = nnx.filter_state(variables, nnx.Param)
    exact = nnx.filter_state(params, lambda path, leaf: type(leaf) is nnx.Param)
    others = nnx.filter_state(variables, nnx.Not(nnx.Param))
    inside = nnx.filter_state(state, nnx.PathContains("encoder"))
    return jnp.asarray([len(jax.tree.leaves(part)) for part in (state, variables, params, exact, others, inside)])
