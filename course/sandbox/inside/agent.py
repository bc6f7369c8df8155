"""What the examiner may ask of a kernel: to look names up, and to call what the student wrote.

Requests are pickled by the trusted side; answers are data (`encode`). Nothing here is trusted by the other side: it runs
beside the student's code, which may change it.
"""

import contextlib
import importlib
import io
import pickle
import resource
import sys
import traceback
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from . import graph
from .encode import LONGEST, Answer, Objects, TooMuch

FRAMES = 3  # of a traceback: those of the student's own cells


class Agent:
    """The examiner's hand in one kernel.

    Parameters
    ----------
    names : dict
        Those that the student's cells bind.
    room : int
        Bytes of one answer.
    memory : int
        Bytes of address space during a call: fewer than the process may have, so that it can still answer.
    """

    def __init__(self, names: dict[str, Any], room: int, memory: int) -> None:
        self._names, self._room, self._memory = names, room, memory
        self._objects = Objects()
        self._checks: Any = importlib.import_module("cells.checks")
        self._clone = self._checks.nnx.clone  # Flax's own, whatever it is replaced by
        for name in [name for name in sys.modules if name.split(".")[0] == "cells"]:
            del sys.modules[name]

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do what a message asks: `{"look": [names]}`, or `{"call", "modules", "clones"}` with pickled parts in base64."""
        answer = Answer(self._objects, self._room)
        try:
            if "look" in message:
                found = {name: answer.encode(self._names[name]) for name in message["look"] if name in self._names}
                return {"value": found, **answer.finished()}
            return {"value": self._call(answer, message), **answer.finished()}
        except TooMuch as error:
            return {"failed": f"What came back cannot be read: {error}."}
        except BaseException as error:  # a late interrupt, or objects that break whoever looks at them
            return {"failed": f"What came back cannot be read: {type(error).__name__}."}

    def _call(self, answer: Answer, message: dict[str, Any]) -> dict[str, Any]:
        with self._checks.quiet():
            modules, handles = message["modules"]
            for module, numbers in zip(self._load(modules), handles, strict=True):
                self._register(module, numbers)
            for origin, numbers in message["clones"]:
                self._register(self._clone(self._objects.by_handle[origin]), numbers)
            asked = self._load(message["call"])
            for handle, value in asked["writes"]:
                graph.set_raw(self._objects.by_handle[handle], value)

            def thunk() -> Any:
                return asked["function"](*asked["arguments"], **asked["keywords"])

            try:
                with self._bounded():
                    run = self._checks.record(thunk, asked["grow"], asked["everywhere"]) if asked["record"] else None
                    result = run.result if run else thunk()
            except BaseException as error:
                return {"raised": self._raised(answer, error)}
            seen = {"modules": answer.encode(run.found), "built": run.built} if run else {}
            return {"result": answer.encode(result), **seen}

    def _load(self, request: str) -> Any:
        return _Unpickler(b64decode(request), self._objects, self._checks).load()

    def _register(self, root: Any, handles: list[tuple[int, list[int]]]) -> None:
        for node, (handle, types) in zip(graph.nodes(root), handles, strict=True):
            self._objects.adopt(node, handle)
            for kind, handle in zip(graph.own_lineage(node) if types else [], types, strict=True):
                self._objects.adopt_type(kind, handle)

    @contextlib.contextmanager
    def _bounded(self) -> Iterator[None]:
        """Bound the address space. The student's code could raise that: the hard limit stays."""
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (min(hard, self._memory), hard))
        try:
            yield
        finally:
            with contextlib.suppress(ValueError):
                resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    def _raised(self, answer: Answer, error: BaseException) -> dict[str, Any]:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "ipython-input" in frame.filename]
        return {
            "type": answer.type_of(type(error)),
            "text": str(error)[:10_000],
            "name": str(getattr(error, "name", None) or "")[:LONGEST] if isinstance(error, NameError) else "",
            "frames": [[frame.lineno or 0, frame.name[:100], (frame.line or "")[:500]] for frame in frames[-FRAMES:]],
        }


class _Unpickler(pickle.Unpickler):
    """Reads a request: what the examiner holds stand-ins for is looked up here."""

    def __init__(self, request: bytes, objects: Objects, checks: Any) -> None:
        super().__init__(io.BytesIO(request))
        self._objects, self._checks = objects, checks

    def persistent_load(self, what: Any) -> Any:
        kind, handle = what
        if kind == "object":
            return self._objects.by_handle[handle]
        return self._objects.types[handle] if kind == "type" else self._checks
