"""A skeleton for a new topic: small, complete and right, for an author to replace part by part."""

import re
from pathlib import Path

from course.errors import CourseError
from course.layout import Assignment, Course
from course.notebooks import grade_settings, normal_form, read_notebook, solution_text, write_notebook
from course.release import build

TEMPLATE = Path(__file__).parent / "templates/topic.ipynb"


def new_topic(course: Course, name: str) -> Assignment:
    """Write `source/NAME/`, `release/NAME/` and `answers/NAME/` for a new topic.

    Parameters
    ----------
    course : Course
    name : str
        As folders are called: `09-my-topic`. The notebook and its function are called `my_topic`.

    Returns
    -------
    Assignment

    Raises
    ------
    CourseError
        If the name is no such name, or is taken.
    """
    if not re.fullmatch(r"[0-9]{2}-[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise CourseError(f"{name!r} is no name for a topic: it is two digits and words in lower case, such as 09-my-topic.")
    if (course.root / "source" / name).exists():
        raise CourseError(f"source/{name} is there already: choose another name.")
    function = name[3:].replace("-", "_")
    notebook = read_notebook(TEMPLATE)
    for cell in notebook.cells:
        cell.source = cell.source.replace("FUNCTION", function)
        if grade_settings(cell).get("solution"):
            cell.metadata.nbgrader.grade_id = function
    path = course.root / "source" / name / f"{function}.ipynb"
    write_notebook(normal_form(notebook), path)
    assignment = course.assignment(name)
    solution = solution_text(notebook)
    right = solution.replace("    ### BEGIN SOLUTION\n", "").replace("\n    ### END SOLUTION", "")
    answers = {
        "right/as_stated.py": right,
        "wrong/weight_is_no_param.py": "# marks: 6\n# says: not just the weight\n" + right.replace("nnx.Param(", "nnx.Variable("),
        "wrong/mean_for_sum.py": "# marks: 4\n# says: not those of the contract\n" + right.replace(".sum()", ".mean()"),
    }
    for file, text in answers.items():
        target = assignment.answers / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n", encoding="utf-8", newline="\n")
    write_notebook(build(assignment), assignment.release)
    return assignment
