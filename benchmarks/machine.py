"""What a benchmark ran on, in one line for its page."""

import contextlib
import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path


def description(*packages: str) -> str:
    """The date, the processor, the system, and the versions of Python, jax, flax and further packages."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("jax", "flax", *packages))
    return f"{date.today()}, {os.cpu_count()} x {_processor()}, {platform.system()}, Python {platform.python_version()}, {versions}"


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.machine()
