# %% transplant
def transplant(source, target, filter):
    done = []
    there = dict(nnx.to_flat_state(nnx.state(target)))
    try:
        for path, variable in nnx.to_flat_state(nnx.state(source, filter)):
            name = ".".join(map(str, path))
            if path not in there:
                raise KeyError(name)
            box = there[path]
            if box.shape != variable.shape:
                raise TypeError(name)
            done.append((box, box[...]))
            box[...] = variable[...]
    except (KeyError, TypeError) as error:
        for box, old in done:
            box[...] = old
        raise ValueError(f"cannot transplant: {error}") from error
    return target
