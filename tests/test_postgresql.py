"""The gradebook in a real PostgreSQL, which the test starts: everything that writes there, and two instructors at once."""

import getpass
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.layout import Course
from course.notebooks import fill_in, read_notebook, write_notebook

BIN = Path(sys.executable).parent
FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
ANSWERS = {
    "Zoë": "def answer():\n    return 42",
    "o'neill": "def answer():\n    return 41",
    "empty": "def answer():\n    raise NotImplementedError",
}

pytestmark = pytest.mark.skipif(not FOUND, reason="there is no PostgreSQL server here: apt install postgresql")


@pytest.fixture(scope="module")
def url():
    """A server of this test's own, reached by a socket; a database's address."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # pytest's own folders are for their owner alone
    if os.getuid() == 0:  # PostgreSQL does not run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        name = "postgres"
    else:
        as_user, name = [], getpass.getuser()

    def run(command, *options):
        done = subprocess.run([*as_user, FOUND[-1].with_name(command), *options], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    run("initdb", "-D", folder / "data", "-A", "trust", "-E", "UTF8", "--no-sync")
    run("pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", f"-k {folder} -c listen_addresses='' -c fsync=off", "start")
    try:
        run("createdb", "-h", folder, "grades")
        yield f"postgresql+psycopg://{name}@/grades?host={folder}"
    finally:
        run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def course(tiny_course, tmp_path_factory, url):
    """Two assignments, a class for each, and a gradebook in the server."""
    root = tmp_path_factory.mktemp("course") / "course"
    shutil.copytree(tiny_course.root, root)
    shutil.copytree(root / "source/tiny", root / "source/other")
    (root / "gradebook.db").unlink()
    with open(root / "nbgrader_config.py", "a") as config:
        config.write(f"c.CourseDirectory.db_url = {url!r}\n")
    for name in ("tiny", "other"):
        for student, answer in ANSWERS.items():
            notebook = read_notebook(root / "release/tiny/tiny.ipynb")
            del notebook.metadata["nnx_course"]
            fill_in(notebook, answer)
            write_notebook(notebook, Course(root).assignment(name).submitted(student))
    return Course(root)


def start(course, *command):
    return subprocess.Popen([BIN / command[0], *command[1:]], cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_two_instructors_grade_different_assignments_at_once(course, url):
    both = [start(course, "nnx-course", "grade", name, "--jobs", "1") for name in ("tiny", "other")]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    with Gradebook(url) as gradebook:
        for name in ("tiny", "other"):
            scores = {one.student_id: one.score for one in gradebook.find_assignment(name).submissions}
            assert scores == {"Zoë": 2, "o'neill": 1, "empty": 1}


def test_nbgraders_own_commands_work_on_it(course, url, tmp_path):
    for command in (
        ("autograde", "tiny", "--force", "--student=Zoë"),
        ("generate_feedback", "tiny"),
        ("export", f"--to={tmp_path / 'grades.csv'}"),
        ("db", "upgrade"),
    ):
        process = start(course, "nbgrader", *command)
        said = process.communicate()[0]
        assert process.returncode == 0, said
    assert "o'neill" in (tmp_path / "grades.csv").read_text(encoding="utf-8")


def test_a_server_that_is_not_there_is_a_sentence(course, tmp_path):
    shutil.copytree(course.root, tmp_path / "course")
    with open(tmp_path / "course/nbgrader_config.py", "a") as config:
        config.write("c.CourseDirectory.db_url = 'postgresql+psycopg://teacher:secret@127.0.0.1:1/grades'\n")
    process = start(Course(tmp_path / "course"), "nnx-course", "grade", "tiny")
    said = " ".join(process.communicate()[0].split())
    assert process.returncode == 1
    assert "The gradebook postgresql+psycopg://teacher:***@127.0.0.1:1/grades does not answer" in said
    assert "secret" not in said
