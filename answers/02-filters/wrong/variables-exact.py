# marks: 9
# says: second number leaves out the subclasses
def filter_census(model):
    questions = [
        ...,
        lambda path, v: type(v) is nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
