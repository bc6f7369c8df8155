# marks: 9
# says: Elements are counted
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([sum(np.size(leaf) for leaf in jax.tree.leaves(nnx.state(model, question))) for question in questions])
