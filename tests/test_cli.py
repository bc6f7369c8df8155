"""The command line: bad input is one sentence and exit code 1, and loses nothing."""

import shutil

import pytest

from course import requirements
from course.demo import new_course
from course.errors import CourseError
from course.layout import Course
from tests.conftest import COURSE, ROOT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "01-variable-vs-parm"], "There is no assignment '01-variable-vs-parm'"),
        (["release", "nothing"], "There is no assignment 'nothing'"),
        (["check", "--course", "/"], "/ is not in a course"),
        (["check", "--answers", "docs"], "holds no answers"),
        (["demo", "--into", "."], "is not empty and not a demo"),
    ],
)
def test_bad_input_is_one_sentence(run, arguments, words):
    if "--answers" in arguments:
        arguments = [*arguments, COURSE.assignments[0]]
    result = run("nnx-course", *arguments, cwd=ROOT)
    assert result.returncode == 1
    message = " ".join(result.stderr.split())
    assert message.startswith("nnx-course: ")
    assert words in message
    assert "Traceback" not in result.stderr


def test_a_missing_and_an_old_package_are_named_with_the_line_that_mends_it(monkeypatch):
    monkeypatch.setattr(
        requirements.importlib.metadata, "requires", lambda _: ["flax>=99", "no-such-package>=1", "jax", "tzdata; python_version<'3'"]
    )
    with pytest.raises(CourseError, match=r"flax is .*needs flax>=99; no-such-package is missing.* -m pip install -r") as caught:
        requirements.check_requirements()
    assert "jax is" not in str(caught.value)
    assert "tzdata" not in str(caught.value)


def test_nbgrader_without_what_the_course_needs_stops_with_a_sentence(run, tmp_path):
    course = new_course(COURSE, tmp_path / "course")
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace("from course.errors", "from no_such_package.errors"))
    result = run("nbgrader", "autograde", "anything", cwd=course.root)
    assert result.returncode != 0
    assert "pip install -r requirements/default.txt -e ." in result.stderr
    assert "Traceback" not in result.stderr


def test_two_notebooks_in_an_assignment_are_named(tmp_path):
    course = new_course(COURSE, tmp_path / "course")
    source = course.assignment(COURSE.assignments[0]).source
    shutil.copy(source, source.with_name("copy.ipynb"))
    with pytest.raises(CourseError, match=r"holds 2 notebooks \(copy\.ipynb, "):
        course.assignment(COURSE.assignments[0])


def test_a_demo_replaces_an_older_demo_and_nothing_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CourseError, match="is not empty and not a demo"):
        new_course(COURSE, tmp_path)
    assert (tmp_path / "thesis.txt").exists()
    demo = new_course(COURSE, tmp_path / "demo")
    (demo.root / "gradebook.db").write_text("of an older demo")
    new_course(COURSE, tmp_path / "demo")
    assert not (demo.root / "gradebook.db").exists()


def test_a_course_is_found_from_a_folder_inside_it():
    assert Course.find(ROOT / "source" / COURSE.assignments[0]) == COURSE
