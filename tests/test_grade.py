"""A class, graded by the command: whatever is handed in, whatever stops it, and whoever else grades."""

import contextlib
import datetime
import itertools
import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import BasePlugin

from course.check import check, known_answers
from course.demo import new_course
from course.engine import mark
from course.errors import CourseError
from course.executors import Executors, executors
from course.grade import Grading, grade_class
from course.layout import Course
from course.notebooks import as_text, fill_in, grade_settings, is_check, read_notebook, write_notebook
from tests.conftest import COURSE
from tests.damage import DAMAGES, STUBS

BIN = Path(sys.executable).parent
RIGHT = "def answer():\n    return 42"
WRONG = "def answer():\n    return 41"
SLOW = "import time\n\n\ndef answer():\n    time.sleep(0.5)\n    return 42"
FULL = {"check_one": 1.0, "check_two": 1.0}
HALF = {"check_one": 0.0, "check_two": 1.0}
NONE = {"check_one": 0.0, "check_two": 0.0}
LATER = datetime.datetime(2026, 3, 2, 12)


@dataclass
class Class:
    """A course of one's own."""

    course: Course
    pools: Executors

    def hand_in(self, student, text=RIGHT, damage="nothing", timestamp=None):
        notebook = read_notebook(self.course.assignment("tiny").release)
        STUBS.update({grade_settings(cell).grade_id: cell.source for cell in notebook.cells if grade_settings(cell).get("solution")})
        fill_in(notebook, text)
        folder = self.course.root / "submitted" / student / "tiny"
        shutil.rmtree(folder, ignore_errors=True)
        DAMAGES[damage].do(folder, "tiny.ipynb", json.loads(as_text(notebook)))
        if timestamp:
            (folder / "timestamp.txt").write_text(f"{timestamp:%Y-%m-%d %H:%M:%S} UTC")

    def command(self, *options):
        return [str(BIN / "nnx-course"), "grade", "tiny", "--json", *options]

    def refuses(self, *options):
        """Run the command, which says in one sentence why it cannot."""
        done = subprocess.run(self.command(*options), cwd=self.course.root, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, ""), done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return " ".join(done.stderr.split())

    def grade(self, students=(), since=None, **options):
        """Grade with the workers that all tests here share; the outcome of each student."""
        grading = Grading(self.course, "tiny")
        submissions = grading.submissions(list(students), since)
        return {outcome.student: outcome for outcome in grade_class(grading, submissions, self.pools, **options)}

    def kinds(self, **options):
        return {student: outcome.kind for student, outcome in self.grade(**options).items()}

    def marks(self, name="tiny"):
        """The gradebook's marks by student and check."""
        return marks_in(self.url, name)

    def change_a_hidden_test(self):
        source = self.course.assignment("tiny").source
        notebook = read_notebook(source)
        [cell] = [cell for cell in notebook.cells if cell.id == "check_two"]
        cell.source = cell.source.replace('== 6, "JAX', '== 7, "JAX')
        write_notebook(notebook, source)

    @property
    def url(self):
        return f"sqlite:///{self.course.root / 'gradebook.db'}"

    def autograded(self, student):
        return self.course.assignment("tiny").autograded(student)


def marks_in(url, name="tiny"):
    with Gradebook(url) as gradebook:
        try:
            submissions = gradebook.find_assignment(name).submissions
        except MissingEntry:
            return {}
        return {one.student_id: {grade.name: grade.score for nb in one.notebooks for grade in nb.grades} for one in submissions}


@pytest.fixture(scope="module")
def pools():
    with executors(2) as pools:
        yield pools


@pytest.fixture
def klass(tiny_course, tmp_path, pools):
    shutil.copytree(tiny_course.root, tmp_path / "course")
    return Class(Course(tmp_path / "course"), pools)


def test_a_class_with_every_damage_gets_the_marks_of_the_undamaged(klass):
    for name in DAMAGES:
        klass.hand_in(name, damage=name)
    foreign = "Zoë Müller, née d'Été"
    klass.hand_in(foreign, WRONG)
    outcomes = klass.grade()
    kinds = {name: damage.kind for name, damage in DAMAGES.items()} | {foreign: "graded"}
    assert {student: outcome.kind for student, outcome in outcomes.items()} == kinds
    expected = {name: NONE if damage.kind == "refused" else FULL for name, damage in DAMAGES.items()} | {foreign: HALF}
    assert klass.marks() == expected
    for name, damage in DAMAGES.items():
        assert damage.says in " ".join(note.text for note in outcomes[name].notes)
    with Gradebook(klass.url) as gradebook:
        assert gradebook.find_submission("tiny", "not_json").needs_manual_grade
        assert not gradebook.find_submission("tiny", "nothing").needs_manual_grade
    refused = read_notebook(klass.autograded("not_json"))
    assert all("not JSON" in cell.outputs[0].evalue for cell in refused.cells if is_check(cell))


def test_a_class_of_200_gets_the_marks_that_each_should_get(tmp_path, pools, request):
    """Known answers to the first topic, every tenth of them damaged, each way in turn. For `make verify`."""
    if not request.config.getoption("--every-answer"):
        pytest.skip("takes minutes: make verify")
    original = COURSE.assignment(COURSE.assignments[0])
    release = read_notebook(original.release)
    STUBS.update({grade_settings(cell).grade_id: cell.source for cell in release.cells if grade_settings(cell).get("solution")})
    course = new_course(COURSE, tmp_path / "course")
    answers = list(itertools.islice(itertools.cycle(known_answers(original)), 200))
    points = {verdict.answer.name: verdict.points for verdict in check(original, known_answers(original), 2)}
    ways = itertools.cycle(name for name in DAMAGES if name != "written_in_a_cell_below")
    expected = {}
    for number, answer in enumerate(answers):
        way = next(ways) if number % 10 == 0 else "nothing"
        folder = course.root / "submitted" / f"s{number:03}" / original.name
        DAMAGES[way].do(folder, original.source.name, json.loads(as_text(answer.filled_in(release))))
        expected[f"s{number:03}"] = 0 if DAMAGES[way].kind == "refused" else points[answer.name]
    grading = Grading(course, original.name)
    outcomes = list(grade_class(grading, grading.submissions([]), pools))
    assert {outcome.student: outcome.points for outcome in outcomes} == expected
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        assert {one.student_id: one.score for one in gradebook.find_assignment(original.name).submissions} == expected


def test_what_is_up_to_date_is_left_alone_and_what_changed_is_not(klass):
    for student in ("a", "b", "c"):
        klass.hand_in(student, timestamp=datetime.datetime(2026, 3, 1, 12))
    assert klass.kinds() == {"a": "graded", "b": "graded", "c": "graded"}
    klass.hand_in("b", WRONG, timestamp=LATER)
    klass.hand_in("c", damage="not_json")
    assert klass.kinds() == {"a": "up to date", "b": "graded", "c": "refused"}
    assert klass.marks() == {"a": FULL, "b": HALF, "c": NONE}
    assert klass.kinds(students=["[ab]"], force=True) == {"a": "graded", "b": "graded"}
    assert klass.kinds(since=LATER) == {"b": "up to date"}
    with pytest.raises(CourseError, match=r"There is no submission of tiny of x\*"):
        klass.grade(students=["x*"])


def test_marks_that_did_not_reach_the_gradebook_are_read_and_not_made_again(klass):
    klass.hand_in("a")
    klass.grade()
    with Gradebook(klass.url) as gradebook:
        gradebook.remove_submission("tiny", "a")
    assert klass.kinds() == {"a": "up to date"}
    assert klass.marks() == {"a": FULL}


def test_a_fixed_check_shows_whose_marks_change_and_keeps_what_a_person_wrote(klass):
    with open(klass.course.root / "nbgrader_config.py", "a") as config:
        config.write("c.AssignLatePenalties.plugin_class = 'tests.test_grade.Hourly'\n")
    klass.hand_in("a", WRONG, timestamp=LATER)
    klass.hand_in("b", timestamp=LATER)
    klass.grade()
    with Gradebook(klass.url) as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate=LATER - datetime.timedelta(hours=1))
        grade = gradebook.find_grade("check_one", "tiny", "tiny", "a")
        grade.manual_score, grade.extra_credit = 0.5, 0.25
        gradebook.find_comment("answer", "tiny", "tiny", "a").manual_comment = "Nearly."
        gradebook.db.commit()
    klass.change_a_hidden_test()
    before = {path: path.read_bytes() for path in klass.course.root.rglob("*") if path.is_file() and "grading" not in path.name}
    changes = {"a": {"check_two": (1, 0)}, "b": {"check_two": (1, 0)}}
    assert {student: outcome.changes for student, outcome in klass.grade(dry_run=True).items()} == changes
    assert {path: path.read_bytes() for path in before} == before
    assert {student: outcome.changes for student, outcome in klass.grade().items()} == changes
    assert klass.marks() == {"a": {"check_one": 0.75, "check_two": 0}, "b": {"check_one": 1, "check_two": 0}}
    with Gradebook(klass.url) as gradebook:
        grade = gradebook.find_grade("check_one", "tiny", "tiny", "a")
        assert (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade) == (0, 0.5, 0.25, True)
        assert gradebook.find_comment("answer", "tiny", "tiny", "a").manual_comment == "Nearly."
        assert gradebook.find_submission_notebook("tiny", "tiny", "b").late_submission_penalty == 0.5
        assert gradebook.find_submission("tiny", "a").timestamp == LATER


class Hourly(BasePlugin):
    """Half a point for each hour."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 7200


def undisturbed(klass, root):
    """The marks and the executed notebooks of a run that nobody disturbs."""
    shutil.copytree(klass.course.root, root)
    other = Class(Course(root), klass.pools)
    other.grade()
    return other.marks(), {student: without_times(other.autograded(student)) for student in other.marks()}


def without_times(path):
    notebook = read_notebook(path)
    notebook.metadata.nnx_course.pop("seconds", None)  # a refused one has none
    return as_text(notebook)


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_marks(klass, tmp_path, request):
    """SIGKILL to the whole process group, three times (for `make verify` 20, and a class of 200), and once more to the end."""
    kills, size = (20, 200) if request.config.getoption("--every-answer") else (3, 12)
    kinds = ["nothing", "pasted_solution", "not_json", "two_candidates", "in_a_zip", "deleted_check"]
    for number in range(size):
        klass.hand_in(f"s{number:03}", [RIGHT, WRONG, SLOW][number % 3], kinds[number % len(kinds)])
    expected = undisturbed(klass, tmp_path / "undisturbed")
    draw = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID", "seed"))
    graded = []
    for _ in range(kills):
        enough = draw.randint(1, size // kills)
        command = klass.command()
        with subprocess.Popen(command, cwd=klass.course.root, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
            for line in process.stdout:
                outcome = json.loads(line)
                if outcome.get("outcome", "up to date") != "up to date":
                    graded.append(outcome["student"])
                    enough -= 1
                if not enough:
                    time.sleep(draw.random() * 0.2)  # a random moment, not a wait
                    break
            os.killpg(process.pid, signal.SIGKILL)
    graded += [student for student, kind in klass.kinds().items() if kind != "up to date"]
    assert (klass.marks(), {student: without_times(klass.autograded(student)) for student in klass.marks()}) == expected
    assert list(klass.course.root.glob("autograded/**/.writing-*")) == []
    # What was told to be graded is not graded again; what was just being written may be.
    assert len(graded) == len(set(graded))


def test_ctrl_c_says_what_is_left_and_loses_nothing(klass):
    size = 12  # so many that the signal comes before the last, however busy this machine
    for number in range(size):
        klass.hand_in(f"s{number}", SLOW)
    with subprocess.Popen(
        klass.command("--jobs", "1"), cwd=klass.course.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate()
    done = 1 + len(rest.splitlines())
    assert f"Interrupted: {done} are graded and {size - done} are left. Run the command again to go on." in " ".join(said.split())
    assert process.returncode == 1
    assert len(klass.marks()) == done


def test_ctrl_c_ends_nbgraders_own_command_with_what_it_marks(klass):
    klass.hand_in("a", "import time\ntime.sleep(500)\n\n\ndef answer():\n    return 42")
    command = [BIN / "nbgrader", "autograde", "tiny", "--ExecuteInSandbox.walls=False"]
    with subprocess.Popen(command, cwd=klass.course.root, stderr=subprocess.PIPE, text=True) as process:
        while "NO WALLS" not in process.stderr.readline():
            pass  # it is about to be marked
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=200)[1]
    assert "KeyboardInterrupt" in said
    assert klass.marks().get("a", NONE) == NONE


def test_two_runs_on_one_assignment_do_not_meet(klass):
    for number in range(3):
        klass.hand_in(f"s{number}", SLOW)
    with subprocess.Popen(klass.command("--jobs", "1"), cwd=klass.course.root, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        with pytest.raises(CourseError, match="is being graded by another command"):
            klass.grade()
        process.communicate()
    assert process.returncode == 0


def test_workers_do_not_run_the_program_again_that_made_them(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from course.engine import workers\nprint('begun')\nwith workers(1) as pool:\n    print(pool.submit(eval, '6 * 7').result())\n"
    )
    assert subprocess.run([sys.executable, program], capture_output=True, text=True, check=True).stdout == "begun\n42\n"


def faulty_mark(job):
    """Mark as ever, but for two submissions: on one the worker itself crashes, and on one our own code has a mistake."""
    if "return 41" in as_text(job.submission):
        os.kill(os.getpid(), signal.SIGSEGV)
    if "return 40" in as_text(job.submission):
        raise ZeroDivisionError("a mistake of ours")
    return mark(job)


def test_submissions_that_our_own_side_fails_on_stop_nobody(klass, monkeypatch):
    for student, text in {"a": RIGHT, "crash": WRONG, "mistake": WRONG.replace("41", "40"), "z": RIGHT}.items():
        klass.hand_in(student, text)
    monkeypatch.setattr("course.grade.mark", faulty_mark)
    with executors(2) as pools:
        outcomes = Class(klass.course, pools).grade()
    kinds = {"a": "graded", "crash": "refused", "mistake": "refused", "z": "graded"}
    assert {student: outcome.kind for student, outcome in outcomes.items()} == kinds
    for student, detail in {"crash": "BrokenProcessPool", "mistake": "a mistake of ours"}.items():
        [note] = outcomes[student].notes
        assert note.text == "This submission could not be graded, which is no mistake of yours. It needs review."
        assert detail in note.detail
    assert klass.marks() == {"a": FULL, "crash": NONE, "mistake": NONE, "z": FULL}


def test_bad_gradebooks_end_in_a_sentence_and_stay_as_they_are(klass):
    klass.hand_in("a")
    klass.grade()
    klass.hand_in("a", WRONG)
    path = klass.course.root / "gradebook.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("BEGIN IMMEDIATE")
        with pytest.raises(CourseError, match="is being written by somebody else"):
            klass.grade()
    assert klass.marks() == {"a": FULL}
    good = path.read_bytes()
    path.write_bytes(b"no database" * 1000)
    assert "put a copy from backups/ in its place" in klass.refuses()
    assert path.read_bytes() == b"no database" * 1000
    path.write_bytes(good)
    assert klass.kinds() == {"a": "up to date"}  # its notebook was written; only its marks were not
    assert klass.marks() == {"a": HALF}


def test_a_copy_of_the_gradebook_is_made_before_it_is_written(klass):
    klass.hand_in("a")
    klass.grade()
    klass.hand_in("a", WRONG)
    klass.grade()
    backups = sorted((klass.course.root / "backups").glob("*.db"))
    assert [marks_in(f"sqlite:///{path}") for path in backups] == [{}, {"a": FULL}]


def test_folders_that_cannot_be_written_end_in_a_sentence(klass):
    klass.hand_in("a")
    klass.grade()
    klass.hand_in("a", WRONG)
    shutil.rmtree(klass.course.root / "autograded")
    (klass.course.root / "autograded").write_text("in the way")
    with pytest.raises(CourseError, match=r"autograded/a/tiny cannot be written: Not a directory\. Make room"):
        klass.grade()
    assert klass.marks() == {"a": FULL}


def test_a_full_disk_ends_in_a_sentence(klass):
    """Files of this process may not grow beyond a size that a notebook is over, and a gradebook is."""
    klass.hand_in("a")
    klass.grade()
    klass.hand_in("a", WRONG + "\n# " + "x" * 400_000)
    code = f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, {resource.RLIM_INFINITY}))"
    code += "; sys.argv[0] = 'nnx-course'; from course.cli import main; main()"
    options = ["grade", "tiny", "--no-walls"]
    done = subprocess.run([sys.executable, "-c", code, *options], cwd=klass.course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "cannot be written: File too large" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert klass.marks() == {"a": FULL}
    assert list(klass.course.root.glob("autograded/**/.writing-*")) == []


@contextlib.contextmanager
def cluster(folder, count):
    """A Dask scheduler and workers on loopback; its address and the workers."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        address = f"tcp://127.0.0.1:{found.getsockname()[1]}"
    host, port = "127.0.0.1", address.rpartition(":")[2]
    options = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = [BIN / "dask", "scheduler", "--host", host, "--port", port, "--no-dashboard", "--no-show"]
    worker = [BIN / "dask", "worker", address, "--host", host, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    started = [subprocess.Popen(scheduler, **options)]
    try:
        from distributed import Client

        started += [subprocess.Popen([*worker, "--local-directory", folder / f"worker-{at}"], **options) for at in range(count)]
        with Client(address, timeout="60s", set_as_default=False) as client:
            client.wait_for_workers(count, timeout=60)
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_a_cluster_that_loses_a_worker_grades_all_the_same(klass, tmp_path):
    for number in range(8):
        klass.hand_in(f"s{number}", [SLOW, WRONG][number % 2], "not_json" if number == 5 else "nothing")
    expected = undisturbed(klass, tmp_path / "undisturbed")
    (tmp_path / "dask").mkdir()
    with cluster(tmp_path / "dask", 2) as (address, [first, _]):
        command = klass.command("--scheduler", address)
        with subprocess.Popen(command, cwd=klass.course.root, stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()
            first.kill()
            rest = process.communicate()[0]
        assert process.returncode == 0, rest
        assert (klass.marks(), {student: without_times(klass.autograded(student)) for student in klass.marks()}) == expected


def test_a_scheduler_that_is_none_is_a_sentence(klass):
    klass.hand_in("a")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    assert f"No Dask scheduler answers at tcp://127.0.0.1:{port}" in klass.refuses("--scheduler", f"tcp://127.0.0.1:{port}")
