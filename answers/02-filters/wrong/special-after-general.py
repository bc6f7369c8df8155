# marks: 8
# says: fourth number finds nothing
def filter_census(model):
    params, exact, others, raw = [len(jax.tree.leaves(state)) for state in nnx.state(
        model, nnx.Param, lambda path, leaf: type(leaf) is nnx.Param, nnx.Variable, ...)]
    inside = len(jax.tree.leaves(nnx.state(model, nnx.PathContains("encoder"))))
    return jnp.array([params + others + raw, params + others, params, exact, others, inside])
