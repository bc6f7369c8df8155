"""nbgrader, used on a course: its commands, its configuration and its gradebook."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from course.errors import CourseError
from course.layout import Course

ERROR_LINE = re.compile(r"^\[\w+ \| (?:ERROR|CRITICAL)\] (?P<text>.+)$")


def run_nbgrader(course: Course, *arguments: str, on_line: Callable[[str], None] = lambda line: None) -> list[str]:
    """Run `nbgrader ARGUMENTS` in a course.

    Parameters
    ----------
    course : Course
    *arguments : str
        As on the command line.
    on_line : callable
        Called with each line of the log as it comes.

    Returns
    -------
    list[str]
        The lines of its log.

    Raises
    ------
    CourseError
        If it ends with another exit code than 0, with the errors that it logged.
    """
    command = [sys.executable, "-m", "nbgrader", *arguments]
    lines = []
    with subprocess.Popen(
        command, cwd=course.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            on_line(lines[-1])
    if process.returncode:
        errors = [match["text"] for line in lines if (match := ERROR_LINE.match(line)) and "Traceback" not in line]
        details = "\n".join(errors or lines[-5:])
        raise CourseError(f"nbgrader {' '.join(arguments)} failed in {course.root}:\n{details}")
    return lines


def course_directory(course: Course) -> CourseDirectory:
    """The course as nbgrader sees it: folders and gradebook as `nbgrader_config.py` sets them."""
    with contextlib.chdir(course.root):
        app = NbGrader()
        app.load_config_file()
    return CourseDirectory(parent=app, root=str(course.root))


@contextlib.contextmanager
def open_gradebook(database: str) -> Iterator[Gradebook]:
    """Open a gradebook that is there already.

    Parameters
    ----------
    database : str
        Its address, as nbgrader's `CourseDirectory.db_url`.

    Raises
    ------
    CourseError
        If there is none, or it cannot be read.
    """
    url = make_url(database)
    if url.drivername.startswith("sqlite") and not Path(url.database or "").exists():  # nbgrader would make an empty one
        raise CourseError(f"There is no gradebook {url.database}: grade something first.")
    where = url.render_as_string(hide_password=True)
    try:
        with Gradebook(database) as gradebook:
            yield gradebook
    except SQLAlchemyError as error:
        raise CourseError(f"The gradebook {where} cannot be read: {str(error).splitlines()[0]}") from error


def final_score(submission: SubmittedAssignment) -> float:
    """The marks of a submission as they count: manual marks and extra credit included, and the penalty for lateness taken off."""
    return max(0.0, (submission.score or 0.0) - (submission.late_submission_penalty or 0.0))


def is_marked(submission: SubmittedAssignment) -> bool:
    """Whether anything of a submission has marks: an extension makes a submission too, before anything is handed in."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return any(grade.auto_score is not None or grade.manual_score is not None for grade in grades)
