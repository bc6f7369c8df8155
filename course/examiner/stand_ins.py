"""The classes that stand for a student's in the examiner: real types, so that `isinstance` and NNX's filters work on them.

None of the student's own methods is copied. A call of an object, of a method or of a class runs in the sandbox.
"""

from functools import cache
from typing import Any, Protocol

from flax import nnx


class Sandbox(Protocol):
    """Where calls go."""

    def call(self, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any] | None = None) -> Any:
        """Call a function next to the student's code."""


class _Current:
    """The sandbox of the submission that is being examined: a process examines one at a time."""

    sandbox: Sandbox


current = _Current()
STANDS_IN = "_stands_in"


class Function:
    """A function, or another thing that can be called, of the student's."""

    def __init__(self, name: str, handle: int) -> None:
        self.__name__, self.handle = name, handle

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return current.sandbox.call(self, arguments, keywords)

    def __repr__(self) -> str:
        return f"<the student's {self.__name__}>"


class Opaque:
    """An object of which nothing came back but the name of its type. It can be an argument again."""

    def __init__(self, kind: str, handle: int) -> None:
        self.kind, self.handle = kind, handle

    def __repr__(self) -> str:
        return f"<{self.kind}: no data>"


class _Attribute:
    """What stands on the student's class: a method, a property, a value."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else current.sandbox.call(getattr, (instance, self._name))


class _Constructs:
    """For metaclasses: a class that is instantiated in the sandbox."""

    def __call__(cls: Any, *arguments: Any, **keywords: Any) -> Any:
        return current.sandbox.call(cls, arguments, keywords)


@cache
def _constructing(meta: type) -> type:
    return type("Constructs", (_Constructs, meta), {})


def _call(self: Any, *arguments: Any, **keywords: Any) -> Any:
    return current.sandbox.call(self, arguments, keywords)


def _no_init(self: Any) -> None:
    """What was made comes with the object's parts."""


@cache
def class_like(name: str, bases: tuple[type, ...], attributes: tuple[str, ...] = (), module: str = "__main__", nth: int = 0) -> type:
    """A class with a student's name and lineage. The same description gives the same class, again and again: JAX never
    forgets a class of pytrees.

    Parameters
    ----------
    name : str
    bases : tuple of type
    attributes : tuple of str
        The names that the student's class binds.
    module : str
    nth : int
        Tells classes of one submission apart that are described alike.

    Raises
    ------
    TypeError
        If there can be no such class.
    """
    if any(issubclass(base, type) for base in bases):
        raise TypeError("classes of classes do not travel")
    # A Variable is read and set as Flax does it, past the student's own `get_value` and `set_value`.
    flaxs = set(dir(nnx.Variable)) if any(issubclass(base, nnx.Variable) for base in bases) else set()
    namespace: dict[str, Any] = {key: _Attribute(key) for key in attributes if key not in flaxs}
    namespace |= {"__module__": module, STANDS_IN: True}
    meta: type = type
    if any(issubclass(base, nnx.Pytree) for base in bases):
        namespace |= {"__init__": _no_init, "__call__": _call}
        metas = [type(base) for base in bases]
        meta = next(meta for meta in metas if all(issubclass(meta, other) for other in metas))
        meta = meta if issubclass(meta, _Constructs) else _constructing(meta)
    elif any(issubclass(base, BaseException) for base in bases):
        namespace |= {"__init__": _no_init, "__str__": lambda self: self.text}
    elif any(issubclass(base, nnx.Variable) for base in bases):
        meta = type(bases[0])
    return meta(name, bases, namespace)


def empty(kind: type) -> Any:
    """An instance of a class of modules, with no attributes."""
    if not issubclass(kind, nnx.Pytree):
        raise TypeError(f"{kind} is no class of modules")
    kind = own(kind)
    return super(_Constructs, kind).__call__()  # type: ignore[misc]


def error(kind: type, text: str) -> BaseException:
    """An exception of this type and text, whatever its type's own `__init__` asks for."""
    if not issubclass(kind, BaseException):
        raise TypeError(f"{kind} is no class of exceptions")
    stand_in: Any = own(kind)
    made: BaseException = stand_in.__new__(stand_in, *(("", [Exception()]) if issubclass(kind, BaseExceptionGroup) else ()))
    made.text = text  # type: ignore[attr-defined]
    return made


def own(kind: type) -> type:
    """A class that stands for one of Flax's or of Python's, whose instances need not be made as these want it."""
    return kind if STANDS_IN in vars(kind) else class_like(kind.__name__, (kind,), (), kind.__module__)


def stands_in(value: Any) -> bool:
    """Whether this is no object of ours, but stands for one of the student's."""
    return isinstance(value, Function | Opaque) or (isinstance(value, type) and STANDS_IN in vars(value))


def is_of_student(error: BaseException) -> bool:
    """Whether an exception came out of the sandbox."""
    return STANDS_IN in vars(type(error))
