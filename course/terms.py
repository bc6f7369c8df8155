"""Real terms: an extension for one student, a penalty for each late day, and everything about a student deleted."""

import shutil
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

from course.errors import CourseError
from course.gradebook import open_gradebook


class PenaltyPerDay(LateSubmissionPlugin):
    """For nbgrader's `AssignLatePenalties.plugin_class`: a part of the marks for each day that begins after the deadline."""

    percent = Float(10.0, help="Of the submission's marks, for each day.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        """The marks to take off: all of them at most."""
        days = -(-total_seconds_late // 86400)
        return min(score, score * days * self.percent / 100)


def extend(directory: CourseDirectory, assignment: str, student: str, days: float) -> str:
    """Give one student more time, from the deadline on. 0 takes an extension back. nbgrader has this in its Python API alone.

    Parameters
    ----------
    directory : CourseDirectory
    assignment, student : str
    days : float

    Returns
    -------
    str
        Until when, in a sentence.

    Raises
    ------
    CourseError
        If there is no such assignment or student in the gradebook, or no deadline.
    """
    with open_gradebook(directory.db_url) as gradebook:
        try:
            gradebook.find_student(student)
            due = gradebook.find_assignment(assignment).duedate
        except MissingEntry as error:
            raise CourseError(f"{error} in the gradebook: see nbgrader db student list, and nbgrader db assignment list.") from None
        if due is None:
            raise CourseError(f'{assignment} has no deadline: set one with nbgrader db assignment add {assignment} --duedate "..."')
        with gradebook.db.no_autoflush:  # SQLAlchemy warns of nbgrader's order of things
            gradebook.update_or_create_submission(assignment, student)  # they may have handed in nothing yet
        gradebook.grant_extension(assignment, student, days=days)
        until = gradebook.find_submission(assignment, student).duedate
    return f"{student} has until {until:%Y-%m-%d %H:%M} UTC for {assignment}."


def forget(directory: CourseDirectory, student: str) -> list[Path]:
    """Delete a student's entries in the gradebook, and their folders.

    Parameters
    ----------
    directory : CourseDirectory
    student : str

    Returns
    -------
    list of Path
        What else in the course may still name them: the reports, exports and backups that are there.

    Raises
    ------
    CourseError
        If nothing is known of them.
    """
    folders = student_folders(directory, student)
    with open_gradebook(directory.db_url) as gradebook:
        known = _is_known(gradebook, student)
        if not known and not folders:
            raise CourseError(f"Nothing is known of a student {student!r}: see nbgrader db student list.")
        if known:
            gradebook.remove_student(student)
    for folder in folders:
        for path in (folder, *folder.rglob("*")):  # nbgrader makes autograded files read-only
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o700)
        shutil.rmtree(folder)
    root = Path(directory.root)
    return sorted(path for pattern in ("reports", "backups", "*.csv", "downloaded", ".nbgrader.log") for path in root.glob(pattern))


def student_folders(directory: CourseDirectory, student: str) -> list[Path]:
    """The folders of a student in the course: what was handed in, marked and told."""
    steps = (directory.submitted_directory, directory.autograded_directory, directory.feedback_directory)
    parents = [Path(directory.format_path(step, ".", ".")).resolve() for step in steps]
    return [entry for parent in parents if parent.is_dir() for entry in parent.iterdir() if entry.name == student and entry.is_dir()]


def _is_known(gradebook: Gradebook, student: str) -> bool:
    return any(str(one.id) == student for one in gradebook.students)
