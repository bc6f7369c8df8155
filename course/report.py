"""A class on one page and in one table: marks, checks, misconceptions, whom to look at, and what marking took."""

import base64
import dataclasses
import io
import random
import statistics
import textwrap
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import defusedcsv.csv as csv  # a cell that a spreadsheet would compute becomes text
import jinja2
import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from rich.markup import escape
from rich.table import Table

from course.errors import CourseError
from course.gradebook import final_score, open_gradebook
from course.intake.notes import read_notes
from course.layout import Assignment
from course.marks import Mark, read_marks
from course.notebooks import METADATA, read_notebook

STYLE: dict[str, Any] = {"color": "0.75", "edgecolor": "black", "linewidth": 0.8}  # for a printer without colours
PHASES = {"cells": "the student's cells", "checks": "the checks", "all": "everything"}


@dataclass(frozen=True)
class Graded:
    """One student's marks.

    Parameters
    ----------
    student : str
    score : float
        As the gradebook has it, manual marks, extra credit and penalties included.
    marks : tuple of Mark
        One for each check.
    looks : tuple of (str, str)
        Why a person should look at it: a kind that can be counted, and details.
    seconds : dict[str, float]
        What marking it took, for each phase.
    """

    student: str
    score: float
    marks: tuple[Mark, ...] = ()
    looks: tuple[tuple[str, str], ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def mistakes(self) -> list[str]:
        """The mistakes that the failed checks name, each once, in order."""
        return list(dict.fromkeys(mark.mistake for mark in self.marks if not mark.passed))


@dataclass(frozen=True)
class Misconception:
    """A mistake of several students.

    Parameters
    ----------
    mistake : str
    students : int
        How many made it.
    section : str
        The section of the notebook that teaches it, as the checks say.
    """

    mistake: str
    students: int
    section: str


@dataclass(frozen=True)
class ClassReport:
    """The marks of a class on one assignment.

    Parameters
    ----------
    assignment : str
    maximum : float
        The points of the assignment.
    students : tuple of Graded
        In the order of their ids.
    unmarked : tuple of str
        Who handed in, and has no marks.
    """

    assignment: str
    maximum: float
    students: tuple[Graded, ...]
    unmarked: tuple[str, ...] = ()

    @property
    def scores(self) -> list[float]:
        """All scores, from the lowest."""
        return sorted(graded.score for graded in self.students)

    @property
    def checks(self) -> dict[str, tuple[str, float]]:
        """For each check, what it looks at, and the fraction of students who passed it."""
        marks = [mark for graded in self.students for mark in graded.marks]
        passed = Counter(mark.check for mark in marks if mark.passed)
        counts = Counter(mark.check for mark in marks)
        return {mark.check: (mark.about, passed[mark.check] / counts[mark.check]) for mark in marks}

    @property
    def mistakes(self) -> list[Misconception]:
        """Each mistake with the number of students who made it, the most frequent first."""
        counts = Counter(mistake for graded in self.students for mistake in graded.mistakes)
        sections = {mark.mistake: mark.section for graded in self.students for mark in graded.marks if not mark.passed}
        return [Misconception(mistake, count, sections[mistake]) for mistake, count in counts.most_common()]

    @property
    def seconds(self) -> dict[str, tuple[float, float, float]]:
        """For each phase of marking: the median, the longest and the sum over the class."""
        times = {name: [graded.seconds[phase] for graded in self.students if phase in graded.seconds] for phase, name in PHASES.items()}
        return {name: (statistics.median(some), max(some), sum(some)) for name, some in times.items() if some}

    def anonymous(self) -> "ClassReport":
        """The same, to be shared: numbers in a random order for names, and no details that could name somebody."""
        mixed = random.SystemRandom().sample(self.students, len(self.students))
        names = [f"student {number}" for number in range(1, len(mixed) + 1)]
        students = tuple(
            dataclasses.replace(graded, student=name, looks=tuple((kind, "") for kind, _ in graded.looks))
            for name, graded in zip(names, mixed, strict=True)
        )
        return dataclasses.replace(self, students=students, unmarked=("somebody",) * len(self.unmarked))


def read_class(assignment: Assignment, database: str) -> ClassReport:
    """Read the marks of a class: scores from the gradebook, sentences and what happened from the autograded notebooks.

    Parameters
    ----------
    assignment : Assignment
    database : str
        The gradebook's address, as nbgrader's `CourseDirectory.db_url`.

    Raises
    ------
    CourseError
        If nothing of this assignment was graded, or the gradebook cannot be read.
    """
    with open_gradebook(database) as gradebook:
        graded = [_read_student(assignment, submission) for submission in _submissions(gradebook, assignment)]
        students = sorted((student for student in graded if student), key=lambda student: student.student)
        maximum = gradebook.find_assignment(assignment.name).max_score or 0.0 if students else 0.0
    if not students:
        raise CourseError(f"Nothing of {assignment.name} is graded yet. Run: nnx-course grade {assignment.name}")
    handed_in = {path.parent.name for path in (assignment.course.root / "submitted").glob(f"*/{assignment.name}")}
    unmarked = sorted(handed_in - {student.student for student in students})
    return ClassReport(assignment.name, maximum, tuple(students), tuple(unmarked))


def _submissions(gradebook: Gradebook, assignment: Assignment) -> list[SubmittedAssignment]:
    try:
        return gradebook.assignment_submissions(assignment.name)
    except MissingEntry:
        return []


def _read_student(assignment: Assignment, submission: SubmittedAssignment) -> Graded | None:
    path = assignment.autograded(submission.student.id)
    if not path.exists():
        return None
    notebook = read_notebook(path)
    marks = tuple(read_marks(notebook))
    score = final_score(submission)
    looks = (*_looks(notebook, marks), *_looks_of_graders(submission))
    return Graded(submission.student.id, score, marks, looks, dict(notebook.metadata.get(METADATA, {}).get("seconds", {})))


def _looks(notebook: NotebookNode, marks: tuple[Mark, ...]) -> list[tuple[str, str]]:
    """Why somebody should look, as the autograded notebook says."""
    run = notebook.metadata.get(METADATA, {})
    looks = [(note.kind, note.detail or note.text) for note in read_notes(notebook)]
    if run.get("stopped") and not {"stopped", "timed out"} & {kind for kind, _ in looks}:
        looks.append(("stopped", run["stopped"]))
    if run.get("walls") is False:
        looks.append(("no walls", "It ran with the rights of who marked it."))
    unclear = [mark for mark in marks if mark.needs_review and not mark.sentence.startswith("NotRun")]  # a note says why it did not run
    return looks + [("check to review", f"{mark.check}: {mark.mistake}") for mark in unclear]


def _looks_of_graders(submission: SubmittedAssignment) -> list[tuple[str, str]]:
    looks = []
    if submission.needs_manual_grade:
        looks.append(("to be graded by hand", "A cell waits for marks in the Formgrader."))
    if any(notebook.flagged for notebook in submission.notebooks):
        looks.append(("flagged", "A grader flagged it in the Formgrader."))
    return looks


def as_table(report: ClassReport) -> Table:
    """The class as a table for a terminal: a line for each student."""
    table = Table("student", "marks", "what was found", title=f"{report.assignment}: {len(report.students)} students")
    for student in report.students:
        table.add_row(escape(student.student), f"{student.score:g}/{report.maximum:g}", escape(" ".join(student.mistakes)) or "all right")
    return table


def write(report: ClassReport, folder: Path) -> tuple[Path, Path]:
    """Write a self-contained page and a CSV file, named after the assignment.

    Returns
    -------
    tuple of Path
        The page and the CSV file.

    Raises
    ------
    CourseError
        If the folder cannot be written to.
    """
    templates = jinja2.Environment(loader=jinja2.PackageLoader("course"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    pictures = {
        "marks": _picture(_draw_marks, report),
        "checks": _picture(_draw_checks, report),
        "mistakes": _picture(_draw_mistakes, report),
    }
    text = templates.get_template("class.html").render(report=report, pictures=pictures, median=statistics.median(report.scores))
    page, table = folder / f"{report.assignment}.html", folder / f"{report.assignment}.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_rows(report))
    except OSError as error:
        raise CourseError(f"{folder} cannot be written to: {error.strerror}.") from error
    return page, table


def _rows(report: ClassReport) -> list[list[str | float]]:
    checks = list(report.checks)
    rows: list[list[str | float]] = [
        ["student", "marks", "maximum", *checks, "mistakes", "needs a look", *(f"seconds: {name}" for name in PHASES)]
    ]
    for graded in report.students:
        points = {mark.check: mark.points for mark in graded.marks}
        looks = "; ".join(f"{kind} ({details})" if details else kind for kind, details in graded.looks)
        seconds = [graded.seconds.get(phase, "") for phase in PHASES]
        rows.append(
            [
                graded.student,
                graded.score,
                report.maximum,
                *(points.get(check, "") for check in checks),
                " ".join(graded.mistakes),
                looks,
                *seconds,
            ]
        )
    return rows


def _picture(draw: Callable[[Axes, ClassReport], float], report: ClassReport) -> str:
    """A drawing as SVG, in base64: text stays sharp on paper and on a phone."""
    with matplotlib.rc_context({"svg.hashsalt": "course", "font.size": 10}):
        figure = Figure(layout="constrained", facecolor="white")
        figure.set_size_inches(7.5, draw(figure.subplots(), report))
        for ax in figure.axes:
            ax.spines[["top", "right"]].set_visible(False)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return base64.b64encode(file.getvalue()).decode()


def _draw_marks(ax: Axes, report: ClassReport) -> float:
    width = max(1.0, report.maximum / 20)
    top = max(report.maximum, report.scores[-1])  # extra credit goes beyond
    edges = [width * (index - 0.5) for index in range(int(top / width) + 3)]
    counts, _ = np.histogram(report.scores, edges)
    bars = ax.bar(edges[:-1], counts, width, align="edge", **STYLE)
    ax.bar_label(bars, [f"{count}" if count else "" for count in counts])
    ax.set(xlabel=f"marks, of {report.maximum:g}", ylabel="students", xlim=(-width, top + width))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return 3.0


def _draw_checks(ax: Axes, report: ClassReport) -> float:
    checks = report.checks
    bars = ax.barh(list(checks), [100 * rate for _, rate in checks.values()], **STYLE)
    ax.bar_label(bars, fmt="%.0f %%", padding=3)
    ax.set(xlim=(0, 112), xlabel="passed by % of the class")
    ax.invert_yaxis()
    return 0.8 + 0.35 * len(checks)


def _draw_mistakes(ax: Axes, report: ClassReport) -> float:
    shown = report.mistakes[:12]
    labels = [textwrap.fill(f"{number}. {mistake.mistake}", 46) for number, mistake in enumerate(shown, 1)]
    bars = ax.barh(labels, [mistake.students for mistake in shown], **STYLE)
    ax.bar_label(bars, padding=3)
    ax.set(xlabel="students")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(x=0.1)
    ax.invert_yaxis()
    return 0.8 + 0.45 * max(1, len(shown))
