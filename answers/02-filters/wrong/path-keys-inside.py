# marks: 8
# says: inside a Variable
def count(model, question):
    return len(jax.tree.leaves(nnx.state(model, question)))


def filter_census(model):
    everything = count(model, ...)
    variables = count(model, nnx.Variable)
    params = count(model, nnx.Param)
    exact = count(model, lambda path, leaf: type(leaf) is nnx.Param)
    others = count(model, nnx.All(nnx.Variable, nnx.Not(nnx.Param)))
    inside = sum('encoder' in [getattr(k, 'key', '') for k in path] for path, _ in jax.tree_util.tree_flatten_with_path(nnx.state(model))[0])
    return jnp.array([everything, variables, params, exact, others, inside])
