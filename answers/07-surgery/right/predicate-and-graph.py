# %% transplant
def transplant(source, target, filter):
    keep = nnx.filterlib.to_predicate(filter)
    there = {path: node for path, node in nnx.iter_graph(target) if isinstance(node, nnx.Variable)}
    chosen = {path: node for path, node in nnx.iter_graph(source) if isinstance(node, nnx.Variable) and keep(path, node)}
    wrong = [path for path, node in chosen.items() if path not in there or there[path].shape != node.shape]
    if wrong:
        raise ValueError("cannot place " + ", ".join("/".join(str(part) for part in path) for path in wrong))
    for path, node in chosen.items():
        there[path].value = node.value
    return target
