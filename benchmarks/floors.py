"""What marking cannot go below: a bare fork of the warm server that runs the same cells, and the same cells once more.

Run as `python floors.py NOTEBOOK FORKS`, in an environment as the fork server's. It prints one JSON object:
processor and wall seconds for a forked child, and for a second run of the cells in one process. Medians of FORKS.
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


def forked(prepared: shell.Shell, sources: list[str], times: int) -> list[float]:
    """In a child: run the cells `times` times. CPU and wall of the first run and of the last."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        first = run(prepared, sources)
        wall = time.perf_counter() - started
        again = first
        for _ in range(times - 1):
            again = run(prepared, sources)
        os.write(writer, json.dumps([spent() if times == 1 else first[0], wall, *again]).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        numbers = json.loads(pipe.read())
    os.waitpid(child, 0)
    return numbers


def main() -> None:
    """Measure both floors."""
    notebook, count = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    sys.path.insert(0, str(CELLS.parent))
    import_all()
    del sys.path[0]
    prepared = shell.prepare()
    bare = [forked(prepared, sources, 1) for _ in range(count)]
    again = [forked(prepared, sources, 2) for _ in range(max(count // 4, 1))]
    print(
        json.dumps(
            {
                "a bare fork": [statistics.median(row[0] for row in bare), statistics.median(row[1] for row in bare)],
                "the same cells again": [statistics.median(row[2] for row in again), statistics.median(row[3] for row in again)],
            }
        )
    )


main()
