# marks: 0
def variable_vs_param(seed, x, features):
    raise ValueError("\ud800")
