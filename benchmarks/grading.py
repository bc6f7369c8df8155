"""What grading a class takes: one worker and two, a Dask cluster of two, and classes small and large.

`make bench` runs it. It writes `docs/benchmarks-class.md`.
"""

import itertools
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from distributed import Client
from machine import description

from course.answers import read_answers
from course.demo import new_course, submit
from course.layout import Assignment, Course

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
SMALL, MIDDLE = 20, 40


@dataclass(frozen=True)
class Run:
    """
    Parameters
    ----------
    size : int
        Submissions.
    wall : float
        Seconds of the whole command.
    steady : float
        Submissions a minute from the first that was done to the last.
    memory : float
        Peak of the coordinator, in MiB.
    """

    size: int
    wall: float
    steady: float
    memory: float


def grade(assignment: Assignment, size: int, *options: str) -> Run:
    """Grade the first students of a class anew."""
    students = [f"--student=student-{number:03}" for number in range(1, size + 1)]
    if size == len(list((assignment.course.root / "submitted").iterdir())):
        students = []
    command = [BIN / "nnx-course", "grade", assignment.name, "--json", "--force", *students, *options]
    started = time.perf_counter()
    times = []
    memory = 0.0
    with subprocess.Popen(command, cwd=assignment.course.root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "outcome" in json.loads(line):
                times.append(time.perf_counter())
            if len(times) == size and not memory:
                status = Path(f"/proc/{process.pid}/status").read_text()
                memory = int(next(text for text in status.splitlines() if text.startswith("VmHWM")).split()[1]) / 1024
    assert process.returncode == 0
    return Run(size, time.perf_counter() - started, 60 * (size - 1) / (times[-1] - times[0]), memory)


def main(size: Annotated[int, typer.Option(min=MIDDLE, help="Students of the large class.")] = 1000) -> None:
    """Measure, and write the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        name = Course(ROOT).assignments[0]
        course = new_course(Course(ROOT), Path(folder) / "course")
        (course.root / "release").symlink_to(ROOT / "release")
        assignment = course.assignment(name)
        submit(assignment, list(itertools.islice(itertools.cycle(read_answers(assignment.answers)), size)))
        grade(assignment, 2)  # fills the compile cache, and makes the gradebook
        runs = {"1 worker": grade(assignment, MIDDLE, "--jobs=1"), "2 workers": grade(assignment, MIDDLE, "--jobs=2")}
        runs["2 Dask workers"] = on_dask(assignment, Path(folder))
        runs["2 workers, a small class"] = grade(assignment, SMALL, "--jobs=2")
        runs["2 workers, a large class"] = grade(assignment, size, "--jobs=2")
    write(runs)


def on_dask(assignment: Assignment, folder: Path) -> Run:
    """The same with a scheduler and two worker processes on loopback."""
    file = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    commands = [["scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard", "--no-show", f"--scheduler-file={file}"]]
    commands += [["worker", f"--scheduler-file={file}", "--nthreads=1", "--no-dashboard", "--host=127.0.0.1"]] * 2
    started = [subprocess.Popen([BIN / "dask", *command], **quiet) for command in commands]  # type: ignore[call-overload]
    try:
        while not file.exists():
            assert started[0].poll() is None
        with Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            address = client.scheduler.address
        return grade(assignment, MIDDLE, f"--scheduler={address}")
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def write(runs: dict[str, Run]) -> None:
    """Write the page."""
    one, two, dask, small, large = runs.values()
    lines = [
        "# What grading a class takes",
        "",
        f"Made by `python benchmarks/grading.py --size {large.size}`; `make bench` takes 1000. Topic 01, every cell of the notebook "
        "executed, in walls, checks in the examiner.",
        "",
        "| | submissions | seconds in all | a minute, once begun | coordinator, MiB |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {name} | {run.size} | {run.wall:.0f} | {run.steady:.0f} | {run.memory:.0f} |" for name, run in runs.items()]
    lines += [
        "",
        f"- Two workers do {two.steady / one.steady:.2f} times what one does.",
        f"- Dask with two workers does {dask.steady / two.steady:.2f} of what two processes of this machine do.",
        f"- From {small.size} to {large.size} submissions, each costs {large.steady and small.steady / large.steady:.2f} times "
        "the time once begun: answers are known ones, used again.",
        "",
        f"{description()}.",
        "",
    ]
    (ROOT / "docs/benchmarks-class.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
