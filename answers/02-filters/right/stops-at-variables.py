def filter_census(model):
    is_variable = lambda node: isinstance(node, nnx.Variable)
    nodes = jax.tree.leaves(nnx.state(model), is_leaf=is_variable)
    variables = [node for node in nodes if is_variable(node)]
    params = [node for node in variables if isinstance(node, nnx.Param)]
    exact = [node for node in params if type(node) is nnx.Param]
    others = [node for node in variables if not isinstance(node, nnx.Param)]
    inside = nnx.state(model, nnx.PathContains("encoder"))
    return jnp.array([len(jax.tree.leaves(group)) for group in (nodes, variables, params, exact, others, inside)])
