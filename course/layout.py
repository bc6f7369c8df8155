"""Where things are: the course's folders, its assignments and their notebooks."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError

CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class Course:
    """A course on disk.

    Parameters
    ----------
    root : Path
        The folder with `nbgrader_config.py` and `source/`.
    """

    root: Path

    @classmethod
    def find(cls, start: Path) -> "Course":
        """Find the course that a folder is part of: the folder itself, or its nearest parent that is one.

        Raises
        ------
        CourseError
            If there is none.
        """
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / CONFIG).is_file() and (folder / "source").is_dir():
                return cls(folder)
        raise CourseError(f"{start} is not in a course: go to a folder with {CONFIG} and source/, or name one with --course.")

    @property
    def assignments(self) -> list[str]:
        """The names of the assignments, in order: the folders of `source/` that hold a notebook."""
        return sorted({path.parent.name for path in (self.root / "source").glob("*/*.ipynb")})

    def assignment(self, name: str) -> "Assignment":
        """Look up one assignment.

        Raises
        ------
        CourseError
            If there is none of that name, with the nearest names that there are.
        """
        if name not in self.assignments:
            near = difflib.get_close_matches(name, self.assignments, cutoff=0.3) or self.assignments
            raise CourseError(f"There is no assignment {name!r} in {self.root / 'source'}: there is {', '.join(near) or 'none'}.")
        notebooks = sorted((self.root / "source" / name).glob("*.ipynb"))
        if len(notebooks) > 1:
            names = ", ".join(path.name for path in notebooks)
            raise CourseError(f"source/{name} holds {len(notebooks)} notebooks ({names}), and an assignment has one: move the others away.")
        return Assignment(self, name, notebooks[0])


@dataclass(frozen=True)
class Assignment:
    """One assignment: a folder of `source/` with one notebook.

    Parameters
    ----------
    course : Course
    name : str
        The folder's name, such as `01-variable-vs-param`.
    source : Path
        What the author edits.
    """

    course: Course
    name: str
    source: Path

    @property
    def release(self) -> Path:
        """What students open."""
        return self.course.root / "release" / self.name / self.source.name

    @property
    def answers(self) -> Path:
        """The known answers, in `right/` and `wrong/`."""
        return self.course.root / "answers" / self.name

    def submitted(self, student: str) -> Path:
        """A student's notebook."""
        return self.course.root / "submitted" / student / self.name / self.source.name

    def autograded(self, student: str) -> Path:
        """A student's notebook as it was executed for marking."""
        return self.course.root / "autograded" / student / self.name / self.source.name
