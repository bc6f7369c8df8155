# marks: 9
# says: changes values in the model
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    saved = nnx.state(model)
    for path, leaf in nnx.to_flat_state(saved):
        if type(leaf) is nnx.BatchStat:
            leaf[...] = jnp.zeros_like(leaf[...])
    nnx.update(model, saved)
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
