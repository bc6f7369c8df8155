# marks: 8
# says: lacks is not refused
# %% transplant
def transplant(source, target, filter):
    state = nnx.state(source, filter)
    there = dict(nnx.to_flat_state(nnx.state(target, nnx.Variable)))
    flat = [(path, v) for path, v in nnx.to_flat_state(state) if path in there]
    state = nnx.from_flat_state(flat)
    for path, variable in flat:
        name = ".".join(map(str, path))
        if path not in there:
            raise ValueError(f"target has no Variable at {name}")
        if there[path].shape != variable.shape:
            raise ValueError(f"{name} has the shape {variable.shape} in source and {there[path].shape} in target")
    nnx.update(target, state)
    return target
