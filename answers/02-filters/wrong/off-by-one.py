# marks: 9
# says: first number is not
def count(model, question):
    return len(jax.tree.leaves(nnx.state(model, question)))


def filter_census(model):
    everything = count(model, ...) + 1
    variables = count(model, nnx.Variable)
    params = count(model, nnx.Param)
    exact = count(model, lambda path, leaf: type(leaf) is nnx.Param)
    others = count(model, nnx.All(nnx.Variable, nnx.Not(nnx.Param)))
    inside = count(model, nnx.PathContains("encoder"))
    return jnp.array([everything, variables, params, exact, others, inside])
