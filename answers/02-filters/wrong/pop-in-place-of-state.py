# marks: 3
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
    total = len(jax.tree.leaves(nnx.state(model)))
    return jnp.array([total, *(len(jax.tree.leaves(nnx.pop(model, question))) for question in questions[1:])])
