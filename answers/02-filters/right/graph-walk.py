def filter_census(model):
    counts = np.zeros(6)
    for path, node in nnx.iter_graph(model):
        if isinstance(node, nnx.Variable) or isinstance(node, (jax.Array, np.ndarray)):
            box, weight = isinstance(node, nnx.Variable), isinstance(node, nnx.Param)
            size = len(jax.tree.leaves(node))
            counts += size * np.array([1, box, weight, type(node) is nnx.Param, box and not weight, "encoder" in path])
    return jnp.array(counts)
