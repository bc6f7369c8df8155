# %% transplant
def transplant(source, target, filter):
    _, chosen, _ = nnx.split(source, filter, ...)
    _, mine = nnx.split(target)
    chosen, mine = dict(nnx.to_flat_state(chosen)), dict(nnx.to_flat_state(mine))
    missing = chosen.keys() - mine.keys()
    unlike = {path for path in chosen.keys() & mine.keys() if chosen[path].shape != mine[path].shape}
    for path in sorted(missing | unlike, key=str):
        raise ValueError("->".join(str(part) for part in path))
    nnx.update(target, nnx.from_flat_state(chosen))
    return target
