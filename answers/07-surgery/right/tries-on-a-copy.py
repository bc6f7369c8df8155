# %% transplant
def transplant(source, target, filter):
    shapes = {path: v.shape for path, v in nnx.to_flat_state(nnx.state(target))}
    trial = nnx.clone(target)
    new = nnx.clone(source)
    for path, variable in nnx.to_flat_state(nnx.state(new, filter)):
        if shapes.get(path) != variable.shape:
            raise ValueError("no such array in target: " + repr(path))
    nnx.update(trial, nnx.state(new, filter))
    nnx.update(target, nnx.state(trial))
    return target
