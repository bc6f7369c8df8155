"""The Formgrader's own requests, to a real Jupyter server: assign, autograde, scores and feedback work from its buttons."""

import json
import urllib.request

import pytest

from course.check import known_answers
from course.demo import submit
from course.notebooks import read_notebook
from tests.browser import TOKEN, jupyter_server
from tests.conftest import COURSE

NAME = COURSE.assignments[0]


@pytest.fixture(scope="module")
def server(course_copy):
    with jupyter_server(course_copy.root) as address:
        yield address


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
