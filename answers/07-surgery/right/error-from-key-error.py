# %% transplant
def transplant(source, target, filter):
    there = {path: box for path, box in nnx.to_flat_state(nnx.state(target))}
    pairs = []
    for path, box in nnx.to_flat_state(nnx.state(source, filter)):
        try:
            mine = there[path]
            if mine.shape != box.shape:
                raise KeyError("shape")
        except KeyError as error:
            raise ValueError(f"{path}: {error}") from error
        pairs.append((mine, box))
    [mine.set_value(box.get_value()) if hasattr(mine, "set_value") and hasattr(box, "get_value") else setattr(mine, "value", box.value) for mine, box in pairs]
    return target
