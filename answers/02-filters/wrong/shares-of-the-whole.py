# marks: 1
# says: first number
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    counts = jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
    return counts / counts[0]
