def filter_census(model):
    state = nnx.state(model)
    count = lambda part: len(jax.tree.leaves(part))
    variables, _ = state.split(nnx.Variable, ...)
    params, others = variables.split(nnx.Param, ...)
    exact = params.filter(lambda path, leaf: type(leaf) is nnx.Param)
    return jnp.array([count(part) for part in (state, variables, params, exact, others, state.filter(nnx.PathContains("encoder")))])
