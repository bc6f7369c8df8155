"""The form of the notebooks: what authors edit, and what students open."""

import ast
import dis
import itertools
import re
from copy import deepcopy

import nbformat
import pytest

from course.errors import CourseError
from course.notebooks import as_text, grade_settings, is_check, normal_form, read_notebook
from course.release import build, differences, graded_notebook, secret_lines

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)


def test_source_is_in_normal_form(assignment):
    text = assignment.source.read_text(encoding="utf-8")
    assert text == as_text(normal_form(read_notebook(assignment.source))), "run: nnx-course format"


def test_normal_form_mends_what_jupyterlab_leaves_behind(assignment):
    clean = read_notebook(assignment.source)
    saved = deepcopy(clean)
    for number, cell in enumerate(saved.cells):
        cell.source += "  \n"
        cell.metadata["collapsed"] = False
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", text="left over")]
    saved.cells.append(nbformat.v4.new_markdown_cell("## A new section\n\nwith text", id="3fa0b2c1"))
    mended = normal_form(saved)
    assert mended.cells.pop().id == "a-new-section-with-text"
    assert as_text(mended) == as_text(clean)


def test_grade_ids_are_unique_and_points_add_up_to_ten(assignment):
    notebook = read_notebook(assignment.source)
    names = [grade_settings(cell).grade_id for cell in notebook.cells if grade_settings(cell)]
    assert len(names) == len(set(names))
    assert sum(cell.metadata.nbgrader.points for cell in notebook.cells if is_check(cell)) == 10


def test_every_check_has_a_hidden_part_and_ends_in_a_statement(assignment):
    for cell in filter(is_check, read_notebook(assignment.source).cells):
        assert len(HIDDEN.findall(cell.source)) == 1, cell.id
        # The value of a last expression would be taken for partial credit.
        statement = ast.parse(cell.source).body[-1]
        assert not isinstance(statement, ast.Expr), cell.id
        visible = ast.parse(HIDDEN.sub("pass", cell.source)).body[-1]
        assert not isinstance(visible, ast.Expr), cell.id


def test_checks_bind_no_name_that_a_student_would_take(assignment):
    solved = False
    for cell in read_notebook(assignment.source).cells:
        settings = grade_settings(cell)
        solved = solved or bool(settings.get("solution"))
        if solved and cell.cell_type == "code" and settings and not settings.get("solution"):
            code = compile(ast.Module(list(filter(_binds_by_itself, ast.parse(cell.source).body)), []), cell.id, "exec")
            bound = {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_NAME"}
            assert [name for name in bound if not name.lower().startswith("_check")] == [], cell.id


def _binds_by_itself(statement):
    return not isinstance(statement, ast.Import | ast.ImportFrom)


def test_committed_release_is_current(assignment):
    built = build(assignment)
    assert differences(assignment, built) == [], "run: make release"
    changed = deepcopy(built)
    changed.cells[0].source += " "
    assert differences(assignment, changed) == [changed.cells[0].id]
    without_output = deepcopy(built)
    cell = next(cell for cell in without_output.cells if cell.get("outputs"))
    cell.outputs = []
    assert differences(assignment, without_output) == [cell.id]


def test_release_holds_no_hidden_line_and_no_solution(assignment):
    secrets = secret_lines([read_notebook(assignment.source)])
    assert len(secrets) > 5
    # As text of the cells, and as the file has them.
    released = assignment.release.read_text(encoding="utf-8")
    cells = "\n".join(cell.source for cell in read_notebook(assignment.release).cells)
    assert not [line for line in secrets if line in cells or line in released]


def test_release_is_one_file_with_outputs_for_examples_only(assignment):
    notebook = read_notebook(assignment.release)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    modules = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for cell in code
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert "course" not in modules
    pictures = [output for cell in code for output in cell.outputs if "image/png" in output.get("data", {})]
    assert pictures
    graded = [cell for cell in code if is_check(cell) or grade_settings(cell).get("solution")]
    assert not [cell.id for cell in graded if cell.outputs]
    errors = [cell.id for cell in code for output in cell.outputs if output.output_type == "error"]
    assert not errors


def test_every_picture_is_described_in_the_text_after_it(assignment):
    cells = read_notebook(assignment.release).cells
    for cell, after in itertools.pairwise(cells):
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            assert after.cell_type == "markdown", cell.id
            assert "in the picture" in after.source.lower(), cell.id


def test_headings_are_in_order(assignment):
    text = "\n".join(cell.source for cell in read_notebook(assignment.release).cells if cell.cell_type == "markdown")
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))


def test_graded_notebook_has_the_hidden_checks_and_no_import_of_the_course(assignment):
    cells = "\n".join(cell.source for cell in graded_notebook(assignment).cells)
    assert "### BEGIN HIDDEN TESTS" in cells
    assert "course.cells" not in cells


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a notebook"),
        ("{}", "not a notebook"),
        ("not json", "not a notebook"),
        ('{"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": []}', "format 3"),
    ],
)
def test_what_is_no_notebook_is_refused_with_a_sentence(tmp_path, text, words):
    path = tmp_path / "file.ipynb"
    path.write_text(text)
    with pytest.raises(CourseError, match=words):
        read_notebook(path)
