"""Real nbgrader on a real class, with the course's engine and with its own: the same marks and sentences, feedback, export, a roster."""

import csv
import html
import json
import os
import re

import pytest
from nbformat.warnings import MissingIDFieldWarning

from course.check import check, known_answers
from course.demo import new_course, submit
from course.layout import CONFIG
from course.marks import read_marks
from course.notebooks import fill_in, read_notebook, solution_text, write_notebook
from course.report import read_class, write
from tests.conftest import COURSE, one_per_kind

NAME = COURSE.assignments[0]


# Colab saves in format 4.0, where a cell has no id, or keeps the format that it found.
COLAB = [{"minor": 0, "ids": False}, {"minor": 5, "ids": True}, {"minor": 0, "ids": True}]


def as_colab_saves(notebook, minor, ids):
    """What Colab makes of a notebook's JSON: a cell of its own on top, and metadata of its own everywhere."""
    badge = '<a href="https://colab.research.google.com/github/x/y/blob/main/z.ipynb" target="_parent">Open In Colab</a>'
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"]["id"] = f"A1b2C3d4E5{number:02}"
        if not ids:
            del cell["id"]
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "0a1b2c3d-4e5f"}
    on_top = {"cell_type": "markdown", "metadata": {"id": "view-in-github", "colab_type": "text"}, "source": [badge]}
    return {
        "cells": [on_top, *notebook["cells"]],
        "metadata": {
            "accelerator": "GPU",
            "colab": {"provenance": [], "gpuType": "T4", "include_colab_link": True},
            "kernelspec": {"display_name": "Python 3", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": minor,
    }


@pytest.mark.parametrize("variant", COLAB)
def test_what_colab_saves_can_be_read(variant, tmp_path):
    path = COURSE.assignment(NAME).release
    saved = tmp_path / "saved.ipynb"
    saved.write_text(json.dumps(as_colab_saves(json.loads(path.read_text()), **variant)))
    if variant["minor"] == 5:
        with pytest.warns(MissingIDFieldWarning):  # for the cell that Colab put on top
            cells = read_notebook(saved).cells
    else:
        cells = read_notebook(saved).cells
    assert [cell.source for cell in cells[1:]] == [cell.source for cell in read_notebook(path).cells]


@pytest.fixture(scope="module")
def expected(request):
    assignment = COURSE.assignment(NAME)
    answers = known_answers(assignment)
    # Right answers that print, warn or log are right only if nbgrader sees none of it.
    words = ("stderr", "value", "warn", "logging", "print", "display", "(")
    loud = [answer for answer in answers if answer.is_right and any(word in answer.name for word in words)]
    every = request.config.getoption("--every-answer")
    verdicts = list(check(assignment, answers if every else [*loud, *answers[::4]], os.cpu_count() or 1))
    chosen = verdicts if every else [verdict for verdict in verdicts if verdict.answer in loud] + one_per_kind(verdicts)
    return {verdict.answer.name: verdict for verdict in chosen}


@pytest.fixture(scope="module", params=["sandbox", "nbgrader"])
def course_copy(request, tmp_path_factory):
    """A course whose submissions run in the sandbox, as configured, or by nbgrader's own Execute."""
    course = new_course(COURSE, tmp_path_factory.mktemp(request.param) / "course")
    if request.param == "nbgrader":
        with open(course.root / CONFIG, "a") as config:
            for steps in ("sanitize_preprocessors", "autograde_preprocessors"):
                config.write(f'c.Autograde.{steps} = Autograde.class_traits()["{steps}"].default()\n')
    return course


@pytest.fixture(scope="module")
def graded(course_copy, run, expected):
    """A class with these answers, marked by nbgrader; the answer that each student handed in."""
    assignment = course_copy.assignment(NAME)
    for command in ("generate_assignment", "autograde", "generate_feedback"):
        if command == "autograde":
            roster = submit(assignment, [verdict.answer for verdict in expected.values()])
            for student, variant in zip(roster, COLAB * 2, strict=False):  # the same answers, by way of Colab
                path = assignment.submitted(student)
                path.write_text(json.dumps(as_colab_saves(json.loads(path.read_text()), **variant)))
        result = run("nbgrader", command, NAME, cwd=course_copy.root)
        assert result.returncode == 0, result.stderr
    return roster


def test_nbgrader_gives_the_marks_and_sentences_of_a_warm_process(course_copy, graded, expected, request):
    assignment = course_copy.assignment(NAME)
    assert len(graded) >= 10
    in_sandbox = "sandbox" in request.node.name
    for student, answer in graded.items():
        notebook = read_notebook(assignment.autograded(student))
        assert notebook.metadata.get("nnx_course", {}).get("walls", False) == in_sandbox
        marks = read_marks(notebook)
        assert [(mark.check, mark.points) for mark in marks] == [(mark.check, mark.points) for mark in expected[answer.name].marks]
        assert [mark.sentence for mark in marks] == [mark.sentence for mark in expected[answer.name].marks], answer.name


def test_the_gradebook_and_the_report_have_the_same_marks(course_copy, graded, expected, tmp_path):
    report = read_class(course_copy.assignment(NAME), f"sqlite:///{course_copy.root / 'gradebook.db'}")
    assert {row.student: row.score for row in report.students} == {
        student: expected[answer.name].points for student, answer in graded.items()
    }
    page = html.unescape(write(report, tmp_path)[0].read_text())
    assert all(student in page for student in graded)
    assert all(mistake.mistake in page for mistake in report.mistakes)


def test_feedback_shows_the_sentences_and_no_hidden_line(course_copy, graded, expected):
    assignment = course_copy.assignment(NAME)
    hidden = hidden_lines(assignment)
    assert len(hidden) >= 10
    for student, answer in graded.items():
        page = (course_copy.root / "feedback" / student / NAME / f"{assignment.source.stem}.html").read_text()
        plain = " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())
        for mark in expected[answer.name].marks:
            assert " ".join(mark.mistake.split()) in plain or "The same as the check above." in plain
        for text in (page, html.unescape(page), plain):
            assert not [line for line in hidden if line in text], answer.name
        assert "Traceback" not in page


def hidden_lines(assignment):
    """The lines that only the source has: those of hidden tests, as far as they say something."""
    source, release = (
        {" ".join(line.split()) for cell in read_notebook(path).cells for line in cell.source.splitlines()}
        for path in (assignment.source, assignment.release)
    )
    solution = {" ".join(line.split()) for line in solution_text(read_notebook(assignment.source)).splitlines()}
    return {line for line in source - release - solution if len(line) > 12 and "HIDDEN TESTS" not in line}


def test_export_lists_every_student(course_copy, graded, run):
    assert run("nbgrader", "export", cwd=course_copy.root).returncode == 0
    with open(course_copy.root / "grades.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["student_id"] for row in rows} == set(graded)


def test_a_roster_of_the_instructors_own(course_copy, graded, run):
    (course_copy.root / "roster.csv").write_text("id,first_name,last_name\nstudent-001,Ünal,O'Neill\nabsent-1,No,Show\n")
    assert run("nbgrader", "db", "student", "import", "roster.csv", cwd=course_copy.root).returncode == 0
    listed = run("nbgrader", "db", "student", "list", cwd=course_copy.root)
    assert "student-001 (O'Neill, Ünal)" in listed.stdout + listed.stderr
    assert "absent-1" in listed.stdout + listed.stderr


def test_validate_tells_a_student_what_a_grade_would(course_copy, graded, run, tmp_path):
    assignment = course_copy.assignment(NAME)
    untouched = run("nbgrader", "validate", str(assignment.release), cwd=course_copy.root)
    assert "not written yet" in untouched.stdout + untouched.stderr
    solved = read_notebook(assignment.release)
    fill_in(solved, solution_text(read_notebook(assignment.source)))
    write_notebook(solved, tmp_path / "solved.ipynb")
    result = run("nbgrader", "validate", str(tmp_path / "solved.ipynb"), cwd=course_copy.root)
    assert "Success! Your notebook passes all the tests." in result.stdout + result.stderr


@pytest.mark.parametrize("command", ["generate_assignment", "autograde", "generate_feedback"])
def test_an_unknown_assignment_ends_in_a_sentence(course_copy, graded, run, command):
    result = run("nbgrader", command, "99-nothing", cwd=course_copy.root)
    assert result.returncode != 0
    assert "No notebooks were matched" in result.stderr
    assert "Traceback" not in result.stderr
