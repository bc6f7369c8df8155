"""Known answers: right ones and wrong ones, with the marks and the words that each must get.

An answer is a Python file, `answers/ASSIGNMENT/right/NAME.py` or `.../wrong/NAME.py`: the text of the
solution cell. A wrong one says on top what it must get:

    # marks: 8
    # says: not scaled

Where a notebook has several solution cells, each part stands below a line `# %% GRADE_ID`; a cell that is not named keeps
the source's own solution.
"""

import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from course.errors import CourseError
from course.notebooks import fill_in

HEADER = re.compile(r"# (marks|says|fools): *(.*?) *$")


@dataclass(frozen=True)
class Answer:
    """One known answer.

    Parameters
    ----------
    name : str
        `right/NAME` or `wrong/NAME`.
    source : str
        The text of the solution cell.
    marks : float or None
        The marks that it must get. None: all of them for a right one, and not all for a wrong one.
    says : tuple of str
        Words that the sentences of its failed checks must hold, whatever their case.
    fools : str
        Where it gets more than these marks, by a trick (`tests/hostile/scoring/`).
    """

    name: str
    source: str
    marks: float | None = None
    says: tuple[str, ...] = ()
    fools: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it must get full marks."""
        return self.name.startswith("right/")

    def filled_in(self, notebook: NotebookNode) -> NotebookNode:
        """A copy of a notebook with this answer in its solution cells."""
        copy = deepcopy(notebook)
        fill_in(copy, self.source)
        return copy


def read_answers(folder: Path) -> list[Answer]:
    """Read all answers of a folder with `right/` and `wrong/`.

    Raises
    ------
    CourseError
        If there is none, or the head of one cannot be read.
    """
    paths = sorted(path for kind in ("right", "wrong") for path in (folder / kind).glob("*.py"))
    if not paths:
        raise CourseError(f"{folder} holds no answers: put them in its folders right/ and wrong/, one .py file each.")
    return [read_answer(path) for path in paths]


def read_answer(path: Path) -> Answer:
    """Read one answer.

    Raises
    ------
    CourseError
        If its head cannot be read.
    """
    fools = ""
    marks: float | None = None
    says = []
    lines = path.read_text(encoding="utf-8").splitlines()
    while lines and (header := HEADER.match(lines[0])):
        lines.pop(0)
        if header[1] == "says":
            says.append(header[2])
            continue
        if header[1] == "fools":
            fools = header[2]
            continue
        try:
            marks = float(header[2])
        except ValueError:
            raise CourseError(f"{path} says '# marks: {header[2]}', and marks are a number.") from None
    return Answer(f"{path.parent.name}/{path.stem}", "\n".join(lines), marks, tuple(says), fools)
