# marks: 8
# says: refuses a target that has more
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
    mine = nnx.state(target, filter)
    if len(jax.tree.leaves(mine)) != len(jax.tree.leaves(state)):
        raise ValueError("the models differ")
    for (_, box), (_, variable) in zip(nnx.to_flat_state(mine), nnx.to_flat_state(state), strict=True):
        box[...] = variable[...]
    return target
