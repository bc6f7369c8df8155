def filter_census(model):
    n_all = len(jax.tree.leaves(nnx.state(model)))
    n_variable = len(jax.tree.leaves(nnx.state(model, nnx.Variable)))
    n_param = len(jax.tree.leaves(nnx.state(model, nnx.Param)))
    n_exact = len(jax.tree.leaves(nnx.state(model, lambda path, v: type(v) is nnx.Param)))
    n_other = len(jax.tree.leaves(nnx.state(model, nnx.All(nnx.Variable, nnx.Not(nnx.Param)))))
    n_encoder = len(jax.tree.leaves(nnx.state(model, nnx.PathContains("encoder"))))
    return jnp.array([n_all, n_variable, n_param, n_exact, n_other, n_encoder], dtype=jnp.float32)
