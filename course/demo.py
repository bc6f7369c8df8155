"""The whole way of a class, in a folder of its own: release, submissions, marks, feedback, a chart."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from course.answers import Answer, read_answers
from course.commands import run_nbgrader
from course.errors import CourseError
from course.layout import CONFIG, Assignment, Course
from course.notebooks import read_notebook, write_notebook
from course.report import ClassReport, read_class

MARKER = "this-is-a-demo.txt"


def new_course(course: Course, folder: Path) -> Course:
    """Make a copy of a course without any class, for trying things out.

    Parameters
    ----------
    course : Course
        Whose configuration, sources and answers are copied.
    folder : Path
        Where to. An earlier copy there is replaced, and nothing else ever is.

    Raises
    ------
    CourseError
        If the folder holds something else.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise CourseError(f"{folder} is not empty and not a demo: name another folder with --into.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARKER).write_text("Made by `nnx-course demo`, which may delete this folder.\n", encoding="utf-8")
    shutil.copy(course.root / CONFIG, folder / CONFIG)
    for name in ("source", "answers"):
        shutil.copytree(course.root / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return Course(folder)


def submit(assignment: Assignment, answers: list[Answer]) -> dict[str, Answer]:
    """Hand in answers as a class would: each in a release notebook, from `student-001` on.

    Returns
    -------
    dict[str, Answer]
        Who handed in what.
    """
    notebook = read_notebook(assignment.release)
    roster = {f"student-{number:03}": answer for number, answer in enumerate(answers, start=1)}
    for student, answer in roster.items():
        write_notebook(answer.filled_in(notebook), assignment.submitted(student))
    return roster


def sample(answers: list[Answer], size: int) -> list[Answer]:
    """Draw a class from known answers, the same on each call: a third right, the rest wrong, mixed."""
    draw = random.Random(0)
    right = [answer for answer in answers if answer.is_right]
    wrong = [answer for answer in answers if not answer.is_right]
    count = min(len(right), max(1, size // 3))
    chosen = draw.sample(right, count) + draw.sample(wrong, min(len(wrong), size - count))
    draw.shuffle(chosen)
    return chosen


def grade(course: Course, name: str, answers: list[Answer], walls: bool, step: Callable[[str], None]) -> ClassReport:
    """Take answers all the way with nbgrader's own commands: generate, autograde, feedback.

    Parameters
    ----------
    course : Course
        One that `new_course` made.
    name : str
        The assignment.
    answers : list of Answer
        One student each.
    walls : bool
        Whether to run them in walls. Known answers are ours, and need none.
    step : callable
        Called with a sentence before each step, and for each submission that was graded.
    """
    assignment = course.assignment(name)
    step("nbgrader generate_assignment: source/ to release/, without solutions and hidden checks")
    run_nbgrader(course, "generate_assignment", name)
    step(f"A class of {len(answers)}: known answers, handed in to submitted/")
    roster = submit(assignment, answers)
    step("nbgrader autograde: every submission runs in a kernel of its own, and its marks go to gradebook.db")

    def on_line(line: str) -> None:
        for student in roster:
            if "Autograding" in line and f"{os.sep}{student}{os.sep}" in line:
                step(f"  {student}")

    run_nbgrader(course, "autograde", name, f"--ExecuteInSandbox.walls={walls}", on_line=on_line)
    step("nbgrader generate_feedback: one page for each student, in feedback/")
    run_nbgrader(course, "generate_feedback", name)
    return read_class(assignment, f"sqlite:///{course.root / 'gradebook.db'}")


def known_class(assignment: Assignment, size: int) -> list[Answer]:
    """A class of this size, drawn from the assignment's known answers."""
    return sample(read_answers(assignment.answers), size)
