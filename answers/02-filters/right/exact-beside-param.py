def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        nnx.All(nnx.Param, lambda path, leaf: type(leaf) is nnx.Param),
        nnx.All(nnx.Not(nnx.Param), nnx.Variable),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
