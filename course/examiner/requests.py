"""What a check sends into the sandbox, pickled: values, and functions of locked cells. Nothing else of a check goes along."""

import dis
import io
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import cloudpickle
import jax

from course.examiner.decode import Mirror
from course.examiner.stand_ins import Function, Opaque, stands_in
from course.sandbox.inside import graph


class NotSent(Exception):
    """A check tries to send what it may not: a mistake of its author."""


class Trusted:
    """What locked cells define, and so what may be sent.

    Parameters
    ----------
    names : dict
        The names of the examiner, as the locked cells left them.
    files : set of str
        The file names of their code.
    checks : ModuleType or None
        The module of helpers, which the kernel has a copy of.
    """

    def __init__(self, names: dict[str, Any], files: set[str], checks: ModuleType | None) -> None:
        self.names, self.files, self.checks = names, files, checks
        self.locked = dict(names)
        self.classes = [value for value in names.values() if isinstance(value, type)]

    def admit(self, function: FunctionType) -> None:
        """Refuse a function that stands in a check, or that reaches into one."""
        if function.__globals__ is not self.names:
            return  # of a package
        if function.__code__.co_filename not in self.files:
            raise NotSent(f"{function.__name__} stands in a check: move what is sent beside the student's code to a locked cell.")
        for name in loaded(function.__code__):
            if name in self.names and name in self.locked and self.names[name] is not self.locked[name]:
                raise NotSent(f"{function.__name__} uses {name}, which a check changed.")
            if name in self.names and name not in self.locked and not stands_in(self.names[name]):
                raise NotSent(f"{function.__name__} uses {name}, which stands in a check: make it an argument.")


def loaded(code: CodeType) -> Iterator[str]:
    """The global names that code reads, with the functions and classes in it."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from loaded(constant)


class _Pickler(cloudpickle.Pickler):
    def __init__(self, file: io.BytesIO, mirror: Mirror, trusted: Trusted) -> None:
        super().__init__(file, protocol=5)
        self._mirror, self._trusted = mirror, trusted

    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, Function | Opaque):
            return "object", value.handle
        if isinstance(value, type) and (handle := self._mirror.type_handle(value)) is not None:
            return "type", handle
        if (graph.is_module(value) or graph.is_variable(value)) and (handle := self._mirror.handle(value)) is not None:
            return "object", handle
        return ("checks", 0) if value is self._trusted.checks and value is not None else None

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, FunctionType):
            self._trusted.admit(value)
        if isinstance(value, type) and value.__module__ == "__main__" and value not in self._trusted.classes:
            raise NotSent(f"The class {value.__name__} stands in a check: move it to a locked cell.")
        if isinstance(value, jax.Array) and jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            return jax.random.wrap_key_data, (jax.random.key_data(value),)
        return super().reducer_override(value)


def pickled(request: Any, mirror: Mirror, trusted: Trusted) -> bytes:
    """Pickle a request.

    Raises
    ------
    NotSent
        If something in it may not be sent.
    """
    file = io.BytesIO()
    _Pickler(file, mirror, trusted).dump(request)
    return file.getvalue()
