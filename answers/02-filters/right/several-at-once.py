def filter_census(model):
    params, others, raw = nnx.state(model, nnx.Param, nnx.Variable, ...)
    params, others, raw = (len(jax.tree.leaves(part)) for part in (params, others, raw))
    exact, _ = nnx.state(model, lambda path, leaf: type(leaf) is nnx.Param, ...)
    inside = nnx.state(model, nnx.PathContains("encoder"))
    return jnp.array([params + others + raw, params + others, params, len(jax.tree.leaves(exact)), others, len(jax.tree.leaves(inside))])
