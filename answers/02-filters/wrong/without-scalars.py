# marks: 9
# says: nnx.Rngs are not counted
def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len([leaf for leaf in jax.tree.leaves(nnx.state(model, question)) if leaf.ndim]) for question in questions])
