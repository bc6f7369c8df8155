"""The students' repository: what they get, and nothing else of the course."""

import re
import shutil
import subprocess
from pathlib import Path

from course.errors import CourseError
from course.layout import Assignment, Course
from course.notebooks import read_notebook
from course.release import colab_badge, secret_lines, students_repository

TEMPLATE = Path(__file__).parent / "templates/students.md"
MARK = next(line for line in TEMPLATE.read_text(encoding="utf-8").splitlines() if line.startswith("<!--"))
PACKAGES = ("jax", "flax", "optax", "matplotlib", "jupyterlab")


def publish(course: Course, folder: Path) -> str:
    """Write the students' repository, or bring an earlier one up to date, and commit it there.

    Parameters
    ----------
    course : Course
    folder : Path
        An empty folder, a clone of an empty repository, or what an earlier call wrote.

    Returns
    -------
    str
        What was done, in a few words.

    Raises
    ------
    CourseError
        If the folder holds something else, a release notebook is not there or shows what is secret, or git fails.
    """
    folder = folder.resolve()
    files = _files(course)
    _refuse_what_is_not_ours(course, folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        _git(folder, "init", "--quiet", f"--initial-branch={students_repository(course)[1]}")
    for name in set(_git(folder, "ls-files", "-z").split("\0")) - set(files) - {""}:
        (folder / name).unlink(missing_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    _git(folder, "add", "--all")
    changed = _git(folder, "diff", "--cached", "--name-only").split()
    if not changed:
        return "up to date"
    _git(folder, "commit", "--quiet", "--message=The course, as released")
    return f"{len(changed)} of {len(files)} files written and committed"


def _files(course: Course) -> dict[str, str]:
    """What is published: each file's path, and its text."""
    assignments = [course.assignment(name) for name in course.assignments]
    secrets = secret_lines(read_notebook(assignment.source) for assignment in assignments)
    lock = (course.root / "requirements/default.txt").read_text(encoding="utf-8")
    pins = [match[0] for name in PACKAGES if (match := re.search(rf"^{name}==\S+", lock, re.MULTILINE))]
    environment = "\n".join(
        [
            "name: flax-nnx-state",
            "channels:",
            "  - conda-forge",
            "dependencies:",
            "  - python >=3.11,<3.14",
            "  - pip",
            "  - pip:",
            "      - -r requirements.txt",
        ]
    )
    files = {
        "README.md": _readme(course, assignments),
        "requirements.txt": "\n".join(pins) + "\n",
        "environment.yml": environment + "\n",
        "LICENSE": (course.root / "LICENSE").read_text(encoding="utf-8"),
        ".gitignore": ".venv/\n.ipynb_checkpoints/\n",
    }
    for assignment in assignments:
        if not assignment.release.is_file():
            raise CourseError(f"{assignment.release} does not exist: run nnx-course release first.")
        text = assignment.release.read_text(encoding="utf-8")
        cells = "\n".join(cell.source for cell in read_notebook(assignment.release).cells)
        if any(line in text or line in cells for line in secrets):
            raise CourseError(f"{assignment.release} shows a line of a solution or a hidden check: run nnx-course release, and look at it.")
        files[f"{assignment.name}/{assignment.source.name}"] = text
    return files


def _readme(course: Course, assignments: list[Assignment]) -> str:
    repository, branch = students_repository(course)
    syllabus = (course.root / "docs/syllabus.md").read_text(encoding="utf-8").replace("](../release/", "](")
    syllabus = re.sub(r"^#", "##", syllabus, flags=re.MULTILINE)
    badges = [f"- {assignment.name}: {colab_badge(assignment, repository, branch)}" for assignment in assignments]
    colab = (
        "\n".join(badges) if repository else "Open <https://colab.research.google.com>, choose *File → Upload notebook*, and choose a file."
    )
    text = TEMPLATE.read_text(encoding="utf-8")
    return text.replace("{syllabus}", syllabus.strip()).replace("{colab}", colab)


def _refuse_what_is_not_ours(course: Course, folder: Path) -> None:
    if folder.is_relative_to(course.root.resolve()):
        raise CourseError(f"{folder} is in the course itself, which is private: name a folder outside of it.")
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file: name a folder.")
    if not folder.exists() or all(path.name == ".git" for path in folder.iterdir()):
        return
    readme = folder / "README.md"
    if not (folder / ".git").exists() or not readme.is_file() or MARK not in readme.read_text(encoding="utf-8", errors="replace"):
        raise CourseError(f"{folder} holds something else than a published course: name an empty folder.")
    if changes := _git(folder, "status", "--porcelain"):
        raise CourseError(f"{folder} has changes that nnx-course publish did not make: move them away.\n{changes.rstrip()}")


def _git(folder: Path, *arguments: str) -> str:
    if shutil.which("git") is None:
        raise CourseError("git is missing: install it, and run this again.")
    result = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise CourseError(f"git {arguments[0]} failed in {folder}: {(result.stderr or result.stdout).strip()}")
    return result.stdout
