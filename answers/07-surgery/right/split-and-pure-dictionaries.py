# %% transplant
def transplant(source, target, filter):
    _, chosen, _ = nnx.split(source, filter, ...)
    pure = nnx.to_pure_dict(chosen)
    mine = nnx.to_pure_dict(nnx.state(target))

    def compare(new, old, path):
        for name, part in new.items():
            here = (*path, str(name))
            if not isinstance(old, dict) or name not in old:
                raise ValueError(".".join(here) + " is missing")
            if isinstance(part, dict):
                compare(part, old[name], here)
            elif isinstance(old[name], dict) or old[name].shape != part.shape:
                raise ValueError(".".join(here) + " has another shape")

    compare(pure, mine, ())
    nnx.update(target, pure)
    return target
