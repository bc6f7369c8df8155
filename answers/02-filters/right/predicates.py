def filter_census(model):
    keeps = [nnx.filterlib.to_predicate(question) for question in (
        ..., nnx.Variable, nnx.Param, lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)), nnx.PathContains("encoder"),
    )]
    flat = dict(nnx.to_flat_state(nnx.state(model)))
    return jnp.array([sum(len(jax.tree.leaves(leaf)) for path, leaf in flat.items() if keep(path, leaf)) for keep in keeps])
