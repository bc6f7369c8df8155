"""How nbgrader executes a submission here: in a warm, walled kernel. `nbgrader_config.py` puts it in the place of nbgrader's own."""

import atexit
import contextlib
import os
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Bool, Integer

from course.check import graded_notebook
from course.errors import CourseError
from course.layout import Course
from course.notebooks import is_check
from course.sandbox.cache import compile_cache
from course.sandbox.limits import Limits
from course.sandbox.server import ForkServer, Kernel, Stopped

DEFAULTS = Limits()
_server: tuple[tuple[bool, Path], ForkServer] | None = None


class ExecuteInSandbox(Execute):
    """Run a submission's cells in a child of the fork server. Bounds are traits; `timeout` (per cell) is nbgrader's own."""

    walls = Bool(True, help="Run submissions in walls. Without, students' code has all the rights of this process.").tag(config=True)
    submission_seconds = Integer(DEFAULTS.submission, help="Wall time for a whole submission.").tag(config=True)
    cpu_seconds = Integer(DEFAULTS.cpu, help="Processor time for a whole submission.").tag(config=True)
    memory = Integer(DEFAULTS.memory, help="Address space in bytes. JAX takes 1.75 GB before it computes anything.").tag(config=True)
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
        started = time.monotonic()
        coursedir = self.parent.parent.coursedir  # type: ignore[union-attr]  # the exporter's converter
        assignment = Course(Path(coursedir.root)).assignment(resources["nbgrader"]["assignment"])
        if not self.walls:
            self.log.warning("NO WALLS: the code of this submission runs with all your rights.")
        try:
            server = _fork_server(self.walls, compile_cache(assignment.name, graded_notebook(assignment), self.walls))
            submitted = coursedir.format_path(coursedir.submitted_directory, resources["nbgrader"]["student"], assignment.name)
            stopped, kernel = "", None
            try:
                kernel = Kernel(server, self._files(Path(resources["metadata"]["path"]), Path(submitted)), self.limits)
            except Stopped as error:
                stopped = str(error)
        except CourseError as error:
            raise SystemExit(str(error)) from None
        prepared = time.monotonic()
        with kernel or contextlib.nullcontext():
            count = 0
            for cell in nb.cells:
                if cell.cell_type != "code":
                    continue
                cell.outputs, cell.execution_count = [], None
                if not cell.source.strip():
                    continue
                if stopped or kernel is None:
                    cell.outputs = [_error("NotRun", f"This cell did not run. Earlier: {stopped}")]
                    continue
                count += 1
                cell.execution_count = count
                try:
                    cell.outputs = kernel.run(cell.source)
                except Stopped as error:
                    stopped = str(error)
                    cell.outputs = [*error.outputs, _error("Stopped", stopped)]
                for output in cell.outputs:
                    if output.output_type == "execute_result":
                        output.execution_count = count
                        if is_check(cell):
                            # nbgrader takes it for partial credit, and full marks where it is no number
                            # (nbgrader/utils.py, get_partial_grade). A check of ours has no value: this is not from it.
                            output.output_type = "display_data"
                            del output["execution_count"]
        nb.metadata["nnx_course"] = {
            "walls": self.walls,
            "stopped": stopped,
            "limits": self.limits.as_dict(),
            "versions": {name: version(name) for name in ("nnx-course", "nbgrader", "jax", "flax")},
            "seconds": {"prepare": round(prepared - started, 3), "run": round(time.monotonic() - prepared, 3)},
        }
        return nb, resources

    def _files(self, folder: Path, submitted: Path) -> dict[str, bytes]:
        """The submission's other files, as far as there is room. A link could point anywhere, so links are left out."""
        files: dict[str, bytes] = {}
        room = self.disk
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not (submitted / Path(parent, name).relative_to(folder)).is_symlink()]
            for name in sorted(names):
                path = Path(parent, name)
                inside = path.relative_to(folder)
                if path.suffix == ".ipynb" or path.is_symlink() or (submitted / inside).is_symlink() or not path.is_file():
                    continue
                size = path.stat().st_size
                if size > min(room, self.file_size):
                    self.log.warning("%s is left out: %d bytes are more than a submission may have.", inside, size)
                    continue
                room -= size
                files[inside.as_posix()] = path.read_bytes()
        return files


def _error(name: str, text: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])


def _fork_server(walls: bool, cache: Path) -> ForkServer:
    """The fork server of this process: started on first use, and again after a crash or a change of what it imported."""
    global _server
    if _server and (_server[0] != (walls, cache) or not _server[1].usable):
        _server[1].close()
        _server = None
    if _server is None:
        _server = ((walls, cache), ForkServer(walls, cache))
    return _server[1]


@atexit.register
def _close() -> None:
    if _server:
        _server[1].close()
