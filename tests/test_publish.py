"""The students' repository: it holds what they need, and no hidden line in any commit."""

import os
import re
import shutil
import subprocess

import pytest

from course.errors import CourseError
from course.layout import CONFIG, Course
from course.notebooks import read_notebook
from course.publish import publish
from course.release import secret_lines
from tests.conftest import COURSE, ROOT


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course, with a name for the students' repository."""
    root = tmp_path_factory.mktemp("publish") / "course"
    for name in ("source", "release", "docs", "requirements"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "LICENSE", root)
    config = (ROOT / CONFIG).read_text().replace('students_repository = ""', 'students_repository = "somebody/flax-course"')
    (root / CONFIG).write_text(config)
    return Course(root)


@pytest.fixture(scope="module")
def published(tmp_path_factory, course, run):
    """What the command writes."""
    patch = pytest.MonkeyPatch()
    for role in ("AUTHOR", "COMMITTER"):
        patch.setenv(f"GIT_{role}_NAME", "A. Teacher")
        patch.setenv(f"GIT_{role}_EMAIL", "teacher@example.org")
    folder = tmp_path_factory.mktemp("published") / "students"
    result = run("nnx-course", "publish", str(folder), cwd=course.root)
    assert (result.returncode, "written and committed" in result.stdout) == (0, True), result.stderr
    yield folder
    patch.undo()


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True, errors="replace").stdout


def test_no_hidden_line_is_in_any_commit(published):
    secrets = secret_lines(read_notebook(COURSE.assignment(name).source) for name in COURSE.assignments)
    assert len(secrets) > 400
    history = git(published, "cat-file", "--batch-all-objects", "--batch", "--buffer")
    for form in (str, lambda line: line.replace('"', '\\"')):  # as text, and as a notebook's file has it
        assert not [line for line in secrets if form(line) in history]
    known = next(line for line in read_notebook(COURSE.assignment(COURSE.assignments[0]).source).cells[0].source.splitlines() if line)
    assert known in history


def test_every_link_and_badge_of_the_readme_leads_to_a_file(published):
    readme = (published / "README.md").read_text()
    links = re.findall(r"\]\(([^)]+)\)", readme)
    for link in links:
        if "colab.research.google.com/github" in link:
            assert link.startswith("https://colab.research.google.com/github/somebody/flax-course/blob/main/")
            link = link.split("/blob/main/")[1]
        assert link.startswith("https://") or (published / link).is_file(), link
    for name in COURSE.assignments:
        assert sum(name in link for link in links) == 2, "a link to read it, and a badge to open it in Colab"
    assert "{" not in re.sub(r"`[^`]*`", "", readme), "a place that was not filled in"
    assert "make" not in readme.split()
    assert git(published, "branch", "--show-current").strip() == "main"
    assert not git(published, "status", "--porcelain")


def test_publishing_again_brings_it_up_to_date(published, course):
    commits = git(published, "rev-list", "--count", "HEAD")
    assert publish(course, published) == "up to date"
    assert git(published, "rev-list", "--count", "HEAD") == commits
    renamed = published / "00-old/old.ipynb"
    renamed.parent.mkdir()
    renamed.write_text("{}")
    git(published, "add", "--all")
    git(published, "commit", "--quiet", "--message=As if it had been published")
    (course.root / "LICENSE").write_text("Another licence\n")
    assert publish(course, published).startswith("2 of")
    assert (published / "LICENSE").read_text() == "Another licence\n"
    assert not renamed.exists()
    assert not git(published, "status", "--porcelain")


def test_a_folder_with_something_else_is_left_alone(published, course, run, tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("my own")
    result = run("nnx-course", "publish", str(tmp_path), cwd=course.root)
    assert (result.returncode, mine.read_text(), os.listdir(tmp_path)) == (1, "my own", ["mine.txt"])
    assert "holds something else" in " ".join(result.stderr.split())
    with pytest.raises(CourseError, match="is a file"):
        publish(course, mine)
    with pytest.raises(CourseError, match="private"):
        publish(course, course.root / "students")
    (published / "notes.txt").write_text("not of the course")
    with pytest.raises(CourseError, match=r"notes\.txt"):
        publish(course, published)
    (published / "notes.txt").unlink()


def test_a_release_that_shows_a_solution_is_not_published(course, tmp_path):
    assignment = course.assignment(COURSE.assignments[0])
    text = assignment.release.read_text()
    try:
        shutil.copy(assignment.source, assignment.release)
        with pytest.raises(CourseError, match="shows a line of a solution"):
            publish(course, tmp_path / "students")
    finally:
        assignment.release.write_text(text)
    assert not (tmp_path / "students").exists()
