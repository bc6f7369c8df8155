# marks: 9
# says: dictionaries in its Variables
def filter_census(model):
    counts = [0] * 6
    for path, leaf in nnx.to_flat_state(nnx.state(model)):
        ones = min(1, leaf.size)  # never an empty array
        variable, param = isinstance(leaf, nnx.Variable), isinstance(leaf, nnx.Param)
        tests = (True, variable, param, type(leaf) is nnx.Param, variable and not param, "encoder" in path)
        counts = [count + ones * test for count, test in zip(counts, tests)]
    return jnp.array(counts)
