# marks: 0
class Mistake(GeneratorExit):
    what = effect = read = detail = ""


def variable_vs_param(seed, x, features):
    raise Mistake
