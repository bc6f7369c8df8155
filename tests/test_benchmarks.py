"""That what is measured against runs at all: nobody looks at it between two measurements."""

import json
import os
import subprocess
import sys

from nbformat.v4 import new_code_cell, new_notebook

from course.notebooks import write_notebook
from course.sandbox.server import ENVIRONMENT
from tests.conftest import ROOT


def test_the_floors_are_found(tmp_path):
    cells = [new_code_cell("import jax.numpy as jnp\n\nx = jnp.ones(3)"), new_code_cell("x + 1")]
    write_notebook(new_notebook(cells=cells), tmp_path / "cells.ipynb")
    command = [sys.executable, ROOT / "benchmarks/floors.py", tmp_path / "cells.ipynb"]
    done = subprocess.run(command, env=os.environ | ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert all(cpu > 0 and wall > 0 for cpu, wall in found.values())
    assert found["the same cells again"][0] < found["a bare fork"][0]
