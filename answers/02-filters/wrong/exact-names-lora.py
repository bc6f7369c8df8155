# marks: 8
# says: that it names
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        nnx.All(nnx.Param, nnx.Not(nnx.LoRAParam)),
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
