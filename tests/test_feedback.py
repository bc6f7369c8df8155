"""The feedback page: what a student may know, and nothing of what checks hide; it needs no network and trusts no student."""

import html
import re
from html.parser import HTMLParser

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from course.feedback import FeedbackExporter, HideChecks

SOLUTION = {"schema_version": 3, "grade_id": "answer", "grade": False, "solution": True, "locked": False, "task": False}
WRITTEN = SOLUTION | {"grade_id": "essay", "grade": True, "points": 4, "score": 3.0}
SECRET = "[1.3, -0.2, -2.1, 0.7]"


def check_cell(name, *outputs, points=2, score=None, source=None):
    settings = {"schema_version": 3, "grade_id": name, "grade": True, "solution": False, "locked": True, "task": False, "points": points}
    settings["score"] = float(0 if outputs else points) if score is None else score
    hidden = f"### BEGIN HIDDEN TESTS\n_check(11.0, {SECRET})\n### END HIDDEN TESTS"
    return new_code_cell(source or f"# Check 1 (2 points): the sum of x.\n{hidden}", outputs=list(outputs), metadata={"nbgrader": settings})


def mistake(text, name="Mistake"):
    return new_output("error", ename=name, evalue=text, traceback=[f"----> _check(11.0, {SECRET})", text])


def page_of(*cells, metadata=None, **graded):
    notebook = new_notebook(cells=[new_markdown_cell("# Sums & <Params>"), *cells], metadata=metadata or {})
    grades = {"student": "student-1", "assignment": "01-sums", "notebook": "sums", "score": 3.5, "max_score": 10.0, "late_penalty": 0}
    exporter = FeedbackExporter(config=Config({"Exporter": {"default_preprocessors": []}}))
    exporter.register_preprocessor(HideChecks(), enabled=True)
    return exporter.from_notebook_node(notebook, {"nbgrader": grades | graded})[0]


def text_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("</style>")[2])).split())


def solution(source="def f(x): return x", comment=None, **outputs):
    return new_code_cell(source, metadata={"nbgrader": SOLUTION | ({"comment": comment} if comment else {})}, **outputs)


def test_a_failed_check_gives_its_sentence_and_what_to_read():
    page = text_of(page_of(check_cell("check_sum", mistake("The sum is wrong. It would not train. Read section: 4. The problem."))))
    assert "✗ not yet the sum of x. 0 of 2 The sum is wrong. It would not train. Read next: 4. The problem." in page
    assert "3.5 of 10 marks" in page


def test_what_did_not_run_says_why():
    page = text_of(page_of(check_cell("check_sum", mistake("It is no notebook: hand in the file again.", "NotRun"))))
    assert "0 of 2 It is no notebook: hand in the file again." in page


def test_a_passed_check_and_one_in_part_are_told_apart_without_colour():
    half = new_output("execute_result", data={"text/plain": "1.0"})
    page = text_of(page_of(check_cell("a"), check_cell("b", half, score=1.0)))
    assert "✓ passed the sum of x. 2 of 2" in page
    assert "◐ in part the sum of x. 1 of 2" in page


@pytest.mark.parametrize("name", ["Mistake", "AssertionError", "ValueError", "BrokenCheck"])
def test_no_byte_of_a_check_is_in_the_page(name):
    failed = check_cell("check_sum", mistake(f"Arrays differ: {SECRET}" if name != "Mistake" else "Wrong.", name))
    printed = new_output("stream", name="stderr", text=f"warning: {SECRET}\n")
    page = page_of(failed, check_cell("check_other", printed))
    assert SECRET not in html.unescape(page)
    assert "HIDDEN" not in page
    assert "_check" not in page
    assert ("your instructor will look at it" in page) == (name in ("ValueError", "BrokenCheck"))


def test_a_student_cannot_keep_hidden_inputs_for_the_page():
    # Their function sees hidden inputs in the first check. What it says later is not quoted, and what runs later is not shown.
    said = "f stopped with {}. It says: {}. Read section: 9. Read section: 4. The problem."
    page = page_of(
        check_cell("one", mistake(said.format("KeyError", "only the example's input, 0.5"))),
        check_cell("two", mistake(said.format("TypeError", SECRET))),
        check_cell("three", mistake(said.format(f"Saw{SECRET}", SECRET))),
        check_cell("four", mistake(f"saw_{SECRET} in the solution cell is not written yet.")),
        check_cell("unclear", mistake(f"This check could not make sense of what your code gave it ({SECRET}). Your instructor can see.")),
        check_cell("five", mistake(f"TypeError: {SECRET}", "Unreadable")),
        solution("print(kept)", outputs=[new_output("stream", name="stdout", text=SECRET)]),
    )
    text = text_of(page)
    assert "only the example's input, 0.5" in text
    assert "f stopped with TypeError. Read next: 4. The problem." in text
    assert "f stopped with an error of your own." in text
    assert "what your code gave it. Your instructor can see." in text
    assert SECRET not in html.unescape(page)
    assert "-2.1" not in page


def test_the_same_sentence_is_said_once():
    failed = mistake("f stopped with TypeError. It says: no. Read section: 4. The problem.")
    text = text_of(page_of(check_cell("a", failed), check_cell("b", failed), check_cell("c", failed)))
    assert text.count("f stopped") == 1
    assert text.count("The same as the check above.") == 2


def test_notes_stand_on_top():
    notes = [
        {"kind": "repaired", "text": "A check that you deleted was put back.", "detail": "check_sum of /srv/course"},
        {"kind": "timed out", "text": "It ran for 600 s and was stopped."},
    ]
    page = text_of(page_of(check_cell("a"), metadata={"nnx_course": {"notes": notes, "stopped": "again"}}))
    assert page.index("Repaired. A check that you deleted") < page.index("Timed out. It ran") < page.index("marks")
    assert "/srv/course" not in page
    stopped = text_of(page_of(check_cell("a"), metadata={"nnx_course": {"stopped": "The kernel ended."}}))
    assert stopped.index("Stopped. The kernel ended.") < stopped.index("marks")


def test_the_penalty_a_manual_mark_and_comments_are_said():
    essay = new_markdown_cell("Because $\\frac{1}{2}$.", metadata={"nbgrader": WRITTEN | {"comment": "Nice, and $x^2$ too."}})
    failed = check_cell("a", mistake("No."), score=1.5)
    page = page_of(failed, solution(comment="See *me*."), essay, late_penalty=1.0)
    assert "after a penalty of 1 for handing in late" in page
    assert "The check gave 0; your instructor made it 1.5." in page
    assert "<em>me</em>" in page
    assert "essay 3 of 4" in text_of(page)


def test_mathematics_is_mathml_and_nothing_comes_from_the_network():
    source = (
        "Inline $x^2 < y$ and\n\n$$\\sum_i w_i$$\n\n\\begin{equation}a=b\\end{equation}\n\n"
        "wrong: $\\left( x$\n\n![a picture](https://example.org/x.png)"
    )
    page = page_of(new_markdown_cell(source, metadata={"nbgrader": WRITTEN}))
    assert page.count("<math") == 3
    assert "<msup>" in page
    assert r"$\left( x$" in page
    assert not re.search(r"<(script|link|img|iframe|object)\b|@import|url\(", page)


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{position:fixed}{x}$",
        '$\\text{"><script>alert(1)</script>}$',
        "```mermaid\n<script>alert(1)</script>\n```",
        '![x" onerror="alert(1)](http://example.org/"onerror="alert(1))',
    ],
)
def test_what_a_student_writes_does_nothing_in_the_instructors_browser(source):
    evil = new_output("display_data", data={"text/html": source, "image/svg+xml": source, "text/plain": source})
    page = page_of(
        new_markdown_cell(source, metadata={"nbgrader": WRITTEN | {"comment": source}}),
        solution(source, outputs=[evil, new_output("stream", name="stdout", text=source), mistake(source)]),
    )
    found = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append(tag)
            for name, value in attributes:
                assert not name.startswith("on"), (name, value)
                assert "javascript:" not in (value or "").lower()
                assert name != "style"

    Parser().feed(page)
    assert "script" not in found
    assert "img" not in found


def test_pictures_long_outputs_and_the_head_of_the_page():
    picture = new_output("display_data", data={"image/png": "iVBORw0KGgo=\n", "text/plain": "<Figure>"})
    page = page_of(solution(outputs=[picture, new_output("stream", name="stdout", text="y" * 50_000)]), student="שרה-01")
    assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="' in page
    assert len(page) < 40_000
    assert "(The rest is cut.)" in page
    assert '<html lang="en">' in page
    assert 'name="viewport"' in page
    assert "<title>Sums &amp; &lt;Params&gt;: feedback for שרה-01</title>" in page
    assert "@media print" in page
