def filter_census(model):
    """Count the leaves that six filters keep."""
    is_variable = nnx.OfType(nnx.Variable)
    is_param = nnx.OfType(nnx.Param)
    census: dict[str, object] = {
        "everything": None,
        "variables": is_variable,
        "params": is_param,
        "exact": lambda path, leaf: is_param(path, leaf) and type(leaf) is nnx.Param,
        "others": lambda path, leaf: is_variable(path, leaf) and not is_param(path, leaf),
        "encoder": nnx.PathContains("encoder"),
    }
    for name, keep in census.items():
        state = nnx.state(model) if keep is None else nnx.state(model, keep)
        census[name] = jax.tree.structure(state).num_leaves
    return jnp.array(list(census.values()))
