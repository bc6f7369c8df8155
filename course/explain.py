"""The story of one mark: what was handed in, with what it was marked, what each check gave and said, and what people changed."""

import difflib
import textwrap
from collections.abc import Iterator, Mapping

from nbformat import NotebookNode
from nbgrader.api import Grade, Gradebook, MissingEntry, SubmittedAssignment

from course.errors import CourseError
from course.gradebook import final_score, open_gradebook
from course.intake.notes import read_notes
from course.layout import Assignment
from course.marks import Mark, read_marks
from course.notebooks import METADATA, read_notebook


def explain(assignment: Assignment, student: str, database: str) -> str:
    """Tell the story of one mark, from the autograded notebook and the gradebook.

    Parameters
    ----------
    assignment : Assignment
    student : str
    database : str
        The gradebook's address, as nbgrader's `CourseDirectory.db_url`.

    Returns
    -------
    str
        Its lines.

    Raises
    ------
    CourseError
        If there is no such student, or nothing of theirs is marked.
    """
    path = assignment.autograded(student)
    with open_gradebook(database) as gradebook:
        submission = _submission(gradebook, assignment, student)
        notebook = read_notebook(path) if path.exists() else None
        marks = {mark.check: mark for mark in read_marks(notebook)} if notebook else {}
        lines = [_title(submission), *_times(submission)]
        if notebook is None:
            lines.append(f"The notebook {path} is gone: this is what the gradebook has.")
        else:
            lines += _run(notebook)
        grades = [grade for part in submission.notebooks for grade in part.grades]
        places = {name: place for place, name in enumerate(marks)}
        for grade in sorted(grades, key=lambda grade: places.get(str(grade.name), -1)):
            lines += ["", *_grade(grade, marks.get(str(grade.name)))]
        return "\n".join([*lines, "", _sum(submission), *_comments(submission)])


def _submission(gradebook: Gradebook, assignment: Assignment, student: str) -> SubmittedAssignment:
    known = [str(one.id) for one in gradebook.students]
    if student not in known:
        near = ", ".join(difflib.get_close_matches(student, known, cutoff=0.3)) or f"{len(known)} others"
        raise CourseError(f"There is no student {student!r} in the gradebook: there is {near}.")
    try:
        return gradebook.find_submission(assignment.name, student)
    except MissingEntry:
        raise CourseError(f"Nothing of {student} is marked for {assignment.name}.") from None


def _title(submission: SubmittedAssignment) -> str:
    person = submission.student
    name = ", ".join(part for part in (person.last_name, person.first_name) if part)
    who = f"{person.id} ({name})" if name else str(person.id)
    return f"{who}, {submission.name}: {final_score(submission):g} of {submission.max_score:g} marks"


def _times(submission: SubmittedAssignment) -> Iterator[str]:
    due = submission.assignment.duedate
    late = f", {submission.total_seconds_late / 3600:.1f} hours late" if due and submission.total_seconds_late else ""
    yield f"handed in: {f'{submission.timestamp:%Y-%m-%d %H:%M:%S} UTC' if submission.timestamp else 'no time was recorded'}{late}"
    if due:
        extension = f", with an extension of {submission.extension}" if submission.extension else ""
        yield f"due: {submission.duedate:%Y-%m-%d %H:%M:%S} UTC{extension}"


def _run(notebook: NotebookNode) -> Iterator[str]:
    """What the autograded notebook says of how it was marked."""
    run = notebook.metadata.get(METADATA, {})
    if not run:
        yield "marked: by nbgrader alone, and the notebook does not say how"
    for note in read_notes(notebook):
        yield f"{note.kind}: {note.text} {note.detail}".rstrip()
    for name, value in run.items():
        if name != "notes" and value != "":
            yield f"{name}: {', '.join(f'{key} {item}' for key, item in value.items()) if isinstance(value, Mapping) else value}"


def _grade(grade: Grade, mark: Mark | None) -> Iterator[str]:
    """One graded cell: what it gave, what people made of it, and what was said."""
    yield f"{grade.name}: {grade.score:g} of {grade.max_score:g}"
    if grade.manual_score is not None:
        yield f"  by hand {grade.manual_score:g}, in place of {'nothing' if grade.auto_score is None else f'{grade.auto_score:g}'}"
    if grade.extra_credit:
        yield f"  extra credit {grade.extra_credit:g}"
    if grade.needs_manual_grade:
        yield "  waits for marks by hand"
    if mark and grade.auto_score is not None and grade.auto_score != mark.points:
        yield f"  THE GRADEBOOK HAS {grade.auto_score:g} FOR THE CHECK, AND THE NOTEBOOK {mark.points:g}: mark it again"
    if mark and mark.sentence:
        yield textwrap.indent(mark.sentence, "  ")


def _sum(submission: SubmittedAssignment) -> str:
    penalty = submission.late_submission_penalty
    total = f"The cells add up to {submission.score:g}"
    return f"{total}, less {penalty:g} for lateness: {final_score(submission):g}." if penalty else f"{total}."


def _comments(submission: SubmittedAssignment) -> Iterator[str]:
    for notebook in submission.notebooks:
        for comment in notebook.comments:
            if comment.comment:
                yield f"Comment on {comment.name}: {comment.comment}"
