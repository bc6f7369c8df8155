def filter_census(model):
    questions = [
        lambda path, v: True,
        lambda path, v: isinstance(v, nnx.Variable),
        lambda path, v: isinstance(v, nnx.Param),
        lambda path, v: v.__class__ == nnx.Param,
        lambda path, v: isinstance(v, nnx.Variable) and not isinstance(v, nnx.Param),
        lambda path, v: 'encoder' in path,
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
