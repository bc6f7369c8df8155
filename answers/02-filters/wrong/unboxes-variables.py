# marks: 9
# says: changes the type of a leaf
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    counts = jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
    for name, value in list(vars(model).items()):
        if type(value) in (nnx.BatchStat, nnx.Intermediate):
            setattr(model, name, value[...])
    return counts
