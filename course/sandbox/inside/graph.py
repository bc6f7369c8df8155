"""What the sandbox and the examiner must agree on about Flax's objects: their private layout is in this file alone.

Both sides run the same version, so the two walk an object in the same order.
"""

import builtins
from collections.abc import Iterator
from functools import cache
from typing import Any

import jax
import numpy as np
from flax import nnx
from jax._src.array import ArrayImpl  # the class of every concrete array: jax.Array is only its interface
from jax._src.lax.lax import _convert_element_type  # nothing public makes an array of weak type

try:
    from jax.experimental import enable_x64  # type: ignore[attr-defined]
except ImportError:  # jax 0.10
    enable_x64 = jax.enable_x64

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # the functions below keep these, whatever a student replaces later

PRIVATE = ("_pytree__", "_object__")  # how names begin of what Flax itself keeps in a module (flax/nnx/pytreelib.py)
FLAXS = {f"{prefix}{name}" for prefix in PRIVATE for name in ("nodes", "state")}
DTYPES = {  # of the arrays that travel
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "int2", "int4", "uint2", "uint4"),
    *("float16", "float32", "float64", "bfloat16", "complex64", "complex128"),
    *("float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"),
}
HANDLE = "_remote"  # where a module of the examiner has its handle: kept by nnx.clone, as every plain attribute is


@cache
def held_classes() -> dict[str, type]:
    """The classes that both sides know before any student code ran, by a name that both give them. Once: a class that
    stands for one of them has its name too.

    Lineage is told by the identity of these, never by name: a student may call anything a Param.
    """
    held = {kind.__name__: kind for kind in vars(builtins).values() if isinstance(kind, type)}
    held |= {"jax.Array": jax.Array, "jax.ArrayImpl": ArrayImpl, "numpy.ndarray": np.ndarray}
    for kind in (*_subclasses(nnx.Variable), *_subclasses(nnx.Pytree), *_subclasses(jax.errors.JAXTypeError)):
        held[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return held


def _subclasses(kind: type) -> Iterator[type]:
    yield kind
    subclasses: list[type] = type.__subclasses__(kind)
    for subclass in subclasses:
        if subclass.__module__.startswith(("flax.", "jax.")):
            yield from _subclasses(subclass)


def is_module(value: Any) -> bool:
    """Whether a value is a node with attributes: a Module, an Optimizer, an Rngs."""
    return issubclass(type(value), nnx.Pytree)


def is_variable(value: Any) -> bool:
    """Whether a value is a Variable. `isinstance` would believe its `__class__`."""
    return issubclass(type(value), nnx.Variable)


def attributes(module: Any) -> dict[str, Any]:
    """The attributes of a module, without what Flax itself keeps there. A name that means something to Python or Flax is told
    as another.
    """
    plain = {str.__str__(name): value for name, value in vars(module).items()}
    return {
        f"hidden {name}" if name.startswith((*PRIVATE, "__")) else name: value
        for name, value in plain.items()
        if name not in FLAXS and name != HANDLE
    }


_get_raw_value = getattr(nnx.Variable, "get_raw_value", None)  # Flax's own: a student may replace it


def raw(variable: Any) -> Any:
    """What is in a Variable, past every hook."""
    if _get_raw_value is not None:
        return _get_raw_value(variable)
    return object.__getattribute__(variable, "raw_value")  # flax 0.11


def set_raw(variable: Any, value: Any) -> None:
    """Put something into a Variable, past every hook."""
    if hasattr(nnx.Variable, "set_raw_value"):
        nnx.Variable.set_raw_value(variable, value)
    else:
        object.__setattr__(variable, "raw_value", value)


def metadata(variable: Any) -> dict[str, Any]:
    """A Variable's metadata: the dictionary itself."""
    return object.__getattribute__(variable, "_var_metadata")


def weak(array: jax.Array) -> jax.Array:
    """The same array, of weak type."""
    return _convert_element_type(array, weak_type=True)


def nodes(root: Any) -> Iterator[Any]:
    """Every module and Variable below a value, each once, in an order that depends on structure alone."""
    seen: set[int] = set()
    pending = [root]
    while pending:
        value = pending.pop()
        if is_module(value) or is_variable(value):
            if id(value) in seen:
                continue
            seen.add(id(value))
            yield value
        pending.extend(reversed(_below(value)))


def own_lineage(value: Any) -> list[type]:
    """The classes of a value that are none of `held_classes`, from its own upwards."""
    return [kind for kind in type(value).__mro__ if id(kind) not in _held_ids()]


@cache
def _held_ids() -> frozenset[int]:
    return frozenset(map(id, held_classes().values()))


def _below(value: Any) -> list[Any]:
    if is_module(value):
        below = attributes(value)
        return [below[name] for name in sorted(below)]
    if isinstance(value, nnx.State | dict):
        return list(value.values())
    if isinstance(value, list | tuple):
        return list(value)
    return []
