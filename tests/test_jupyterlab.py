"""The student's desk: each release notebook in JupyterLab, in a real browser, and one on its way through nbgrader's exchange."""

import base64
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import pytest

from course.demo import new_course
from course.layout import CONFIG
from course.marks import read_marks
from course.notebooks import fill_in, grade_settings, is_check, read_notebook, solution_text
from tests.browser import Lab, jupyter_server, serious, server_environment
from tests.conftest import COURSE, ROOT

NAME = COURSE.assignments[0]
OF_INSTRUCTORS = ("formgrader", "create-assignment", "course-list")  # as docs/student.md has them
# What the notebooks themselves hold: JupyterLab's own parts are JupyterLab's.
CONTENT = (".jp-Notebook .jp-RenderedMarkdown", ".jp-Notebook .jp-OutputArea-output")
# JupyterLab gives no alternative text to pictures in outputs, whatever their metadata: the text beside them describes each.
NOT_OURS = ("image-alt",)
NOTE_SMALL_TEXT = """
def _note_small_text():
    from matplotlib.text import Text

    draw, Text.small = Text.draw, []

    def noting(self, *arguments, **options):
        if self.get_text().strip() and self.get_fontsize() < 9:
            Text.small.append((self.get_text(), self.get_fontsize()))
        return draw(self, *arguments, **options)

    Text.draw = noting

_note_small_text()
del _note_small_text
"""


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    """nbgrader's exchange: a folder for all."""
    folder = tmp_path_factory.mktemp("exchange")
    folder.chmod(0o777)
    return folder


@pytest.fixture(scope="module")
def course(tmp_path_factory, exchange):
    """The instructor's course, which uses the exchange."""
    course = new_course(COURSE, tmp_path_factory.mktemp("course") / "copy")
    with open(course.root / CONFIG, "a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    return course


@pytest.fixture(scope="module")
def student(tmp_path_factory, exchange):
    """A student's home on a class server, with nothing of the instructor's in JupyterLab, and all release notebooks."""
    home = tmp_path_factory.mktemp("home")
    environment = server_environment(home)
    jupyter = Path(sys.executable).parent / "jupyter"
    extensions = [f"@jupyter/nbgrader:{name}" for name in OF_INSTRUCTORS]
    subprocess.run([jupyter, "labextension", "disable", "--level=user", *extensions], env=environment, check=True, capture_output=True)
    config = f'c = get_config()\nc.CourseDirectory.course_id = "flax-nnx-state"\nc.Exchange.root = {str(exchange)!r}\n'
    (home / ".jupyter/nbgrader_config.py").write_text(config)
    shutil.copytree(ROOT / "release", home / "release")
    return home


@pytest.fixture(scope="module")
def lab(student, browser):
    """JupyterLab, as the student has it."""
    with jupyter_server(student) as server:
        lab = Lab(browser, server)
        yield lab
        lab.close()


def outputs_of(cell):
    return cell.get("outputs", [])


def test_every_notebook_runs_fails_with_sentences_and_turns_green(lab, assignment, picture, request):
    first = assignment.name == NAME
    lab.visit(assignment.release.relative_to(ROOT).as_posix())
    if first:
        picture(lab.page, "student-open")
    lab.in_kernel(NOTE_SMALL_TEXT)

    untouched = lab.run_all()
    marks = read_marks(untouched)
    assert all(mark.points == 0 and "not written yet" in mark.sentence for mark in marks)
    assert all(cell.execution_count for cell in untouched.cells if cell.cell_type == "code")
    failed = [cell.id for cell in untouched.cells for output in outputs_of(cell) if output.output_type == "error"]
    assert failed == [cell.id for cell in filter(is_check, untouched.cells)]
    for cell in filter(is_check, untouched.cells):
        shown = cell.outputs[-1].traceback
        assert shown[0].startswith("Mistake: "), "the sentence comes first"
        assert len(shown) < 12
    assert untouched.cells[-1].outputs[0].text.startswith(f"Checks that you see: 0 of {len(marks)} passed.")
    assert serious(lab.page, *CONTENT, but=NOT_OURS) == []
    if first:
        picture(lab.cell(failed[0]), "student-mistake")

    solution = read_notebook(assignment.release)
    fill_in(solution, solution_text(read_notebook(assignment.source)))
    for cell in solution.cells:
        if grade_settings(cell).get("solution"):
            lab.write(cell.id, cell.source)
    solved = lab.run_all()
    assert not [cell.id for cell in solved.cells for output in outputs_of(cell) if output.output_type == "error"]
    assert all(mark.passed for mark in read_marks(solved))
    assert solved.cells[-1].outputs[0].text.startswith(f"Checks that you see: {len(marks)} of {len(marks)} passed.")
    if first:
        picture(lab.cell("progress"), "student-progress")

    assert lab.in_kernel("from matplotlib.text import Text", "Text.small") == []
    pictures = [output.data["image/png"] for cell in solved.cells for output in outputs_of(cell) if "image/png" in output.get("data", {})]
    assert pictures
    for shown in pictures:  # on a dark page too: each brings its own white
        assert matplotlib.image.imread(io.BytesIO(base64.b64decode(shown)))[0, 0].tolist() == [1, 1, 1, 1]
    shrunk = "images => images.filter(image => image.clientWidth < image.naturalWidth).length"
    assert lab.page.locator(".jp-OutputArea-output img").evaluate_all(shrunk) == 0, "a picture that is made smaller has smaller text"
    lab.theme("JupyterLab Dark")
    assert serious(lab.page, *CONTENT, but=NOT_OURS) == []
    if first:
        lab.cell("picture-param").scroll_into_view_if_needed()
        picture(lab.page, "student-dark")
    lab.theme("JupyterLab Light")
    if request.config.getoption("--every-answer"):
        lab.command("docmanager:save")
        assert "Your notebook passes all the tests" in lab.validate()
        lab.page.click(".jp-Dialog .jp-mod-accept")
    lab.shut_down_kernel()


def test_locked_cells_stay_locked(lab):
    lab.visit(COURSE.assignment(NAME).release.relative_to(ROOT).as_posix())
    before = lab.notebook()
    names = [cell.id for cell in before.cells if grade_settings(cell).get("locked")]
    [solution] = [cell.id for cell in before.cells if grade_settings(cell).get("solution")]
    assert len(names) > 10
    for name in [*names, solution]:
        cell = lab.cell(name)
        if cell.locator(".jp-InputPlaceholder").count():  # folded away, so that nobody reads on by accident
            cell.locator(".jp-InputPlaceholder").click()
        cell.locator(".cm-content").click()
        lab.page.keyboard.type("X")
        lab.page.keyboard.press("Escape")
        lab.page.keyboard.press("d")
        lab.page.keyboard.press("d")
    after = lab.notebook()
    assert [cell.id for cell in after.cells] == [cell.id for cell in before.cells]
    assert [cell.id for cell, was in zip(after.cells, before.cells, strict=True) if cell.source != was.source] == [solution]


def test_from_fetch_to_feedback(lab, student, course, run, picture, browser):
    def nbgrader(*commands):
        for command in commands:
            result = run("nbgrader", command, NAME, cwd=course.root)
            assert result.returncode == 0, result.stderr

    nbgrader("generate_assignment", "release_assignment")
    lab.visit()
    commands = lab.page.evaluate("jupyterapp.commands.listCommands().filter(name => name.startsWith('nbgrader:'))")
    assert "nbgrader:open-assignment-list" in commands
    assert not [name for name in commands if "formgrader" in name or "create" in name]

    lab.command("nbgrader:open-assignment-list")
    lab.page.click("#released_assignments_list button:has-text('Fetch')")
    lab.page.wait_for_selector("#fetched_assignments_list button:has-text('Submit')")
    picture(lab.page, "student-fetched")

    assignment = course.assignment(NAME)
    lab.visit(f"{NAME}/{assignment.source.name}")
    [solution] = [cell.id for cell in lab.notebook().cells if grade_settings(cell).get("solution")]
    lab.write(solution, solution_text(read_notebook(assignment.source)))
    lab.command("docmanager:save")
    assert "Your notebook passes all the tests" in lab.validate()
    picture(lab.page, "student-validated")
    lab.page.click(".jp-Dialog .jp-mod-accept")

    lab.command("nbgrader:open-assignment-list")
    lab.page.click("#fetched_assignments_list button:has-text('Submit')")
    lab.page.wait_for_selector("#submitted_assignments_list .list_item")
    picture(lab.page, "student-submitted")

    nbgrader("collect", "autograde", "generate_feedback", "release_feedback")
    [name] = os.listdir(course.root / "submitted")
    assert sum(mark.points for mark in read_marks(read_notebook(assignment.autograded(name)))) == 10

    lab.page.click("#refresh_assignments_list")
    lab.page.click("#submitted_assignments_list button:has-text('Fetch Feedback')")
    lab.page.wait_for_selector("#submitted_assignments_list :text('view feedback')")
    picture(lab.page, "student-feedback")
    [feedback] = (student / NAME / "feedback").rglob("*.html")
    page = browser.new_page()
    page.goto(feedback.as_uri())
    assert "10 of 10 marks" in " ".join(page.locator("body").inner_text().split())
    page.close()
