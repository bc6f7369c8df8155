"""Marks, as nbgrader reads them off an executed notebook."""

import re
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from course.notebooks import grade_settings, is_check

ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# What a failed check may be: it speaks, it asserts, or the student's code ended it.
OWN = ("Mistake", "Unclear")
SPEAKING = ("Mistake", "AssertionError", "TimeLimit", "Stopped", "NotRun", "Unreadable")
UNCLEAR = ("Unclear", "NotRun", "Unreadable")
FIRST_SENTENCE = re.compile(r".*?\.(?=\s|$)", re.DOTALL)


@dataclass(frozen=True)
class Mark:
    """What one check gave.

    Parameters
    ----------
    check : str
        The `grade_id` of the check.
    points, maximum : float
    sentence : str
        What a failed check says; empty for one that passed.
    broken : bool
        Whether the check stopped with an error of its own: its author's mistake, not the student's.
    needs_review : bool
        Whether a person has to look: the check was broken, could not judge, or did not run.
    """

    check: str
    points: float
    maximum: float
    sentence: str
    broken: bool = False
    needs_review: bool = False

    @property
    def passed(self) -> bool:
        """Whether the check gave all its points."""
        return self.points >= self.maximum

    @property
    def mistake(self) -> str:
        """The first sentence of a failed check, which names the mistake and holds no values."""
        found = FIRST_SENTENCE.match(self.sentence)
        return found[0] if found else self.sentence


def read_marks(notebook: NotebookNode) -> list[Mark]:
    """Read the marks of an executed notebook, with nbgrader's own rule, in the order of its checks."""
    return [_read_mark(cell) for cell in notebook.cells if is_check(cell)]


def _read_mark(cell: NotebookNode) -> Mark:
    points, maximum = (float(number or 0) for number in determine_grade(cell))
    sentences = []
    for output in cell.outputs:
        if output.output_type == "error":
            own = output.ename in OWN
            sentences.append(output.evalue if own else f"{output.ename}. {output.evalue}".strip())
        elif output.output_type == "stream" and output.name == "stderr":
            sentences.append(f"Written to stderr. {output.text}")
    sentence = ANSI_COLOUR.sub("", " ".join(sentences)) if points < maximum else ""
    broken = any(output.output_type == "error" and output.ename not in SPEAKING for output in cell.outputs)
    unclear = broken or "needs review" in sentence or any(output.get("ename") in UNCLEAR for output in cell.outputs)
    return Mark(grade_settings(cell).grade_id, points, maximum, sentence, broken, unclear)
