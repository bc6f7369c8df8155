"""What learning platforms export, collected with nbgrader's own command."""

import shutil
import zipfile

import pytest

from course.layout import Course

EXPORTS = {
    "CanvasCollector": {
        "doejane_101_9001_tiny.ipynb": "submitted/101/tiny/tiny.ipynb",
        "doejohn_LATE_102_9002_tiny-1.ipynb": "submitted/102/tiny/tiny-1.ipynb",
        "müllerzoë_103_9003_Copy_of_tiny.ipynb": "submitted/103/tiny/Copy_of_tiny.ipynb",
        "o'neill_104_9004_essay.pdf": "submitted/104/tiny/essay.pdf",
    },
    "MoodleCollector": {
        "Jane Doe_201_assignsubmission_file_/tiny.ipynb": "submitted/201/tiny/tiny.ipynb",
        "Jane Doe_201_assignsubmission_file_/more/tiny.ipynb": "submitted/201/tiny/more/tiny.ipynb",
        "Zoë Müller_202_assignsubmission_file/tiny (1).ipynb": "submitted/202/tiny/tiny (1).ipynb",
        "John Doe_203_assignsubmission_file_tiny.ipynb": "submitted/203/tiny/tiny.ipynb",
    },
}


@pytest.mark.parametrize("collector", EXPORTS)
def test_an_export_is_collected(tiny_course, tmp_path, run, collector):
    root = tmp_path / "course"
    shutil.copytree(tiny_course.root, root)
    archive = root / "downloaded/tiny/archive/submissions.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as file:
        for name in EXPORTS[collector]:
            file.writestr(name, name)
    result = run("nbgrader", "zip_collect", "tiny", f"--collector=course.intake.collect.{collector}", cwd=Course(root).root)
    assert result.returncode == 0, result.stderr
    found = {str(path.relative_to(root)): path.read_text() for path in (root / "submitted").rglob("*") if path.is_file()}
    assert found == {path: name for name, path in EXPORTS[collector].items()}
