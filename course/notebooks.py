"""Reading and writing notebooks, and the normal form that source notebooks are kept in."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course.errors import CourseError

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_MARK = re.compile(r"^# %% (\w+)$\n?", re.MULTILINE)
METADATA = "nnx_course"  # where a notebook has what this package says of it
CELL_METADATA = ("nbgrader", "tags", "jupyter")


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises
    ------
    CourseError
        If the file is not there, or is not a notebook of nbformat 4.
    """
    try:
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        if notebook.nbformat == 4 and notebook.nbformat_minor < 5:
            for cell in notebook.cells:  # Colab says 4.0, where no cell has an id, and keeps those that it found
                cell.pop("id", None)
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist.") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise CourseError(f"{path} is not a notebook ({reason}): open it in JupyterLab and save it again.") from None
    if notebook.nbformat != 4:
        raise CourseError(f"{path} has notebook format {notebook.nbformat}, and 4 is needed: save it again from JupyterLab.")
    return notebook


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook as text of one form: keys sorted, one space of indentation, a newline at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_text(notebook), encoding="utf-8", newline="\n")


def as_text(notebook: NotebookNode) -> str:
    """The text that `write_notebook` writes."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def writable(value: Any) -> Any:
    """JSON without lone surrogates: what a student's code says may hold them, and a file may not."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))


def grade_settings(cell: NotebookNode) -> NotebookNode:
    """What nbgrader keeps in a cell's metadata; empty for a cell that it does not know."""
    return cell.metadata.get("nbgrader", NotebookNode())


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell is a check: graded, and not to be written by the student."""
    settings = grade_settings(cell)
    return bool(settings.get("grade")) and not settings.get("solution")


def fingerprint(notebook: NotebookNode) -> str:
    """Tells notebooks apart by what is run and graded: the text, order and points of their code cells."""
    cells = [(cell.id, cell.source, grade_settings(cell).get("points")) for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(repr(cells).encode()).hexdigest()


def solution_text(notebook: NotebookNode) -> str:
    """What a student writes: the text of the solution cell, or of several, each after a line `# %% GRADE_ID`."""
    cells = _solution_cells(notebook)
    if len(cells) == 1:
        return next(iter(cells.values())).source
    return "\n\n\n".join(f"# %% {name}\n{cell.source}" for name, cell in cells.items())


def fill_in(notebook: NotebookNode, text: str) -> None:
    """Put an answer into the solution cells, in place: the inverse of `solution_text`. A cell that is not named keeps its text.

    Raises
    ------
    CourseError
        If the text names no solution cell, or one that is not there.
    """
    cells = _solution_cells(notebook)
    first, *rest = CELL_MARK.split(text)
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    if not parts and len(cells) == 1:
        parts = {next(iter(cells)): text}
    elif not parts or first.strip() or not set(parts) <= set(cells):
        lines = ", ".join(f"# %% {name}" for name in cells)
        raise CourseError(f"An answer begins with the line of a solution cell ({lines}), and each part has its own.")
    for name, part in parts.items():
        cells[name].source = part.strip("\n")


def _solution_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    cells = {grade_settings(cell).grade_id: cell for cell in notebook.cells if grade_settings(cell).get("solution")}
    if not cells:
        raise CourseError("The notebook has no solution cell, and an assignment needs one.")
    return cells


def normal_form(notebook: NotebookNode) -> NotebookNode:
    """Bring a source notebook into normal form, in place.

    No outputs, no trailing white space, only the metadata that the course uses, cell ids that can
    be read (from the `grade_id`, or else from the words of the cell), nbformat 4.5, kernel
    `python3`, and checks with their source folded away and the tag `raises-exception`, so that Run All
    goes on after a failed one.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": {"name": "python"}})
    taken: set[str] = set()
    for cell in notebook.cells:
        lines = [line.rstrip() for line in cell.source.splitlines()]
        cell.source = "\n".join(lines).strip("\n")
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)})
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if is_check(cell):
            cell.metadata["tags"] = sorted({*cell.metadata.get("tags", []), "raises-exception"})
            cell.metadata["jupyter"] = {"source_hidden": True}
        cell.id = _readable_id(cell, taken)
        taken.add(cell.id)
    return notebook


def _readable_id(cell: NotebookNode, taken: set[str]) -> str:
    name = grade_settings(cell).get("grade_id") or cell.get("id", "")
    # JupyterLab gives a new cell a random id, eight hexadecimal digits or a UUID.
    if not name or re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]{27})?", name):
        words = re.findall(r"[a-z0-9]+", cell.source.lower())
        name = "-".join(words[:5])[:48] or "empty"
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}-{number}", number + 1
    return candidate
