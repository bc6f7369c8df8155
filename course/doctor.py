"""What a machine can do for marking, tried rather than guessed."""

import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import psutil

from course.errors import CourseError
from course.layout import Course
from course.requirements import check_requirements
from course.sandbox.limits import Limits
from course.sandbox.server import try_walls


@dataclass(frozen=True)
class Finding:
    """One thing that was tried.

    Parameters
    ----------
    what, found : str
    fine : bool
    advice : str
        What to do where it is not fine.
    """

    what: str
    found: str
    fine: bool = True
    advice: str = ""


def examine(course: Course) -> list[Finding]:
    """Try everything that marking needs."""
    memory, free = psutil.virtual_memory().total, shutil.disk_usage(course.root).free
    return [
        Finding("course", f"{course.root}, {len(course.assignments)} assignments"),
        Finding("system", f"{platform.system()} {platform.release()}, Python {platform.python_version()}"),
        _tried("packages", ", ".join(f"{name} {version(name)}" for name in ("jax", "flax", "nbgrader")), check_requirements),
        _tried("walls", "submissions run in walls", try_walls),
        Finding("processors", str(os.cpu_count())),
        Finding("memory", f"{memory / 2**30:.1f} GiB", memory >= Limits().memory, "One submission may take 4 GiB of addresses."),
        Finding("disk", f"{free / 2**30:.1f} GiB free", free > 2**30, "Make room: the class's notebooks and the gradebook go here."),
    ]


def _tried(what: str, found: str, attempt: Callable[[], None]) -> Finding:
    try:
        attempt()
    except CourseError as error:
        return Finding(what, "no", False, str(error))
    return Finding(what, found)
