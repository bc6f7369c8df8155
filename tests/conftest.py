"""What the tests share: the course of this repository, and copies of it to try things in."""

import io
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from course.demo import new_course
from course.layout import CONFIG, Course
from tests.browser import chromium

# A shell ignores Ctrl-C for what it starts in the background, and all that the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
COURSE = Course(ROOT)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-answer", action="store_true", help="Take every known answer through every path.")
    parser.addoption("--pictures", action="store_true", help="Write the pictures of docs/ anew, in tests that use a browser.")


def one_per_kind(verdicts):
    """One answer for each check that is the first to fail, and one for none."""
    kinds = {}
    for verdict in sorted(verdicts, key=lambda verdict: verdict.answer.name):
        kinds.setdefault(next((mark.check for mark in verdict.marks if not mark.passed), ""), verdict)
    return list(kinds.values())


@pytest.fixture(params=COURSE.assignments)
def assignment(request: pytest.FixtureRequest):
    """Each assignment of this repository."""
    return COURSE.assignment(request.param)


@pytest.fixture(scope="module")
def course_copy(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course without a class, to be written to."""
    return new_course(COURSE, tmp_path_factory.mktemp("course") / "copy")


@pytest.fixture(scope="session")
def tiny_course(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Course:
    """A course with an assignment that is quick to mark, released; not to be written to."""
    root = tmp_path_factory.mktemp("tiny") / "course"
    shutil.copytree(ROOT / "tests/hostile/source", root / "source")
    shutil.copy(ROOT / CONFIG, root)
    result = run("nbgrader", "generate_assignment", "tiny", cwd=root)
    assert result.returncode == 0, result.stderr
    return Course(root)


@pytest.fixture(scope="session")
def run() -> Run:
    """Run one of the environment's commands, as a user types it."""

    def run(command: str, *arguments: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
        path = Path(sys.executable).parent / command
        return subprocess.run([path, *arguments], cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)

    return run


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def picture(request: pytest.FixtureRequest):
    """Write what is on the screen, a page or a part of one, to `docs/pictures/NAME.png`: with `--pictures`."""

    def picture(shown, name: str) -> None:
        if request.config.getoption("--pictures"):
            path = ROOT / f"docs/pictures/{name}.png"
            path.parent.mkdir(exist_ok=True)
            image = Image.open(io.BytesIO(shown.screenshot()))
            image.convert("RGB").quantize(64).save(path, optimize=True)

    return picture
