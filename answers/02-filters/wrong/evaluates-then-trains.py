# marks: 9
# says: switches a setting
def filter_census(model):
    model.eval()
    def count(*f):
        return len(jax.tree.leaves(nnx.state(model, *f)))
    out = jnp.array([count(), count(nnx.Variable), count(nnx.Param), count(lambda p, v: type(v) is nnx.Param), count(nnx.All(nnx.Variable, nnx.Not(nnx.Param))), count(nnx.PathContains("encoder"))])
    model.train()
    return out
