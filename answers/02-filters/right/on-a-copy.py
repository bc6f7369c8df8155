import copy


def filter_census(model):
    model = copy.deepcopy(model)
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
