"""A class in one picture: marks, pass rates of the checks, and the mistakes behind them."""

import base64
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import jinja2
from matplotlib.figure import Figure
from nbgrader.api import Gradebook, MissingEntry
from rich.table import Table

from course.errors import CourseError
from course.layout import Assignment
from course.marks import Mark, read_marks
from course.notebooks import read_notebook


@dataclass(frozen=True)
class Graded:
    """One student's marks.

    Parameters
    ----------
    student : str
    score : float
        As the gradebook has it, manual marks and penalties included.
    marks : tuple of Mark
        One for each check.
    """

    student: str
    score: float
    marks: tuple[Mark, ...]

    @property
    def mistakes(self) -> list[str]:
        """The mistakes that the failed checks name, each once, in order."""
        return list(dict.fromkeys(mark.mistake for mark in self.marks if not mark.passed))


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
    """

    assignment: str
    maximum: float
    students: tuple[Graded, ...]

    @property
    def pass_rates(self) -> dict[str, float]:
        """For each check, the fraction of students who passed it."""
        passed: Counter[str] = Counter()
        for student in self.students:
            passed.update({mark.check: int(mark.passed) for mark in student.marks})
        return {check: count / len(self.students) for check, count in passed.items()}

    @property
    def mistakes(self) -> list[tuple[str, int]]:
        """Each mistake with the number of students who made it, the most frequent first."""
        counts = Counter(mistake for student in self.students for mistake in student.mistakes)
        return counts.most_common()


def read_class(assignment: Assignment, database: str) -> ClassReport:
    """Read the marks of a class: scores from the gradebook, sentences from the autograded notebooks.

    Parameters
    ----------
    assignment : Assignment
    database : str
        The gradebook's address, as nbgrader's `CourseDirectory.db_url`.

    Raises
    ------
    CourseError
        If nothing of this assignment was graded.
    """
    students = []
    with Gradebook(database) as gradebook:
        try:
            submissions = gradebook.assignment_submissions(assignment.name)
        except MissingEntry:
            submissions = []
        for submission in submissions:
            notebook = assignment.autograded(submission.student.id)
            if notebook.exists():
                marks = tuple(read_marks(read_notebook(notebook)))
                students.append(Graded(submission.student.id, submission.score, marks))
        maximum = gradebook.find_assignment(assignment.name).max_score or 0.0 if students else 0.0
    if not students:
        raise CourseError(f"Nothing of {assignment.name} is graded yet. Run: nbgrader autograde {assignment.name}")
    return ClassReport(assignment.name, maximum, tuple(sorted(students, key=lambda graded: graded.student)))


def as_table(report: ClassReport) -> Table:
    """The class as a table for a terminal: a line for each student."""
    table = Table("student", "marks", "what was found", title=f"{report.assignment}: {len(report.students)} students")
    for student in report.students:
        table.add_row(student.student, f"{student.score:g}/{report.maximum:g}", " ".join(student.mistakes) or "all right")
    return table


def draw(report: ClassReport) -> Figure:
    """Draw the class: marks per student, pass rate per check, students per mistake."""
    panels: dict[str, dict[str, float]] = {
        "Marks per student": {graded.student: graded.score for graded in report.students},
        "Pass rate per check (%)": {check: 100 * rate for check, rate in report.pass_rates.items()},
        "Students per mistake": {mistake: float(count) for mistake, count in report.mistakes},
    }
    heights = [max(len(bars), 1) + 2.0 for bars in panels.values()]
    figure = Figure(figsize=(9, 0.28 * sum(heights)), layout="constrained", facecolor="white")
    axes = figure.subplots(len(panels), 1, height_ratios=heights)
    for ax, (title, bars) in zip(axes, panels.items(), strict=True):
        drawn = ax.barh(list(bars), list(bars.values()), color="#56B4E9", edgecolor="black", linewidth=0.8)
        ax.bar_label(drawn, fmt="%.3g", padding=3, fontsize=9)
        ax.set_title(title, loc="left", fontsize=11)
        ax.tick_params(labelsize=9)
        ax.invert_yaxis()
        ax.margins(x=0.08)
        ax.xaxis.set_visible(False)
        ax.spines[["top", "right", "bottom"]].set_visible(False)
    return figure


def write(report: ClassReport, folder: Path) -> tuple[Path, Path]:
    """Write the chart as `class.png`, and chart and table as one self-contained page, `class.html`.

    Returns
    -------
    tuple of Path
        The picture and the page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture = io.BytesIO()
    draw(report).savefig(picture, format="png", dpi=150)
    png, html = folder / "class.png", folder / "class.html"
    png.write_bytes(picture.getvalue())
    templates = jinja2.Environment(loader=jinja2.PackageLoader("course"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    chart = base64.b64encode(picture.getvalue()).decode()
    html.write_text(templates.get_template("class.html").render(report=report, chart=chart), encoding="utf-8")
    return png, html
