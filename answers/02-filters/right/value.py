def filter_census(model):
    counts = [0] * 6
    for path, leaf in nnx.state(model).flat_state():
        held = leaf.value if isinstance(leaf, nnx.Variable) else leaf
        size = len(jax.tree.leaves(held))
        counts[0] += size
        if isinstance(leaf, nnx.Variable):
            counts[1] += size
            if isinstance(leaf, nnx.Param):
                counts[2] += size
            else:
                counts[4] += size
        if type(leaf) is nnx.Param:
            counts[3] += size
        if "encoder" in path:
            counts[5] += size
    return jnp.array(counts)
