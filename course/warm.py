"""Running a notebook's checks in this process, where jax and flax are imported and warm.

For answers that are trusted, such as the known ones: there are no walls here.
"""

import contextlib
import ctypes
import functools
import io
import linecache
import threading
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.notebooks import grade_settings

CELL_SECONDS = 120


class WarmNotebook:
    """A notebook that has run up to its solution cell, once, for many answers.

    Parameters
    ----------
    notebook : NotebookNode
        What is marked: the source with its shared cells put in. Each answer starts from a copy of the
        names that the cells above the solution define.

    Raises
    ------
    RuntimeError
        If one of those cells fails.
    """

    def __init__(self, notebook: NotebookNode) -> None:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        at = next(index for index, cell in enumerate(cells) if grade_settings(cell).get("solution"))
        self._names: dict[str, Any] = types.ModuleType("__main__").__dict__
        for cell in cells[:at]:
            for output in _run_cell(cell, self._names):
                if output.output_type == "error":
                    raise RuntimeError(f"cell {cell.id} failed before any answer: {output.evalue}")

    def run(self, notebook: NotebookNode) -> None:
        """Run the solution and the cells that nbgrader knows of an answer's notebook, and put their outputs in."""
        names = dict(self._names)
        reached = False
        for cell in notebook.cells:
            settings = grade_settings(cell)
            reached = reached or bool(settings.get("solution"))
            if reached and settings and cell.cell_type == "code":
                cell.outputs = _run_cell(cell, names)


def mark_warm(graded: NotebookNode, notebook: NotebookNode) -> NotebookNode:
    """Run an answer's solution and checks in this worker, and return its notebook. What is marked stays prepared."""
    global _warm
    import jax

    key = [cell.source for cell in graded.cells]
    if _warm is None or _warm[0] != key:
        import matplotlib

        matplotlib.use("agg")
        _warm = (key, WarmNotebook(graded))
    settings = dict(jax.config.values)
    try:
        _warm[1].run(notebook)
    finally:
        for name in [name for name, value in jax.config.values.items() if value != settings[name]]:
            jax.config.update(name, settings[name])  # an answer's settings are for itself
    return notebook


_warm: tuple[list[str], WarmNotebook] | None = None


@dataclass(frozen=True)
class Code:
    """The code of one cell, compiled."""

    filename: str
    code: CodeType

    @classmethod
    def of(cls, cell: NotebookNode) -> "Code":
        """Compile a cell as IPython would.

        Raises
        ------
        SyntaxError
        """
        filename = f"<ipython-input-{cell.id}>"
        source, code = _compiled(cell.source, filename)
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        return cls(filename, code)

    def run(self, names: dict[str, Any], seconds: int = CELL_SECONDS) -> tuple[str, str, BaseException | None]:
        """Run it in this process.

        Returns
        -------
        tuple
            What it wrote to stdout, and to stderr, and the exception that ended it.
        """
        printed, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            error = _in_a_thread(lambda: exec(self.code, names), seconds)
        return printed.getvalue(), errors.getvalue(), error


@functools.lru_cache(maxsize=100)  # the checks are the same for each answer
def _compiled(source: str, filename: str) -> tuple[str, CodeType]:
    source = TransformerManager().transform_cell(source)
    return source, compile(source, filename, "exec")


def _run_cell(cell: NotebookNode, names: dict[str, Any]) -> list[NotebookNode]:
    """Run a cell as a kernel would, and return the outputs that matter for marks: stderr and the error."""
    try:
        _, errors, error = Code.of(cell).run(names)
    except SyntaxError as syntax:
        errors, error = "", syntax
    if isinstance(error, KeyboardInterrupt):  # the instructor's own
        raise error
    outputs = [new_output("stream", name="stderr", text=errors)] if errors else []
    return outputs + ([error_output(error)] if error else [])


def error_output(error: BaseException) -> NotebookNode:
    """An exception, as a notebook has it."""
    own = getattr(error, "_render_traceback_", None)
    if hasattr(error, "frames"):  # of the student's: the lines of a check, and the names that Python would suggest, are not for them
        lines = [*traceback.format_list(error.frames), f"{type(error).__name__}: {error}"]
    else:
        lines = own() if own else traceback.format_exception(error)
    return new_output("error", ename=type(error).__name__, evalue=str(error), traceback=lines)


class _OverTime(BaseException):
    """Ends a thread. No `except Exception` of a check may catch it."""


def _in_a_thread(run: Callable[[], Any], seconds: int) -> BaseException | None:
    """Run something in a thread of its own, and return the exception that ended it.

    What JAX does to a tree that holds itself takes recursion depth from its thread for good: nobody inherits it here.
    """
    raised: list[BaseException] = []

    def body() -> None:
        try:
            run()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_OverTime))
        thread.join(10)
        return TimeoutError(f"The cell took more than {seconds} seconds.")
    return raised[0] if raised else None
