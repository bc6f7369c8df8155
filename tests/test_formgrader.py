"""The Formgrader in JupyterLab, in a real browser: an assignment from its creation to the feedback that its student fetches."""

import pytest
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook

from course.demo import new_course
from course.layout import CONFIG
from course.new import TEMPLATE
from course.notebooks import grade_settings, normal_form, read_notebook, solution_text, write_notebook
from tests.browser import Lab, jupyter_server, offline
from tests.conftest import COURSE

NAME = "09-scaled"
ESSAY = {"schema_version": 3, "grade_id": "essay", "grade": True, "solution": True, "locked": False, "task": False, "points": 3}
COMMENT = 'Right: $w \\cdot x$ has a gradient, "b" has none. Ünïcode, שלום.'


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    """nbgrader's exchange: a folder for all, and the line of configuration that names it."""
    folder = tmp_path_factory.mktemp("exchange")
    folder.chmod(0o777)
    return f"c.Exchange.root = {str(folder)!r}\nc.Exchange.cache = {str(folder / 'cache')!r}\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory, exchange):
    """A course without a class."""
    course = new_course(COURSE, tmp_path_factory.mktemp("course") / "copy")
    with open(course.root / CONFIG, "a") as config:
        config.write(exchange)
    return course


@pytest.fixture(scope="module")
def student(tmp_path_factory, exchange, run):
    """What a student types, in a folder of their own."""
    home = tmp_path_factory.mktemp("student")
    (home / CONFIG).write_text(f"c = get_config()\nc.CourseDirectory.course_id = 'flax-nnx-state'\n{exchange}")

    def nbgrader(*arguments):
        result = run("nbgrader", *arguments, cwd=home)
        assert result.returncode == 0, result.stderr

    return home, nbgrader


class Formgrader:
    """The Formgrader in its frame of JupyterLab."""

    def __init__(self, lab, server):
        self.page, self._address = lab.page, f"{server}/formgrader/"
        lab.visit()
        lab.page.set_viewport_size({"width": 1500, "height": 900})
        lab.command("application:toggle-left-area")
        lab.command("nbgrader:open-formgrader")
        self.frame = lab.page.frame_locator("#formgrader iframe, #formgrader-iframe iframe").first
        self.row(COURSE.assignments[0]).wait_for()  # a dialog before the table is there stays open

    def go(self, path):
        """Open another of its pages, as its menu does."""
        frame = next(frame for frame in self.page.frames if "/formgrader/" in frame.url)
        frame.goto(self._address + path)

    def row(self, name):
        """The line of an assignment or a student."""
        return self.frame.locator("tr", has=self.frame.get_by_role("link", name=name, exact=True))

    def press(self, row, column):
        """Press a button of a line, and read what the dialog says that it did."""
        row.locator(f"td.{column} a").click()
        dialog = self.frame.locator(".modal.in")
        dialog.wait_for()
        said = dialog.locator(".modal-title").inner_text()
        assert "Success" in said, dialog.inner_text()
        dialog.locator(".modal-footer button, button.close").first.click()
        dialog.wait_for(state="detached")


def small_notebook():
    """The small topic that `nnx-course new` begins with, and a question to be answered in words."""
    notebook = read_notebook(TEMPLATE)
    for cell in notebook.cells:
        cell.source = cell.source.replace("FUNCTION", "scaled")
        if grade_settings(cell).get("solution"):
            grade_settings(cell)["grade_id"] = "scaled"
    notebook.cells.append(new_markdown_cell("Why is `w` a Param?", metadata={"nbgrader": ESSAY}, id="essay"))
    return normal_form(notebook)


def test_an_assignment_from_its_creation_to_the_feedback(course, student, browser, picture):
    home, nbgrader = student
    with jupyter_server(course.root) as server:
        lab = Lab(browser, server)
        formgrader = Formgrader(lab, server)
        frame = formgrader.frame

        # Create: the dialog makes the folder, and the author puts a notebook into it.
        frame.get_by_role("link", name="Add new assignment...").click()
        dialog = frame.locator("#add-assignment-modal")
        dialog.locator("input.name").fill(NAME)
        dialog.locator("input.duedate").fill("2030-01-15T18:00")
        dialog.locator("input.timezone").fill("+0000")
        dialog.locator("button.save").click()
        formgrader.row(NAME).wait_for()
        dialog.wait_for(state="hidden")
        folder = course.root / "source" / NAME
        assert folder.is_dir()
        write_notebook(small_notebook(), folder / "scaled.ipynb")
        formgrader.row(NAME).scroll_into_view_if_needed()
        picture(lab.page, "formgrader-assignments")

        # Generate, preview, release.
        formgrader.press(formgrader.row(NAME), "assign")
        formgrader.row(NAME).locator("td.preview a").wait_for()
        release = read_notebook(course.assignment(NAME).release)
        assert "HIDDEN" not in "".join(cell.source for cell in release.cells)
        formgrader.press(formgrader.row(NAME), "release")
        formgrader.row(NAME).get_by_text("released").wait_for()

        # A student fetches it, answers, and submits.
        nbgrader("fetch_assignment", NAME)
        path = home / NAME / "scaled.ipynb"
        answer = read_notebook(path)
        cells = {cell.id: cell for cell in answer.cells}
        text = solution_text(small_code_of(course)).replace("nnx.Param(", "nnx.Variable(")
        cells["scaled"].source = "\n".join(line for line in text.splitlines() if "SOLUTION" not in line)
        cells["essay"].source = "Because $w$ has a gradient."
        write_notebook(answer, path)
        nbgrader("submit", NAME)

        # Collect, and mark with the engine.
        formgrader.press(formgrader.row(NAME), "collect")
        formgrader.row(NAME).locator("td.num-submissions a").click()
        frame.locator("td.autograde a").wait_for()
        who = next((course.root / "submitted").iterdir()).name
        formgrader.press(frame.locator("tr", has=frame.locator("td.autograde a")), "autograde")
        frame.get_by_text("needs manual grading").wait_for()
        executed = read_notebook(course.assignment(NAME).autograded(who))
        assert executed.metadata.nnx_course.walls

        # Mark one cell by hand, with extra credit and a comment.
        formgrader.go(f"gradebook/{NAME}/scaled")
        frame.locator("td.name a").first.click()
        frame.locator("input#essay").wait_for()
        fill_in_and_wait(lab.page, frame.locator("input#essay"), "2")
        fill_in_and_wait(lab.page, frame.locator("input#essay_extra_credit"), "1")
        fill_in_and_wait(lab.page, frame.locator("textarea#essay-comment"), COMMENT)
        frame.locator("textarea#essay-comment").scroll_into_view_if_needed()
        picture(lab.page, "formgrader-manual")

        # Feedback, and its release.
        formgrader.go("manage_assignments")
        formgrader.press(formgrader.row(NAME), "generate-feedback")
        formgrader.press(formgrader.row(NAME), "release-feedback")

        with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
            submission = gradebook.find_submission(NAME, who)
            assert (submission.score, submission.max_score, submission.needs_manual_grade) == (9, 13, False)
            grade = gradebook.find_grade("essay", "scaled", NAME, who)
            assert (grade.manual_score, grade.extra_credit) == (2, 1)
            assert gradebook.find_comment("essay", "scaled", NAME, who).comment == COMMENT

        nbgrader("fetch_feedback", NAME)
        [fetched] = (home / NAME / "feedback").rglob("*.html")
        with offline(browser, fetched) as page:
            picture(page, "feedback")
            text = " ".join(page.inner_text("body").split())
        assert "9 of 13 marks" in text
        assert "not just the weight" in text
        assert '"b" has none. Ünïcode, שלום.' in text
        lab.close()


def small_code_of(course):
    """The source without its written question."""
    notebook = read_notebook(course.assignment(NAME).source)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return notebook


def fill_in_and_wait(page, field, text):
    """Type into a field, leave it, and wait until the server has it."""
    with page.expect_response(lambda response: "/formgrader/api/" in response.url and response.request.method == "PUT") as response:
        field.fill(text)
        field.press("Tab")
    assert response.value.ok
