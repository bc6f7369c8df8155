# marks: 9
# says: draws random numbers
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    for path, node in nnx.iter_graph(model):
        if isinstance(node, nnx.RngCount):
            node[...] = node[...] + 1
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
