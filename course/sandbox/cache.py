"""Compiled programs for JAX, made once by a trusted run of the source notebook and read by every submission.

Compiling is what costs most in marking a notebook. A cache that student code could write would be an attack on
the next student, so submissions get it read-only.
"""

import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import platformdirs
from nbformat import NotebookNode

from course.notebooks import fingerprint


def compile_cache(name: str, notebook: NotebookNode, fill: Callable[[Path], None]) -> Path:
    """The folder of compiled programs for an assignment; made first, where there is none for this very notebook.

    Parameters
    ----------
    name : str
        The assignment.
    notebook : NotebookNode
        The source notebook as it is graded, solution and hidden checks and all.
    fill : callable
        Runs that notebook, and has JAX write what it compiles into a folder.

    Returns
    -------
    Path
    """
    home = Path(platformdirs.user_cache_dir("nnx-course"))
    folder = home / f"{name}-{_key(notebook)}"
    if folder.is_dir():
        return folder
    home.mkdir(parents=True, exist_ok=True)
    for old in home.glob(f"{name}-{'[0-9a-f]' * 16}"):
        shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="filling-") as filling:
        path = Path(filling) / "programs"
        path.mkdir()
        fill(path)
        try:
            path.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster, and made the same
                raise
    return folder


def _key(notebook: NotebookNode) -> str:
    """What compiled programs depend on: the notebook's code, the versions, and the processor."""
    parts = [fingerprint(notebook)]
    parts += [f"{name} {version(name)}" for name in ("jax", "jaxlib", "flax", "optax", "numpy")]
    parts += [platform.python_version(), platform.machine(), _processor()]
    parts.append("sandbox/ and checks/")  # what is in the folder
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _processor() -> str:
    """The processor's features: XLA compiles for these, and refuses programs that were compiled for others."""
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return platform.processor()
