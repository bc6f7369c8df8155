# marks: 0
# says: stopped with
def filter_census(model):
    model = type(model)()
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in (..., nnx.Variable)])
