"""The grader's own examination: every known answer gets the marks and the words that it must get."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from course.answers import Answer, read_answers
from course.layout import Assignment
from course.marks import Mark, read_marks
from course.notebooks import read_notebook, solution_text
from course.release import inline_cells
from course.warm import WarmNotebook


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
    "false reject": "false rejects",
    "false accept": "false accepts",
    "wrong marks": "wrong marks",
    "wrong diagnosis": "wrong diagnoses",
}


def graded_notebook(assignment: Assignment) -> NotebookNode:
    """The notebook as nbgrader marks it: the source, hidden checks and all, with its shared cells put in."""
    return inline_cells(read_notebook(assignment.source))


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


def check(assignment: Assignment, answers: list[Answer], jobs: int) -> Iterator[Verdict]:
    """Mark answers in warm processes.

    Parameters
    ----------
    assignment : Assignment
    answers : list of Answer
    jobs : int
        Processes to use.

    Yields
    ------
    Verdict
        One for each answer, as they come.
    """
    # spawn: a fork of a process in which jax runs may hang (https://github.com/jax-ml/jax/issues/1805)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _prepare, (graded_notebook(assignment),)) as pool:
        running = {pool.submit(_mark, answer): answer for answer in answers}
        for future in as_completed(running):
            yield Verdict(running[future], tuple(future.result()))


_notebook: NotebookNode
_warm: WarmNotebook


def _prepare(notebook: NotebookNode) -> None:
    global _notebook, _warm
    import matplotlib

    matplotlib.use("agg")
    _notebook, _warm = notebook, WarmNotebook(notebook)


def _mark(answer: Answer) -> list[Mark]:
    notebook = answer.filled_in(_notebook)
    _warm.run(notebook)
    return read_marks(notebook)
