# marks: 8
# says: another shape is not refused
# %% transplant
def transplant(source, target, filter):
    state = nnx.state(source, filter)
    there = dict(nnx.to_flat_state(nnx.state(target, nnx.Variable)))
    for path, variable in nnx.to_flat_state(state):
        name = ".".join(map(str, path))
        if path not in there:
            raise ValueError(f"target has no Variable at {name}")
    nnx.update(target, state)
    return target
