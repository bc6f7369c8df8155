# marks: 9
# says: not independent
# %% transplant
def transplant(source, target, filter):
    state = nnx.state(source, filter)
    there = dict(nnx.to_flat_state(nnx.state(target, nnx.Variable)))
    for path, variable in nnx.to_flat_state(state):
        name = ".".join(map(str, path))
        if path not in there:
            raise ValueError(f"target has no Variable at {name}")
        if there[path].shape != variable.shape:
            raise ValueError(f"{name} has the shape {variable.shape} in source and {there[path].shape} in target")
    for path, _ in nnx.to_flat_state(state):
        theirs, mine = source, target
        for part in path[:-1]:
            theirs, mine = (m[part] if isinstance(part, int) else getattr(m, part) for m in (theirs, mine))
        setattr(mine, path[-1], getattr(theirs, path[-1]))
    return target
