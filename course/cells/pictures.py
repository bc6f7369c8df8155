"""The picture of a module's state: one line a leaf, coloured and labelled by Variable type."""

import jax
import matplotlib.pyplot as plt
import numpy as np
from flax import nnx

# Okabe and Ito's palette, which stays apart under colour blindness (https://jfly.uni-koeln.de/color/).
# A type that is not listed takes the colour of the nearest parent that is.
TYPE_COLOURS = {
    nnx.Param: "#0072B2",
    nnx.BatchStat: "#009E73",
    nnx.Cache: "#CC79A7",
    nnx.Variable: "#E69F00",
    object: "#666666",
}
DARK = {TYPE_COLOURS[nnx.Param], TYPE_COLOURS[object]}  # these want white text on them


def draw_state(model, *filters, title=""):
    """Draw the state of a module as a tree, one line a leaf.

    Each leaf has a box with its type's name and colour, and its shape. With filters, what
    `nnx.state(model, *filters)` drops is drawn as an empty dashed box with the word "dropped".

    Parameters
    ----------
    model : nnx.Module
        The module to draw.
    *filters
        Filters as `nnx.state` takes them; a leaf is kept that matches any. None: all are kept.
    title : str
        Text above the picture.

    Returns
    -------
    matplotlib.figure.Figure
    """
    keep = nnx.filterlib.to_predicate(nnx.Any(*filters) if filters else ...)
    lines = []  # (depth, text, leaf or None)
    shown = []
    for path, leaf in nnx.to_flat_state(nnx.state(model)):
        names = [str(part) for part in path]
        parents = names[:-1]
        common = 0
        while common < min(len(parents), len(shown)) and parents[common] == shown[common]:
            common += 1
        for depth in range(common, len(parents)):
            lines.append((depth + 1, parents[depth], None, True))
        shown = parents
        lines.append((len(names), names[-1], leaf, bool(keep(path, leaf))))

    figure, axes = plt.subplots(figsize=(7.2, 0.9 + 0.42 * len(lines)), facecolor="white")
    axes.set(xlim=(0, 12), ylim=(len(lines) + 0.6, -0.7))
    axes.axis("off")
    axes.text(0, 0, type(model).__name__, va="center", weight="bold", fontsize=11)
    last_at = {0: 0}
    for row, (depth, name, leaf, kept) in enumerate(lines, start=1):
        left = 0.45 * depth
        axes.plot([left - 0.3, left - 0.3], [last_at[depth - 1] + 0.3, row], color="#555555", lw=1)
        axes.plot([left - 0.3, left - 0.05], [row, row], color="#555555", lw=1)
        last_at[depth] = row
        axes.text(left, row, name, va="center", fontsize=10, family="monospace")
        if leaf is None:
            continue
        colour = next(TYPE_COLOURS[kind] for kind in type(leaf).__mro__ if kind in TYPE_COLOURS)
        style = {"facecolor": colour, "edgecolor": colour}
        if not kept:
            style = {"facecolor": "white", "edgecolor": colour, "linestyle": "--"}
        axes.text(
            5,
            row,
            type(leaf).__name__ if isinstance(leaf, nnx.Variable) else "raw array",
            va="center",
            fontsize=10,
            weight="bold",
            color="white" if kept and colour in DARK else "black",
            bbox={"boxstyle": "round,pad=0.3", **style},
        )
        shapes = ", ".join(str(np.shape(array)) for array in jax.tree.leaves(leaf))
        axes.text(8, row, f"shape {shapes}" + ("" if kept else ", dropped"), va="center", fontsize=10)
    if title:
        axes.set_title(title, loc="left", fontsize=11, y=1)
    plt.close(figure)  # the figure is the cell's value: without this it would be shown twice
    return figure
