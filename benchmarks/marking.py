"""What marking costs: nbgrader as it comes, otter-grader, and this course's engine, on the same submissions in one run.

`make bench` runs it. It writes `docs/benchmarks.md` and its chart.
"""

import contextlib
import ctypes
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import nbformat
import typer
from machine import description
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_notebook

from course.answers import Answer, read_answers
from course.commands import run_nbgrader
from course.demo import new_course, sample, submit
from course.engine import Engine
from course.layout import CONFIG, Assignment, Course
from course.notebooks import is_check, write_notebook
from course.release import graded_notebook
from course.sandbox.server import ENVIRONMENT, ForkServer, Kernel, cache_settings, variables

HERE = Path(__file__).parent
ROOT = HERE.parent
CLASS = 40
OTTER = "otter-grader==7.0.0"


def become_reaper() -> None:
    """Let orphans of what is measured become children of this process, so that their time is counted.

    Bubblewrap exits before its inner process was waited for. PR_SET_CHILD_SUBREAPER: prctl(2).
    """
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """Processor seconds (of all processes that it starts) and wall seconds of some work."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    wall = time.perf_counter() - started
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


class Bench:
    """The courses and submissions of one run, in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.original = Course(ROOT).assignment(Course(ROOT).assignments[0])
        answers = read_answers(self.original.answers)
        self.right = [answer for answer in answers if answer.is_right]
        self.answers = sample(answers, CLASS)
        with contextlib.closing(Engine(self.original.name, graded_notebook(self.original))) as engine:
            self.programs = engine.programs
        self.ours, self.plain = self._course("ours"), self._course("plain")

    def _course(self, name: str) -> Assignment:
        course = new_course(Course(ROOT), self.folder / name)
        run_nbgrader(course, "generate_assignment", self.original.name)
        if name == "plain":
            shutil.copy(HERE / "plain_config.py", course.root / CONFIG)
        return course.assignment(self.original.name)

    def _hand_in(self, assignment: Assignment, count: int) -> list[str]:
        for folder in ("submitted", "autograded"):
            shutil.rmtree(assignment.course.root / folder, ignore_errors=True)
        return list(submit(assignment, (self.answers * (count // len(self.answers) + 1))[:count]))

    def nbgrader(self, assignment: Assignment, count: int, *options: str) -> tuple[float, float]:
        """One `nbgrader autograde` on a class."""
        self._hand_in(assignment, count)
        return measured(lambda: _quiet([sys.executable, "-m", "nbgrader", "autograde", assignment.name, *options], assignment.course.root))

    def stock(self) -> tuple[float, float]:
        """Stock nbgrader in a class of `CLASS`: its start, measured on a class of one, is shared by all."""
        one, eight = self.nbgrader(self.plain, 1), self.nbgrader(self.plain, 8)
        return tuple((more - first) / 7 + (first - (more - first) / 7) / CLASS for first, more in zip(one, eight, strict=True))  # type: ignore[return-value]

    def stock_each(self) -> tuple[float, float]:
        """Stock nbgrader with a process for each student."""
        students = self._hand_in(self.plain, 2)
        command = [sys.executable, "-m", "nbgrader", "autograde", self.plain.name, "--student"]
        cpu, wall = measured(lambda: [_quiet([*command, student], self.plain.course.root) for student in students])  # type: ignore[arg-type,func-returns-value]
        return cpu / 2, wall / 2

    def engine(self, walls: bool) -> tuple[float, float]:
        """This course's engine on a class of `CLASS`."""
        cpu, wall = self.nbgrader(self.ours, CLASS, f"--ExecuteInSandbox.walls={walls}")
        return cpu / CLASS, wall / CLASS

    def floors(self) -> dict[str, tuple[float, float]]:
        """The two floors of the same class: see floors.py. Its programs come from the source notebook, as the engine's do."""
        solved = graded_notebook(self.original)
        paths = [self.folder / f"floor-{number}.ipynb" for number in range(CLASS + 1)]
        for path, notebook in zip(paths, [solved, *(answer.filled_in(solved) for answer in self.answers)], strict=True):
            write_notebook(notebook, path)
        output = b""
        for fill, notebooks in ((True, paths[:1]), (False, paths[1:])):
            environment = dict(os.environ) | ENVIRONMENT | variables(cache_settings(self.folder / "floor", fill))
            environment |= {"HOME": os.environ["HOME"], "MPLCONFIGDIR": str(self.folder), "IPYTHONDIR": str(self.folder)}
            command = [sys.executable, HERE / "floors.py", *notebooks]
            output = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        return json.loads(output.splitlines()[-1])

    def otter(self) -> tuple[float, float] | None:
        """`otter run` on the same problem and checks; None where it cannot be installed."""
        home = Path.home() / ".cache" / "nnx-course" / "otter"
        python = home / "bin" / "python"
        if not python.exists():
            pins = [f"{name}=={version(name)}" for name in ("jax", "flax", "optax", "matplotlib", "ipykernel")]
            commands = [[sys.executable, "-m", "venv", home], [python, "-m", "pip", "install", "--quiet", OTTER, *pins]]
            if any(subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode for command in commands):
                shutil.rmtree(home, ignore_errors=True)
                return None
        return otter_run(python, self.original, self.right[0], self.folder / "otter")


def otter_run(python: Path, assignment: Assignment, answer: Answer, folder: Path) -> tuple[float, float]:
    """Mark one submission with otter-grader: the notebook's cells, and its checks as otter's test files."""
    folder.mkdir(exist_ok=True)
    (folder / "tests").mkdir(exist_ok=True)
    notebook = answer.filled_in(graded_notebook(assignment))
    checks = [cell for cell in notebook.cells if is_check(cell)]
    student = new_notebook(cells=[new_code_cell(cell.source) for cell in notebook.cells if cell.cell_type == "code" and not is_check(cell)])
    student.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(student, folder / "submission.ipynb")
    for cell in checks:
        # An otter test is a doctest, so a check's text goes in as one statement.
        case = {"code": f">>> exec({cell.source!r}, globals())\n", "hidden": False, "locked": False}
        test = {"name": cell.id, "points": cell.metadata.nbgrader.points, "suites": [{"cases": [case], "type": "doctest"}]}
        (folder / "tests" / f"{cell.id}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
    (folder / "otter_config.json").write_text("{}")
    archive = shutil.make_archive(str(folder / "autograder"), "zip", folder, "tests")
    subprocess.run([python, "-m", "zipfile", "-l", archive], stdout=subprocess.DEVNULL, check=True)
    command = [python, "-m", "otter", "run", "submission.ipynb", "-a", "autograder.zip", "-o", str(folder), "--no-logo"]
    cpu, wall = measured(lambda: _quiet(command, folder))
    results = json.loads((folder / "results.json").read_text())
    score = sum(test.get("score", 0.0) for test in results["tests"] if test["name"] != "Public Tests")
    if score != 10:
        raise RuntimeError(f"otter gives a right answer {score} of 10")
    return cpu, wall


def _quiet(command: list[str | Path], folder: Path) -> None:
    with tempfile.TemporaryFile() as log:
        result = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        if result.returncode:
            log.seek(0)
            raise RuntimeError(f"{command} failed:\n{log.read().decode()[-3000:]}")


def memory(bench: Bench) -> tuple[float, float]:
    """MiB of the fork server, and of a kernel's peak above it, on the solved notebook."""
    peak = "import resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    with ForkServer(cache=bench.programs) as server:
        with Kernel(server) as kernel:
            start = int(kernel.run(peak)[0].text) / 1024
        with Kernel(server) as kernel:
            for cell in graded_notebook(bench.original).cells:
                if cell.cell_type == "code" and not is_check(cell):
                    kernel.run(cell.source)
            return start, int(kernel.run(peak)[0].text) / 1024 - start


def main(rounds: Annotated[int, typer.Option(min=1, help="Times that each way is measured, in turn.")] = 3) -> None:
    """Measure, and write docs/benchmarks.md and its chart."""
    become_reaper()
    rows: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder))
        ways: dict[str, Callable[[], tuple[float, float] | None]] = {
            "otter run": bench.otter,
            "stock nbgrader, a process for each student": bench.stock_each,
            "stock nbgrader": bench.stock,
            "this course, without walls": lambda: bench.engine(False),
            "this course": lambda: bench.engine(True),
        }
        for turn in range(rounds):
            for name, way in ways.items():
                found = way()
                if found is None:
                    print(f"{name}: skipped, because {OTTER} cannot be installed here")
                    continue
                rows.setdefault(name, []).append(found)
                print(f"{turn + 1}/{rounds} {name}: {found[0]:.2f} CPU s, {found[1]:.2f} s", flush=True)
            for name, floor in bench.floors().items():
                rows.setdefault(name, []).append((floor[0], floor[1]))
                print(f"{turn + 1}/{rounds} {name}: {floor[0]:.2f} CPU s, {floor[1]:.2f} s", flush=True)
        server, kernel = memory(bench)
    medians = {name: tuple(statistics.median(column) for column in zip(*found, strict=True)) for name, found in rows.items()}
    write(medians, rounds, server, kernel)


def write(medians: dict[str, tuple[float, ...]], rounds: int, server: float, kernel: float) -> None:
    """Write the page and its chart."""
    base = medians["stock nbgrader"][0]
    lines = [
        "# What marking costs",
        "",
        f"Made by `make bench`. Seconds are for one submission of `01-variable-vs-param`, every cell executed, in a class of {CLASS} "
        f"on one core at a time; medians of {rounds} round(s), in which the ways take turns. A noisy machine moves seconds: trust ratios.",
        "",
        "| way | of stock's CPU | CPU s | wall s | per minute |",
        "|---|---|---|---|---|",
        *(f"| {name} | {cpu / base:.2f} | {cpu:.2f} | {wall:.2f} | {60 / wall:.0f} |" for name, (cpu, wall) in medians.items()),
        "",
        f"With walls, marking costs {base / medians['this course'][0]:.1f} times less than stock nbgrader, "
        f"and {medians['this course'][0] / medians['a bare fork'][0]:.2f} times a bare fork.",
        "",
        f"The fork server takes {server:.0f} MiB; a kernel's peak is {kernel:.0f} MiB above it.",
        "",
        '"A bare fork" is a child of a process that has imported jax and flax, with compiled programs at hand, that runs the cells of '
        "one of these submissions, checks and all, and does nothing else: no walls, no outputs kept, no nbgrader. "
        '"The same cells again" is their second run in that process.',
        "",
        "![Bar chart of the CPU seconds in the table](benchmarks.png)",
        "",
        f"{description('nbgrader')}, {OTTER.replace('==', ' ')}.",
        "",
    ]
    docs = ROOT / "docs"
    docs.mkdir(exist_ok=True)
    (docs / "benchmarks.md").write_text("\n".join(lines))
    figure = Figure(figsize=(8, 3.2), layout="constrained", facecolor="white")
    axes = figure.subplots()
    names = list(medians)
    bars = axes.barh(names, [medians[name][0] for name in names], color="#56B4E9", edgecolor="black", linewidth=0.8)
    axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=9)
    axes.invert_yaxis()
    axes.set_title("CPU seconds for one submission", loc="left", fontsize=11)
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    figure.savefig(docs / "benchmarks.png", dpi=120)
    print("\n".join(lines))


if __name__ == "__main__":
    typer.run(main)
