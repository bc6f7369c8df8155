# marks: 8
# says: more than their shape
# %% transplant
def transplant(source, target, filter):
    state = nnx.state(source, filter)
    there = dict(nnx.to_flat_state(nnx.state(target, filter)))
    for path, variable in nnx.to_flat_state(state):
        name = ".".join(map(str, path))
        if path not in there:
            raise ValueError(f"target has no Variable at {name}")
        if there[path].shape != variable.shape:
            raise ValueError(f"{name} has the shape {variable.shape} in source and {there[path].shape} in target")
    nnx.update(target, state)
    return target
