# marks: 4
# says: submodules
def filter_census(model):
    own = [value for value in vars(model).values() if isinstance(value, (nnx.Variable, jax.Array, np.ndarray))]
    variables = [value for value in own if isinstance(value, nnx.Variable)]
    params = [value for value in variables if isinstance(value, nnx.Param)]
    exact = [value for value in params if type(value) is nnx.Param]
    others = [value for value in variables if not isinstance(value, nnx.Param)]
    inside = nnx.state(model, nnx.PathContains("encoder"))
    return jnp.array([len(jax.tree.leaves(group)) for group in (own, variables, params, exact, others, inside)])
