"""Wires the course into nbgrader: its commands and the Formgrader read this file, and nothing else."""

import os
import sys
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearOutput

try:
    from course.errors import CourseError
    from course.release import InlineCells, RunExamples
    from course.requirements import check_requirements
except ModuleNotFoundError as error:
    raise SystemExit(f"{error}. Run: python -m pip install -r requirements/default.txt -e .") from None

try:
    check_requirements()
except CourseError as error:
    raise SystemExit(str(error)) from None

# nbgrader makes a new gradebook with the command `alembic`, looked up in PATH (nbgrader/dbutil.py):
# it is there too when the environment is not activated.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

c = get_config()  # noqa: F821  (traitlets puts it there)

c.CourseDirectory.course_id = "flax-nnx-state"

# Release: what notebooks share goes in as text, and the worked examples keep their outputs.
steps = GenerateAssignment.class_traits()["preprocessors"].default()
c.GenerateAssignment.preprocessors = [InlineCells] + [RunExamples if step is ClearOutput else step for step in steps]

# Marking: seconds that one cell may take (compiling for the first time is slow on a busy machine).
c.Execute.timeout = 120
# nbclient leaves out cells with this tag, and a check that a student tagged would count as passed.
c.Execute.skip_cells_with_tag = ""
