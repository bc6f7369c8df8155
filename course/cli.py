"""The command `nnx-course`."""

import datetime
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from course.errors import CourseError
from course.layout import Assignment, Course

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Build and prove the course, and grade a class.")
console = Console(soft_wrap=False)
error_console = Console(stderr=True)
ATTENTION = ("refused", "timed out", "stopped")  # outcomes that an instructor wants to read at once

Names = Annotated[list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="All assignments if none is named.")]
Folder = Annotated[Path, typer.Option("--course", help="A folder of the course.", show_default="this one")]


def main() -> None:
    """Run the command line: an error that is for the user is one sentence, and exit code 1."""
    try:
        from course.requirements import check_requirements

        check_requirements()
        app()
    except CourseError as error:
        error_console.print(f"nnx-course: {error}", style="bold red", markup=False, highlight=False)
        sys.exit(1)


def _assignments(folder: Path, names: list[str] | None) -> list[Assignment]:
    course = Course.find(folder)
    return [course.assignment(name) for name in names or course.assignments]


@app.command()
def check(
    names: Names = None,
    answers: Annotated[Path | None, typer.Option(help="Answers from elsewhere: a folder with right/ and wrong/.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.", show_default="one per core")] = os.cpu_count() or 1,
    examiner: Annotated[bool, typer.Option("--examiner", help="Mark them as submissions are, in walls. Takes longer.")] = False,
    folder: Folder = Path(),
) -> None:
    """Prove the grader: known answers get the marks and the words that they must get."""
    from course.check import FAULTS, Verdict, known_answers
    from course.check import check as examine

    chosen = _assignments(folder, names)
    if answers is not None and len(chosen) > 1:
        raise CourseError("--answers goes with one assignment: name it.")
    counts = Table(Column("assignment", no_wrap=True), "right", "wrong", *FAULTS.values(), title="Known answers", box=box.SIMPLE)
    faults: list[tuple[Assignment, Verdict]] = []
    for assignment in chosen:
        known = known_answers(assignment, answers)
        with Progress(console=console, transient=True) as progress:
            verdicts = list(progress.track(examine(assignment, known, jobs, examiner), total=len(known), description=assignment.name))
        found = sorted((verdict for verdict in verdicts if verdict.fault), key=lambda verdict: verdict.answer.name)
        faults += [(assignment, verdict) for verdict in found]
        right = sum(answer.is_right for answer in known)
        numbers = [sum(verdict.fault == fault for verdict in found) for fault in FAULTS]
        counts.add_row(assignment.name, str(right), str(len(known) - right), *map(str, numbers))
    for assignment, verdict in faults:
        wanted = "full marks" if verdict.answer.is_right else f"marks {verdict.answer.marks}, words {list(verdict.answer.says)}"
        console.print(f"{verdict.fault}: {assignment.name} {verdict.answer.name}", style="bold red", markup=False)
        console.print(f"  must get {wanted}; got {verdict.points:g}:", markup=False)
        for mark in verdict.marks:
            if mark.sentence:
                console.print(f"  {mark.check} {mark.points:g}/{mark.maximum:g}: {mark.sentence}", markup=False, highlight=False)
    console.print(counts)
    if faults:
        raise typer.Exit(1)


@app.command()
def grade(
    name: Annotated[str, typer.Argument(metavar="ASSIGNMENT")],
    student: Annotated[list[str] | None, typer.Option(help="Only these: names, or patterns such as 'a*'. May be repeated.")] = None,
    since: Annotated[datetime.datetime | None, typer.Option(help="Only what was handed in then or later, in UTC.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Mark those again that are up to date.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing: show whose marks would change.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Submissions marked at once.", show_default="one per core")] = os.cpu_count() or 1,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, to mark on its workers.")] = None,
    no_walls: Annotated[bool, typer.Option("--no-walls", help="Run their code with all your rights: for your own.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each submission, and one for all.")] = False,
    folder: Folder = Path(),
) -> None:
    """Grade a class. Started again after whatever stopped it, it does the rest; what is up to date is left alone."""
    from course.executors import executors
    from course.grade import Grading, Outcome, grade_class

    grading = Grading(Course.find(folder), name, walls=False if no_walls else None)
    if not grading.walls:
        error_console.print("NO WALLS: the code of these submissions runs with all your rights.", style="bold yellow")
    submissions = grading.submissions(student or [], since and since.replace(tzinfo=None))
    counts: Counter[str] = Counter()
    changed: list[Outcome] = []

    def show(outcome: Outcome) -> None:
        counts[outcome.kind] += 1
        if outcome.changes:
            changed.append(outcome)
        if as_json:
            print(json.dumps(outcome.as_dict()), flush=True)
        elif not console.is_terminal or outcome.kind in ATTENTION:
            details = "".join(f" {note.text}" for note in outcome.notes)
            console.print(f"{outcome.student}: {outcome.kind}, {outcome.points:g}.{details}", markup=False, highlight=False, soft_wrap=True)

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    hidden = as_json or not console.is_terminal
    started = time.monotonic()
    try:
        with executors(jobs, scheduler) as pools, Progress(*columns, console=console, transient=True, disable=hidden) as progress:
            bar = progress.add_task(name, total=len(submissions), rate="")
            for outcome in grade_class(grading, submissions, pools, force, dry_run):
                show(outcome)
                minutes = (time.monotonic() - started) / 60
                progress.update(bar, advance=1, description=_counted(counts), rate=f"{counts.total() / minutes:.0f} a minute")
    except KeyboardInterrupt:
        left = len(submissions) - counts.total()
        raise CourseError(f"Interrupted: {counts.total()} are graded and {left} are left. Run the command again to go on.") from None
    summary = {"assignment": name, "submissions": len(submissions), **counts, "changed": len(changed)}
    if as_json:
        print(json.dumps({**summary, "seconds": round(time.monotonic() - started, 1)}))
        return
    if dry_run:
        console.print(_differences(changed))
    console.print(f"{name}: {len(submissions)} submissions. {_counted(counts)}.", highlight=False, soft_wrap=True)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def _differences(outcomes: list[Any]) -> Table:
    """Whose marks would change."""
    table = Table("student", "check", "before", "after", title="Marks that would change", box=box.SIMPLE)
    for outcome in outcomes:
        for check, (before, after) in outcome.changes.items():
            table.add_row(escape(outcome.student), check, "none" if before is None else f"{before:g}", f"{after:g}")
    return table


@app.command()
def release(names: Names = None, folder: Folder = Path()) -> None:
    """Build the release notebooks from the source notebooks."""
    from course.notebooks import write_notebook
    from course.release import build, differences, students_repository

    for assignment in _assignments(folder, names):
        with console.status(f"{assignment.name}: building"):
            built = build(assignment)
        changed = differences(assignment, built)
        if changed:
            write_notebook(built, assignment.release)
        console.print(f"{assignment.name}: {'written, new in ' + ', '.join(changed) if changed else 'up to date'}", soft_wrap=True)
    if not students_repository(Course.find(folder))[0]:
        console.print("No badge opens them in Colab: c.InlineCells.students_repository in nbgrader_config.py is not set.", soft_wrap=True)


@app.command()
def publish(
    into: Annotated[Path, typer.Argument(metavar="DIR", help="A folder for it, or an earlier one.")], folder: Folder = Path()
) -> None:
    """Write what students get, as a git repository that may be public: release notebooks, environment, README."""
    from course.publish import publish as write

    done = write(Course.find(folder), into)
    console.print(f"{into}: {done}", soft_wrap=True)


@app.command(name="format")
def format_(names: Names = None, folder: Folder = Path()) -> None:
    """Bring source notebooks into normal form: no outputs, cell ids that can be read."""
    from course.notebooks import as_text, normal_form, read_notebook, write_notebook

    for assignment in _assignments(folder, names):
        notebook = normal_form(read_notebook(assignment.source))
        changed = as_text(notebook) != assignment.source.read_text(encoding="utf-8")
        if changed:
            write_notebook(notebook, assignment.source)
        console.print(f"{assignment.name}: {'rewritten' if changed else 'already in normal form'}")


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NN-TOPIC", help="Two digits and words, such as 09-my-topic.")],
    folder: Folder = Path(),
) -> None:
    """Begin a topic: a small notebook that is complete and right, with known answers, to replace part by part."""
    from course.new import new_topic

    assignment = new_topic(Course.find(folder), name)
    console.print(f"Written: source/{name}/{assignment.source.name}, release/{name}/, answers/{name}/")
    console.print(f"Edit the source in JupyterLab, then: nnx-course format, nnx-course check {name}, nnx-course release {name}")


@app.command()
def demo(
    name: Annotated[str | None, typer.Argument(metavar="[ASSIGNMENT]", help="The first one if none is named.")] = None,
    size: Annotated[int, typer.Option(min=1, help="Students in the class.")] = 12,
    into: Annotated[Path | None, typer.Option(help="A folder for the demo.", show_default="demo/ in the course")] = None,
    folder: Folder = Path(),
) -> None:
    """Grade a small class from end to end, in a folder of its own, and draw it."""
    from course import demo as demonstration
    from course.report import as_table, write
    from course.sandbox.server import try_walls

    course = Course.find(folder)
    original = course.assignment(name) if name else _assignments(folder, None)[0]
    answers = demonstration.known_class(original, size)
    copy = demonstration.new_course(course, into or course.root / "demo")
    console.print(f"A course for trying things out, in {copy.root}", soft_wrap=True)
    try:
        try_walls()
        walls = True
    except CourseError as error:
        walls = False
        console.print(f"NO WALLS here, so this demo runs known answers without: {error}", style="bold yellow", markup=False)
    report = demonstration.grade(copy, original.name, answers, walls, lambda text: console.print(text, soft_wrap=True))
    page, _ = write(report, copy.root / "reports")
    console.print(as_table(report))
    console.print(f"The class: {page}\nFeedback:  {copy.root / 'feedback'}", soft_wrap=True)


@app.command()
def report(
    name: Annotated[str, typer.Argument(metavar="ASSIGNMENT")],
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Numbers for names, in random order, to be shared.")] = False,
    to: Annotated[Path | None, typer.Option(help="A folder for the report.", show_default="reports/ in the course")] = None,
    folder: Folder = Path(),
) -> None:
    """Show a class on one page: marks, checks, misconceptions, who needs a look. And a CSV file."""
    from course.commands import course_directory
    from course.report import read_class, write

    course = Course.find(folder)
    found = read_class(course.assignment(name), course_directory(course).db_url)
    page, table = write(found.anonymous() if anonymous else found, to or course.root / "reports")
    console.print(f"Page: {page}\nCSV:  {table}", soft_wrap=True, highlight=False, markup=False)


@app.command()
def explain(
    student: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Argument(metavar="ASSIGNMENT")],
    folder: Folder = Path(),
) -> None:
    """Tell the story of one mark: versions, limits, notes, times, what each check gave and said, and what people changed."""
    from course.commands import course_directory
    from course.explain import explain as story

    course = Course.find(folder)
    console.print(story(course.assignment(name), student, course_directory(course).db_url), soft_wrap=True, highlight=False, markup=False)


@app.command()
def extend(
    student: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Argument(metavar="ASSIGNMENT")],
    days: Annotated[float, typer.Option(min=0, help="From the deadline on. 0 takes an extension back.")],
    folder: Folder = Path(),
) -> None:
    """Give one student more time."""
    from course import terms
    from course.commands import course_directory

    console.print(terms.extend(course_directory(Course.find(folder)), name, student, days), soft_wrap=True, markup=False)


@app.command()
def forget(
    student: Annotated[str, typer.Argument()],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: Folder = Path(),
) -> None:
    """Delete a student: their marks and comments in the gradebook, and what they handed in."""
    from course import terms
    from course.commands import course_directory

    directory = course_directory(Course.find(folder))
    if not yes:
        typer.confirm(f"Delete all marks, comments and files of {student}? Nothing brings them back.", abort=True)
    left = terms.forget(directory, student)
    console.print(f"{student} is deleted. The exchange and the LMS keep what they have.", soft_wrap=True, markup=False)
    if left:
        console.print("These may still name them: " + ", ".join(path.name for path in left), soft_wrap=True, markup=False)


@app.command()
def doctor(folder: Folder = Path()) -> None:
    """Say what this machine can do: packages, walls around submissions, processors and memory."""
    from course.doctor import examine

    table = Table("what", "found", "", title="What this machine can do")
    findings = examine(Course.find(folder))
    for finding in findings:
        table.add_row(finding.what, finding.found, "" if finding.fine else f"[bold red]{finding.advice}")
    console.print(table)
    if not all(finding.fine for finding in findings):
        raise typer.Exit(1)
