# marks: 0
# says: stopped with ValueError
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    states = nnx.state(model, *questions)
    return jnp.array([len(jax.tree.leaves(state)) for state in states])
