# marks: 8
# says: plain Variables
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        lambda path, v: type(v) is nnx.Variable,
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
