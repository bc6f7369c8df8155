"""A new topic, as an author begins one."""

import pytest

from course.demo import new_course
from tests import test_notebooks as form
from tests.conftest import COURSE

FORM = [
    form.test_source_is_in_normal_form,
    form.test_grade_ids_are_unique_and_points_add_up_to_ten,
    form.test_every_check_has_a_hidden_part_and_ends_in_a_statement,
    form.test_release_holds_no_hidden_line_and_no_solution,
    form.test_release_is_one_file_with_outputs_for_examples_only,
    form.test_graded_notebook_has_the_hidden_checks_and_no_import_of_the_course,
]


@pytest.fixture(scope="module")
def begun(tmp_path_factory, run):
    course = new_course(COURSE, tmp_path_factory.mktemp("new") / "course")
    result = run("nnx-course", "new", "09-my-topic", cwd=course.root)
    assert result.returncode == 0, result.stderr
    return course.assignment("09-my-topic")


@pytest.mark.parametrize("test", FORM)
def test_a_skeleton_has_the_form_of_a_notebook(begun, test):
    test(begun)


def test_a_skeleton_is_right_about_its_answers(begun, run):
    result = run("nnx-course", "check", "09-my-topic", cwd=begun.course.root)
    assert result.returncode == 0, result.stdout
    assert begun.source.name == "my_topic.ipynb"


@pytest.mark.parametrize(
    ("name", "words"), [("my-topic", "no name for a topic"), ("09-../x", "no name for a topic"), ("09-my-topic", "already")]
)
def test_a_bad_name_ends_in_a_sentence(begun, run, name, words):
    result = run("nnx-course", "new", name, cwd=begun.course.root)
    assert result.returncode == 1
    assert words in result.stderr
    assert "Traceback" not in result.stderr
