"""A submission's notebook, made anew from what is known of the assignment and what the student wrote.

Nothing of a submission is kept but the text and the type of its cells: outputs, tags, settings and metadata, with which a
notebook could steer those who execute it, are not looked at except to find out which cell is which.
"""

import copy
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode, from_dict
from nbgrader.utils import compute_checksum

from course.intake.notes import Note, Refused, refuse
from course.notebooks import METADATA, grade_settings
from course.release import handed_out

MOST_CELLS = 2000
SETTINGS = ("grade", "solution", "locked", "points", "task")


@dataclass(eq=False)
class _Cell:
    """A cell of a submission."""

    kind: str
    source: str
    id: str
    grade_id: str
    settings: dict[str, Any]


class Repair:
    """Brings submissions of one assignment into the form in which they are graded.

    Parameters
    ----------
    assignment : str
    graded : NotebookNode
        The source notebook, hidden checks and all.
    """

    def __init__(self, assignment: str, graded: NotebookNode) -> None:
        self._assignment = assignment
        self._graded = copy.deepcopy(graded)
        self._release = handed_out(graded)
        self._known = [index for index, cell in enumerate(graded.cells) if grade_settings(cell)]
        for index in self._known:
            cell = self._graded.cells[index]
            if grade_settings(cell).get("solution"):  # nobody is to get ours
                cell.source = self._release.cells[index].source
            cell.metadata.nbgrader.checksum = compute_checksum(cell)  # tells nbgrader whether anything was written

    def refused(self, note: Note) -> NotebookNode:
        """What stands for a submission that cannot be graded: the release, with the note."""
        notebook = copy.deepcopy(self._graded)
        notebook.metadata = self._metadata([note], "")
        return refuse(notebook, note)

    def repair(self, submitted: dict[str, Any]) -> NotebookNode:
        """Make the notebook that is graded.

        Parameters
        ----------
        submitted : dict
            The JSON of a notebook, as `find` gives it.

        Returns
        -------
        NotebookNode
            Every cell that nbgrader knows, as the source has it, and the student's cells. Notes are in its metadata.

        Raises
        ------
        Refused
            If it is no notebook of this assignment.
        """
        notes: list[Note] = []
        submitted = _current(submitted, notes)
        said = submitted.get("metadata", {})
        said = said if isinstance(said, dict) else {}
        mine = said.get(METADATA, {})
        release, assignment = (str(mine.get(key, "")) if isinstance(mine, dict) else "" for key in ("release", "assignment"))
        if assignment and assignment != self._assignment:
            raise Refused(f"This is the notebook of {assignment[:60]}: hand in the one of {self._assignment}.")
        older = bool(release) and release != self._release.metadata[METADATA]["release"]
        cells = _read(submitted["cells"])
        found = self._match(cells)
        if not any(grade_settings(self._graded.cells[index]).get("solution") for index in found) and not assignment:
            text = "or its solution cell is gone: write in the notebook that you were given, and hand in that."
            raise Refused(
                f"This is not the notebook of {self._assignment}, {text}", "None of its cells is the solution cell, by name, id or text."
            )
        language = _language(said)
        if language not in ("", "python"):
            notes.append(Note("repaired", f"The notebook was saved for {language[:40]}: it was run with Python."))
        if older:
            text = "It was written in an earlier version of this notebook. The present checks graded it."
            notes.append(Note("older release", text, f"release {release[:40]}"))
        notes += self._describe(cells, found, older)
        notebook = copy.copy(self._graded)
        notebook.cells = self._ordered(cells, found, notes)
        notebook.metadata = self._metadata(notes, release)
        return notebook

    def _metadata(self, notes: list[Note], release: str) -> NotebookNode:
        known = {key: copy.deepcopy(self._graded.metadata[key]) for key in ("kernelspec", "language_info") if key in self._graded.metadata}
        return from_dict({**known, METADATA: {"notes": [note.as_dict() for note in notes], "release": release}})

    def _match(self, cells: list[_Cell]) -> dict[int, _Cell]:
        """The cells that are known, by their index in the source: found by name, or else by id, or else by text.

        A solution cell in which nothing was written gives way, in `cells` too, to a cell that writes what it asks for.
        """
        found: dict[int, _Cell] = {}
        free = list(cells)

        def take(tell: Callable[[_Cell, int], bool], pick: Callable[[list[_Cell], int], list[_Cell]] = lambda some, index: some) -> None:
            for index in self._known:
                some = [] if index in found else pick([cell for cell in free if tell(cell, index)], index)
                if some:
                    found[index] = some[0]
                    free.remove(some[0])

        def by_id(cell: _Cell, index: int) -> bool:
            return cell.id == self._release.cells[index].id

        def the_original(some: list[_Cell], index: int) -> list[_Cell]:
            return sorted(some, key=lambda cell: (not by_id(cell, index), not self._is_text_of(cell, index)))

        take(lambda cell, index: cell.grade_id == grade_settings(self._graded.cells[index]).grade_id, the_original)
        take(by_id)
        take(self._is_text_of)
        for index in self._known:  # a solution that was written into another cell, below
            settings, out = grade_settings(self._graded.cells[index]), self._release.cells[index].source
            if settings.get("solution") and (index not in found or _stripped(found[index].source) == _stripped(out)):
                writes = re.compile(rf"^(def|class)\s+{re.escape(settings.grade_id)}\b", re.MULTILINE)
                if some := [cell for cell in free if cell.kind == "code" and writes.search(cell.source)]:
                    if index in found:
                        cells.remove(found[index])
                    found[index] = some[-1]
                    free.remove(some[-1])
        return found

    def _is_text_of(self, cell: _Cell, index: int) -> bool:
        texts = (self._release.cells[index].source, self._graded.cells[index].source)
        return _stripped(cell.source) in map(_stripped, texts)

    def _describe(self, cells: list[_Cell], found: dict[int, _Cell], older: bool) -> list[Note]:
        names: dict[str, list[str]] = {"deleted": [], "edited": [], "retyped": [], "renamed": [], "settings": []}
        for index in self._known:
            cell, out, settings = found.get(index), self._release.cells[index], grade_settings(self._graded.cells[index])
            if cell is None:
                names["deleted"] += [] if older else [settings.grade_id]
                continue
            if cell.kind != out.cell_type:
                names["retyped"].append(settings.grade_id)
            # VS Code and others leave out what they do not know: that costs nothing, and goes without a word.
            if cell.grade_id and cell.grade_id != settings.grade_id and not older:
                names["renamed"].append(settings.grade_id)
            told = {key: cell.settings[key] for key in SETTINGS if key in cell.settings}
            if any(value != settings.get(key, value) for key, value in told.items()) and not older:
                names["settings"].append(settings.grade_id)
            if not settings.get("solution") and not self._is_text_of(cell, index) and not older:
                names["edited"].append(settings.grade_id)
        known = {grade_settings(self._graded.cells[index]).grade_id for index in self._known}
        copies = {cell.grade_id for cell in cells if cell.grade_id in known and not any(cell is other for other in found.values())}
        texts = {
            "deleted": "{} had been deleted: it is there again.",
            "edited": "{} had been changed, and is as it was handed out: write in the solution cell, or in cells of your own.",
            "retyped": "{} had become a cell of another type, and is what it was.",
            "renamed": "{} had another name, and was found all the same.",
            "settings": "The settings of {}, such as points, had been changed, and are as they were.",
            "copies": "There was a second copy of {}: it counts as a cell of your own.",
        }
        names["copies"] = sorted(copies)
        return [Note("repaired", texts[kind].format(", ".join(some))) for kind, some in names.items() if some]

    def _ordered(self, cells: list[_Cell], found: dict[int, _Cell], notes: list[Note]) -> list[NotebookNode]:
        """The student's order, where known cells are in theirs; else each known cell in its place, with what followed it."""
        place = {id(cell): index for index, cell in found.items()}
        groups: list[tuple[int, list[_Cell]]] = [(-1, [])]
        for cell in cells:
            if id(cell) in place:
                groups.append((place[id(cell)], []))
            groups[-1][1].append(cell)
        at = [index for index, _ in groups]
        if at != sorted(at):
            names = [grade_settings(self._graded.cells[index]).grade_id for index, after in itertools.pairwise(at) if index > after]
            notes.append(Note("repaired", f"Cells stood in another order ({', '.join(names)}): they were put back, and run from the top."))
        groups += [(index, []) for index in self._known if index not in found]
        taken = {cell.id for cell in self._graded.cells}
        ordered = []
        for index, group in sorted(groups, key=lambda group: group[0]):
            if index >= 0 and index not in found:
                ordered.append(copy.deepcopy(self._graded.cells[index]))
            for cell in group:
                ordered.append(self._known_cell(index, cell) if place.get(id(cell)) == index else _own_cell(cell, taken))
        return ordered

    def _known_cell(self, index: int, cell: _Cell) -> NotebookNode:
        known = copy.deepcopy(self._graded.cells[index])
        if grade_settings(known).get("solution"):
            known.source = cell.source
        return known


def _current(submitted: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """A notebook of format 4, whatever it was saved as."""
    if isinstance(submitted.get("cells"), list):
        return submitted
    try:
        submitted = nbformat.convert(from_dict(submitted), 4)
        cells = submitted["cells"]
    except Exception as error:  # nbformat's own converters raise whatever they run into
        raise Refused("The notebook is of an old format: open it in JupyterLab, save it, and hand it in again.", str(error)[:300]) from None
    if not isinstance(cells, list):
        raise Refused("The file is no notebook: it has no cells. Save the notebook again, and hand it in.")
    notes.append(Note("repaired", "The notebook was saved in an old format, and was converted."))
    return submitted


def _read(cells: list[Any]) -> list[_Cell]:
    if len(cells) > MOST_CELLS:
        raise Refused(f"The notebook has more than {MOST_CELLS} cells: hand in the one that you were given, with your solution.")
    read = []
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            raise Refused("The file is no notebook: a cell of it is none. Save the notebook again, and hand it in.")
        source = cell.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else source
        if not isinstance(source, str):
            raise Refused("The file is no notebook: a cell of it has no text. Save the notebook again, and hand it in.")
        metadata = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
        settings = metadata["nbgrader"] if isinstance(metadata.get("nbgrader"), dict) else {}
        found = cell.get("id") or metadata.get("id")  # Colab has its own
        # A lone surrogate may stand in JSON, and in no file.
        text = source.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()
        read.append(_Cell(cell["cell_type"], text, str(found or ""), str(settings.get("grade_id") or ""), settings))
    return read


def _own_cell(cell: _Cell, taken: set[str]) -> NotebookNode:
    """A cell of the student's own, with an id that no other cell has."""
    name = cell.id if re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", cell.id) else "own"
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name[:56]}-{number}", number + 1
    taken.add(candidate)
    own: dict[str, Any] = {"cell_type": cell.kind, "id": candidate, "metadata": {}, "source": cell.source}
    if cell.kind == "code":
        own |= {"outputs": [], "execution_count": None}
    return from_dict(own)


def _language(metadata: dict[str, Any]) -> str:
    parts = [metadata.get("kernelspec"), metadata.get("language_info")]
    said = [str(part.get(key, "")) for part, key in zip(parts, ("language", "name"), strict=True) if isinstance(part, dict)]
    return next((word.lower() for word in said if word), "")


def _stripped(source: str) -> str:
    """A text without what editors change unasked."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
