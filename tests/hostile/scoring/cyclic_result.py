# marks: 0
cyclic = []
cyclic.append(cyclic)


def variable_vs_param(seed, x, features):
    return cyclic
