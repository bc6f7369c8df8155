# marks: 8
# says: fourth number
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, v: type(v) in nnx.Param.__subclasses__(),
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
