# marks: 8
# says: target has changed
# %% transplant
def transplant(source, target, filter):
    there = dict(nnx.to_flat_state(nnx.state(target, nnx.Variable)))
    misfits = []
    for path, variable in nnx.to_flat_state(nnx.state(source, filter)):
        if path in there and there[path].shape == variable.shape:
            there[path][...] = variable[...]
        else:
            misfits.append(".".join(map(str, path)))
    if misfits:
        raise ValueError(f"do not fit: {misfits}")
    return target
