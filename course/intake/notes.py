"""What there is to say of a submission beside its marks."""

from dataclasses import asdict, dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.notebooks import METADATA, is_check


@dataclass(frozen=True)
class Note:
    """A sentence on a submission.

    Parameters
    ----------
    kind : str
        "repaired", "older release", "refused", "timed out" or "stopped".
    text : str
        One sentence for the student.
    detail : str
        What an instructor may want beside it.
    """

    kind: str
    text: str
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As a notebook's metadata has it."""
        return {key: value for key, value in asdict(self).items() if value}


class Refused(Exception):
    """A submission that cannot be graded.

    Parameters
    ----------
    text : str
        One sentence for the student, that says what to do.
    detail : str
        For the instructor.
    """

    def __init__(self, text: str, detail: str = "") -> None:
        super().__init__(text)
        self.note = Note("refused", text, detail)


def refuse(notebook: NotebookNode, note: Note) -> NotebookNode:
    """Say in each check of a notebook why it did not run, in place: it gives no points."""
    notebook.metadata.setdefault(METADATA, NotebookNode())["notes"] = [note.as_dict()]
    for cell in notebook.cells:
        if is_check(cell):
            cell.outputs = [new_output("error", ename="NotRun", evalue=note.text, traceback=[f"NotRun: {note.text}"])]
    return notebook


def read_notes(notebook: NotebookNode) -> list[Note]:
    """The notes in a notebook that this package wrote."""
    return [Note(**note) for note in notebook.metadata.get(METADATA, {}).get("notes", [])]
