"""What came out of a sandbox, as objects of our own: the examiner's half of the codec (`course/sandbox/inside/encode.py`).

Nothing is believed: no pickle, no eval, no import by name. Lineage is told by classes that both sides held before any
student code ran; what describes itself as anything else is an error.
"""

import contextlib
import traceback
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from course.examiner import stand_ins
from course.sandbox.inside import graph

DEEPEST = 60
MOST = 500_000  # parts of all answers of one kernel: an array of one number takes 2.5 KB here
MOST_TYPES, MOST_ATTRIBUTES = 100, 200  # classes of one kernel, and names of each: these stay for good
LONGEST_LINEAGE = 40  # making a class takes time that grows with the square of it
KEYS = {"fry": "threefry2x32", "threefry2x32": "threefry2x32", "rbg": "rbg", "unsafe_rbg": "unsafe_rbg"}
UNSENT = object()  # never the same as what a Variable holds


class Malformed(Exception):
    """An answer that no encoder of ours makes."""


@contextlib.contextmanager
def _distrust() -> Iterator[None]:
    """3,000 malformed messages raised 140 kinds of exceptions when it was tried: this is the place to stop them all."""
    try:
        yield
    except Exception as error:
        raise Malformed(f"{type(error).__name__}: {error}"[:200]) from error


class Mirror:
    """Our own copies of a kernel's objects, by the handles that both sides use.

    Parameters
    ----------
    generation : int
        Tells the objects of one kernel from those of another: a kernel that was killed has a successor.
    """

    def __init__(self, generation: int = 0) -> None:
        self.objects: dict[int, Any] = {}
        self.sent: dict[int, Any] = {}  # what is in each Variable as the kernel has it
        self._generation = generation
        self._held = graph.held_classes()
        self._types: dict[int, type] = {}
        self._type_handles: dict[type, int] = {}
        self._descriptions: dict[int, Any] = {}
        self._handles: dict[int, int] = {}
        self._alike: Counter[Any] = Counter()
        self._last = 0
        self._parts = 0

    def read(self, answer: dict[str, Any]) -> None:
        """Take over what an answer says of objects and classes.

        Raises
        ------
        Malformed
            If it is no answer.
        """
        with _distrust():
            self._descriptions = {_integer(handle): description for handle, description in answer["types"]}
            for handle in list(self._descriptions):
                self._type(handle)
            described = {_integer(handle): description for handle, description in answer["objects"]}
            for handle, description in described.items():
                if handle not in self.objects:
                    self._make(handle, description)
            for handle, description in described.items():
                self._fill(self.objects[handle], handle, description)

    def value(self, node: Any) -> Any:
        """Decode a part of an answer that was read."""
        with _distrust():
            return self._value(node)

    def error(self, raised: Any) -> BaseException:
        """The exception that a call raised, with the student's own lines as `frames`."""
        with _distrust():
            kind, text, name, frames = raised["type"], raised["text"], raised["name"], raised["frames"]
            error = stand_ins.error(self._type(kind), _text(text, 10_000))
            if name and isinstance(error, NameError):
                error.name = _text(name)
            error.frames = [  # type: ignore[attr-defined]
                traceback.FrameSummary("<student>", _integer(line), _text(function), lookup_line=False, line=_text(source, 500))
                for line, function, source in frames[:10]
            ]
            return error

    def handle(self, value: Any) -> int | None:
        """The handle of one of our copies; None for anything else."""
        handle = self._handles.get(id(value))
        return handle if handle is not None and self.objects[handle] is value else None

    def type_handle(self, kind: type) -> int | None:
        """The handle of a class that stands for a student's."""
        return self._type_handles.get(kind)

    def origin(self, module: Any) -> int | None:
        """The handle of the copy that a module is a clone of."""
        generation, handle = vars(module).get(graph.HANDLE, (None, None))
        if generation is not None and generation != self._generation:
            raise LookupError("This module is from before the kernel was stopped, and is gone.")
        return handle

    def adopt(self, root: Any) -> list[tuple[int, list[int]]]:
        """Give handles to a module that is new to the kernel, and to what is below it: to each, and to the classes of it
        that locked cells define, so that what the kernel makes of these is of the same classes here.
        """
        handles = []
        for node in graph.nodes(root):
            self._last -= 1  # the kernel counts upwards
            self._keep(node, self._last)
            kinds = [] if stand_ins.STANDS_IN in vars(type(node)) else graph.own_lineage(node)
            handles.append((self._last, [self._adopt_type(kind) for kind in kinds]))
        return handles

    def _adopt_type(self, kind: type) -> int:
        if kind not in self._type_handles:
            self._last -= 1
            self._types[self._last], self._type_handles[kind] = kind, self._last
        return self._type_handles[kind]

    def unsent(self) -> list[tuple[int, Any]]:
        """What was put into Variables since the kernel saw them, by handle."""
        held = [(handle, graph.raw(value)) for handle, value in self.objects.items() if graph.is_variable(value)]
        return [(handle, content) for handle, content in held if content is not self.sent.get(handle, UNSENT)]

    def _keep(self, value: Any, handle: int) -> None:
        self.objects[handle] = value
        self._handles[id(value)] = handle

    def _type(self, what: Any) -> type:
        if isinstance(what, str):
            return self._held[what]
        if what not in self._types:
            name, bases, attributes = self._descriptions.pop(_integer(what))
            if len(self._types) >= MOST_TYPES or len(bases) > LONGEST_LINEAGE or len(attributes) > MOST_ATTRIBUTES:
                raise ValueError("too many classes")
            if any(_text(attribute).startswith("_") for attribute in attributes):  # Python itself would call a __del__
                raise ValueError("a special method")
            lineage = tuple(self._type(base) for base in bases)
            if sum(len(base.__mro__) for base in lineage) > LONGEST_LINEAGE:
                raise ValueError("too long a lineage")
            description = (_text(name), lineage, tuple(_text(attribute) for attribute in attributes))
            self._alike[description] += 1
            kind = stand_ins.class_like(*description, nth=self._alike[description])
            self._types[what] = kind
            self._type_handles[kind] = what
        return self._types[what]

    def _make(self, handle: int, description: Any) -> None:
        self._count()
        sort, kind = description[0], self._type(description[1])
        if sort == "v" and issubclass(kind, nnx.Variable):
            self._keep(_variable(kind), handle)
        elif sort == "m":
            self._keep(stand_ins.empty(kind), handle)
            setattr(self.objects[handle], graph.HANDLE, (self._generation, handle))
        else:
            raise TypeError(f"{kind} is no class of {sort!r}")

    def _fill(self, value: Any, handle: int, description: Any) -> None:
        kind = self._type(description[1])
        if type(value) not in (kind, own := kind if graph.is_variable(value) else stand_ins.own(kind)):
            object.__setattr__(value, "__class__", own)  # what a student's code gave another class
        if graph.is_variable(value):
            _, _, content, metadata = description
            graph.set_raw(value, self._value(content, inside=True))
            self.sent[handle] = graph.raw(value)
            graph.metadata(value).clear()
            # Without hooks: to look at a Variable, or to set it, runs no code of the student's.
            told = {_text(key): part for key, part in self._value(metadata, inside=True).items()}
            graph.metadata(value).update({key: part for key, part in told.items() if not key.startswith("on_")})
            return
        _, _, parts = description
        attributes = {_text(name): self._value(part) for name, part in parts}
        for name in set(graph.attributes(value)) - set(attributes):
            delattr(value, name)
        for name, part in attributes.items():
            if name.startswith(("__", *graph.PRIVATE)) or name == graph.HANDLE:
                raise ValueError(f"an attribute {name}")
            _set(value, name, part)

    def _count(self) -> None:
        self._parts += 1
        if self._parts > MOST:
            raise ValueError("too many parts in all")

    def _value(self, node: Any, depth: int = 0, inside: bool = False) -> Any:
        """Decode a node. Inside of a Variable there are no further objects: JAX walks a Variable as a tree, and a cycle
        takes recursion depth from its thread for good."""
        self._count()
        if node is None or isinstance(node, bool | int | float | str):
            return node
        if depth > DEEPEST:
            raise ValueError("too deep")
        sort, *parts = node
        deeper = depth + 1
        match sort:
            case "l" | "t":
                items = [self._value(item, deeper, inside) for item in parts[0]]
                return items if sort == "l" else tuple(items)
            case "d":
                return {self._value(key, deeper): self._value(value, deeper, inside) for key, value in parts[0]}
            case "a":
                return _array(*parts)
            case "o":
                value = self.objects[parts[0]]
                return stand_ins.Opaque(type(value).__name__, parts[0]) if inside else value
            case "s":
                return nnx.from_flat_state(
                    [(tuple(self._value(key) for key in path), self._leaf(leaf, deeper, inside)) for path, leaf in parts[0]]
                )
            case "y":
                return self._type(parts[0])
            case "n":
                return stand_ins.Function(_text(parts[1]), _integer(parts[0]))
            case "?":
                return stand_ins.Opaque(_text(parts[1]), _integer(parts[0]))
            case "i":
                return int(_text(parts[0], 2000), 16)
            case "f":
                return {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}[parts[0]]
            case "c":
                return complex(self._value(parts[0]), self._value(parts[1]))
            case "b":
                return b64decode(parts[0], validate=True)
            case "e":
                return ...
            case "k":
                return jax.random.wrap_key_data(_array(*parts[1][1:]), impl=KEYS[parts[0]])
        raise ValueError(f"a node {sort!r}")

    def _leaf(self, node: Any, depth: int, inside: bool) -> Any:
        """A leaf of a State: a Variable, or what may be in one."""
        variable = self.objects.get(node[1]) if isinstance(node, list) and node[0] == "o" else None
        return variable if graph.is_variable(variable) and not inside else self._value(node, depth, inside=True)


def _variable(kind: type) -> Any:
    variable: Any = object.__new__(kind)
    nnx.Variable.__init__(variable, 0)  # a student's own class may ask for more
    return variable


def _set(module: Any, name: str, part: Any) -> None:
    before = graph.attributes(module).get(name, UNSENT)
    if before is part:
        return
    try:
        setattr(module, name, part)
    except ValueError:  # newer Flax: a list of arrays has to be declared
        setattr(module, name, nnx.data(part))


def _array(kind: str, dtype: str, shape: list[int], data: str) -> Any:
    if dtype not in graph.DTYPES or kind not in ("numpy", "scalar", "jax", "weak"):
        raise ValueError(f"an array of {kind} {dtype}")
    if len(shape) > 32 or any(_integer(size) < 0 for size in shape):  # NumPy would take -1 for "whatever fits"
        raise ValueError(f"an array of shape {shape}")
    array = np.frombuffer(b64decode(data, validate=True), np.dtype(dtype)).reshape(shape)
    if kind == "scalar":
        return array[()]
    if kind == "numpy":
        return array.copy()
    with graph.enable_x64(dtype in ("int64", "uint64", "float64", "complex128")):
        made = jnp.asarray(array)
    return graph.weak(made) if kind == "weak" else made


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no integer")
    return value


def _text(value: Any, longest: int = 200) -> str:
    if type(value) is not str or len(value) > longest:
        raise TypeError("no text, or too long a one")
    return value
