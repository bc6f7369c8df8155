from collections import Counter


def filter_census(model):
    found = Counter()
    for path, leaf in nnx.to_flat_state(nnx.state(model)):
        size = len(jax.tree.leaves(leaf))
        found["all"] += size
        found["inside"] += size if set(path) & {"encoder"} else 0
        match leaf:
            case nnx.Param():
                found["param"] += size
                found["exact"] += size * (leaf.__class__ is nnx.Param)
            case nnx.Variable():
                found["other"] += size
    return jnp.array([found["all"], found["param"] + found["other"], found["param"], found["exact"], found["other"], found["inside"]])
