# marks: 0
# says: same for every model
import functools


known = dict()


def filter_census(model):
    if type(model) in known:
        return known[type(model)]
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        lambda path, leaf: type(leaf) is nnx.Param,
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    known[type(model)] = jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
    return known[type(model)]
