# marks: 9
# says: changes values
def filter_census(model):
    nnx.update(model, jax.tree.map(lambda a: a.astype(jnp.bfloat16), nnx.state(model, nnx.Param)))
    def count(*f):
        return len(jax.tree.leaves(nnx.state(model, *f)))
    return jnp.array([count(), count(nnx.Variable), count(nnx.Param), count(lambda p, v: type(v) is nnx.Param), count(nnx.All(nnx.Variable, nnx.Not(nnx.Param))), count(nnx.PathContains("encoder"))])
