# marks: 0
import time


def variable_vs_param(seed, x, features):
    time.sleep(60)
    return jnp.zeros(3)
