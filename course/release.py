"""Source to release: what nbgrader's `generate_assignment` does besides its own steps.

`nbgrader_config.py` puts the preprocessors here into `GenerateAssignment.preprocessors`.
"""

import base64
import copy
import io
import itertools
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, NbGraderPreprocessor
from traitlets import Bool, Unicode
from traitlets.config import PyFileConfigLoader

from course.commands import run_nbgrader
from course.layout import CONFIG, Assignment, Course
from course.notebooks import METADATA, fingerprint, grade_settings, is_check, read_notebook

CELLS = Path(__file__).parent / "cells"
IMPORT_OF_NAMES = re.compile(r"^from course\.cells\.(\w+) import .*$", re.MULTILINE)
IMPORT_OF_MODULE = re.compile(r"^from course\.cells import (\w+)$", re.MULTILINE)

SECRET = re.compile(r"### BEGIN (HIDDEN TESTS|SOLUTION)\n(.*?)### END \1", re.DOTALL)


def inline_cells(notebook: NotebookNode) -> NotebookNode:
    """Put the text of what notebooks share in the place of its imports, in place.

    `from course.cells.NAME import ...` becomes the text of that module. `from course.cells import NAME` makes
    a module of the text, so that its names and the student's keep out of each other's way. A student's notebook
    is one self-contained file, and an author edits what notebooks share once.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = IMPORT_OF_NAMES.sub(lambda match: _module_text(match[1]), cell.source)
            cell.source = IMPORT_OF_MODULE.sub(lambda match: _module_maker(match[1]), cell.source)
    return notebook


def add_closing(notebook: NotebookNode, file: str) -> NotebookNode:
    """Append what every notebook ends in, in place: how to hand it in, and a cell that sums up the checks.

    Parameters
    ----------
    notebook : NotebookNode
    file : str
        What the notebook is called.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    sections = [int(number) for cell in notebook.cells for number in re.findall(r"^## (\d+)\.", cell.source, re.MULTILINE)]
    text = (CELLS / "hand_in.md").read_text(encoding="utf-8").strip()
    functions = [grade_settings(cell).grade_id for cell in notebook.cells if grade_settings(cell).get("solution")]
    arguments = ", ".join([str(sum(map(is_check, notebook.cells))), *(f'"{name}"' for name in functions)])
    settings = {"grade": False, "grade_id": "progress", "locked": True, "schema_version": 3, "solution": False, "task": False}
    metadata = {"jupyter": {"source_hidden": True}, "nbgrader": settings}
    notebook.cells += [
        new_markdown_cell(text.replace("{number}", str(max(sections, default=0) + 1)).replace("{file}", file), id="hand-in"),
        new_code_cell(f"{_module_text('progress')}\n\n\nshow_progress({arguments})", id="progress", metadata=metadata),
    ]
    return notebook


def secret_lines(notebooks: Iterable[NotebookNode]) -> set[str]:
    """The lines of source notebooks that no student may see: of hidden checks and solutions, where no other part has them too."""
    cells = [cell.source for notebook in notebooks for cell in notebook.cells]
    public = "\n".join(SECRET.sub("", source) for source in cells)  # a contract, or another topic, gives some lines away
    lines = {line.strip() for source in cells for block in SECRET.finditer(source) for line in block[2].splitlines()}
    return {line for line in lines if len(line) > 8 and line not in public}


def graded_notebook(assignment: Assignment) -> NotebookNode:
    """The notebook as nbgrader marks it: the source, hidden checks and all, with its shared cells put in."""
    return add_closing(inline_cells(read_notebook(assignment.source)), assignment.source.name)


def handed_out(graded: NotebookNode) -> NotebookNode:
    """What students get of a notebook as it is graded: without solutions and hidden checks, with the id of the release."""
    notebook = copy.deepcopy(graded)
    for step in (ClearSolutions, ClearHiddenTests):
        notebook, _ = step().preprocess(notebook, ResourcesDict())
    notebook.metadata[METADATA] = {"release": _release_id(notebook)}
    return notebook


def _release_id(notebook: NotebookNode) -> str:
    return fingerprint(notebook)[:12]


class StampRelease(NbGraderPreprocessor):
    """The last step of `nbgrader generate_assignment`: write into a release notebook what it is a release of.

    A submission that was made from an earlier one is recognised by it.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        nb.metadata.get("language_info", {}).pop("version", None)  # of the author's Python: a release is the same on any
        nb.metadata[METADATA] = {"assignment": resources["nbgrader"]["assignment"], "release": _release_id(nb)}
        return nb, resources


def _module_text(name: str) -> str:
    return (CELLS / f"{name}.py").read_text(encoding="utf-8").strip()


def _module_maker(name: str) -> str:
    text = _module_text(name)
    if "'''" in text:
        raise ValueError(f"course/cells/{name}.py holds three single quotes in a row, which end the text in the notebook")
    return f"from types import ModuleType\n\n{name} = ModuleType('{name}')\nexec(r'''\n{text}\n''', {name}.__dict__)"


def place(assignment: Assignment) -> str:
    """Where a topic stands in the course, in a line that makes sense in a single file too."""
    course, names = assignment.course, assignment.course.assignments
    number = names.index(assignment.name)

    def title(at: int) -> str:
        return read_notebook(course.assignment(names[at]).source).cells[0].source.splitlines()[0].strip("# ")

    before = f" Before it: {title(number - 1)}." if number else ""
    after = f" After it: {title(number + 1)}." if number + 1 < len(names) else ""
    return f"*Topic {number + 1} of {len(names)} in the course Flax NNX state.{before}{after}*".replace("?.", "?")


def colab_badge(assignment: Assignment, repository: str, branch: str) -> str:
    """A badge in Markdown that opens a topic of the students' repository in Colab; empty without a repository."""
    if not repository:
        return ""
    address = f"https://colab.research.google.com/github/{repository}/blob/{branch}/{assignment.name}/{assignment.source.name}"
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({address})"


class InlineCells(NbGraderPreprocessor):
    """What a release notebook gets besides nbgrader's own steps: shared cells, its place in the course, a badge for Colab, its end.

    It comes before the cells are saved to the gradebook.
    """

    students_repository = Unicode(help="The students' repository on GitHub, OWNER/NAME: Open in Colab points there.").tag(config=True)
    students_branch = Unicode("main", help="Its branch.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        root = Path(self.parent.parent.coursedir.root)  # type: ignore[union-attr]  # the exporter's converter
        assignment = Course(root).assignment(resources["nbgrader"]["assignment"])
        badge = colab_badge(assignment, self.students_repository, self.students_branch)
        nb.cells[0].source += "\n\n" + place(assignment) + (f"\n\n{badge}" if badge else "")
        return add_closing(inline_cells(nb), assignment.source.name), resources


class RunExamples(NbGraderPreprocessor, ExecutePreprocessor):
    """Run the worked examples and keep their outputs; solutions and checks get none.

    It stands where nbgrader has ClearOutput: who only views a release notebook sees its pictures.
    An example that fails stops the release.
    """

    coalesce_streams = Bool(True)  # what is printed comes in as many parts as the kernel happened to send

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


def students_repository(course: Course) -> tuple[str, str]:
    """The students' repository on GitHub, OWNER/NAME, and its branch, as `nbgrader_config.py` has them; "" for none."""
    settings = InlineCells(config=PyFileConfigLoader(CONFIG, path=str(course.root)).load_config())
    return settings.students_repository, settings.students_branch


def build(assignment: Assignment) -> NotebookNode:
    """Build the release notebook of an assignment. Neither the gradebook nor the committed release is touched.

    Raises
    ------
    CourseError
        If nbgrader fails, with its own last error.
    """
    return generate(assignment, "--no-db")


def generate(assignment: Assignment, *options: str) -> NotebookNode:
    """Run `nbgrader generate_assignment`, with a temporary folder in the place of release/.

    Parameters
    ----------
    assignment : Assignment
    *options : str
        As on the command line.

    Returns
    -------
    NotebookNode
        The release notebook.

    Raises
    ------
    CourseError
        If nbgrader fails, with its own last error.
    """
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        elsewhere = f"--CourseDirectory.release_directory={folder}"
        run_nbgrader(assignment.course, "generate_assignment", assignment.name, "--force", elsewhere, *options)
        return read_notebook(Path(folder) / assignment.name / assignment.source.name)


def differences(assignment: Assignment, built: NotebookNode) -> list[str]:
    """Where the committed release is not what was just built: the ids of cells, or another part's name.

    Numbers in outputs may differ in their last digits, and pictures slightly: processors round differently.
    """
    if not assignment.release.exists():
        return ["the file"]
    ours = read_notebook(assignment.release)
    if [cell.id for cell in ours.cells] != [cell.id for cell in built.cells]:
        return ["the cells"]
    different = [
        cell.id
        for cell, other in zip(ours.cells, built.cells, strict=True)
        if _without_outputs(cell) != _without_outputs(other)
        or not all(itertools.starmap(_same_output, itertools.zip_longest(cell.get("outputs", []), other.get("outputs", []))))
    ]
    return different + (["the metadata"] if ours.metadata != built.metadata else [])


def _without_outputs(cell: NotebookNode) -> dict[str, Any]:
    return {key: value for key, value in cell.items() if key != "outputs"}


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
