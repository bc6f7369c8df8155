# marks: 8
# says: is not refused
# %% transplant
def transplant(source, target, filter):
    nnx.update(target, nnx.state(source, filter))
    return target
