"""What marks a submission, in a process of its own: a pure function from a notebook to an executed notebook.

A worker of a `concurrent.futures` executor holds the fork server whose kernels run students' cells, and the examiner that runs
the checks. nbgrader's process imports neither jax nor flax.
"""

import copy
import os
import signal
import sys
import threading
import time
import types
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from course.intake.notes import Note
from course.notebooks import METADATA, fingerprint
from course.sandbox.cache import compile_cache
from course.sandbox.limits import Limits
from course.sandbox.server import ForkServer, Kernel, cache_settings

RECYCLED = 300  # submissions after which a worker is replaced: JAX keeps some 30 KB of each for good


@dataclass(frozen=True)
class Job:
    """One submission to mark.

    Parameters
    ----------
    assignment : str
    graded : NotebookNode
        The source notebook as it is graded, hidden checks and all.
    submission : NotebookNode
        What the student handed in, as nbgrader has prepared it.
    files : dict[str, bytes]
        The submission's other files, by path.
    limits : Limits
    walls : bool
    """

    assignment: str
    graded: NotebookNode
    submission: NotebookNode
    files: dict[str, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    walls: bool = True


class Engine:
    """The fork server and the examiner for one assignment.

    Parameters
    ----------
    assignment : str
    graded : NotebookNode
    walls : bool

    Raises
    ------
    CourseError
        If there are to be walls and this machine has none.
    """

    def __init__(self, assignment: str, graded: NotebookNode, walls: bool = True) -> None:
        import jax
        import matplotlib

        from course.examiner.examine import Examiner

        matplotlib.use("agg")
        jax.config.update("jax_platforms", "cpu")
        self.key = _key(assignment, graded, walls)
        self.walls = walls
        self._examiner = Examiner(graded)

        def fill(folder: Path) -> None:
            (folder / "sandbox").mkdir()
            with ForkServer(walls, folder / "sandbox", fill=True) as server:
                limits = Limits(cpu=3600, submission=3600, call=600)
                self._examiner.examine(copy.deepcopy(graded), lambda: Kernel(server, limits=limits))

        cache = compile_cache(assignment, graded, fill)
        # What is compiled here is trusted, and for nobody's eyes: a check may have a compiled reference.
        for name, value in cache_settings(cache / "checks", fill=True).items():
            jax.config.update(name, value)
        self.programs = cache / "sandbox"
        self._server = ForkServer(walls, self.programs)

    def mark(self, submission: NotebookNode, files: dict[str, bytes] | None = None, limits: Limits | None = None) -> NotebookNode:
        """Execute a submission: its cells in the sandbox, its checks here. How that went stands in its metadata.

        Returns
        -------
        NotebookNode
            The same notebook.
        """
        limits = limits or Limits()
        if not self._server.usable:
            self._server.close()
            self._server = ForkServer(self.walls, self.programs)
        started = time.monotonic()
        seed = int(fingerprint(submission)[:8], 16)  # others for another submission; the same when this one is marked again
        deadline = started + limits.submission
        went = self._examiner.examine(submission, lambda: Kernel(self._server, files, limits, seed, deadline))
        known = submission.metadata.get(METADATA, {})
        submission.metadata[METADATA] = {
            **known,
            "notes": [*known.get("notes", []), *_notes(submission, went.stopped)],
            "walls": self.walls,
            "stopped": went.stopped,
            "kernels": 1 + went.revived,
            "limits": limits.as_dict(),
            "seeds": {"random": seed, "numpy.random": seed, "hash": 0},
            "versions": {name: version(name) for name in ("nnx-course", "nbgrader", "jax", "flax")},
            "seconds": {name: round(seconds, 3) for name, seconds in {**went.seconds, "all": time.monotonic() - started}.items()},
        }
        return submission

    def close(self) -> None:
        """End the fork server."""
        self._server.close()


def _notes(executed: NotebookNode, stopped: str) -> list[dict[str, str]]:
    errors = [output for cell in executed.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    late = [error.evalue for error in errors if error.ename == "TimeLimit"]
    if late or stopped:
        return [Note("timed out" if late else "stopped", late[0] if late else stopped).as_dict()]
    return []


def _key(assignment: str, graded: NotebookNode, walls: bool) -> tuple[str, str, bool]:
    """Tells whether an engine is the one for a job."""
    return assignment, fingerprint(graded), walls


def mark(job: Job) -> NotebookNode:
    """Mark one submission in this worker.

    Raises
    ------
    CourseError
        If there are to be walls and this machine has none.
    """
    with _one_at_a_time:  # a Dask worker may have several threads
        return _mark(job)


def _mark(job: Job) -> NotebookNode:
    global _engine
    if _engine is None or _engine.key != _key(job.assignment, job.graded, job.walls):
        if _engine is not None:
            _engine.close()
            _engine = None
        _engine = Engine(job.assignment, job.graded, job.walls)
    return _engine.mark(job.submission, job.files, job.limits)


_engine: Engine | None = None
_one_at_a_time = threading.Lock()


def workers(count: int) -> ProcessPoolExecutor:
    """An executor whose processes mark. They end with this process, whatever ends it."""
    return ProcessPoolExecutor(count, _Context(), _begin, (os.getpid(),), max_tasks_per_child=RECYCLED)


class _Process(SpawnProcess):
    """A spawned process that does not import the `__main__` of this one: nbgrader, or JupyterLab, would take seconds of it."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")  # has no file, so there is nothing to import
        try:
            return SpawnProcess._Popen(process_obj)
        finally:
            sys.modules["__main__"] = main


class _Context(SpawnContext):
    # spawn: a fork of a process in which jax runs may hang (https://github.com/jax-ml/jax/issues/1805)
    Process = _Process


def _begin(coordinator: int) -> None:
    from course.sandbox.inside.walls import die_with_parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the coordinator
    die_with_parent(coordinator)
    Finalize(None, _end, exitpriority=0)  # a process of multiprocessing does not run what `atexit` has


def _end() -> None:
    if _engine is not None:
        _engine.close()
