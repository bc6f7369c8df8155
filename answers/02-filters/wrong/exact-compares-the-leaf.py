# marks: 8
# says: fourth number finds nothing
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, v: v is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
