def filter_census(model):
    exactly = lambda path, leaf: type(leaf) is nnx.Param
    _, exact, special, other, raw = nnx.split(model, exactly, nnx.Param, nnx.Variable, ...)
    exact, special, other, raw = [len(jax.tree.leaves(state)) for state in (exact, special, other, raw)]
    _, inside, _ = nnx.split(model, nnx.PathContains("encoder"), ...)
    inside = len(jax.tree.leaves(inside))
    variables = exact + special + other
    return jnp.array([variables + raw, variables, exact + special, exact, other, inside])
