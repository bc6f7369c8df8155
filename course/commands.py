"""nbgrader, used on a course: its commands, its configuration and its gradebook."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable

from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory

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
