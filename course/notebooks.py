"""Reading and writing notebooks, and the normal form that source notebooks are kept in."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.errors import CourseError

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
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


def grade_settings(cell: NotebookNode) -> NotebookNode:
    """What nbgrader keeps in a cell's metadata; empty for a cell that it does not know."""
    return cell.metadata.get("nbgrader", NotebookNode())


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell is a check: graded, and not to be written by the student."""
    settings = grade_settings(cell)
    return bool(settings.get("grade")) and not settings.get("solution")


def solution_cell(notebook: NotebookNode) -> NotebookNode:
    """The one cell that the student writes.

    Raises
    ------
    CourseError
        If there is not exactly one.
    """
    cells = [cell for cell in notebook.cells if grade_settings(cell).get("solution")]
    if len(cells) != 1:
        raise CourseError(f"The notebook has {len(cells)} solution cells, and an assignment has one.")
    return cells[0]


def normal_form(notebook: NotebookNode) -> NotebookNode:
    """Bring a source notebook into normal form, in place.

    No outputs, no trailing white space, only the metadata that the course uses, cell ids that can
    be read (from the `grade_id`, or else from the words of the cell), nbformat 4.5, kernel
    `python3`, and the tag `raises-exception` on checks, so that Run All goes on after a failed one.

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
