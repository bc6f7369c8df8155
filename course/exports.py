"""Marks for the LMS: `nbgrader export --exporter=course.exports.CanvasExport` and `MoodleExport`.

Each takes the gradebook file that the LMS itself gave out, and returns it with marks: columns, students and ids are then the ones
that the LMS knows. Grades of others are left out, so that an import cannot bring back old ones.
"""

import re
from pathlib import Path

import defusedcsv.csv as csv  # a name that a spreadsheet would compute, such as =cmd, becomes text
from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from nbgrader.plugins import ExportPlugin
from traitlets import Dict, List, Unicode, default

from course.gradebook import final_score, is_marked

Row = list[str]


class LmsExport(ExportPlugin):
    """Fill marks into a file of an LMS. What cannot be done is one sentence, and nothing is written."""

    downloaded = Unicode("", help="The gradebook as the LMS exports it: a CSV file.").tag(config=True)
    columns = Dict(Unicode(), help="The LMS's column for an assignment, where it has another title.").tag(config=True)
    absent = Unicode("", help="The mark for nothing handed in: empty, and the LMS keeps what it has.").tag(config=True)
    keys = Dict(List(Unicode()), help="Columns that tell who somebody is, and the fields of nbgrader's students that stand there.").tag(
        config=True
    )

    default_to = "marks.csv"
    title = re.compile("(.*)")  # of an assignment, in the header of its column

    def export(self, gradebook: Gradebook) -> None:
        """Write the file.

        Parameters
        ----------
        gradebook : nbgrader.api.Gradebook

        Raises
        ------
        SystemExit
            If the LMS's file cannot be read, or does not fit the gradebook.
        """
        header, rows, dialect, encoding = self._read()
        places = self._places(header, gradebook)
        found = self._match(header, rows, gradebook)
        kept = [*self.kept(header), *places.values()]
        marks = {name: self._marks(gradebook.find_assignment(name), gradebook, header[place]) for name, place in places.items()}
        table = [[header[place] for place in kept]]
        for index, row in enumerate(rows):
            if index not in found:
                if not self.is_student(header, row) and any(row[place].strip() for place in kept):
                    self._compare_points(row, places, gradebook)
                    table.append([row[place] for place in kept])
                continue
            for name, place in places.items():
                row[place] = marks[name].get(found[index], self.absent)
            table.append([row[place] for place in kept])
        target = Path(self.to or self.default_to)
        with target.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=dialect).writerows(table)
        self.log.info("%d students and %d assignments written to %s", len(found), len(places), target)

    def kept(self, header: Row) -> list[int]:
        """The places of the columns that tell who somebody is."""
        raise NotImplementedError

    def is_student(self, header: Row, row: Row) -> bool:
        """Whether a row is a student's."""
        return True

    def identity(self, key: str, cell: str) -> str:
        """Who a cell of the column `key` means, as nbgrader's students have it."""
        return cell.strip().casefold()

    def _read(self) -> tuple[Row, list[Row], str, str]:
        name = type(self).__name__
        if not self.downloaded:
            raise SystemExit(f"Which students and columns? Download the gradebook from the LMS, and add --{name}.downloaded=FILE.csv")
        try:
            raw = Path(self.downloaded).read_bytes()
            text = raw.decode("utf-8-sig")
        except OSError as error:
            raise SystemExit(f"{self.downloaded} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise SystemExit(f"{self.downloaded} is not in UTF-8: download it again as CSV, and do not open it in a spreadsheet.") from None
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = [row for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) if any(cell.strip() for cell in row)]
        header = rows[0] if rows else []
        if not set(self.keys) & set(header):
            raise SystemExit(f"{self.downloaded} has none of the columns {', '.join(self.keys)}: name others with --{name}.keys")
        uneven = [number for number, row in enumerate(rows, 1) if len(row) != len(header)]
        if uneven:
            raise SystemExit(f"Row {uneven[0]} of {self.downloaded} has another number of columns than the first: download it again.")
        return header, rows[1:], delimiter, "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"

    def _places(self, header: Row, gradebook: Gradebook) -> dict[str, int]:
        """The place of each assignment's column."""
        known = [str(assignment.name) for assignment in gradebook.assignments]
        wanted = [str(name) for name in self.assignment] or known
        titles = [self._title(cell) for cell in header]
        places = {}
        for name in wanted:
            if name not in known:
                raise SystemExit(f"There is no assignment {name!r} in the gradebook: there is {', '.join(known) or 'none'}.")
            column = self.columns.get(name, name)
            here = [place for place, cell in enumerate(header) if cell == column] or [
                place for place, title in enumerate(titles) if title.casefold() == column.casefold()
            ]
            if len(here) > 1:
                found = " and ".join(header[place] for place in here)
                raise SystemExit(f'{found} are columns for {name}: choose with --{type(self).__name__}.columns="{name}={header[here[0]]}"')
            if here:
                places[name] = here[0]
            elif self.assignment or name in self.columns:
                example = f'--{type(self).__name__}.columns="{name}=TITLE"'
                raise SystemExit(f"{self.downloaded} has no column {column!r}. If it has another title there, add {example}")
        if not places:
            raise SystemExit(
                f"{self.downloaded} has no column for {', '.join(wanted)}: make the assignment in the LMS, and download again."
            )
        return places

    def _title(self, cell: str) -> str:
        found = self.title.fullmatch(cell)
        return found[1] if found else cell

    def _match(self, header: Row, rows: list[Row], gradebook: Gradebook) -> dict[int, str]:
        """Whose row each is. Marks are never given by name: two may have the same."""
        index: dict[tuple[str, str], set[int]] = {}
        for number, row in enumerate(rows):
            for key in set(self.keys) & set(header):
                value = self.identity(key, row[header.index(key)])
                if value and self.is_student(header, row):
                    index.setdefault((key, value), set()).add(number)
        found: dict[int, str] = {}
        lost: list[str] = []
        for student in gradebook.students:
            if self.student and str(student.id) not in map(str, self.student):
                continue
            here = self._rows_of(student, index)
            if len(here) > 1 or here & set(found):
                lines = ", ".join(str(number + 2) for number in sorted(here))
                raise SystemExit(f"It is not clear who {student.id} is in {self.downloaded}: look at row {lines}. Set their lms_user_id.")
            if here:
                found[here.pop()] = str(student.id)
            elif student.submissions:
                lost.append(str(student.id))
        if lost:
            self.log.warning("Not in %s, and so without marks in the LMS: %s", self.downloaded, ", ".join(lost))
        return found

    def _rows_of(self, student: Student, index: dict[tuple[str, str], set[int]]) -> set[int]:
        values = [(key, str(getattr(student, name) or "").strip().casefold()) for key, names in self.keys.items() for name in names]
        return {number for pair in values for number in index.get(pair, ())}

    def _marks(self, assignment: Assignment, gradebook: Gradebook, column: str) -> dict[str, str]:
        submissions = [one for one in gradebook.assignment_submissions(str(assignment.name)) if is_marked(one)]
        waiting = [submission.student.id for submission in submissions if submission.needs_manual_grade]
        if waiting:
            self.log.warning("%s: still to be graded by hand: %s", column, ", ".join(waiting))
        return {submission.student.id: f"{round(final_score(submission), 2):g}" for submission in submissions}

    def _compare_points(self, row: Row, places: dict[str, int], gradebook: Gradebook) -> None:
        for name, place in places.items():
            maximum = gradebook.find_assignment(name).max_score
            if re.fullmatch(r"\s*[0-9.]+\s*", row[place]) and float(row[place]) != maximum:
                self.log.warning("%s: %s points there and %g here. Marks are not scaled.", name, row[place].strip(), maximum)


class CanvasExport(LmsExport):
    """For Canvas: *Gradebook → Export*, and *Import* what this writes.

    Columns up to `Section` tell who somebody is, then come assignments as `Title (id)`; Canvas finds both by their ids
    (https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb). An empty cell changes nothing.
    """

    default_to = "canvas.csv"
    title = re.compile(r"(.*) \(\d+\)")

    @default("keys")
    def _keys_default(self) -> dict[str, list[str]]:
        # `intake.collect.CanvasCollector` makes Canvas's ID the student's id.
        return {"ID": ["lms_user_id", "id"], "SIS User ID": ["id"], "SIS Login ID": ["id", "email"]}

    def kept(self, header: Row) -> list[int]:
        if "Section" not in header:
            raise SystemExit(
                f"{self.downloaded} has no column Section: export the gradebook from Canvas again, and leave its columns alone."
            )
        return list(range(header.index("Section") + 1))

    def is_student(self, header: Row, row: Row) -> bool:
        # The rows of points possible and of posting policies have no id.
        return "ID" not in header or bool(row[header.index("ID")].strip())


class MoodleExport(LmsExport):
    """For Moodle: *Grades → Export → Plain text file*, and *Import → CSV file* what this writes.

    The format is that of the export, where grades are called `Assignment: Title (Real)`, and the import asks which column tells
    who somebody is (https://docs.moodle.org/405/en/Grade_import). A grading worksheet of one assignment will do too, whose marks
    stand in `Grade`; its import needs all of its columns
    (https://github.com/moodle/moodle/blob/main/mod/assign/feedback/offline/importgradeslib.php).
    """

    default_to = "moodle.csv"
    title = re.compile(r"(?:[^:]+: )?(.*) \((?!Feedback\))[^()]+\)")

    @default("keys")
    def _keys_default(self) -> dict[str, list[str]]:
        return {"Identifier": ["lms_user_id", "id"], "ID number": ["lms_user_id", "id"], "Username": ["id"], "Email address": ["email"]}

    def identity(self, key: str, cell: str) -> str:
        if key == "Identifier":  # `Participant 1234`, in the language of the site
            found = re.search(r"\d+$", cell)
            return found[0] if found else ""
        return super().identity(key, cell)

    def kept(self, header: Row) -> list[int]:
        if "Identifier" in header:
            return [place for place, cell in enumerate(header) if cell not in self.columns.values()]
        return [place for place, cell in enumerate(header) if not re.search(r" \([^()]+\)$", cell)]


class CsvExport(ExportPlugin):
    """nbgrader's own table, with its columns, as a CSV file that names cannot break and a spreadsheet does not compute."""

    def export(self, gradebook: Gradebook) -> None:
        """Write a row for each assignment and student."""
        head = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"]
        rows = [[*head, "raw_score", "late_submission_penalty", "score", "max_score"]]
        for assignment in gradebook.assignments:
            for student in gradebook.students:
                if self.assignment and str(assignment.name) not in map(str, self.assignment):
                    continue
                if self.student and str(student.id) not in map(str, self.student):
                    continue
                rows.append(self._row(gradebook, assignment, student))
        target = Path(self.to or "grades.csv")
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        self.log.info("%d rows written to %s", len(rows) - 1, target)

    def _row(self, gradebook: Gradebook, assignment: Assignment, student: Student) -> Row:
        try:
            submission = gradebook.find_submission(str(assignment.name), str(student.id))
            timestamp, penalty = submission.timestamp, submission.late_submission_penalty
            scores = [submission.score, penalty or 0.0, final_score(submission)]
        except MissingEntry:
            timestamp, scores = None, [0.0, 0.0, 0.0]
        cells = [assignment.name, assignment.duedate, timestamp, student.id, student.last_name, student.first_name, student.email]
        return ["" if cell is None else str(cell) for cell in [*cells, *scores, assignment.max_score]]
