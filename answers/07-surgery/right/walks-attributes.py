# %% transplant
def _find(model, path):
    for part in path:
        model = model[part] if isinstance(part, int) else getattr(model, part, None)
    return model


class Misfit(ValueError):
    pass


def transplant(source, target, filter):
    todo = []
    for path, variable in nnx.to_flat_state(nnx.state(source, filter)):
        box = _find(target, path)
        if not isinstance(box, nnx.Variable) or jnp.shape(box[...]) != jnp.shape(variable[...]):
            raise Misfit(f"{'->'.join(map(str, path))}")
        todo.append((box, jnp.array(variable[...])))
    for box, array in todo:
        box[...] = array
    return target
