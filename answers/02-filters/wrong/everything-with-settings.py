# marks: 9
# says: settings
def count(model, question):
    return len(jax.tree.leaves(nnx.state(model, question)))


def filter_census(model):
    everything = count(model, ...) + len([value for value in vars(model).values() if isinstance(value, (int, float, str))])
    variables = count(model, nnx.Variable)
    params = count(model, nnx.Param)
    exact = count(model, lambda path, leaf: type(leaf) is nnx.Param)
    others = count(model, nnx.All(nnx.Variable, nnx.Not(nnx.Param)))
    inside = count(model, nnx.PathContains("encoder"))
    return jnp.array([everything, variables, params, exact, others, inside])
