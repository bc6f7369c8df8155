"""Ways to score on a wrong answer to topic 01, each a file of `tests/hostile/scoring/`, named after its trick.

`# marks:` is what the same wrong answer gets without the trick, and the most that it may get. `# fools: one kernel` says that
it gets more where checks run in the student's process. In `limits/` are those that the examiner cannot tell, with what they get.
"""

import os
import sys
from concurrent.futures import as_completed
from pathlib import Path

import pytest
from nbformat.v4 import new_output

from course.answers import read_answer
from course.engine import Job, mark, workers
from course.marks import read_marks
from course.notebooks import grade_settings
from course.release import graded_notebook
from course.sandbox.limits import Limits
from course.sandbox.server import ForkServer, Kernel, Stopped
from tests.conftest import COURSE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are of Linux")

HERE = Path(__file__).parent / "hostile/scoring"
TRICKS = {path.stem: read_answer(path) for path in sorted(HERE.rglob("*.py"))}
LIMITS = {path.stem for path in HERE.glob("limits/*.py")}
FOOLING = [name for name, answer in TRICKS.items() if answer.fools == "one kernel"]
ASSIGNMENT = COURSE.assignment("01-variable-vs-param")


def submission(answer):
    """The notebook with this answer, without the examples."""
    notebook = answer.filled_in(graded_notebook(ASSIGNMENT))
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code" and grade_settings(cell)]
    return notebook


def points(notebook):
    return sum(mark.points for mark in read_marks(notebook))


def test_no_trick_scores():
    graded = graded_notebook(ASSIGNMENT)
    with workers(os.cpu_count() or 1) as pool:
        running = {}
        for name, answer in TRICKS.items():
            limits = Limits() if name in LIMITS else Limits(call=5)
            running[pool.submit(mark, Job(ASSIGNMENT.name, graded, submission(answer), limits=limits))] = name
        got = {running[future]: points(future.result()) for future in as_completed(running)}
    assert {name: got[name] for name in TRICKS if name not in LIMITS and got[name] > TRICKS[name].marks} == {}
    assert {name: got[name] for name in LIMITS} == {name: TRICKS[name].marks for name in LIMITS}


@pytest.fixture(scope="module")
def server(request):
    if not request.config.getoption("--every-answer"):
        pytest.skip("with --every-answer only")
    with ForkServer() as server:
        yield server


@pytest.mark.parametrize("name", FOOLING)
def test_the_trick_works_in_one_kernel(server, name):
    notebook = submission(TRICKS[name])
    with Kernel(server) as kernel:
        for cell in notebook.cells:
            try:
                cell.outputs = kernel.run(cell.source)
            except Stopped as stopped:
                cell.outputs = [*stopped.outputs, new_output("error", ename="Stopped", evalue=str(stopped))]
    assert points(notebook) > TRICKS[name].marks
