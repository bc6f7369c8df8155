"""The grader's own examination: every known answer gets the marks and the words that it must get."""

from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from course.answers import Answer, read_answers
from course.engine import Job, mark, workers
from course.layout import Assignment
from course.marks import Mark, read_marks
from course.notebooks import is_check, read_notebook, solution_text
from course.release import graded_notebook
from course.warm import mark_warm


@dataclass(frozen=True)
class Verdict:
    """What the grader made of one known answer.

    Parameters
    ----------
    answer : Answer
    marks : tuple of Mark
        One for each check.
    """

    answer: Answer
    marks: tuple[Mark, ...]

    @property
    def points(self) -> float:
        """The marks that the answer got."""
        return sum(mark.points for mark in self.marks)

    @property
    def sentences(self) -> str:
        """All that its failed checks say."""
        return "\n".join(mark.sentence for mark in self.marks if mark.sentence)

    @property
    def fault(self) -> str:
        """What the grader got wrong about the answer: one of `FAULTS`, or nothing."""
        if any(mark.broken for mark in self.marks):
            return "broken check"
        full = all(mark.passed for mark in self.marks)
        if self.answer.is_right:
            return "" if full else "false reject"
        if full:
            return "false accept"
        if self.answer.marks is not None and self.points != self.answer.marks:
            return "wrong marks"
        if not all(words.casefold() in self.sentences.casefold() for words in self.answer.says):
            return "wrong diagnosis"
        return ""


FAULTS = {  # with their plurals
    "broken check": "broken checks",
    "false reject": "false rejects",
    "false accept": "false accepts",
    "wrong marks": "wrong marks",
    "wrong diagnosis": "wrong diagnoses",
}


def known_answers(assignment: Assignment, folder: Path | None = None) -> list[Answer]:
    """The answers to examine the grader with.

    The first two are the untouched release, which must fail, and the source's own solution, which must pass.

    Parameters
    ----------
    assignment : Assignment
    folder : Path, optional
        Another folder than the assignment's own, with `right/` and `wrong/`.
    """
    untouched = solution_text(read_notebook(assignment.release))
    solution = solution_text(read_notebook(assignment.source))
    return [
        Answer("wrong/(untouched release)", untouched, marks=0.0),
        Answer("right/(source solution)", solution),
        *read_answers(folder or assignment.answers),
    ]


def check(assignment: Assignment, answers: list[Answer], jobs: int, examiner: bool = False) -> Iterator[Verdict]:
    """Mark answers in warm processes.

    Parameters
    ----------
    assignment : Assignment
    answers : list of Answer
    jobs : int
        Processes to use.
    examiner : bool
        Whether to mark them as submissions are: in a sandbox, with the checks outside of it. Else, all in one kernel.

    Yields
    ------
    Verdict
        One for each answer, as they come.
    """
    graded = graded_notebook(assignment)
    with workers(jobs) as pool:
        running = {}
        for answer in answers:
            notebook = answer.filled_in(graded)
            job = Job(assignment.name, graded, _up_to_the_last_check(notebook)) if examiner else None
            running[pool.submit(mark, job) if job else pool.submit(mark_warm, graded, notebook)] = answer
        for future in as_completed(running):
            yield Verdict(running[future], tuple(read_marks(future.result())))


def _up_to_the_last_check(notebook: NotebookNode) -> NotebookNode:
    """Without the cells that no mark depends on."""
    last = max(index for index, cell in enumerate(notebook.cells) if is_check(cell))
    notebook.cells = notebook.cells[: last + 1]
    return notebook
