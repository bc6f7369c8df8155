"""A submission's notebook in, an executed notebook out: its cells run in the sandbox, its checks here."""

import builtins
import dis
import time
import types
from collections.abc import Callable
from dataclasses import dataclass, field

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

from course.examiner import stand_ins
from course.examiner.bridge import Bridge, Gone, Unreadable
from course.examiner.requests import Trusted, loaded
from course.notebooks import grade_settings, is_check, writable
from course.sandbox.server import Kernel, Stopped
from course.warm import Code, error_output

CHECK_SECONDS = 900  # for one that loops by itself: a call, and a submission, have bounds of their own
REVIVALS = 3  # kernels that one submission may end in its checks


@dataclass
class Examination:
    """How it went.

    Attributes
    ----------
    stopped : str
        Why cells did not run, in a sentence; empty where all did.
    revived : int
        How often a check ended the kernel, and another took its place.
    seconds : dict[str, float]
        Wall time of the student's cells, and of the checks.
    """

    stopped: str = ""
    revived: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: {"cells": 0.0, "checks": 0.0})


class Examiner:
    """The checks of one assignment, for many submissions.

    Parameters
    ----------
    notebook : NotebookNode
        The source notebook as it is graded. Whatever a submission says its checks are, these are run.

    Raises
    ------
    SyntaxError
        If a locked cell or a check is no Python.
    """

    def __init__(self, notebook: NotebookNode) -> None:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        locked = [cell for cell in cells if grade_settings(cell).get("locked") and not is_check(cell)]
        self._locked = [Code.of(cell) for cell in locked]
        self._checks = {grade_settings(cell).grade_id: Code.of(cell) for cell in cells if is_check(cell)}
        bound = {name for code in self._checks.values() for name in _bound(code)}
        own = set(vars(builtins)) | bound
        by_locked = {name for code in self._locked for name in loaded(code.code)}
        self._reads = {name: (by_locked | set(loaded(code.code))) - own for name, code in self._checks.items()}

    def examine(self, notebook: NotebookNode, start: Callable[[], Kernel]) -> Examination:
        """Execute a submission, in place.

        Parameters
        ----------
        notebook : NotebookNode
        start : callable
            Starts a kernel with the submission's files in it.

        Returns
        -------
        Examination
        """
        went = Examination()
        submission = _Submission(self, start, went)
        try:
            for cell in notebook.cells:
                if cell.cell_type != "code":
                    continue
                cell.outputs, cell.execution_count = [], None
                if cell.source.strip() or is_check(cell):
                    began = time.monotonic()
                    cell.outputs = from_dict(writable(submission.check(cell))) if is_check(cell) else submission.run(cell)
                    cell.execution_count = submission.count
                    went.seconds["checks" if is_check(cell) else "cells"] += time.monotonic() - began
        finally:
            submission.close()
        return went

    def names(self) -> Trusted:
        """New names for one submission, with what the locked cells define."""
        names = types.ModuleType("__main__").__dict__
        for code in self._locked:
            error = code.run(names)[2]
            if error is not None:
                raise RuntimeError(f"The locked cell {code.filename} fails: {error}") from error
        return Trusted(names, {code.filename for code in self._locked}, names.get("checks"))

    def code(self, name: str) -> Code | None:
        """The code of a check."""
        return self._checks.get(name)

    def asks_for(self, name: str, trusted: Trusted) -> list[str]:
        """The names that a check reads, and that are the student's to bind."""
        return sorted(self._reads[name] - set(trusted.locked))


def _bound(code: Code) -> set[str]:
    return {step.argval for step in dis.get_instructions(code.code) if step.opname in ("STORE_NAME", "STORE_GLOBAL")}


class _Submission:
    """One submission under examination: its kernel, and its successors where a check ended it."""

    def __init__(self, examiner: Examiner, start: Callable[[], Kernel], went: Examination) -> None:
        self._examiner, self._start, self._went = examiner, start, went
        self._sources: list[str] = []
        self._done: set[str] = set()
        self._kernel: Kernel | None = None
        self._bridge: Bridge | None = None
        self._trusted: Trusted | None = None
        self.count = 0

    def run(self, cell: NotebookNode) -> list[NotebookNode]:
        """Run one of the student's cells, in the sandbox."""
        if self._went.stopped:
            return [self._not_run()]
        self.count += 1
        self._sources.append(cell.source)
        try:
            if self._kernel is None:
                self._kernel = self._start()
            return _without_value(self._kernel.run(cell.source), self.count)
        except Stopped as error:
            self._went.stopped = str(error)
            return [*_without_value(error.outputs, self.count), _error("Stopped", self._went.stopped)]

    def check(self, cell: NotebookNode) -> list[NotebookNode]:
        """Run a check, here."""
        name = str(grade_settings(cell).get("grade_id"))
        code = self._examiner.code(name)
        if code is None or name in self._done:
            return [_error("NotRun", "This cell is no check of the assignment, or a second copy of one. It gives no points.")]
        self._done.add(name)
        if self._went.stopped:
            return [self._not_run()]
        self.count += 1
        printed, errors, error = "", "", self._prepare(name)
        if error is None:
            assert self._trusted is not None
            printed, errors, error = code.run(self._trusted.names, CHECK_SECONDS)
        outputs = [new_output("stream", name=name, text=text) for name, text in (("stdout", printed), ("stderr", errors)) if text]
        return outputs if error is None else [*outputs, self._failed(error)]

    def _failed(self, error: BaseException) -> NotebookNode:
        """What a check shows that an exception ended."""
        if isinstance(error, Stopped):
            self._went.stopped = str(error)
            return self._not_run()
        if isinstance(error, Gone):
            self._revive()
            return _error("Stopped", str(error))
        if isinstance(error, KeyboardInterrupt) and not stand_ins.is_of_student(error):
            if not str(error):  # Ctrl-C, and no call over its time
                raise error
            return _error("TimeLimit", str(error))
        shown = error_output(error)
        if stand_ins.is_of_student(error):  # whatever it is called: the name may be that of a check's own
            shown.ename, shown.evalue = "Raised", f"Your code ended the check with {shown.ename}: {shown.evalue}"
        elif not isinstance(error, AssertionError | Unreadable):
            shown.ename = "BrokenCheck"
            shown.evalue = f"This check stopped with {type(error).__name__} itself, which is no mistake of yours. It needs review."
        return shown

    def _prepare(self, name: str) -> BaseException | None:
        """Bind the student's names, as they are now; what went wrong, if anything did."""
        try:
            self._bind(name)
        except (Stopped, Gone, Unreadable, KeyboardInterrupt) as error:
            return error
        return None

    def _bind(self, name: str) -> None:
        if self._kernel is None:
            self._kernel = self._start()
        if self._trusted is None:
            self._trusted = self._examiner.names()
        checks = self._trusted.checks
        if self._bridge is None:
            self._bridge = Bridge(self._kernel, self._trusted, checks.Run if checks else types.SimpleNamespace, self._went.revived)
            if checks:
                checks.record, checks.beside = self._bridge.record, self._bridge.beside  # type: ignore[attr-defined]
        asked = self._examiner.asks_for(name, self._trusted)
        for missing in asked:
            self._trusted.names.pop(missing, None)
        self._trusted.names.update(self._bridge.look(asked))

    def _revive(self) -> None:
        """Bring a kernel back to the state after the student's cells."""
        self.close()
        self._bridge = None
        self._went.revived += 1
        try:
            if self._went.revived > REVIVALS:
                raise Stopped(f"The notebook was stopped in {REVIVALS + 1} checks.")
            self._kernel = self._start()
            for source in self._sources:
                self._kernel.run(source)
        except Stopped as error:
            self._went.stopped = str(error)

    def close(self) -> None:
        """End the kernel."""
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None

    def _not_run(self) -> NotebookNode:
        return _error("NotRun", f"This cell did not run. Earlier: {self._went.stopped}")


def _without_value(outputs: list[NotebookNode], count: int) -> list[NotebookNode]:
    for output in outputs:
        if output.output_type == "execute_result":
            output.execution_count = count
    return outputs


def _error(name: str, text: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])
