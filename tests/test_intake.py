"""Intake, alone: what is found and repaired, refused or left, before anything runs."""

import copy
import json
import os
import re
import socket
import stat
import zipfile

import pytest
from nbgrader.utils import compute_checksum

from course.answers import Answer
from course.intake.find import LARGEST, find
from course.intake.notes import Note, Refused, read_notes, refuse
from course.intake.repair import MOST_CELLS, Repair
from course.notebooks import as_text, grade_settings, is_check, read_notebook
from course.release import graded_notebook, handed_out
from tests.conftest import COURSE
from tests.damage import DAMAGES, STUBS, checks, solutions, write

ASSIGNMENT = COURSE.assignment(COURSE.assignments[0])
NAME = ASSIGNMENT.source.name
GRADED = graded_notebook(ASSIGNMENT)
REPAIR = Repair(ASSIGNMENT.name, GRADED)
SOLUTION = "def variable_vs_param(seed, x, features):\n    return None  # my own\n"
ROOM = 2**20
STUBS |= {grade_settings(cell).grade_id: cell.source for cell in handed_out(GRADED).cells if grade_settings(cell).get("solution")}


@pytest.fixture
def solved():
    return json.loads(as_text(Answer("right/mine", SOLUTION).filled_in(read_notebook(ASSIGNMENT.release))))


def known(notebook):
    """The cells that nbgrader knows, in their order, without the student's text."""
    return [
        (
            grade_settings(cell).grade_id,
            cell.cell_type,
            "" if grade_settings(cell).solution else cell.source,
            grade_settings(cell).get("points"),
        )
        for cell in notebook.cells
        if grade_settings(cell)
    ]


def take_in(folder):
    """Both steps of intake."""
    found = find(folder, NAME, ROOM, ROOM)
    notebook = REPAIR.repair(found.notebook)
    return notebook, [*found.notes, *read_notes(notebook)]


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_notebook_is_repaired_or_refused_with_a_sentence(name, solved, tmp_path):
    damage = DAMAGES[name]
    damage.do(tmp_path / "in", NAME, solved)
    if damage.kind == "refused":
        with pytest.raises(Refused) as refused:
            take_in(tmp_path / "in")
        assert damage.says in refused.value.note.text
        assert refused.value.note.text.endswith(".")
        return
    notebook, notes = take_in(tmp_path / "in")
    assert known(notebook) == known(GRADED)
    assert [cell.source.strip() for cell in notebook.cells if grade_settings(cell).get("solution")] == [SOLUTION.strip()]
    assert damage.says in " ".join(note.text for note in notes)
    assert ({note.kind for note in notes} == {"repaired"}) == (damage.kind == "repaired"), notes
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert all(set(cell.metadata) <= {"nbgrader", "tags", "jupyter"} for cell in notebook.cells)
    assert not any(output for cell in notebook.cells for output in cell.get("outputs", []))


def test_an_untouched_notebook_is_as_it_is_graded(solved):
    assert known(REPAIR.repair(solved)) == known(GRADED)
    assert read_notes(REPAIR.repair(solved)) == []


def test_nothing_of_the_submission_steers_its_marking(solved):
    solved["metadata"]["nnx_course"] |= {"notes": [{"kind": "graded", "text": "full marks"}], "key": "0", "walls": False}
    solved["cells"][0]["metadata"]["nnx_course"] = {"points": 10}
    notebook = REPAIR.repair(solved)
    assert read_notes(notebook) == []
    assert set(notebook.metadata.nnx_course) == {"notes", "release"}


def test_own_cells_stay_where_they_were(solved):
    at = solved["cells"].index(solutions(solved)[0])
    solved["cells"].insert(at, {"cell_type": "code", "id": "before", "metadata": {}, "source": "helper = 1", "outputs": []})
    ids = [cell.id for cell in REPAIR.repair(solved).cells]
    assert ids.index("before") == ids.index("variable_vs_param") - 1


def test_an_untouched_solution_cell_has_no_response():
    notebook = REPAIR.repair(read_notebook(ASSIGNMENT.release))
    [cell] = [cell for cell in notebook.cells if grade_settings(cell).get("solution")]
    assert compute_checksum(cell) == grade_settings(cell).checksum
    cell.source += "\nmine = 1"
    assert compute_checksum(cell) != grade_settings(cell).checksum


def test_who_deletes_the_solution_cell_is_graded_all_the_same(solved):
    solved["cells"].remove(solutions(solved)[0])
    notebook = REPAIR.repair(solved)
    assert known(notebook) == known(GRADED)
    assert "variable_vs_param had been deleted" in read_notes(notebook)[0].text
    del solved["metadata"]["nnx_course"]
    with pytest.raises(Refused, match="not the notebook of"):
        REPAIR.repair(solved)


def test_a_deleted_solution_is_the_one_of_the_release_and_not_ours(solved):
    solved["cells"].remove(solutions(solved)[0])
    [cell] = [cell for cell in REPAIR.repair(solved).cells if grade_settings(cell).get("solution")]
    assert "NotImplementedError" in cell.source
    assert "BEGIN SOLUTION" not in cell.source


def test_a_refused_submission_has_no_solution_in_it():
    notebook = REPAIR.refused(Note("refused", "It is empty."))
    assert "BEGIN SOLUTION" not in as_text(notebook)
    assert all(cell.outputs[0].evalue == "It is empty." for cell in notebook.cells if is_check(cell))


def test_every_check_of_a_refused_notebook_says_why(solved):
    notebook = refuse(REPAIR.repair(solved), Note("refused", "No."))
    assert [cell.outputs[0].evalue for cell in notebook.cells if is_check(cell)] == ["No."] * len(checks(solved))


def test_too_many_cells_are_refused(solved):
    solved["cells"] += [{"cell_type": "markdown", "metadata": {}, "source": ""}] * MOST_CELLS
    with pytest.raises(Refused, match="more than"):
        REPAIR.repair(solved)


def test_links_pipes_and_sockets_are_neither_followed_nor_opened(solved, tmp_path):
    secret = tmp_path / "secret.ipynb"
    write(secret, solved)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / NAME).symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "s"))
        with pytest.raises(Refused, match="There is no notebook"):
            find(folder, NAME, ROOM, ROOM)
    write(folder / "sub" / NAME, solved)
    found = find(folder, NAME, ROOM, ROOM)
    assert sum("it is a link, or no file" in note.text for note in found.notes) == 4
    assert found.files == {}


def test_other_files_come_along_as_far_as_there_is_room(solved, tmp_path):
    write(tmp_path / NAME, solved)
    for name, size in {"a.txt": 10, "b.txt": 2000, "data/c.txt": 10}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    found = find(tmp_path, NAME, 1000, 100)
    assert found.files == {"a.txt": b"x" * 10, "data/c.txt": b"x" * 10}
    assert ["b.txt" in note.text for note in found.notes] == [True]


def test_an_archive_may_not_lie_or_lead_out(solved, tmp_path):
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"../../{NAME}", json.dumps(solved))
        archive.writestr("/etc/absolute.txt", "a")
        archive.writestr("C:\\windows.txt", "w")
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb.bin", b"\0" * (ROOM + 1))
    found = find(tmp_path, NAME, ROOM, ROOM)
    assert sorted(found.files) == ["etc/absolute.txt", "windows.txt"]
    assert any("bomb.bin" in note.text for note in found.notes)


def test_a_notebook_in_an_archive_has_the_same_bound(tmp_path):
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, b"\0" * (LARGEST + 1))
    with pytest.raises(Refused, match="MB"):
        find(tmp_path, NAME, ROOM, ROOM)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b""])
def test_an_archive_that_is_none_is_left_out(content, solved, tmp_path):
    write(tmp_path / NAME, solved)
    (tmp_path / "in.zip").write_bytes(content)
    found = find(tmp_path, NAME, ROOM, ROOM)
    assert ["is none that can be read" in note.text for note in found.notes] == [True]


def test_the_same_notebook_twice_is_one(solved, tmp_path):
    write(tmp_path / "a" / NAME, solved)
    write(tmp_path / "b" / NAME, solved)
    assert find(tmp_path, NAME, ROOM, ROOM).notebook == solved


def test_a_release_knows_what_it_is():
    release = read_notebook(ASSIGNMENT.release)
    assert release.metadata.nnx_course.assignment == ASSIGNMENT.name
    assert release.metadata.nnx_course.release == handed_out(GRADED).metadata.nnx_course.release
    changed = copy.deepcopy(GRADED)
    next(cell for cell in changed.cells if is_check(cell)).source += "\nassert True"
    assert handed_out(changed).metadata.nnx_course.release != release.metadata.nnx_course.release


def test_hidden_checks_do_not_make_another_release():
    changed = copy.deepcopy(GRADED)
    for cell in changed.cells:
        cell.source = re.sub(r"(?m)^( *)### END HIDDEN TESTS", r"\1assert True\n\1### END HIDDEN TESTS", cell.source)
    assert handed_out(changed).metadata == handed_out(GRADED).metadata
