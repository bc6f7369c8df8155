def filter_census(model):
    counts = [0] * 6
    for path, leaf in nnx.to_flat_state(nnx.state(model)):
        size = len(jax.tree.leaves(leaf))
        variable, param = isinstance(leaf, nnx.Variable), isinstance(leaf, nnx.Param)
        tests = (True, variable, param, type(leaf) is nnx.Param, variable and not param, "encoder" in path)
        counts = [count + size * test for count, test in zip(counts, tests)]
    return jnp.array(counts)
