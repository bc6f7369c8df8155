"""What a student waits for: from the first cell to the first picture, and at a check, in each release notebook.

`make bench` runs it. It writes `docs/speed.md`.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from machine import description
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from course.layout import Assignment, Course
from course.notebooks import fill_in, is_check, read_notebook, solution_text

ROOT = Path(__file__).parent.parent
BARE = "import jax\nimport matplotlib.pyplot\nfrom flax import nnx\n\njax.jit(lambda x: x + 1)(1.0).block_until_ready()"
MOST = 1.5  # times that, until the first picture
CHECK_SECONDS = 1.0


@contextlib.contextmanager
def kernel(notebook: NotebookNode) -> Iterator[NotebookClient]:
    """A client whose kernel has started, and has run nothing."""
    client = NotebookClient(notebook, timeout=600)
    with client.setup_kernel():
        yield client


def seconds(client: NotebookClient, cell: NotebookNode) -> float:
    """Run a cell of the client's notebook; wall seconds."""
    started = time.perf_counter()
    client.execute_cell(cell, client.nb.cells.index(cell))
    return time.perf_counter() - started


def bare() -> float:
    """Seconds for the imports and one jitted call, in a new kernel."""
    with kernel(new_notebook(cells=[new_code_cell(BARE)])) as client:
        return seconds(client, client.nb.cells[0])


def measure(assignment: Assignment) -> tuple[float, float, float]:
    """Seconds to the first picture, and for the slowest check: at its first run, and at its second."""
    notebook = read_notebook(assignment.release)
    fill_in(notebook, solution_text(read_notebook(assignment.source)))
    for cell in notebook.cells:
        cell.outputs = []
    waited, picture, cold, warm = 0.0, 0.0, [], []
    with kernel(notebook) as client:
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            spent = seconds(client, cell)
            waited += spent
            if not picture and any("image/png" in output.get("data", {}) for output in cell.outputs):
                picture = waited
            if is_check(cell):
                cold.append(spent)
                warm.append(seconds(client, cell))
    return picture, max(cold), max(warm)


def main(rounds: Annotated[int, typer.Option(min=1, help="The least of so many runs is taken.")] = 3) -> None:
    """Measure every release notebook, solved."""
    floor = min(bare() for _ in range(rounds))
    lines, slow = [], []
    course = Course.find(ROOT)
    for name in course.assignments:
        runs = [measure(course.assignment(name)) for _ in range(rounds)]
        picture, cold, warm = (min(numbers) for numbers in zip(*runs, strict=True))
        lines.append(f"| {name} | {picture:.1f} | {picture / floor:.2f} | {cold:.2f} | {warm:.2f} |")
        print(lines[-1], flush=True)
        if picture > MOST * floor or warm > CHECK_SECONDS:
            slow.append(name)
    text = f"""# What a student waits for

Made by `make bench`. Wall seconds in a new kernel, the least of {rounds} run(s); a busy machine adds to them.

Importing jax, flax.nnx and matplotlib.pyplot and making one jitted call takes {floor:.1f} s there. The third column is in units of that,
and the aim is at most {MOST}. A check that runs again is to take less than {CHECK_SECONDS:g} s.

| topic | first cell to first picture | in units of the imports | slowest check, first run | slowest check, again |
|---|---|---|---|---|
{chr(10).join(lines)}

{"All are within the aims." if not slow else "Not within the aims: " + ", ".join(slow) + "."}

{description()}.
"""
    (ROOT / "docs/speed.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
