"""Feedback: a page for each student with marks, sentences and comments, and nothing of what checks hide.

`nbgrader_config.py` puts both classes into `GenerateFeedback`.
"""

import builtins
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup
from mistune.util import escape
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer
from traitlets import Integer, default

from course.marks import READ, Mark, read_marks
from course.notebooks import is_check

PRINTABLE = HtmlFormatter(style="bw", nowrap=True)  # told apart by weight and slant: readable on any paper and by any eye
# Where the sentences of `cells/checks.py` quote a student's code: an exception's type and message, the name of a function.
STOPPED = re.compile(r"(?P<what>.*? stopped with )(?P<kind>\w+)?", re.DOTALL)
UNCLEAR = re.compile(r"(?<=what your code gave it) .*(?=\. Your instructor)", re.DOTALL)
PART = re.compile(r".* in the solution cell(?= is not written yet)", re.DOTALL)


class HideChecks(NbGraderPreprocessor):
    """Put what a student may know of each check in the place of its source, outputs and traceback.

    It comes after nbgrader's GetGrades. A student's function sees hidden inputs when it is checked, and could keep them for
    later. So below the first check cells lose their outputs, and sentences what they quote of the student's code.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        marks = iter(read_marks(nb))
        before: Mark | None = None
        for cell in nb.cells:
            if is_check(cell):
                mark = next(marks)
                again = before is not None and mark.told != "" and mark.told == before.told
                sentence = "The same as the check above." if again else mark.told if before is None else _without_quotes(mark.told)
                known = {"about": mark.about, "sentence": sentence, "given": mark.points, "broken": mark.broken}
                cell.source, cell.outputs, cell.metadata["check"] = "", [], from_dict(known)
                before = mark
            elif before and cell.cell_type == "code":
                cell.outputs = []
        return nb, resources


def _without_quotes(sentence: str) -> str:
    if stopped := STOPPED.match(sentence):
        kind = stopped["kind"] if isinstance(getattr(builtins, stopped["kind"] or "", None), type) else "an error of your own"
        return f"{stopped['what']}{kind}. {READ}{sentence.rpartition(READ)[2]}"
    return PART.sub("A part of the solution cell", UNCLEAR.sub("", sentence))


MATHML = re.compile(
    r"\{http://www\.w3\.org/1998/Math/MathML\}m(ath|[inos]|text|space|row|frac|sqrt|root|style|padded|phantom|enclose|sub|sup|subsup|"
    r"under|over|underover|multiscripts|prescripts|table|tr|td)"
)


class OfflineMarkdown(IPythonRenderer):
    """Markdown as nbconvert renders it, in a page that fetches nothing: mathematics as MathML, other sites' pictures as links.

    HTML in it is shown as text: a student wrote it, and an instructor's browser opens it.
    """

    def __init__(self) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)

    def inline_math(self, body: str) -> str:
        return self._mathml(body, "inline") or super().inline_math(body)

    def block_math(self, body: str) -> str:
        return self._mathml(body, "block") or super().block_math(body)

    def latex_environment(self, name: str, body: str) -> str:
        return self._mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block") or super().latex_environment(name, body)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return str(self.link(f"Picture: {escape(text or url)}", url, title))

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{escape(code)}</pre>"

    @staticmethod
    def _mathml(latex: str, display: str) -> str:
        """The formula, or nothing where it is not understood, or would be more than a formula."""
        from latex2mathml.converter import convert

        try:
            mathml = convert(latex, display=display)
            parts = list(ElementTree.fromstring(mathml).iter())
        except Exception:  # a dozen kinds, and IndexError, for LaTeX that is wrong (https://github.com/roniemartinez/latex2mathml)
            return ""
        # It passes what is in \text as it is, HTML too, and \href and \style as attributes.
        harmless = all(MATHML.fullmatch(part.tag) and not {"href", "style"} & set(part.attrib) for part in parts)
        return mathml if harmless else ""


class FeedbackExporter(TemplateExporter):
    """The page, from a notebook that went through GetGrades and HideChecks. The template is `templates/feedback/`."""

    output_mimetype = "text/html"
    longest_output = Integer(20_000, help="Characters of one output; the rest is cut.").tag(config=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_extension")
    def _template_extension_default(self) -> str:
        return ".html.j2"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "feedback"

    @default("extra_template_basedirs")
    def _default_extra_template_basedirs(self) -> list[str]:
        return [str(Path(__file__).parent / "templates")]

    def _create_environment(self) -> Any:
        environment = super()._create_environment()
        environment.autoescape = True
        environment.globals["code_style"] = Markup(PRINTABLE.get_style_defs("pre"))
        environment.filters |= {"python": _python, "markdown": _markdown, "cut": self._cut}
        return environment

    def _cut(self, text: str) -> str:
        text = strip_ansi(text)
        return text if len(text) <= self.longest_output else f"{text[: self.longest_output]}\n(The rest is cut.)"


def _python(source: str) -> Markup:
    # pygments escapes
    return Markup(highlight(source, PythonLexer(), PRINTABLE))


def _markdown(source: str) -> Markup:
    return Markup(MarkdownWithMath(renderer=OfflineMarkdown()).render(source))
