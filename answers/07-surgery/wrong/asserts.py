# marks: 8
# says: AssertionError
# %% transplant
def transplant(source, target, filter):
    state = nnx.state(source, filter)
    there = dict(nnx.to_flat_state(nnx.state(target, nnx.Variable)))
    for path, variable in nnx.to_flat_state(state):
        name = ".".join(map(str, path))
        assert path in there, name
        assert there[path].shape == variable.shape, name
    nnx.update(target, state)
    return target
