"""What happens to notebooks between a student's desk and the grader: each way that intake knows, done to a solved notebook."""

import copy
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Damage:
    """One way.

    Parameters
    ----------
    kind : str
        What becomes of the submission.
    says : str
        Words of its notes.
    do : callable
        Writes a solved notebook, damaged, into a folder: of the folder, the notebook's name and its JSON.
    """

    kind: str
    says: str
    do: Callable[[Path, str, Notebook], None]


DAMAGES: dict[str, Damage] = {}


def damage(kind: str, says: str = "") -> Callable[..., Any]:
    """Register a function of a file's folder, name and notebook, which writes what it likes."""

    def register(function: Callable[[Path, str, Notebook], None]) -> Callable[[Path, str, Notebook], None]:
        DAMAGES[function.__name__] = Damage(kind, says, function)
        return function

    return register


def to_notebook(kind: str, says: str = "") -> Callable[..., Any]:
    """Register a function that changes the notebook's JSON in place, or returns another."""

    def register(function: Callable[[Notebook], Notebook | None]) -> Callable[[Notebook], Notebook | None]:
        def do(folder: Path, name: str, notebook: Notebook) -> None:
            changed = function(notebook)
            write(folder / name, notebook if changed is None else changed)

        DAMAGES[function.__name__] = Damage(kind, says, do)
        return function

    return register


def write(path: Path, notebook: Notebook) -> None:
    """Write a notebook as JSON, whatever it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def settings(cell: Notebook) -> Notebook:
    """What nbgrader keeps in a cell."""
    found: Notebook = cell["metadata"].get("nbgrader", {})
    return found


def solutions(notebook: Notebook) -> list[Notebook]:
    """The solution cells."""
    return [cell for cell in notebook["cells"] if settings(cell).get("solution")]


def checks(notebook: Notebook) -> list[Notebook]:
    """The checks."""
    return [cell for cell in notebook["cells"] if settings(cell).get("grade")]


@to_notebook("graded")
def nothing(notebook):
    pass


@to_notebook("repaired", "second copy")
def pasted_solution(notebook):
    for solution in solutions(notebook):
        at = notebook["cells"].index(solution)
        notebook["cells"].insert(at + 1, {**copy.deepcopy(solution), "id": f"pasted-{at}"})


@to_notebook("repaired", "second copy")
def pasted_without_ids(notebook):
    solution = solutions(notebook)[0]
    notebook["cells"].insert(notebook["cells"].index(solution), copy.deepcopy(solution))
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = 4


@to_notebook("repaired", "second copy")
def pasted_check(notebook):
    notebook["cells"].append({**copy.deepcopy(checks(notebook)[0]), "id": "pasted"})


@to_notebook("repaired", "deleted")
def deleted_check(notebook):
    notebook["cells"].remove(checks(notebook)[0])


@to_notebook("repaired", "deleted")
def deleted_locked_cell(notebook):
    notebook["cells"].remove(next(cell for cell in notebook["cells"] if settings(cell).get("locked")))


@to_notebook("repaired", "another type")
def retyped_check(notebook):
    cell = checks(notebook)[-1]
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


@to_notebook("repaired", "another type")
def retyped_solution(notebook):
    cell = solutions(notebook)[0]
    cell["cell_type"] = "raw"
    del cell["outputs"], cell["execution_count"]


@to_notebook("repaired", "another order")
def solution_at_the_end(notebook):
    for cell in solutions(notebook):
        notebook["cells"].remove(cell)
        notebook["cells"].append(cell)


@to_notebook("repaired", "another order")
def checks_at_the_top(notebook):
    for cell in checks(notebook):
        notebook["cells"].remove(cell)
        notebook["cells"].insert(0, cell)


@to_notebook("repaired", "another name")
def renamed(notebook):
    for cell in [*checks(notebook), *solutions(notebook)]:
        settings(cell)["grade_id"] = f"my-{settings(cell)['grade_id']}"


@to_notebook("graded")
def stripped_of_settings(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


@to_notebook("graded")
def stripped_of_settings_and_ids(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    notebook["nbformat_minor"] = 4
    notebook["metadata"] = {}


@to_notebook("repaired", "had been changed")
def edited_check(notebook):
    checks(notebook)[0]["source"] = "pass  # always right"


@to_notebook("repaired", "had been changed")
def edited_locked_cell(notebook):
    cell = next(cell for cell in notebook["cells"] if settings(cell).get("locked") and not settings(cell).get("grade"))
    cell["source"] = "raise RuntimeError('edited')"


@to_notebook("repaired", "points")
def more_points(notebook):
    settings(checks(notebook)[0])["points"] = 100


@to_notebook("repaired", "points")
def check_that_claims_to_be_a_solution(notebook):
    settings(checks(notebook)[0]).update(solution=True, locked=False)


@to_notebook("graded")
def old_schema(notebook):
    for cell in notebook["cells"]:
        if settings(cell):
            settings(cell)["schema_version"] = 1


@to_notebook("graded")
def schema_of_the_future(notebook):
    for cell in notebook["cells"]:
        if settings(cell):
            settings(cell)["schema_version"] = 99


@to_notebook("repaired", "julia")
def foreign_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "julia-1.10", "display_name": "Julia", "language": "julia"}
    notebook["metadata"]["language_info"] = {"name": "julia"}


@to_notebook("graded")
def saved_by_colab(notebook):
    # The shape of a file that Colab saved: https://colab.research.google.com, File, Download .ipynb
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"id": f"aB{number:010}", "colab": {"base_uri": "https://localhost:8080/"}}
    badge = {"cell_type": "markdown", "metadata": {"id": "view-in-github", "colab_type": "text"}, "source": ["<a href=...>\n", "</a>"]}
    notebook["cells"].insert(0, badge)
    notebook["metadata"] |= {"colab": {"provenance": [], "include_colab_link": True}}
    notebook["nbformat_minor"] = 0


@to_notebook("graded")
def saved_by_colab_without_ids(notebook):
    saved_by_colab(notebook)
    for cell in notebook["cells"]:
        cell.pop("id", None)


@to_notebook("graded")
def saved_by_vs_code(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = [line.replace("\n", "\r\n") for line in cell["source"]]
    notebook["metadata"] = {"language_info": {"name": "python"}}


@to_notebook("repaired", "old format")
def saved_in_format_3(notebook):
    return nbformat.convert(nbformat.reads(json.dumps(notebook), as_version=4), 3)


@to_notebook("graded")
def trimmed(notebook):
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).rstrip() + "\n\n"


@to_notebook("repaired", "another order")
def written_in_a_cell_below(notebook):
    for solution in solutions(notebook):
        at = notebook["cells"].index(solution)
        own = {
            "cell_type": "code",
            "id": f"mine-{at}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": solution["source"],
        }
        solution["source"] = STUBS[settings(solution)["grade_id"]]
        notebook["cells"].append(own)


STUBS: dict[str, str] = {}  # what a solution cell holds before anything is written, by its name: whoever damages fills it


@to_notebook("graded")
def outputs_that_are_none(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "nonsense"}, 3]
            cell["execution_count"] = "many"


@to_notebook("graded")
def tags_that_skip(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "remove-cell"]


@to_notebook("graded")
def metadata_of_no_dictionary(notebook):
    notebook["metadata"] = []
    notebook["cells"].append({"cell_type": "markdown", "id": "odd", "metadata": [], "source": ""})


@damage("repaired", "its name should be")
def name_of_a_download(folder, name, notebook):
    write(folder / name.replace(".ipynb", " (1).ipynb"), notebook)


@damage("repaired", "its name should be")
def name_of_a_copy(folder, name, notebook):
    write(folder / f"Copy of {name}", notebook)


@damage("repaired", "its name should be")
def name_of_jupyters_copy(folder, name, notebook):
    write(folder / name.replace(".ipynb", "-Copy1.ipynb"), notebook)


@damage("repaired", "its name should be")
def name_of_windows(folder, name, notebook):
    write(folder / name.upper(), notebook)


@damage("repaired", "its name should be")
def name_with_accents(folder, name, notebook):
    write(folder / "Übung von Zoë.ipynb", notebook)


@damage("repaired", "its name should be")
def in_a_sub_folder(folder, name, notebook):
    write(folder / "homework/week 1" / name, notebook)


@damage("repaired", "its name should be")
def in_a_zip(folder, name, notebook):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "submission.zip", "w") as archive:
        archive.writestr(f"week\\{name}", json.dumps(notebook))
        archive.writestr(f"__MACOSX/._{name}", "\0")


@damage("repaired", "Further notebooks")
def with_a_backup(folder, name, notebook):
    write(folder / name, notebook)
    write(folder / f"Copy of {name}", {**notebook, "cells": []})


@damage("graded")
def with_a_byte_order_mark(folder, name, notebook):
    write(folder / name, notebook)
    (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())


@damage("graded")
def with_carriage_returns(folder, name, notebook):
    write(folder / name, notebook)
    (folder / name).write_bytes(json.dumps(notebook, indent=1).replace("\n", "\r\n").encode())


@damage("refused", "not JSON")
def not_json(folder, name, notebook):
    write(folder / name, notebook)
    (folder / name).write_text("<html>Please log in</html>")


@damage("refused", "not JSON")
def half_a_file(folder, name, notebook):
    write(folder / name, notebook)
    (folder / name).write_bytes((folder / name).read_bytes()[:-100])


@damage("refused", "not JSON")
def a_picture(folder, name, notebook):
    write(folder / name, notebook)
    (folder / name).write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")


@damage("refused", "empty")
def an_empty_file(folder, name, notebook):
    write(folder / name, notebook)
    (folder / name).write_text("")


@damage("refused", "MB")
def two_hundred_megabytes(folder, name, notebook):
    write(folder / name, notebook)
    with open(folder / name, "r+b") as file:
        file.truncate(200 * 2**20)


@damage("refused", "not the notebook of")
def another_notebook(folder, name, notebook):
    write(folder / name, {**notebook, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "source": "1", "outputs": []}]})


@damage("refused", "This is the notebook of 09-another")
def another_assignments_notebook(folder, name, notebook):
    notebook["metadata"]["nnx_course"] = {"assignment": "09-another", "release": "0" * 12}
    write(folder / name, notebook)


@damage("refused", "There are 2 notebooks")
def two_candidates(folder, name, notebook):
    write(folder / "a.ipynb", notebook)
    write(folder / "b.ipynb", {**notebook, "cells": notebook["cells"][:-1]})


@damage("refused", "There is no notebook")
def nothing_at_all(folder, name, notebook):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "solution.py").write_text("print('here')\n")


@damage("refused", "no cells")
def json_of_something_else(folder, name, notebook):
    write(folder / name, {"hello": "world"})


@damage("refused", "a cell of it is none")
def cells_that_are_none(folder, name, notebook):
    write(folder / name, {**notebook, "cells": [1, 2, 3]})


@damage("refused", "not JSON")
def json_of_great_depth(folder, name, notebook):
    write(folder / name, notebook)
    (folder / name).write_text("[" * 200_000)


@to_notebook("graded", "earlier version")
def from_an_earlier_release(notebook):
    notebook["metadata"]["nnx_course"] = {**notebook["metadata"].get("nnx_course", {}), "release": "0123456789ab"}
    checks(notebook)[0]["source"] = "# as it once was"
