def filter_census(model):
    questions = [
        nnx.Everything(),
        nnx.OfType(nnx.Variable),
        nnx.Any(nnx.Param),
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.OfType(nnx.Variable), nnx.Not(nnx.OfType(nnx.Param))),
        lambda path, _: any(part == 'encoder' for part in path),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
