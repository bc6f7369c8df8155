# marks: 3
# says: No module was found
def variable_vs_param(seed, x, features):
    shape = (len(x), int(features))
    state = {
        "kernel": jax.random.normal(nnx.Rngs(int(seed)).params(), shape) / jnp.sqrt(len(x)),
        "running_mean": jnp.zeros(shape[1:]),
        "step_count": jnp.array(0.0),
    }
    n_param_leaves = len([name for name in state if name == "kernel"])
    out = x @ state["kernel"]
    return jnp.array([float(n_param_leaves), float(state["kernel"][0, 0]), float(out.sum())])
