"""Marks, as nbgrader reads them off an executed notebook."""

import re
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from course.notebooks import grade_settings, is_check

ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# What a failed check may be: it speaks, it asserts, or the student's code ended it.
OWN = ("Mistake", "Unclear")
ENDED = ("TimeLimit", "Stopped", "NotRun")
# The words of a student's exception, and of the sandbox, may quote hidden inputs.
TOLD = {
    "Unreadable": "What your code gave back could not be read.",
    "Raised": "Your code ended the check with an exception. Derive yours from Exception, and call your function to see it.",
}
SPEAKING = (*OWN, "AssertionError", *ENDED, *TOLD)
UNCLEAR = ("Unclear", "NotRun", "Unreadable")
FIRST_SENTENCE = re.compile(r".*?\.(?=\s|$)", re.DOTALL)
TITLE = re.compile(r"# (?:Check \d+ \([^)]*\): )?(.+)")
READ = "Read section: "


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
    about : str
        What it looks at: its first line, which students have in their notebook too.
    told : str
        The sentence as its student may read it: an error that is no check's own words may quote a hidden input.
    """

    check: str
    points: float
    maximum: float
    sentence: str
    broken: bool = False
    needs_review: bool = False
    about: str = ""
    told: str = ""

    @property
    def passed(self) -> bool:
        """Whether the check gave all its points."""
        return self.points >= self.maximum

    @property
    def mistake(self) -> str:
        """The first sentence of a failed check, which names the mistake and holds no values."""
        found = FIRST_SENTENCE.match(self.sentence)
        return found[0] if found else self.sentence

    @property
    def section(self) -> str:
        """The section of the notebook that the sentence sends to, or nothing."""
        return self.sentence.rpartition(READ)[2].split(" (Seen on ")[0].rstrip(".") if READ in self.sentence else ""


def read_marks(notebook: NotebookNode) -> list[Mark]:
    """Read the marks of an executed notebook, with nbgrader's own rule, in the order of its checks."""
    return [_read_mark(cell) for cell in notebook.cells if is_check(cell)]


def _read_mark(cell: NotebookNode) -> Mark:
    points, maximum = (float(number or 0) for number in determine_grade(cell))
    sentences, told = [], []
    for output in cell.outputs:
        if output.output_type == "error":
            sentences.append(output.evalue if output.ename in OWN else f"{output.ename}. {output.evalue}".strip())
            told.append(
                output.evalue if output.ename in (*OWN, *ENDED) else TOLD.get(output.ename, f"The check ended with {output.ename}.")
            )
        elif output.output_type == "stream" and output.name == "stderr":
            sentences.append(f"Written to stderr. {output.text}")
            told.append("The check wrote a warning, and a check that writes one gives no points.")
    if points >= maximum:
        sentences, told = [], []
    broken = any(output.output_type == "error" and output.ename not in SPEAKING for output in cell.outputs)
    unclear = broken or any("needs review" in text for text in sentences) or any(output.get("ename") in UNCLEAR for output in cell.outputs)
    name = grade_settings(cell).grade_id
    title = TITLE.match(cell.source)
    return Mark(name, points, maximum, _plain(sentences), broken, unclear, title[1] if title else name, _plain(told))


def _plain(sentences: list[str]) -> str:
    return ANSI_COLOUR.sub("", " ".join(sentences))
