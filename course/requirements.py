"""Whether what the course needs is installed."""

import importlib.metadata
import sys

from packaging.requirements import Requirement

from course.errors import CourseError

DISTRIBUTION = "nnx-course"


def check_requirements() -> None:
    """Compare the installed packages with what the course declares in `pyproject.toml`.

    Raises
    ------
    CourseError
        Naming every package that is missing or too old, and the line that mends it.
    """
    wrong = []
    for requirement in map(Requirement, importlib.metadata.requires(DISTRIBUTION) or []):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append((requirement, "is missing"))
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append((requirement, f"is {installed}"))
    if wrong:
        found = "; ".join(f"{requirement.name} {state}, and the course needs {requirement}" for requirement, state in wrong)
        raise CourseError(f"{found}. Run: {sys.executable} -m pip install -r requirements/default.txt")
