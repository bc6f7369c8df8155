# marks: 8
# says: fourth number counts subclasses
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        nnx.OfType(nnx.Param),
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
