"""The grader's own examination, and that it would notice a faulty grader."""

import os
import re
import shutil
import subprocess

import pytest

from course.answers import Answer, read_answers
from course.check import Verdict, check, known_answers
from course.errors import CourseError
from course.marks import Mark
from course.notebooks import read_notebook
from tests.conftest import COURSE, ROOT, one_per_kind


@pytest.fixture(scope="module", params=COURSE.assignments)
def examined(request):
    """An assignment, and the verdict on each of its known answers in one kernel."""
    assignment = COURSE.assignment(request.param)
    return assignment, list(check(assignment, known_answers(assignment), jobs=os.cpu_count() or 1))


def test_known_answers_get_the_marks_and_the_words_they_must_get(examined):
    assignment, verdicts = examined
    assert len(verdicts) == len(known_answers(assignment))
    assert [(verdict.answer.name, verdict.fault, verdict.sentences) for verdict in verdicts if verdict.fault] == []
    headings = re.findall(r"^#+ (.*)$", "\n".join(cell.source for cell in read_notebook(assignment.source).cells), re.MULTILINE)
    sections = {name for verdict in verdicts for name in re.findall(r"Read section: (.*?)\.(?: \(|$)", verdict.sentences, re.MULTILINE)}
    assert len(sections) > 3
    # In brackets a section may say where in it.
    assert [name for name in sections if not any(heading.endswith(name.split(" (")[0]) for heading in headings)] == []


def test_the_examiner_gives_the_same_marks_and_sentences(examined, request):
    assignment, verdicts = examined
    if not request.config.getoption("--every-answer"):
        verdicts = one_per_kind(verdicts)
    expected = {verdict.answer.name: verdict.marks for verdict in verdicts}
    answers = [verdict.answer for verdict in verdicts]
    found = {verdict.answer.name: verdict.marks for verdict in check(assignment, answers, os.cpu_count() or 1, examiner=True)}
    assert found == expected


def test_known_answers_on_the_versions_of_colab(examined, request, tmp_path):
    assignment, verdicts = examined
    command = ROOT / ".venv-colab/bin/nnx-course"
    assert command.exists(), "run: make .venv-colab/ready"
    options = []
    if not request.config.getoption("--every-answer"):
        for kind in ("right", "wrong"):
            (tmp_path / kind).mkdir()
        for verdict in one_per_kind(verdicts):
            if "(" not in verdict.answer.name:  # the release and the solution are always examined
                shutil.copy(assignment.answers / f"{verdict.answer.name}.py", tmp_path / f"{verdict.answer.name}.py")
        options = ["--answers", tmp_path]
    result = subprocess.run([command, "check", assignment.name, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


PASSED, FAILED = Mark("a", 1, 1, ""), Mark("b", 0, 2, "The kernel is transposed. It would not fit.")


@pytest.mark.parametrize(
    ("answer", "marks", "fault"),
    [
        (Answer("right/x", ""), [PASSED], ""),
        (Answer("right/x", ""), [PASSED, FAILED], "false reject"),
        (Answer("wrong/x", ""), [PASSED], "false accept"),
        (Answer("wrong/x", ""), [PASSED, FAILED], ""),
        (Answer("wrong/x", "", marks=1), [PASSED, FAILED], ""),
        (Answer("wrong/x", "", marks=2), [PASSED, FAILED], "wrong marks"),
        (Answer("wrong/x", "", says=("Transposed", "would not fit")), [PASSED, FAILED], ""),
        (Answer("wrong/x", "", says=("BatchStat",)), [PASSED, FAILED], "wrong diagnosis"),
    ],
)
def test_verdicts(answer, marks, fault):
    assert Verdict(answer, tuple(marks)).fault == fault


def test_a_mistake_is_the_first_sentence():
    assert FAILED.mistake == "The kernel is transposed."


def test_check_exits_with_1_and_names_each_fault(run, tmp_path):
    [solution] = [answer for answer in known_answers(COURSE.assignment(COURSE.assignments[0])) if answer.name.startswith("right/(")]
    for kind, name, text in [
        ("right", "broken", "def variable_vs_param(seed, x, features):\n    return None\n"),
        ("wrong", "fine", f"# marks: 3\n{solution.source}"),
    ]:
        (tmp_path / kind).mkdir()
        (tmp_path / kind / f"{name}.py").write_text(text)
    result = run("nnx-course", "check", COURSE.assignments[0], "--answers", str(tmp_path))
    assert result.returncode == 1
    assert "false reject: 01-variable-vs-param right/broken" in result.stdout
    assert "false accept: 01-variable-vs-param wrong/fine" in result.stdout


def test_an_answer_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "odd.py").write_text("# marks: many\nx = 1\n")
    with pytest.raises(CourseError, match=r"odd\.py says '# marks: many'"):
        read_answers(tmp_path)


def test_a_folder_without_answers_is_named(tmp_path):
    with pytest.raises(CourseError, match="holds no answers"):
        read_answers(tmp_path)
