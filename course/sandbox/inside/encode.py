"""What a student's code made, as plain data: the sandbox's half of the codec (the other is `course/examiner/decode.py`).

A value becomes JSON: `null`, booleans, texts, and numbers as they are, and everything else a list whose first element
says what it is:

    ["i", "hex"]  an int beyond 2**53        ["f", "nan"]  a float that JSON has not      ["c", re, im]  complex
    ["b", base64]  bytes                     ["l", [...]]  list      ["t", [...]]  tuple  ["d", [[key, value], ...]]  dict
    ["a", kind, dtype, shape, base64]  an array: kind is "numpy", "scalar", "jax" or "weak"         ["e"]  ...
    ["k", implementation, array]  PRNG keys  ["s", [[path, leaf], ...]]  nnx.State
    ["o", handle]  a module or Variable      ["y", type]  a class
    ["n", handle, name]  a function          ["?", handle, name]  anything else

Modules and Variables stand in a table of their own, by handle, so that sharing and cycles stay what they are.
"""

import builtins
import math
from base64 import b64encode
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import jax
import numpy as np
from flax import nnx

from . import graph

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # the functions below keep these, whatever a student replaces later
_as_numpy = np.asarray

DEEPEST = 50
LONGEST = 200  # characters of a name
MOST = 200_000  # nodes of one answer


WIDEST = {np.dtype(np.longdouble): np.float64, np.dtype(np.clongdouble): np.complex128}  # what travels of the longest ones


class TooMuch(Exception):
    """A value that does not fit into an answer."""


class Objects:
    """What was sent, by handle, and as what: only changes are sent again. For the life of a kernel."""

    def __init__(self) -> None:
        # By identity: a class may say that it is equal to another.
        self.held = {id(kind): name for name, kind in graph.held_classes().items()}
        self.by_handle: dict[int, Any] = {}
        self.types: dict[int, type] = {}
        self._handles: dict[int, int] = {}
        self._type_handles: dict[int, int] = {}
        self.sent: dict[int, tuple[Any, ...]] = {}
        self._last = 0
        self.sent_types: set[int] = set()

    def keep(self, value: Any) -> int:
        """The handle of an object."""
        if id(value) not in self._handles:
            self._last += 1
            self.adopt(value, self._last)
        return self._handles[id(value)]

    def adopt(self, value: Any, handle: int) -> None:
        """Take the other side's handle for an object. It is kept alive, so that its `id` stays its own."""
        self._handles[id(value)] = handle
        self.by_handle[handle] = value

    def keep_type(self, kind: type) -> int:
        """The handle of a class."""
        if id(kind) not in self._type_handles:
            self._last += 1
            self._type_handles[id(kind)] = self._last
            self.types[self._last] = kind
        return self._type_handles[id(kind)]

    def adopt_type(self, kind: type, handle: int) -> None:
        """Take the other side's handle for a class, which it holds too."""
        self._type_handles[id(kind)] = handle
        self.types[handle] = kind
        self.sent_types.add(handle)


class Answer:
    """One answer being made: a value, and the objects below it that are new or changed."""

    def __init__(self, objects: Objects, room: int) -> None:
        self._objects = objects
        self._room = room  # bytes
        self._nodes = 0
        self._pending: list[int] = []
        self._described: dict[int, Any] = {}
        self._types: dict[int, Any] = {}
        self._seen: dict[int, tuple[Any, ...]] = {}

    def encode(self, value: Any) -> Any:
        """Encode a value.

        Raises
        ------
        TooMuch
            If it is too large or too deep.
        """
        return self._encode(value, 0)

    def finished(self) -> dict[str, Any]:
        """Describe every object that the other side has not got as it is now, and take it as sent."""
        self._pending += self._objects.by_handle
        while self._pending:
            handle = self._pending.pop()
            value = self._objects.by_handle[handle]
            if handle in self._seen or not (graph.is_module(value) or graph.is_variable(value)):
                continue
            now = _shallow(value)
            before = self._objects.sent.get(handle)
            self._seen[handle] = now
            if before is None or not _same(before, now):
                self._described[handle] = self._describe(value)
        self._objects.sent.update(self._seen)
        self._objects.sent_types.update(self._types)
        return {"objects": list(self._described.items()), "types": list(self._types.items())}

    def type_of(self, kind: type) -> Any:
        """The name of a held class, or the handle of another, which is described."""
        if id(kind) in self._objects.held:
            return self._objects.held[id(kind)]
        handle = self._objects.keep_type(kind)
        if handle not in self._types and handle not in self._objects.sent_types:
            self._types[handle] = None  # for a class among its own bases there is no need
            names = [
                name
                for name in type.__dict__["__dict__"].__get__(kind)
                if type(name) is str and not name.startswith("_") and len(name) <= LONGEST
            ]
            bases = [self.type_of(base) for base in type.__dict__["__bases__"].__get__(kind)]
            self._types[handle] = [type.__dict__["__name__"].__get__(kind)[:100], bases, sorted(names)[:200]]
        return handle

    def _describe(self, value: Any) -> list[Any]:
        kind = self.type_of(type(value))
        if graph.is_variable(value):
            metadata = {str.__str__(key)[:LONGEST]: part for key, part in graph.metadata(value).items() if isinstance(key, str)}
            return ["v", kind, self._encode(graph.raw(value), 0), self._encode(metadata, 0)]
        return ["m", kind, [[name[:LONGEST], self._encode(part, 0)] for name, part in _parts(value).items()]]

    def _encode(self, value: Any, depth: int) -> Any:
        self._nodes += 1
        if depth > DEEPEST or self._nodes > MOST:
            raise TooMuch("it is too deep" if depth > DEEPEST else "it has too many parts")
        if value is None or value is True or value is False:
            return value
        kind = type(value)
        if issubclass(kind, str | bytes):
            self._spend(len(value))
            return str.__str__(value) if issubclass(kind, str) else ["b", b64encode(value).decode()]
        if issubclass(kind, jax.Array | np.ndarray | np.generic):
            return ["?", 0, "a value under tracing"] if issubclass(kind, jax.core.Tracer) else self._array(value)
        if issubclass(kind, int):
            return _integer(int.__int__(value))
        if issubclass(kind, float):
            return _float(float.__float__(value))
        if issubclass(kind, complex):
            return ["c", _float(complex.real.__get__(value)), _float(complex.imag.__get__(value))]
        if value is ...:
            return ["e"]
        if issubclass(kind, list):
            return ["l", [self._encode(item, depth + 1) for item in list.__iter__(value)]]
        if issubclass(kind, tuple):
            return ["t", [self._encode(item, depth + 1) for item in tuple.__iter__(value)]]
        if issubclass(kind, dict):
            return ["d", [[self._encode(key, depth + 1), self._encode(item, depth + 1)] for key, item in dict.items(value)]]
        if graph.is_module(value) or graph.is_variable(value):
            handle = self._objects.keep(value)
            self._pending.append(handle)
            return ["o", handle]
        if issubclass(kind, nnx.State):
            flat = nnx.to_flat_state(value)
            return ["s", [[[self._encode(part, depth + 1) for part in path], self._encode(leaf, depth + 1)] for path, leaf in flat]]
        if issubclass(kind, type):
            return ["y", self.type_of(value)]
        if issubclass(kind, FunctionType | BuiltinFunctionType | MethodType) or callable(value):
            return ["n", self._objects.keep(value), str(getattr(value, "__name__", kind.__name__))[:100]]
        return ["?", self._objects.keep(value), kind.__name__[:100]]

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise TooMuch("it is too large")

    def _array(self, value: Any) -> list[Any]:
        if isinstance(value, jax.Array) and jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            return ["k", str(jax.random.key_impl(value)), self._array(jax.random.key_data(value))]
        if isinstance(value, jax.Array):
            kind = "weak" if value.aval.weak_type else "jax"
        else:
            kind = "numpy" if isinstance(value, np.ndarray) else "scalar"
        array = _as_numpy(value)
        if array.dtype in WIDEST:
            array = array.astype(WIDEST[array.dtype])
        if array.dtype.name not in graph.DTYPES:
            return ["?", self._objects.keep(value), f"an array of {array.dtype}"[:100]]
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        self._spend(array.nbytes * 4 // 3)
        return ["a", kind, array.dtype.name, list(array.shape), b64encode(array.tobytes()).decode()]


def _integer(value: int) -> Any:
    if abs(value) < 2**53:
        return value
    if value.bit_length() > 4096:
        raise TooMuch("it has an enormous integer")
    return ["i", hex(value)]


def _float(value: float) -> Any:
    return value if math.isfinite(value) else ["f", repr(value)]


def _shallow(value: Any) -> tuple[Any, ...]:
    """What tells whether an object changed: its parts themselves, and copies of those that can change in place."""
    if graph.is_variable(value):
        return (type(value), _frozen(graph.raw(value)), *(_frozen(part) for part in graph.metadata(value).values()))
    return (type(value), *((name, _frozen(part)) for name, part in _parts(value).items()))


def _parts(module: Any) -> dict[str, Any]:
    """A module's attributes, and one with the name that only the examiner's own modules have."""
    parts = graph.attributes(module)
    return {**parts, f"hidden {graph.HANDLE}": vars(module)[graph.HANDLE]} if graph.HANDLE in vars(module) else parts


def _frozen(part: Any) -> Any:
    # JAX arrays do not change; what may has to be sent each time.
    return object() if isinstance(part, np.ndarray | list | dict | nnx.State | set) else part


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return one is other or (type(one) is type(other) and isinstance(one, str | int | float) and one == other)
