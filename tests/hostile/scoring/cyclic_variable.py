# marks: 0
def variable_vs_param(seed, x, features):
    content = []
    variable = nnx.Variable(content)
    content.append(variable)
    return variable
