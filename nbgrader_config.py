"""Wires the course into nbgrader: its commands and the Formgrader read this file, and nothing else."""

import os
import sys
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment, GenerateSolution
from nbgrader.preprocessors import CheckCellMetadata, ClearHiddenTests, ClearOutput, Execute, GetGrades

try:
    from course.errors import CourseError
    from course.execute import ExecuteInSandbox, RepairSubmission
    from course.exports import CsvExport
    from course.feedback import FeedbackExporter, HideChecks
    from course.release import InlineCells, RunExamples, StampRelease
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
c.InlineCells.students_repository = ""  # on GitHub, OWNER/NAME: what `nnx-course publish` writes; "Open in Colab" points there
c.InlineCells.students_branch = "main"
c.GenerateAssignment.preprocessors = [InlineCells, *(RunExamples if step is ClearOutput else step for step in steps), StampRelease]

# Marking: submissions are looked at first, run in warm, walled kernels, and their checks outside of them.
c.Autograde.sanitize_preprocessors = [RepairSubmission, CheckCellMetadata]
steps = Autograde.class_traits()["autograde_preprocessors"].default()
c.Autograde.autograde_preprocessors = [ExecuteInSandbox if step is Execute else step for step in steps]
c.ExecuteInSandbox.walls = True  # without, students' code has all the rights of who marks
c.ExecuteInSandbox.timeout = 120  # seconds for one cell: the slowest takes 2
c.ExecuteInSandbox.submission_seconds = 600  # wall time for a notebook, which takes 2
c.ExecuteInSandbox.call_seconds = 20  # wall time for one call of a student's function by a check
c.ExecuteInSandbox.cpu_seconds = 300  # processor time for a notebook
c.ExecuteInSandbox.memory = 4 * 2**30  # bytes of address space, of which JAX takes 1.75 GB at once
c.ExecuteInSandbox.call_memory = 7 * 2**29  # bytes of address space during such a call: the rest is for its answer
c.ExecuteInSandbox.disk = 64 * 2**20  # bytes of files, kept in memory
c.ExecuteInSandbox.file_size = 32 * 2**20  # bytes of one file
c.ExecuteInSandbox.open_files = 256
c.ExecuteInSandbox.output_bytes = 2**20  # bytes of output kept of one cell; the rest is cut

# Solutions for students, with examples and answers run, and without hidden checks: those are for next year.
steps = GenerateSolution.class_traits()["preprocessors"].default()
c.GenerateSolution.preprocessors = [InlineCells, ClearHiddenTests, *steps]

# Feedback: a page of marks, sentences and comments, without what checks hide. It needs nothing from the network.
c.GenerateFeedback.preprocessors = [GetGrades, HideChecks]
c.GenerateFeedback.exporter_class = FeedbackExporter

# `nbgrader export` writes nbgrader's own columns, in a file that no name breaks.
c.ExportApp.plugin_class = CsvExport

# `nbgrader validate`, and marking with nbgrader's own Execute: nbclient leaves out cells with this tag, and a check
# that a student tagged would count as passed.
c.Execute.skip_cells_with_tag = ""
c.Execute.timeout = 120
