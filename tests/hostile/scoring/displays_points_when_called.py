# marks: 0
import re


class Points:
    def __init__(self, points):
        self.points = points

    def __repr__(self):
        return self.points


get_ipython().ast_node_interactivity = "all"


def variable_vs_param(seed, x, features):
    import sys

    display(Points("2"))
    sys.displayhook(Points("2"))
    get_ipython().display_pub.publish({"text/plain": "2"})
    return jnp.zeros(3)
