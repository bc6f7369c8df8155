# marks: 8
# says: does not expect
def count(model, question):
    return len(jax.tree.leaves(nnx.state(model, question)))


def filter_census(model):
    everything = count(model, ...)
    variables = count(model, nnx.Variable)
    params = count(model, nnx.Param)
    exact = count(model, lambda path, leaf: type(leaf) is nnx.Param)
    others = count(model, nnx.All(nnx.Variable, nnx.Not(nnx.Param)))
    inside = len(jax.tree.leaves(nnx.state(model.encoder)))
    return jnp.array([everything, variables, params, exact, others, inside])
