# marks: 9
# says: takes state out
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
    nnx.pop(model, nnx.Intermediate)
    nnx.pop(model, nnx.BatchStat)
    return counts
