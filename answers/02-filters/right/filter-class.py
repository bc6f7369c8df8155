class Exactly:
    def __init__(self, kind):
        self.kind = kind

    def __call__(self, path, leaf):
        return type(leaf) is self.kind


def filter_census(model):
    questions = [
        ...,
        nnx.Variable,
        nnx.Param,
        Exactly(nnx.Param),
        nnx.All(nnx.Variable, nnx.Not(nnx.Param)),
        nnx.PathContains("encoder"),
    ]
    return jnp.array([len(jax.tree.leaves(nnx.state(model, question))) for question in questions])
