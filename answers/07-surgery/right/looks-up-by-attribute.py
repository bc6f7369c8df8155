# %% transplant
from functools import reduce
from operator import attrgetter


class _Lookup:
    def __init__(self, module):
        self.module = module

    def at(self, path):
        def enter(node, part):
            try:
                return getattr(node, part) if isinstance(part, str) and hasattr(node, part) else node[part]
            except (KeyError, IndexError, TypeError, AttributeError):
                return None

        found = reduce(enter, path, self.module)
        return found if isinstance(found, nnx.Variable) else None


def transplant(source: nnx.Module, target: nnx.Module, filter=...) -> nnx.Module:
    lookup = _Lookup(target)
    moves = [(path, lookup.at(path), box) for path, box in nnx.to_flat_state(nnx.state(source, filter))]
    for path, mine, theirs in moves:
        if mine is None or mine.shape != theirs.shape:
            raise ValueError("no room for " + "/".join(str(part) for part in path))
    for _, mine, theirs in moves:
        mine[...] = theirs[...]
    return target
