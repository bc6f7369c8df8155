# marks: 0
def variable_vs_param(seed, x, features):
    exit()


exit()
