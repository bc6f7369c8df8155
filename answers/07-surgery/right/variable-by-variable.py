# %% transplant
def transplant(source, target, filter):
    there = dict(nnx.to_flat_state(nnx.state(target)))
    pairs = []
    for path, variable in nnx.to_flat_state(nnx.state(source, filter)):
        mine = there.get(path)
        if mine is None or mine[...].shape != variable[...].shape:
            raise ValueError(f"does not fit: {path}")
        pairs.append((mine, variable))
    for mine, variable in pairs:
        mine[...] = variable[...]
    return target
