# marks: 0
deep = []
for _ in range(100_000):
    deep = [deep]


def variable_vs_param(seed, x, features):
    return deep
