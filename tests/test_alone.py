"""A release notebook alone: in an empty folder, with nothing else installed, without a network."""

import re
import shutil
import subprocess
import venv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from course.notebooks import is_check, read_notebook
from tests.conftest import COURSE, ROOT

NEEDED = ("jax", "flax", "optax", "matplotlib", "ipykernel", "nbclient")
EXECUTE = "import sys; from nbclient.cli import main; sys.exit(main())"  # jupyter execute


def offline(folder: Path, *command):
    """Run a command in a folder that it may write to, where there is no network."""
    walls = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    home = ["--bind", folder, folder, "--chdir", folder, "--clearenv", "--setenv", "HOME", folder, "--setenv", "TMPDIR", folder]
    return subprocess.run([*walls, *home, *command], capture_output=True, text=True, check=False)


def packages(*names: str) -> set[str]:
    """These packages of this environment, and all that they require."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name not in found:
            found.add(name)
            required = map(Requirement, distribution(name).requires or [])
            waiting += [each.name for each in required if not each.marker or each.marker.evaluate({"extra": ""})]
    return found


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The Python of an environment with what a student installs, and no more: linked from this one."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder)
    [site] = folder.glob("lib/*/site-packages")
    for name in packages(*NEEDED):
        for top in {file.parts[0] for file in distribution(name).files or []} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(distribution(name).locate_file(top))
    return folder / "bin/python"


def run_alone(assignment, python, folder):
    notebook = folder / assignment.release.name
    shutil.copy(assignment.release, notebook)
    result = offline(folder, python, "-c", EXECUTE, "--inplace", notebook.name)
    assert result.returncode == 0, result.stderr
    executed = read_notebook(notebook)
    failed = [cell for cell in executed.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert failed == [cell for cell in executed.cells if is_check(cell)]
    printed = "".join(output.text for output in executed.cells[-1].outputs)  # in as many parts as the kernel happened to send
    assert printed.startswith(f"Checks that you see: 0 of {len(failed)} passed.")
    return executed


def test_there_is_no_network_and_no_course(bare, tmp_path):
    names = offline(tmp_path, bare, "-c", "import socket; print([name for _, name in socket.if_nameindex()])").stdout
    assert names.strip() == "['lo']"
    for name in ("course", "nbgrader", "jupyterlab"):
        distribution({"course": "nnx-course"}.get(name, name))  # here it is
        assert "ModuleNotFoundError" in offline(tmp_path, bare, "-c", f"import {name}").stderr
    with pytest.raises(PackageNotFoundError):
        packages("no-such-package")


def test_with_the_four_packages_and_a_kernel(bare, tmp_path, request):
    for name in COURSE.assignments if request.config.getoption("--every-answer") else COURSE.assignments[:1]:
        folder = tmp_path / name
        folder.mkdir()
        run_alone(COURSE.assignment(name), bare, folder)


def test_on_the_versions_of_colab(assignment, tmp_path):
    python = ROOT / ".venv-colab/bin/python"
    assert python.exists(), "run: make .venv-colab/ready"
    assert "flax 0.11.2" in str(run_alone(assignment, python, tmp_path).cells)
