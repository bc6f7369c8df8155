"""The Formgrader's own requests, to a real Jupyter server: assign, autograde, scores and feedback work from its buttons."""

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from course.check import known_answers
from course.demo import submit
from course.notebooks import read_notebook
from tests.conftest import COURSE

NAME = COURSE.assignments[0]
TOKEN = "formgrader-test"


@pytest.fixture(scope="module")
def server(course_copy):
    """A Jupyter server in a course, as `make lab` starts it; its address."""
    jupyter = Path(sys.executable).parent / "jupyter"
    command = [jupyter, "lab", "--no-browser", "--allow-root", "--port=0", f"--IdentityProvider.token={TOKEN}"]
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(course_copy.root / ".jupyter"), "HOME": str(course_copy.root)}
    log = course_copy.root / "server.log"
    with open(log, "w") as file, subprocess.Popen(command, cwd=course_copy.root, env=environment, stderr=file) as process:
        while not (found := re.search(r"(http://localhost:\d+)/lab", log.read_text())):
            assert process.poll() is None, log.read_text()
        while not listening(found[1]):  # it says where it runs before it does
            assert process.poll() is None, log.read_text()
        yield found[1]
        process.terminate()


def listening(server):
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{server}/api"):
        return True
    return False


def ask(server, path, method="GET"):
    request = urllib.request.Request(f"{server}/formgrader/api/{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def test_the_formgrader_marks_with_the_engine(course_copy, server):
    assignment = course_copy.assignment(NAME)
    assert [found["name"] for found in ask(server, "assignments")] == COURSE.assignments
    generated = ask(server, f"assignment/{NAME}/assign", "POST")
    assert generated["success"], generated
    solution = next(answer for answer in known_answers(COURSE.assignment(NAME)) if answer.name == "right/(source solution)")
    [student] = submit(assignment, [solution])
    marked = ask(server, f"submission/{NAME}/{student}/autograde", "POST")
    assert marked["success"], marked
    [submission] = ask(server, f"submissions/{NAME}")
    assert (submission["student"], submission["score"], submission["max_score"]) == (student, 10, 10)
    assert read_notebook(assignment.autograded(student)).metadata.nnx_course.walls
    feedback = ask(server, f"assignment/{NAME}/{student}/generate_feedback", "POST")
    assert feedback["success"], feedback
