# marks: 0
def variable_vs_param(seed, x, features):
    variable = nnx.Variable(0.0)
    for _ in range(60):  # 2**60 leaves
        variable = nnx.Variable([variable, variable])
    return variable
