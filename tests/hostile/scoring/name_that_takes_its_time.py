# marks: 0
import time


class Slow:
    def __call__(self, seed, x, features):
        return jnp.zeros(3)

    @property
    def __name__(self):
        time.sleep(60)


variable_vs_param = Slow()
