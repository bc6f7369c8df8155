"""An instructor's desk, on a small class that nbgrader marked with the engine: report, story of a mark, exports, real terms."""

import csv
import html
import re
import shutil
from pathlib import Path

import pytest

from course.answers import read_answers
from course.commands import course_directory
from course.demo import new_course
from course.errors import CourseError
from course.explain import explain
from course.exports import CanvasExport, MoodleExport
from course.gradebook import open_gradebook
from course.new import new_topic
from course.notebooks import as_text, read_notebook
from course.report import read_class, write
from course.terms import extend, forget
from tests.browser import offline
from tests.conftest import COURSE

NAME = "09-scaled"
SAMPLES = Path(__file__).parent / "lms"
ROSTER = '''id,first_name,last_name,email,lms_user_id
anna,"Łukasz ""Luke""",Wiśniewski,anna@example.org,9001
ben,=cmd|'/c calc'!A1,"+1, Ben",ben@example.org,9002
cleo,שרה,כהן,cleo@example.org,9003
dora,Zoë,O'Neill,dora@example.org,
emil,A.,Twin,emil@example.org,9005
'''
HANDED_IN = {  # the answer, and when
    "anna": ("right/as_stated", "2026-11-20 17:00:00 UTC"),
    "ben": ("wrong/weight_is_no_param", "2026-11-20 17:30:00 UTC"),
    "cleo": ("wrong/mean_for_sum", "2026-11-20 17:45:00 UTC"),
    "dora": ("right/as_stated", "2026-11-21 19:00:00 UTC"),  # 25 hours late: two days begin
}
LATE = """
from course.terms import PenaltyPerDay
c.AssignLatePenalties.plugin_class = PenaltyPerDay
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory, run):
    """A course with one small assignment, marked."""
    course = new_course(COURSE, tmp_path_factory.mktemp("desk") / "course")
    assignment = new_topic(course, NAME)
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write(LATE)
    (course.root / "roster.csv").write_text(ROSTER)

    def nbgrader(*arguments):
        result = run("nbgrader", *arguments, cwd=course.root)
        assert result.returncode == 0, result.stderr
        return result.stderr

    nbgrader("generate_assignment", NAME, "--force")
    nbgrader("db", "assignment", "add", NAME, "--duedate", "2026-11-20 18:00:00 UTC")
    nbgrader("db", "student", "import", "roster.csv")
    answers = {answer.name: answer for answer in read_answers(assignment.answers)}
    for student, (answer, when) in HANDED_IN.items():
        path = assignment.submitted(student)
        path.parent.mkdir(parents=True)
        path.write_text(as_text(answers[answer].filled_in(read_notebook(assignment.release))))
        (path.parent / "timestamp.txt").write_text(when)
    nbgrader("autograde", NAME)
    return course, nbgrader


def nnx_course(run, course, *arguments):
    result = run("nnx-course", *arguments, "--course", str(course.root))
    assert result.returncode == 0, result.stderr
    return result.stdout


def rows_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_canvas_gets_its_own_rows_back_with_marks(desk):
    course, nbgrader = desk
    log = nbgrader("export", "--exporter=course.exports.CanvasExport", f"--CanvasExport.downloaded={SAMPLES / 'canvas.csv'}",
                   f'--CanvasExport.columns={NAME}=Scaled')  # fmt: skip
    before, after = rows_of(SAMPLES / "canvas.csv"), rows_of(course.root / "canvas.csv")
    # Its importer finds the student columns by their order, up to Section, and an assignment by the id in brackets.
    assert after[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Scaled (4711)"]
    assert after[1] == ["    Points Possible", "", "", "", "", "10.0"]
    marks = {row[1]: row[5] for row in after[2:]}
    assert marks == {"9001": "10", "9002": "6", "9003": "4", "9004": "8", "9005": ""}
    known = {row[1]: row for row in before}
    for row in after[2:]:
        assert row[1:5] == known[row[1]][1:5]
        assert row[0] == known[row[1]][0] or row[1] == "9002"
    [formula] = [row[0] for row in after if row[1] == "9002"]
    assert formula.startswith("'=cmd")
    assert "5 students and 1 assignments" in log


def test_moodle_gets_its_own_rows_back_with_marks(desk):
    course, nbgrader = desk
    nbgrader("export", "--exporter=course.exports.MoodleExport", f"--MoodleExport.downloaded={SAMPLES / 'moodle.csv'}",
             f'--MoodleExport.columns={NAME}=Scaled', "--to", "for moodle.csv", "--MoodleExport.absent=0")  # fmt: skip
    after = rows_of(course.root / "for moodle.csv")
    header = ["First name", "Last name", "ID number", "Institution", "Department", "Email address"]
    assert after[0] == [*header, "Last downloaded from this course", "Assignment: Scaled (Real)"]
    assert {row[5]: row[-1] for row in after[1:]} == {
        "anna@example.org": "10",
        "ben@example.org": "6",
        "cleo@example.org": "4",
        "dora@example.org": "8",
        "emil@example.org": "0",
    }
    assert after[1][:6] == ['Łukasz "Luke"', "Wiśniewski", "9001", "", "Physics, theory", "anna@example.org"]
    assert after[3][:2] == ["שרה", "כהן"]
    assert after[2][:2] == ["'=cmd\\|'/c calc'!A1", "'+1"]


def test_moodles_grading_worksheet_keeps_all_that_its_import_wants(desk, tmp_path):
    sample, target = SAMPLES / "moodle-worksheet.csv", tmp_path / "out.csv"
    with open_gradebook(database(desk)) as gradebook:
        MoodleExport(downloaded=str(sample), columns={NAME: "Grade"}, to=str(target)).export(gradebook)
    before, after = ([dict(zip(rows[0], row, strict=True)) for row in rows[1:]] for rows in (rows_of(sample), rows_of(target)))
    assert [row["Grade"] for row in after] == ["10", "4", ""]
    for row, known in zip(after, before, strict=True):
        assert {**row, "Grade": ""} == {key: "'-" if value == "-" else value for key, value in known.items()}


def test_the_plain_export_is_not_broken_by_names(desk):
    course, nbgrader = desk
    nbgrader("export")
    with open(course.root / "grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file) if row["assignment"] == NAME}
    assert rows["anna"]["first_name"] == 'Łukasz "Luke"'
    assert rows["ben"]["last_name"] == "'+1, Ben"
    assert (rows["dora"]["raw_score"], rows["dora"]["late_submission_penalty"], rows["dora"]["score"]) == ("10.0", "2.0", "8.0")
    assert rows["emil"]["score"] == "0.0"


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        (lambda text: text, {"columns": {NAME: "Scald"}}, "has no column 'Scald'"),
        (lambda text: text, {"assignment": ["10-x"]}, "There is no assignment '10-x' in the gradebook"),
        (lambda text: text, {"columns": {}}, "has no column for 09-scaled"),
        (lambda text: text.replace("Section", "Sektion"), {}, "has no column Section"),
        (lambda text: text.replace("ID", "Nr"), {}, "has none of the columns ID, SIS User ID, SIS Login ID"),
        (lambda text: text.replace("9003,S-3", "9003"), {}, "Row 6 of"),
        (lambda text: text.replace("9003,S-3,cleo", "9003,S-3,anna"), {}, "not clear who anna is"),
        (lambda text: text.replace("Essay (4700)", "Scaled (4700)"), {}, "Scaled (4700) and Scaled (4711) are columns for 09-scaled"),
        (lambda text: text.encode("utf-16").decode("latin-1"), {}, "is not in UTF-8"),
        (lambda text: "", {}, "has none of the columns"),
        (None, {}, "cannot be read: No such file"),
    ],
)
def test_a_download_that_does_not_fit_is_one_sentence_and_writes_nothing(desk, tmp_path, change, settings, words):
    download = tmp_path / "canvas.csv"
    if change:
        download.write_text(
            change((SAMPLES / "canvas.csv").read_text(encoding="utf-8-sig")), encoding="latin-1" if "UTF-8" in words else None
        )
    settings = {"downloaded": str(download), "to": str(tmp_path / "out.csv"), "columns": {NAME: "Scaled"}} | settings
    with open_gradebook(database(desk)) as gradebook, pytest.raises(SystemExit, match=re.escape(words)):
        CanvasExport(**settings).export(gradebook)
    assert not (tmp_path / "out.csv").exists()


def test_without_a_download_an_export_says_what_to_do(desk, run):
    course, _ = desk
    result = run("nbgrader", "export", "--exporter=course.exports.CanvasExport", cwd=course.root)
    assert result.returncode == 1
    assert "Download the gradebook from the LMS, and add --CanvasExport.downloaded=FILE.csv" in result.stderr
    assert "Traceback" not in result.stderr


def test_semicolons_and_what_nobody_knows(desk, tmp_path, caplog):
    # As Canvas writes it where the comma is for decimals; and dora is not in this section.
    download = tmp_path / "canvas.csv"
    rows = [row for row in rows_of(SAMPLES / "canvas.csv") if row[3] != "dora"]
    rows[2][6] = "100.0"
    with download.open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    with open_gradebook(database(desk)) as gradebook:
        CanvasExport(downloaded=str(download), to=str(tmp_path / "out.csv"), columns={NAME: "Scaled"}).export(gradebook)
    assert "9001;S-1;anna;Group A;10" in (tmp_path / "out.csv").read_text()
    assert "so without marks in the LMS: dora" in caplog.text
    assert "100.0 points there and 10 here" in caplog.text


def test_the_report_shows_the_class(desk, run, browser, picture):
    course, _ = desk
    nnx_course(run, course, "report", NAME)
    with offline(browser, course.root / f"reports/{NAME}.html") as page:
        picture(page, "report")
    page = html.unescape((course.root / f"reports/{NAME}.html").read_text())
    assert all(student in page for student in HANDED_IN)
    assert "Half of the class has 7 marks or more, of 10." in page
    assert page.count("data:image/svg+xml;base64,") == 3
    assert not re.search(r"<(script|link|iframe)\b|https?://(?!www\.w3\.org)", page)
    rows = rows_of(course.root / f"reports/{NAME}.csv")
    assert [row[:2] for row in rows[1:]] == [["anna", "10.0"], ["ben", "6.0"], ["cleo", "4.0"], ["dora", "8.0"]]


def test_an_anonymous_report_names_nobody(desk, tmp_path):
    course, _ = desk
    write(read_class(course.assignment(NAME), database(desk)).anonymous(), tmp_path)
    for path in tmp_path.iterdir():
        text = path.read_text()
        assert "student 4" in text
        assert not any(re.search(rf"\b{student}\b", text) for student in HANDED_IN)


def test_every_mark_can_be_explained(desk, run):
    course, _ = desk
    story = nnx_course(run, course, "explain", "dora", NAME)
    assert "dora (O'Neill, Zoë), 09-scaled: 8 of 10 marks" in story
    assert "handed in: 2026-11-21 19:00:00 UTC, 25.0 hours late" in story
    for word in ("versions: ", "jax ", "seeds: ", "limits: ", "memory ", "seconds: ", "walls: True"):
        assert word in story
    assert "The cells add up to 10, less 2 for lateness: 8." in story
    assert "not just the weight" in explain(course.assignment(NAME), "ben", database(desk))


def test_a_mark_that_somebody_changed_in_the_gradebook_shows(desk):
    course, _ = desk

    def change(score):
        with open_gradebook(database(desk)) as gradebook:
            grade = next(grade for grade in gradebook.find_submission(NAME, "cleo").notebooks[0].grades if grade.name == "check_param")
            before, grade.auto_score = grade.auto_score, score
            gradebook.db.commit()
            return before

    before = change(1.0)
    assert "THE GRADEBOOK HAS 1 FOR THE CHECK, AND THE NOTEBOOK 4" in explain(course.assignment(NAME), "cleo", database(desk))
    assert change(before) == 1.0
    assert "THE GRADEBOOK HAS" not in explain(course.assignment(NAME), "cleo", database(desk))


def test_bad_input_is_one_sentence(desk, run):
    course, _ = desk
    assignment, directory = course.assignment(NAME), course_directory(course)
    for call, words in {
        lambda: explain(assignment, "emil", directory.db_url): "Nothing of emil is marked for 09-scaled.",
        lambda: read_class(course.assignment(COURSE.assignments[0]), directory.db_url): "is graded yet",
        lambda: read_class(assignment, "sqlite:////nowhere/gradebook.db"): "There is no gradebook /nowhere/gradebook.db",
        lambda: extend(directory, NAME, "nobody", 1): "No such student: nobody",
        lambda: extend(directory, "08", "anna", 1): "No such assignment: 08",
        lambda: forget(directory, "nobody"): "Nothing is known of a student 'nobody'",
        lambda: forget(directory, ".."): "Nothing is known of a student '..'",
    }.items():
        with pytest.raises(CourseError, match=re.escape(words)):
            call()
    result = run("nnx-course", "explain", "ana", NAME, "--course", str(course.root))
    assert result.returncode == 1
    assert "There is no student 'ana' in the gradebook: there is anna" in " ".join(result.stderr.split())


def database(desk):
    return f"sqlite:///{desk[0].root / 'gradebook.db'}"


def test_an_extension_takes_the_penalty_away_and_gives_no_mark_to_who_handed_in_nothing(desk, run):
    course, nbgrader = desk
    assert "dora has until 2026-11-22 18:00 UTC" in nnx_course(run, course, "extend", "dora", NAME, "--days", "2")
    extend(course_directory(course), NAME, "emil", 7)
    nbgrader("autograde", NAME, "--student=dora", "--force")
    story = explain(course.assignment(NAME), "dora", database(desk))
    assert "with an extension of 2 days" in story
    assert "10 of 10 marks" in story
    with open_gradebook(database(desk)) as gradebook:
        plugin = MoodleExport(downloaded=str(SAMPLES / "moodle.csv"), columns={NAME: "Scaled"}, to=str(course.root / "moodle.csv"))
        plugin.export(gradebook)
    assert {row[5]: row[-1] for row in rows_of(course.root / "moodle.csv")[1:]}["emil@example.org"] == ""


def test_solutions_are_run_and_keep_hidden_checks_for_next_year(desk):
    course, nbgrader = desk
    nbgrader("generate_solution", NAME)
    [path] = (course.root / "solution" / NAME).glob("*.ipynb")
    solution = read_notebook(path)
    text = path.read_text()
    assert "HIDDEN TESTS" not in text
    assert "course.cells" not in text
    assert not [output for cell in solution.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    places = (course.assignment(NAME).source, course.assignment(NAME).release, path)
    source, release, solved = (
        {line.strip() for cell in read_notebook(place).cells for line in cell.source.splitlines()} for place in places
    )
    hidden = [line for line in source - release if "checks.hidden" in line or line.startswith("_check")]
    assert hidden
    assert not set(hidden) & solved


def test_a_student_is_forgotten(desk, run):
    course, nbgrader = desk
    nbgrader("generate_feedback", NAME)
    shutil.copytree(course.root / "submitted/anna", course.root / "submitted/annabel")
    refused = run("nnx-course", "forget", "anna", "--course", str(course.root))
    assert refused.returncode != 0  # nobody said yes
    assert (course.root / "autograded/anna").exists()
    said = nnx_course(run, course, "forget", "anna", "--yes")
    assert "grades.csv" in said
    assert "roster.csv" in said
    assert not list(course.root.rglob("anna"))
    assert (course.root / "submitted/annabel").exists()
    assert b"Wi\xc5\x9bniewski" not in (course.root / "gradebook.db").read_bytes()
