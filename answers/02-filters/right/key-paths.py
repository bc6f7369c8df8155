def filter_census(model):
    is_variable = lambda node: isinstance(node, nnx.Variable)
    flat = jax.tree_util.tree_flatten_with_path(nnx.state(model), is_leaf=is_variable)[0]
    inside = 0
    for path, node in flat:
        if any(getattr(entry, "key", None) == "encoder" for entry in path):
            inside += len(jax.tree.leaves(node))
    params = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    variables = len(jax.tree.leaves(nnx.state(model, nnx.Variable)))
    exact = len(jax.tree.leaves(nnx.state(model, lambda path, v: type(v) == nnx.Param)))
    return jnp.array([len(jax.tree.leaves(nnx.state(model))), variables, params, exact, variables - params, inside])
