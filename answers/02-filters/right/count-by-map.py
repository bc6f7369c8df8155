def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([jax.tree.reduce(lambda total, leaf: total + 1, nnx.state(model, question), 0) for question in questions])
