# %% transplant
def transplant(source, target, filter):
    new, old = (dict(nnx.to_flat_state(nnx.state(m, f))) for m, f in ((source, filter), (target, ...)))
    lacking = new.keys() - old.keys()
    if lacking:
        raise ValueError(f"target lacks {sorted(map(str, lacking))}")
    for path in new:
        try:
            np.testing.assert_equal(new[path].shape, old[path].shape)
        except AssertionError:
            raise ValueError("shape of " + "".join(f"[{part!r}]" for part in path)) from None
    for path in new:
        old[path][...] = jnp.copy(new[path][...])
    return target
