# marks: 0
# says: same for every model
def filter_census(model):
    return jnp.array([8, 7, 5, 4, 2, 3])
