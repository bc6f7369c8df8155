"""What a check's calls become: requests to the kernel with the student's code, and objects of our own that follow it."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from course.examiner import stand_ins
from course.examiner.decode import Malformed, Mirror
from course.examiner.requests import Trusted, pickled
from course.sandbox.inside import graph
from course.sandbox.server import Kernel, Stopped


class Unreadable(Exception):
    """What came back from a call is too large, or no data can be made of it."""


class Gone(BaseException):
    """The kernel ended in a call. No check may catch it: the cell ends here."""


class Bridge:
    """The way from the checks of one submission to its kernel.

    Parameters
    ----------
    kernel : Kernel
        It has run the student's cells.
    trusted : Trusted
        What may be sent.
    run_class : type
        `Run` of the notebook's `checks`.
    generation : int
        How many kernels this submission had before.
    """

    def __init__(self, kernel: Kernel, trusted: Trusted, run_class: Callable[..., Any], generation: int = 0) -> None:
        self._kernel, self._trusted, self._run_class = kernel, trusted, run_class
        self._mirror = Mirror(generation)
        self._recording: dict[str, Any] | None = None
        self._found: list[tuple[Any, Any]] = []
        self._built = False
        stand_ins.current.sandbox = self

    def look(self, names: list[str]) -> dict[str, Any]:
        """What the student's cells have bound some names to: data, or stand-ins. Those that are not bound are left out."""
        found = self._ask({"look": names})
        if not isinstance(found, dict) or not set(found) <= set(names):
            raise self._refused(Malformed("names that nobody asked for"))
        return {name: self._decoded(node) for name, node in found.items()}

    def call(self, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any] | None = None) -> Any:
        """Call a function next to the student's code.

        Parameters
        ----------
        function : callable
            A stand-in, or a function of a locked cell.
        arguments : tuple
        keywords : dict, optional

        Returns
        -------
        object
            What it returned, as an object of our own. Copies of modules are up to date.

        Raises
        ------
        BaseException
            What it raised: a copy, with `frames`.
        KeyboardInterrupt
            If it took too long.
        Gone
            If the kernel ended.
        """
        new = [
            value
            for value in (function, *arguments, *(keywords or {}).values())
            if graph.is_module(value) and self._mirror.handle(value) is None
        ]
        clones = [(origin, value) for value in new if (origin := self._mirror.origin(value)) is not None]
        modules = [value for value in new if self._mirror.origin(value) is None]
        whole = self._pickled(modules)  # before they have handles, or only these would be sent
        message: dict[str, Any] = {
            "modules": [whole, [self._mirror.adopt(value) for value in modules]],
            "clones": [[origin, self._mirror.adopt(value)] for origin, value in clones],
        }
        recording = self._recording
        request = {
            "function": function,
            "arguments": arguments,
            "keywords": keywords or {},
            "record": recording is not None,
            **(recording or {"grow": None, "everywhere": False}),
            "writes": self._mirror.unsent(),
        }
        sent = self._pickled(request)
        self._mirror.sent.update(request["writes"])
        value = self._ask(message | {"call": sent})
        if not isinstance(value, dict):
            raise self._refused(Malformed("a call that neither returned nor raised"))
        if "raised" in value:
            raise self._raised(value["raised"])
        if recording is not None:
            found = self._decoded(value.get("modules"))
            if not isinstance(found, list) or not all(_is_pair(part) for part in found):
                raise self._refused(Malformed("modules that are none"))
            self._found += found
            self._built |= value.get("built") is True
        return self._decoded(value.get("result"))

    def beside(self, function: Any, *arguments: Any) -> Any:
        """`checks.beside` in the examiner."""
        return self.call(function, arguments)

    def record(self, thunk: Callable[[], Any], grow: Any = None, everywhere: bool = False) -> Any:
        """`checks.record` in the examiner: the recording is done in the sandbox, by the same code."""
        self._recording, self._found, self._built = {"grow": grow, "everywhere": everywhere}, [], False
        try:
            result = thunk()
        finally:
            self._recording = None
        again = None if everywhere else lambda: self.record(thunk, grow, everywhere=True)
        return self._run_class(result, self._found, self._built, again)

    def _pickled(self, value: Any) -> str:
        return b64encode(pickled(value, self._mirror, self._trusted)).decode()

    def _ask(self, request: dict[str, Any]) -> Any:
        try:
            answer, late = self._kernel.ask(request)
        except Stopped as stopped:
            raise Gone(str(stopped)) from None
        if "failed" in answer:
            raise KeyboardInterrupt(late) if late else Unreadable(str(answer["failed"])[:500])
        try:
            value = answer["value"]
            self._mirror.read({key: answer[key] for key in ("types", "objects")})
        except (KeyError, Malformed) as error:
            raise self._refused(error) from error
        if late:
            raise KeyboardInterrupt(late)
        return value

    def _decoded(self, node: Any) -> Any:
        try:
            return self._mirror.value(node)
        except Malformed as error:
            raise self._refused(error) from error

    def _raised(self, raised: Any) -> BaseException:
        try:
            return self._mirror.error(raised)
        except Malformed as error:
            return self._refused(error)

    def _refused(self, error: Exception) -> Gone:
        self._kernel.close()
        return Gone(f"The kernel sent what no kernel sends, and was stopped ({error}).")


def _is_pair(part: Any) -> bool:
    """Whether this is a module with its first snapshot."""
    return isinstance(part, tuple) and len(part) == 2 and graph.is_module(part[0]) and isinstance(part[1], dict)
