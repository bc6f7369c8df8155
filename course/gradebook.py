"""The marks of a class in nbgrader's gradebook: one commit for each submission, and nothing that a person wrote is touched."""

import contextlib
import datetime
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy
from nbformat import NotebookNode
from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Grade, Gradebook, InvalidEntry, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.utils import compute_checksum, determine_grade, is_task
from sqlalchemy.engine import make_url
from sqlalchemy.orm import selectinload

from course.errors import CourseError
from course.layout import Assignment
from course.marks import read_marks
from course.notebooks import grade_settings, is_check
from course.release import generate

KEPT = 10  # backups


class ClassGradebook:
    """nbgrader's gradebook, as the coordinator of a class writes it.

    Parameters
    ----------
    gradebook : Gradebook
    url : str
        As nbgrader's `CourseDirectory.db_url`: SQLite or PostgreSQL.
    """

    def __init__(self, gradebook: Gradebook, url: str) -> None:
        self._gradebook, self.url = gradebook, url

    def backup(self, folder: Path) -> Path | None:
        """Copy the database, if it is a file, and keep the last ten copies.

        Returns
        -------
        Path or None
            The copy. None where the database is a server's, which has its own tools (`pg_dump`).
        """
        path = make_url(self.url).database
        if not self.url.startswith("sqlite") or not path:
            return None
        folder.mkdir(exist_ok=True)
        copy = folder / f"gradebook-{datetime.datetime.now():%Y%m%d-%H%M%S-%f}.db"
        with contextlib.closing(sqlite3.connect(path)) as database, contextlib.closing(sqlite3.connect(copy)) as target:
            database.backup(target)
        for old in sorted(folder.glob("gradebook-*.db"))[:-KEPT]:
            old.unlink()
        return copy

    def synchronise(self, assignment: Assignment, graded: NotebookNode) -> None:
        """See to it that the gradebook knows the assignment as its source is now, with nbgrader's own `generate_assignment`.

        Raises
        ------
        CourseError
            If cells were added, removed or renamed since there are submissions: nbgrader keeps marks by cell.
        """
        wanted = {grade_settings(cell).grade_id: float(grade_settings(cell).points) for cell in graded.cells if is_check(cell)}
        known: dict[str, float] = {}
        checks: dict[str, str] = {}
        has_marks = False
        with contextlib.suppress(MissingEntry):
            notebook = self._gradebook.find_notebook(assignment.source.stem, assignment.name)
            known = {cell.name: cell.max_score for cell in notebook.grade_cells}
            checks = {cell.name: cell.source for cell in notebook.source_cells}
            has_marks = bool(notebook.submissions)
        self._gradebook.db.rollback()
        sources = {grade_settings(cell).grade_id: cell.source for cell in graded.cells if is_check(cell)}
        if known == wanted and all(checks.get(name) == source for name, source in sources.items()):
            return
        if has_marks and set(known) != set(wanted):
            changed = ", ".join(sorted(set(known) ^ set(wanted)))
            text = "was added, removed or renamed, and there are marks already: give the check its name back, or make a new assignment."
            raise CourseError(f"{assignment.name}: {changed} {text}")
        generate(assignment, f"--CourseDirectory.db_url={self.url}")

    def marks(self, assignment: Assignment) -> dict[str, dict[str, float | None]]:
        """The marks that were computed, by student and by check."""
        query = (
            sqlalchemy.select(SubmittedAssignment)
            .join(AssignmentRow)
            .where(AssignmentRow.name == assignment.name)
            .options(selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades).joinedload(Grade.cell))
        )
        rows = self._gradebook.db.execute(query).unique().scalars().all()
        found = {str(row.student_id): {grade.name: grade.auto_score for one in row.notebooks for grade in one.grades} for row in rows}
        self._gradebook.db.rollback()
        return found

    def save(
        self,
        assignment: Assignment,
        student: str,
        executed: NotebookNode,
        handed_in: datetime.datetime | None,
        late_penalty: Callable[[str, float, float], float | None],
    ) -> None:
        """Write the marks of one submission, in one commit, as nbgrader's `SaveAutoGrades` would.

        Parameters
        ----------
        assignment : Assignment
        student : str
        executed : NotebookNode
        handed_in : datetime or None
            The moment of submission in UTC, without a time zone.
        late_penalty : callable
            nbgrader's plugin: of the student, the score and the seconds late.
        """
        name = assignment.source.stem
        try:
            submission = self._submission(assignment.name, student, handed_in)
        except InvalidEntry:  # somebody else, who grades another assignment, was just adding this student
            submission = self._submission(assignment.name, student, handed_in)
        [notebook] = [one for one in submission.notebooks if one.name == name]
        marks = {mark.check: mark for mark in read_marks(executed)}
        cells = {grade_settings(cell).grade_id: cell for cell in executed.cells if grade_settings(cell)}
        for grade in notebook.grades:
            grade.auto_score = determine_grade(cells[grade.name])[0]
            # As nbgrader does: what a person once changed is to be looked at again. So is what no check could judge.
            unclear = grade.name in marks and marks[grade.name].needs_review
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None or unclear
        for comment in notebook.comments:
            cell = cells[comment.name]
            untouched = grade_settings(cell).get("checksum") == compute_checksum(cell) and not is_task(cell)
            comment.auto_comment = "No response." if untouched else None
        notebook.late_submission_penalty = None
        if submission.total_seconds_late > 0:
            penalty = late_penalty(student, notebook.score, submission.total_seconds_late)
            notebook.late_submission_penalty = None if penalty is None else min(max(penalty, 0), notebook.score)
        self._gradebook.db.commit()

    def _submission(self, assignment: str, student: str, handed_in: datetime.datetime | None) -> SubmittedAssignment:
        self._gradebook.update_or_create_student(student)
        when: dict[str, Any] = {"timestamp": handed_in} if handed_in else {}
        with warnings.catch_warnings():  # nbgrader reads rows that it has not added yet (`Gradebook.add_submission`)
            warnings.filterwarnings("ignore", "Object of type .* not in session", sqlalchemy.exc.SAWarning)
            return self._gradebook.update_or_create_submission(assignment, student, **when)


@contextlib.contextmanager
def open_gradebook(url: str, course_id: str = "", create: bool = False) -> Iterator[Gradebook]:
    """Open a gradebook.

    Parameters
    ----------
    url : str
        As nbgrader's `CourseDirectory.db_url`.
    course_id : str
    create : bool
        Whether to make one where there is none.

    Raises
    ------
    CourseError
        If there is none, or it cannot be read or written, with what to do. What was not committed is as it was.
    """
    address = make_url(url)
    where = address.render_as_string(hide_password=True)
    if not create and url.startswith("sqlite") and not Path(address.database or "").exists():  # nbgrader would make an empty one
        raise CourseError(f"There is no gradebook {address.database}: grade something first.")
    try:
        with _connected(url, course_id) as gradebook:
            yield gradebook
    except (sqlalchemy.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise CourseError(f"The gradebook {where} {_advice(str(getattr(error, 'orig', None) or error))}") from error


def _connected(url: str, course_id: str) -> Gradebook:
    try:
        return Gradebook(url, course_id)
    except (sqlalchemy.exc.ProgrammingError, sqlalchemy.exc.IntegrityError):
        return Gradebook(url, course_id)  # somebody else was just making its tables


def final_score(submission: SubmittedAssignment) -> float:
    """The marks of a submission as they count: manual marks and extra credit included, and the penalty for lateness taken off."""
    return max(0.0, (submission.score or 0.0) - (submission.late_submission_penalty or 0.0))


def is_marked(submission: SubmittedAssignment) -> bool:
    """Whether anything of a submission has marks: an extension makes a submission too, before anything is handed in."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return any(grade.auto_score is not None or grade.manual_score is not None for grade in grades)


def _advice(said: str) -> str:
    sentences = {
        "locked": "is being written by somebody else: wait until they are done, and run the command again.",
        "readonly": "cannot be written: see to the permissions of the file and its folder.",
        "unable to open": "cannot be opened: see to the folder, its permissions, and CourseDirectory.db_url.",
        "not a database": "is damaged or no database: put a copy from backups/ in its place.",
        "malformed": "is damaged: put a copy from backups/ in its place.",
        "disk is full": "cannot grow: the disk is full. Make room, and run the command again.",
        "no such column": "was made by another nbgrader: make a copy of it, and run nbgrader db upgrade.",
        "no such table": "is no gradebook: see to CourseDirectory.db_url.",
        "connection": "does not answer: see to the server, and CourseDirectory.db_url.",
    }
    first = (said.splitlines() or [""])[0][:200]
    return next((text for words, text in sentences.items() if words in said.lower()), f"failed: {first}.")
