"""What a report says of a class that is built here, so that everything that can happen to a submission has happened."""

import io
import re
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_notebook
from rich.console import Console

from course.cli import _differences
from course.marks import Mark
from course.report import ClassReport, Graded, _looks, as_table, write

KERNEL = Mark(
    "check_kernel", 0, 2, "The kernel is transposed. It would not fit. Read section: 4. The problem.", about="the kernel's values."
)
PASSED = Mark("check_kernel", 2, 2, "", about="the kernel's values.")
CALL = Mark("check_call", 0, 1, "The call changes state. Read section: Pitfall 3: who calls? (Seen on inputs other than the example's.)")


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"notes": [{"kind": "refused", "text": "It is no notebook.", "detail": "a PDF"}]}, [("refused", "a PDF")]),
        ({"notes": [{"kind": "older release", "text": "Made from an older one."}]}, [("older release", "Made from an older one.")]),
        ({"notes": [{"kind": "timed out", "text": "600 s."}], "stopped": "600 s."}, [("timed out", "600 s.")]),
        ({"stopped": "The kernel ended."}, [("stopped", "The kernel ended.")]),
        ({"walls": False}, [("no walls", "It ran with the rights of who marked it.")]),
        ({"walls": True, "stopped": "", "notes": []}, []),
        ({}, []),
    ],
)
def test_who_needs_a_look(metadata, expected):
    assert _looks(new_notebook(metadata={"nnx_course": metadata}), (PASSED, KERNEL)) == expected


def test_a_check_that_could_not_judge_needs_a_look():
    broken = Mark("check_call", 0, 1, "This check stopped with KeyError itself.", broken=True, needs_review=True)
    unclear = Mark(
        "check_sum", 0, 1, "It could not make sense of it. Your instructor can see the cause: it needs review.", needs_review=True
    )
    not_run = Mark("check_last", 0, 1, "NotRun. It is no notebook.", needs_review=True)  # its note says so once
    looks = _looks(new_notebook(), (PASSED, broken, unclear, not_run))
    assert looks == [
        ("check to review", "check_call: This check stopped with KeyError itself."),
        ("check to review", "check_sum: It could not make sense of it."),
    ]


@pytest.fixture
def report():
    return ClassReport(
        "01-sums",
        3.0,
        (
            Graded("=cmd|'/c calc'!A1", 4.0, (PASSED,), seconds={"cells": 1.0, "checks": 0.5, "all": 2.0}),  # extra credit
            Graded("<b>bob</b>", 0.0, (KERNEL, CALL), (("repaired", "name (1).ipynb of bob"),), {"cells": 3.0, "checks": 0.5, "all": 4.0}),
            Graded("שרה", 0.0, (KERNEL,), (("refused", "a PDF"),)),
        ),
        ("dora",),
    )


def test_misconceptions_are_counted_with_the_section_that_teaches_them(report):
    found = [(mistake.mistake, mistake.students, mistake.section) for mistake in report.mistakes]
    assert found == [
        ("The kernel is transposed.", 2, "4. The problem"),
        ("The call changes state.", 1, "Pitfall 3: who calls?"),
    ]
    assert report.checks == {"check_kernel": ("the kernel's values.", 1 / 3), "check_call": ("", 0.0)}
    assert report.seconds["everything"] == (3.0, 4.0, 6.0)


def test_the_page_and_the_table_trust_no_name(report, tmp_path):
    page, table = (path.read_text() for path in write(report, tmp_path))
    assert "<b>bob" not in page
    assert "&lt;b&gt;bob" in page
    assert "<bdi>שרה</bdi>" in page
    assert "<bdi>dora</bdi>" in page
    assert "<strong>refused</strong>: a PDF" in page
    assert not re.search(r"(^|,)=", table, re.MULTILINE)
    assert "'=cmd" in table


def test_a_terminal_shows_names_as_they_are():
    name = "[/b] [red]anna"  # rich's markup, and the first not even valid
    console = Console(width=120, file=io.StringIO())
    console.print(as_table(ClassReport("01-sums", 2.0, (Graded(name, 2.0, (PASSED,)),))))
    console.print(_differences([SimpleNamespace(student=name, changes={"check_one": (1, 0)})]))
    assert console.file.getvalue().count(name) == 2


def test_an_anonymous_report_has_the_same_numbers_and_nobody(report, tmp_path):
    page, table = (path.read_text() for path in write(report.anonymous(), tmp_path))
    for word in ("bob", "cmd", "שרה", "dora", "a PDF"):
        assert word not in page + table
    assert "Handed in and not marked:</strong> 1." in page
    assert "<strong>refused</strong>" in page
    assert report.anonymous().scores == report.scores


def test_a_class_where_all_is_well(tmp_path):
    page = write(ClassReport("01-sums", 2.0, (Graded("anna", 2.0, (PASSED,)),)), tmp_path)[0].read_text()
    assert "Nobody: every submission was marked to its end." in page
    assert "None: everybody passed every check." in page
