# marks: 0
# says: stopped with ValueError
def filter_census(model):
    _, params, others = nnx.split(model, nnx.Param, nnx.Variable)
    n_params, n_others = len(jax.tree.leaves(params)), len(jax.tree.leaves(others))
    exact = len(jax.tree.leaves(nnx.state(model, lambda path, leaf: type(leaf) is nnx.Param)))
    inside = len(jax.tree.leaves(nnx.state(model, nnx.PathContains("encoder"))))
    return jnp.array([n_params + n_others, n_params + n_others, n_params, exact, n_others, inside])
