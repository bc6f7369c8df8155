"""How nbgrader executes a submission here: student's cells in a warm, walled kernel, and checks in the examiner.

`nbgrader_config.py` puts it in the place of nbgrader's own.
"""

from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Integer

from course.engine import Job, mark, workers
from course.errors import CourseError
from course.executors import Executors
from course.intake.find import other_files
from course.intake.notes import Refused, read_notes, refuse
from course.intake.repair import Repair
from course.layout import Course
from course.release import graded_notebook
from course.sandbox.limits import Limits
from course.sandbox.server import environment_fingerprint

DEFAULTS = Limits()


class RepairSubmission(NbGraderPreprocessor):
    """The first step of `nbgrader autograde`: what is graded is made anew from the source and what the student wrote.

    One that cannot be graded becomes the release, with a note: it gets no points, and stops nobody.
    """

    def preprocess(self, nb: NotebookNode, resources: Any = None) -> tuple[NotebookNode, dict[str, Any]]:
        root = Path(self.parent.parent.coursedir.root)  # type: ignore[union-attr]  # the exporter's converter
        assignment = Course(root).assignment(resources["nbgrader"]["assignment"])
        repair = Repair(assignment.name, graded_notebook(assignment))
        try:
            return repair.repair(nb), resources
        except Refused as refused:
            return repair.refused(refused.note), resources


class ExecuteInSandbox(Execute):
    """Run a submission's cells in a child of the fork server, and its checks outside of it.

    Bounds are traits; `timeout` (per cell) is nbgrader's own.
    """

    walls = Bool(True, help="Run submissions in walls. Without, students' code has all the rights of this process.").tag(config=True)
    submission_seconds = Integer(DEFAULTS.submission, help="Wall time for a whole submission.").tag(config=True)
    call_seconds = Integer(DEFAULTS.call, help="Wall time for one call of a student's function by a check.").tag(config=True)
    cpu_seconds = Integer(DEFAULTS.cpu, help="Processor time for a whole submission.").tag(config=True)
    memory = Integer(DEFAULTS.memory, help="Address space in bytes. JAX takes 1.75 GB before it computes anything.").tag(config=True)
    call_memory = Integer(DEFAULTS.call_memory, help="Address space in bytes during such a call.").tag(config=True)
    disk = Integer(DEFAULTS.tmpfs, help="Bytes of files that a submission may write.").tag(config=True)
    file_size = Integer(DEFAULTS.file_size, help="Bytes of one file.").tag(config=True)
    open_files = Integer(DEFAULTS.files, help="Open files.").tag(config=True)
    output_bytes = Integer(DEFAULTS.output, help="Bytes of output kept of one cell; the rest is cut.").tag(config=True)

    @property
    def limits(self) -> Limits:
        """The traits as limits."""
        return Limits(
            memory=self.memory,
            cpu=self.cpu_seconds,
            call=self.call_seconds,
            call_memory=self.call_memory,
            cell=self.timeout or self.submission_seconds,
            submission=self.submission_seconds,
            output=self.output_bytes,
            tmpfs=self.disk,
            file_size=self.file_size,
            files=self.open_files,
        )

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, dict[str, Any]]:
        """Execute a notebook, in place, and write into its metadata how that went.

        Raises
        ------
        SystemExit
            If there are no walls here: not one submission is to run then, and the text says what to do.
        """
        if refused := next((note for note in read_notes(nb) if note.kind == "refused"), None):
            return refuse(nb, refused), resources
        coursedir = self.parent.parent.coursedir  # type: ignore[union-attr]  # the exporter's converter
        assignment = Course(Path(coursedir.root)).assignment(resources["nbgrader"]["assignment"])
        if not self.walls:
            self.log.warning("NO WALLS: the code of this submission runs with all your rights.")
        submitted = coursedir.format_path(coursedir.submitted_directory, resources["nbgrader"]["student"], assignment.name)
        files = other_files(Path(submitted), self.disk, self.file_size)
        job = Job(assignment.name, graded_notebook(assignment), nb, files, self.limits, self.walls)
        try:
            executed = _mark(job)
        except CourseError as error:
            raise SystemExit(str(error)) from None
        nb.cells, nb.metadata = executed.cells, executed.metadata
        return nb, resources


_executors: Executors | None = None
_fingerprint: tuple[float, ...] = ()


def _mark(job: Job) -> NotebookNode:
    """Mark in a worker: made on first use, and again after a crash or a change of what it imported."""
    global _executors, _fingerprint
    if _executors is not None and _fingerprint != environment_fingerprint():
        _executors.close()
        _executors = None
    if _executors is None:
        _executors, _fingerprint = Executors(lambda: workers(1), 1), environment_fingerprint()
    try:
        try:
            return _executors.submit(mark, job).result()
        except BrokenProcessPool:
            return _executors.submit(mark, job).result()
    except KeyboardInterrupt:
        _executors.kill()  # Python's end would wait for what is being marked
        raise
