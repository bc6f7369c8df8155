# marks: 8
# says: sixth number finds nothing
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        'encoder',
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
