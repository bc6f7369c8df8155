"""What marking cannot go below: bare forks of the warm server that run the same cells, and the same cells once more.

Run as `python floors.py NOTEBOOK...`, in an environment as the fork server's. It prints one JSON object: processor and wall
seconds of a forked child, and of a second run of the cells in that child. Means over the notebooks.
"""

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

from course.sandbox.inside import shell
from course.sandbox.inside.server import import_all
from course.sandbox.server import CELLS


def spent() -> float:
    """Processor seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def run(prepared: shell.Shell, sources: list[str]) -> tuple[float, float]:
    """Run the cells; processor and wall seconds."""
    cpu, wall = spent(), time.perf_counter()
    for source in sources:
        prepared.run_cell(source, store_history=True)
    return spent() - cpu, time.perf_counter() - wall


def forked(prepared: shell.Shell, sources: list[str]) -> list[float]:
    """In a child: run the cells twice. CPU and wall seconds of the child until the first run ends, and of the second run."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        run(prepared, sources)
        first = [spent(), time.perf_counter() - started]
        os.write(writer, json.dumps([*first, *run(prepared, sources)]).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        numbers = json.loads(pipe.read())
    os.waitpid(child, 0)
    return numbers


def main() -> None:
    """Measure both floors."""
    notebooks = [json.loads(Path(path).read_text()) for path in sys.argv[1:]]
    sys.path.insert(0, str(CELLS.parent))
    import_all()
    del sys.path[0]
    prepared = shell.prepare()
    rows = [
        forked(prepared, ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]) for notebook in notebooks
    ]
    bare, bare_wall, again, again_wall = (statistics.mean(column) for column in zip(*rows, strict=True))
    print(json.dumps({"a bare fork": [bare, bare_wall], "the same cells again": [again, again_wall]}))


main()
