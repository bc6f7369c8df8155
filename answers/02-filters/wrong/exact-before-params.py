# marks: 9
# says: another order
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
