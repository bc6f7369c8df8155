"""A whole class, graded: submissions are looked at here, executed elsewhere, and written here.

The executed notebook is written first, and its marks after it. Each says what it was made from, so whatever moment a run
ends at, the next one finds what is done, and does the rest.
"""

import contextlib
import datetime
import fnmatch
import hashlib
import os
import shutil
import tempfile
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat.v4
from filelock import FileLock, Timeout
from nbformat import NotebookNode
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, SaveAutoGrades
from nbgrader.utils import parse_utc

from course.commands import course_directory
from course.engine import Job, mark
from course.errors import CourseError
from course.execute import ExecuteInSandbox
from course.executors import Executors
from course.gradebook import ClassGradebook, open_gradebook
from course.intake.find import TIMESTAMP, find
from course.intake.notes import Note, Refused, read_notes, refuse
from course.intake.repair import Repair
from course.layout import Assignment, Course
from course.marks import Mark, read_marks
from course.notebooks import METADATA, as_text
from course.release import graded_notebook

UP_TO_DATE = "up to date"
KINDS = ("refused", "timed out", "stopped", "repaired")
# What this module does itself, of nbgrader's steps of autograding.
OURS = (ExecuteInSandbox, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata)


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Parameters
    ----------
    student : str
    folder : Path
    handed_in : datetime or None
        In UTC, without a time zone. None where nobody wrote it down.
    """

    student: str
    folder: Path
    handed_in: datetime.datetime | None


@dataclass(frozen=True)
class Outcome:
    """What became of a submission.

    Parameters
    ----------
    student : str
    kind : str
        "up to date" if there was nothing to do; else "refused", "timed out", "stopped", "repaired" or "graded", whichever
        of these holds first.
    marks : tuple of Mark
    notes : tuple of Note
    before : dict of float, or None
        The marks by check that the gradebook had; None where it had none.
    """

    student: str
    kind: str
    marks: tuple[Mark, ...]
    notes: tuple[Note, ...] = ()
    before: dict[str, float | None] | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        marks = {mark.check: mark.points for mark in self.marks}
        notes = [note.as_dict() for note in self.notes]
        return {"student": self.student, "outcome": self.kind, "points": self.points, "marks": marks, "before": self.before, "notes": notes}

    @property
    def points(self) -> float:
        """All points that the checks gave."""
        return sum(mark.points for mark in self.marks)

    @property
    def changes(self) -> dict[str, tuple[float | None, float]]:
        """The checks whose marks are others than before: before, and now."""
        before = self.before or {}
        return {mark.check: (before.get(mark.check), mark.points) for mark in self.marks if before.get(mark.check) != mark.points}


def grade_class(
    grading: "Grading", submissions: list[Submission], executors: Executors, force: bool = False, dry_run: bool = False
) -> Iterator[Outcome]:
    """Grade submissions, and yield each when it is written. The gradebook is copied first, if anything is to be written.

    Parameters
    ----------
    grading : Grading
    submissions : list of Submission
    executors : Executors
        Where they are marked.
    force : bool
        Whether to mark those again that are up to date.
    dry_run : bool
        Whether to write nothing.

    Raises
    ------
    CourseError
        If somebody else is grading this assignment, or it cannot be done here.
    """
    root, name = grading.assignment.course.root, grading.assignment.name
    lock = FileLock(root / f".grading-{name}.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise CourseError(f"{name} is being graded by another command: wait for it, or end it.") from None
    except OSError as error:
        raise CourseError(f"{root} cannot be written: {error.strerror or error}.") from error
    try:
        url = grading.directory.db_url
        with open_gradebook(url, grading.directory.course_id, create=True) as opened:
            gradebook = ClassGradebook(opened, url)
            if not dry_run:
                gradebook.backup(root / "backups")
                gradebook.synchronise(grading.assignment, grading.graded)
            yield from grading.run(submissions, gradebook, executors, force, dry_run)
    finally:
        lock.release()


class Grading:
    """One assignment of a course, to be graded as `nbgrader_config.py` says.

    Parameters
    ----------
    course : Course
    name : str
        The assignment.
    walls : bool, optional
        Whether submissions run in walls, where that is not as configured.
    """

    def __init__(self, course: Course, name: str, walls: bool | None = None) -> None:
        self.directory = course_directory(course)
        app: Any = self.directory.parent
        self.assignment: Assignment = course.assignment(name)
        execute = ExecuteInSandbox(parent=app)
        self.limits, self.walls = execute.limits, execute.walls if walls is None else walls
        late = AssignLatePenalties(parent=app)
        late.init_plugin()
        self.late_penalty = late.plugin_inst.late_submission_penalty  # type: ignore[attr-defined]
        steps = app.config.Autograde.autograde_preprocessors
        self._steps = [step(parent=app) for step in steps if not issubclass(step, OURS)]
        self.graded = graded_notebook(self.assignment)
        self._repair = Repair(name, self.graded)

    def submissions(self, students: list[str], since: datetime.datetime | None = None) -> list[Submission]:
        """Those that were handed in, by student.

        Parameters
        ----------
        students : list of str
            Names, or patterns such as `a*`; all if there is none.
        since : datetime, optional
            Only those that were handed in at that moment or later, in UTC without a time zone.

        Raises
        ------
        CourseError
            If there are none.
        """
        found = []
        pattern = self.directory.format_path(self.directory.submitted_directory, "{student}", self.assignment.name)
        before, after = pattern.split("{student}")
        folder = Path(before)
        excluded = [name for name in self.directory.student_id_exclude.split(",") if name]
        for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
            path, student = Path(f"{before}{entry.name}{after}"), entry.name
            if not path.is_dir() or student.startswith(".") or student in excluded:
                continue
            if students and not any(fnmatch.fnmatchcase(student, wanted) for wanted in students):
                continue
            submission = Submission(student, path, _handed_in(path / TIMESTAMP))
            if since is None or (submission.handed_in is not None and submission.handed_in >= since):
                found.append(submission)
        if not found:
            chosen = f" of {', '.join(students)}" if students else ""
            since_then = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
            raise CourseError(f"There is no submission of {self.assignment.name}{chosen}{since_then} in {folder}.")
        return found

    def run(
        self,
        submissions: list[Submission],
        gradebook: ClassGradebook,
        executors: Executors,
        force: bool = False,
        dry_run: bool = False,
    ) -> Iterator[Outcome]:
        """The same with a gradebook that is open: nothing else is looked after.

        Parameters
        ----------
        submissions : list of Submission
        gradebook : ClassGradebook
        executors : Executors
        force, dry_run : bool

        Raises
        ------
        CourseError
            If submissions cannot be executed or written here at all.
        """
        known = gradebook.marks(self.assignment)
        tasks = (self._look_at(submission, known.get(submission.student), force) for submission in submissions)
        for task, executed in self._executed(tasks, executors):
            outcome = self._outcome(task, executed)
            if not dry_run and (outcome.changes or outcome.kind != UP_TO_DATE):
                try:
                    self._write(task, executed)
                except OSError as error:
                    folder = self._autograded(task.submission.student).parent
                    text = "Make room or see to the permissions, and run the command again: what was graded so far is kept."
                    raise CourseError(f"{folder} cannot be written: {error.strerror or error}. {text}") from error
                gradebook.save(self.assignment, task.submission.student, executed, task.submission.handed_in, self.late_penalty)
            yield outcome

    def _executed(self, tasks: Iterator["_Task"], executors: Executors) -> Iterator[tuple["_Task", NotebookNode]]:
        """Have workers mark what has to be marked: as many at once as they are, and as many more that wait."""
        running: dict[Future[NotebookNode], _Task] = {}
        suspects: list[_Task] = []
        try:
            while True:
                while len(running) < 2 * executors.width and (task := next(tasks, None)) is not None:
                    if task.done is not None:
                        yield task, task.done
                    else:
                        running[executors.submit(mark, task.job)] = task
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    task = running.pop(future)
                    if isinstance(future.exception(), BrokenProcessPool):  # one of those that ran ended its worker
                        suspects.append(task)
                    else:
                        yield task, self._result(task, future)
            for task in suspects:  # one after the other, so that it shows which
                yield task, self._result(task, executors.submit(mark, task.job))
        finally:
            for future in running:
                future.cancel()

    def _result(self, task: "_Task", future: Future[NotebookNode]) -> NotebookNode:
        """What a worker made of a submission, or what stands for one that our own side could not mark.

        Raises
        ------
        CourseError
            If nothing can be marked there.
        """
        try:
            return future.result()
        except CourseError:
            raise
        except Exception as error:
            text = "This submission could not be graded, which is no mistake of yours. It needs review."
            return refuse(task.notebook, Note("refused", text, "".join(traceback.format_exception(error))[-2000:]))

    def _look_at(self, submission: Submission, before: dict[str, float | None] | None, force: bool) -> "_Task":
        """Find and repair a submission, or refuse it; and find out whether it has been marked already."""
        task = _Task(submission, before)
        try:
            found = find(submission.folder, self.assignment.source.name, self.limits.tmpfs, self.limits.file_size)
            task.notebook, task.files = self._repair.repair(found.notebook), found.files
        except Refused as refused:
            task.notebook = self._repair.refused(refused.note)
        except OSError as error:
            raise CourseError(f"{submission.folder} cannot be read: {error.strerror or error}.") from error
        else:
            task.notebook.metadata[METADATA]["notes"][:0] = [note.as_dict() for note in found.notes]
            task.job = Job(self.assignment.name, self.graded, task.notebook, task.files, self.limits, self.walls)
        task.key = _key(as_text(task.notebook), task.files, self.limits.as_dict(), self.walls)
        if not force:
            with contextlib.suppress(OSError, ValueError, AttributeError, KeyError):
                executed = nbformat.v4.reads(self._autograded(submission.student).read_text(encoding="utf-8"))
                if executed.metadata[METADATA].key == task.key:
                    task.done, task.is_new = executed, False
        if task.done is None and task.job is None:
            task.done = task.notebook
        return task

    def _outcome(self, task: "_Task", executed: NotebookNode) -> Outcome:
        if task.is_new:
            resources = {"nbgrader": {"student": task.submission.student, "assignment": self.assignment.name}}
            for step in self._steps:
                executed, _ = step(executed, resources)
            executed.metadata[METADATA]["key"] = task.key
        notes = tuple(read_notes(executed))
        kinds = {note.kind for note in notes}
        kind = next((kind for kind in KINDS if kind in kinds), "graded") if task.is_new else UP_TO_DATE
        return Outcome(task.submission.student, kind, tuple(read_marks(executed)), notes, task.before)

    def _write(self, task: "_Task", executed: NotebookNode) -> None:
        """Write what nbgrader keeps of a graded submission: each file whole or not at all, and the notebook last."""
        notebook = self._autograded(task.submission.student)
        folder = notebook.parent
        folder.mkdir(parents=True, exist_ok=True)
        stale = {path for path in folder.rglob("*") if path.is_file() or path.is_symlink()} - {notebook}
        for name, content in [*task.files.items(), (notebook.name, as_text(executed).encode())]:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
            stale.discard(path)
        for path in stale:
            path.unlink()

    def _autograded(self, student: str) -> Path:
        folder = self.directory.format_path(self.directory.autograded_directory, student, self.assignment.name)
        return Path(folder) / self.assignment.source.name


@dataclass
class _Task:
    submission: Submission
    before: dict[str, float | None] | None
    notebook: NotebookNode = field(default_factory=NotebookNode)
    files: dict[str, bytes] = field(default_factory=dict)
    job: Job | None = None  # None for one that is refused
    key: str = ""  # what it is made of
    done: NotebookNode | None = None  # what needs no worker
    is_new: bool = True


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _handed_in(path: Path) -> datetime.datetime | None:
    """The moment in nbgrader's file of it. (nbgrader's own reader follows links, and ends the program at a bad one.)"""
    with contextlib.suppress(OSError, ValueError):
        if not path.is_symlink() and path.is_file():
            return parse_utc(path.read_text(encoding="utf-8").strip())
    return None


def _replace(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(name, 0o444)  # as nbgrader leaves what it graded
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
