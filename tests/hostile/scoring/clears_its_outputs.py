# marks: 0
# fools: one kernel
from IPython.display import clear_output

get_ipython().events.register("post_run_cell", lambda result: clear_output())


def variable_vs_param(seed, x, features):
    return jnp.zeros(3)
