"""Source to release: what nbgrader's `generate_assignment` does besides its own steps.

`nbgrader_config.py` puts the two preprocessors here into `GenerateAssignment.preprocessors`.
"""

import base64
import io
import itertools
import re
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course.commands import run_nbgrader
from course.layout import Assignment
from course.notebooks import grade_settings, read_notebook

CELLS = Path(__file__).parent / "cells"
CELL_IMPORT = re.compile(r"^from course\.cells\.(\w+) import .*$", re.MULTILINE)


def inline_cells(notebook: NotebookNode) -> NotebookNode:
    """Replace each `from course.cells.NAME import ...` by the text of that module, in place.

    A student's notebook is one self-contained file, and an author edits what notebooks share once.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = CELL_IMPORT.sub(lambda match: _module_text(match[1]), cell.source)
    return notebook


def _module_text(name: str) -> str:
    return (CELLS / f"{name}.py").read_text(encoding="utf-8").strip()


class InlineCells(NbGraderPreprocessor):
    """`inline_cells` as a step of `nbgrader generate_assignment`. It comes before the cells are saved to the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        return inline_cells(nb), resources


class RunExamples(NbGraderPreprocessor, ExecutePreprocessor):
    """Run the worked examples and keep their outputs; solutions and checks get none.

    It stands where nbgrader has ClearOutput: who only views a release notebook sees its pictures.
    An example that fails stops the release.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: dict[str, Any], index: int) -> tuple[NotebookNode, dict[str, Any]]:
        if cell.cell_type == "code":
            cell.outputs = []
            settings = grade_settings(cell)
            if not settings.get("grade") and not settings.get("solution"):
                cell, resources = super().preprocess_cell(cell, resources, index)
            cell.execution_count = None
            cell.metadata.pop("execution", None)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = None
        return cell, resources


def build(assignment: Assignment) -> NotebookNode:
    """Build the release notebook of an assignment with `nbgrader generate_assignment`.

    Neither the gradebook nor the committed release is touched.

    Raises
    ------
    CourseError
        If nbgrader fails, with its own last error.
    """
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        run_nbgrader(
            assignment.course,
            "generate_assignment",
            assignment.name,
            "--force",
            "--no-db",
            f"--CourseDirectory.release_directory={folder}",
        )
        return read_notebook(Path(folder) / assignment.name / assignment.source.name)


def is_current(assignment: Assignment, built: NotebookNode) -> bool:
    """Whether the committed release is what was just built.

    Numbers in outputs may differ in their last digits, and pictures slightly: processors round differently.
    """
    if not assignment.release.exists():
        return False
    ours, theirs = read_notebook(assignment.release), built
    if _without_outputs(ours) != _without_outputs(theirs):
        return False
    return all(
        _same_output(one, other)
        for cell, built_cell in zip(ours.cells, theirs.cells, strict=True)
        for one, other in itertools.zip_longest(cell.get("outputs", []), built_cell.get("outputs", []))
    )


def _without_outputs(notebook: NotebookNode) -> NotebookNode:
    copy = deepcopy(notebook)
    for cell in copy.cells:
        cell.pop("outputs", None)
    return copy


def _same_output(one: NotebookNode | None, other: NotebookNode | None) -> bool:
    if one is None or other is None or one.output_type != other.output_type:
        return False
    pictures = [output.get("data", {}).get("image/png", "") for output in (one, other)]
    texts = [output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in (one, other)]
    return _rounded(texts[0]) == _rounded(texts[1]) and _similar(*pictures)


def _rounded(text: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.3g}", text)


def _similar(one: str, other: str) -> bool:
    if not one or not other:
        return one == other
    first, second = (matplotlib.image.imread(io.BytesIO(base64.b64decode(picture))) for picture in (one, other))
    return first.shape == second.shape and float(np.abs(first - second).mean()) < 0.01
