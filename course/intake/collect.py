"""Submissions as learning platforms export them, for `nbgrader zip_collect`.

    nbgrader zip_collect ASSIGNMENT --collector=course.intake.collect.CanvasCollector

Every file is collected, notebook or not: what cannot be graded is refused when the class is, with a sentence for the student.
"""

from typing import Any

from nbgrader.plugins import FileNameCollectorPlugin
from traitlets import default


class _Collector(FileNameCollectorPlugin):
    PATTERN = ""

    @default("named_regexp")
    def _the_platforms(self) -> str:
        return self.PATTERN

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """What a file's name says: `student_id`, and `file_id`, its path in what the student handed in."""
        return self._match(submitted_file)


class CanvasCollector(_Collector):
    """Canvas, Gradebook or Assignment, Download Submissions: `doejane_LATE_1234_98765_variable_vs_param-1.ipynb`.

    The student's id is the first number: Canvas's own id of the user, the column `ID` of its gradebook export. (The second
    is the submission's.)
    """

    PATTERN = r".*/[^/]*?_(?:LATE_)?(?P<student_id>\d+)_\d+_(?P<file_id>.+)$"


class MoodleCollector(_Collector):
    """Moodle, View all submissions, Download all submissions, in folders or not: `Jane Doe_1234_assignsubmission_file_/x.ipynb`.

    The student's id is the number: the participant's, as in the column `Identifier` of Moodle's grading worksheet.
    """

    PATTERN = r".*/[^/]*?_(?P<student_id>\d+)_assignsubmission_file_?/?(?P<file_id>.+)$"
