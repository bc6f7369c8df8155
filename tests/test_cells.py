"""What notebooks share: the helpers of checks, the pictures, the version check."""

import logging
import os
import sys
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from course.cells import versions
from course.cells.checks import Mistake, as_numbers, changes, hidden, observe, quiet, snapshot
from course.cells.pictures import draw_state
from course.notebooks import KERNELSPEC
from course.release import inline_cells


class Counter(nnx.Module):
    def __init__(self, start=0.0):
        self.weight = nnx.Param(jnp.ones((2,)))
        self.count = nnx.Variable(jnp.array(start))

    def __call__(self):
        self.count[...] = self.count[...] + 1
        return self.weight[...]


def test_observe_brings_back_the_result_and_the_modules_as_they_were_built():
    run = observe(lambda: Counter(3.0)())
    assert run.result.shape == (2,)
    [(model, start)] = run.named("Counter")
    assert start[("count",)][1][0] == 3.0
    assert model.count[...] == 4.0
    assert changes(start, snapshot(model)) == ["count"]


def test_observe_reaches_modules_built_under_jit():
    run = observe(lambda: nnx.jit(lambda: Counter(1.0)())())
    assert 1.0 in [start[("count",)][1][0] for _, start in run.named("Counter")]


def test_observe_reaches_a_module_that_no_call_builds():
    cached = Counter()
    [(model, start)] = observe(cached).named("Counter")
    assert model is cached
    assert start[("count",)][1][0] == 1.0  # the second look comes after one call


def test_the_modules_that_made_the_result_come_first():
    def two():
        return Counter(1.0), Counter(2.0)

    run = observe(two)
    assert len(run.named("Counter")) == 2
    [(model, _)] = run.named("Counter", tied=lambda start: start[("count",)][1][0] == 2.0)
    assert model is run.result[1]


def test_a_module_can_be_changed_as_it_is_built():
    class Extra(nnx.Module):
        def __init__(self):
            self.weight = nnx.Param(jnp.zeros(()))

    def grow(module):
        module.extra = Extra()

    def function():
        return len(nnx.state(Counter(), nnx.Param)), len(nnx.state(nnx.Linear(1, 1, rngs=nnx.Rngs(0)), nnx.Param))

    run = observe(function, grow=grow)
    assert run.result == (2, 2)  # a module of Flax stays as it is
    assert [type(module) for module in run.modules] == [Counter, nnx.Linear]


def test_a_snapshot_sees_plain_numbers_and_random_state():
    class Module(nnx.Module):
        def __init__(self):
            self.rngs, self.calls = nnx.Rngs(0), 0

        def __call__(self):
            self.rngs.params()
            self.calls += 1

    model = Module()
    before = snapshot(model)
    model()
    changed = changes(before, snapshot(model))
    assert "attribute.calls" in changed
    assert any(name.endswith("count") for name in changed)


_cell: dict = {}
exec(compile("def unwritten():\n    raise NotImplementedError", "<ipython-input-solution>", "exec"), _cell)
unwritten = _cell["unwritten"]


def test_observe_leaves_modules_as_they_were():
    construct = type(nnx.Module).__call__
    with pytest.raises(Mistake):
        observe(lambda: 1 / 0)
    assert type(nnx.Module).__call__ is construct


def test_a_class_of_another_name_is_found_and_flax_own_layers_are_not():
    class Other(nnx.Module):
        def __init__(self):
            self.linear = nnx.Linear(2, 2, rngs=nnx.Rngs(0))

    assert [type(model) for model, _ in observe(Other).named("Counter")] == [Other]


@pytest.mark.parametrize(
    ("thunk", "words"),
    [
        (lambda: f(), "f is not defined. Run the solution cell"),  # noqa: F821
        (lambda: unwritten(), "unwritten in the solution cell is not written yet."),
        (lambda: nnx.Rngs(3.0), "int(seed)"),
        (lambda: jnp.zeros((3.0,)), "int(features)"),
        (lambda: sys.exit(), "f stopped with SystemExit."),
        (lambda: [][1], "f stopped with IndexError. It says: list index out of range."),
    ],
)
def test_a_call_that_stops_is_a_sentence(thunk, words):
    with pytest.raises(Mistake) as caught:
        observe(thunk, "f")
    assert words in str(caught.value)


def test_hidden_keeps_the_mistake_and_drops_what_was_seen():
    with pytest.raises(Mistake) as caught, hidden():
        observe(lambda: {}[12345], "f")
    assert "f stopped with KeyError." in str(caught.value)
    assert "12345" not in "".join(caught.value._render_traceback_())
    with pytest.raises(Mistake, match="needs review") as caught, hidden():
        raise ValueError("an error of the check itself, with input 12345")
    assert "12345" not in str(caught.value)


def test_quiet_keeps_every_way_of_writing_away(capfd):
    held = sys.stderr
    handler = logging.StreamHandler(held)
    log = logging.getLogger("student")
    log.addHandler(handler)
    with quiet():
        print("printed")
        print("held", file=held)
        os.write(2, b"descriptor")
        warnings.warn("warned", stacklevel=1)
        log.error("logged")
    print("after", file=sys.stderr)
    assert capfd.readouterr() == ("", "after\n")


@pytest.mark.parametrize(
    "result",
    [
        [1, 2.0, 3],
        (1, np.float32(2), jnp.array(3)),
        np.array([1, 2, 3]),
        jnp.array([1.0, 2.0, 3.0]),
        [jnp.array(1), 2, 3],
        [[1.0], [2.0], [3.0]],
        {"a": 1, "b": 2.0, "c": 3},
        [1, 2, 3, 4],
        (1, jnp.array([2.0, 3.0])),
    ],
)
def test_numbers_in_any_array_like(result):
    assert as_numbers(result, 3).tolist() == [1, 2, 3]


@pytest.mark.parametrize("result", [None, 1.0, [1, 2], ["1", "2", "3"], {"a": 1}, "123", [1j, 2, 3], [True, False, True], [[], [1, 2]]])
def test_what_is_not_three_real_numbers(result):
    assert as_numbers(result, 3) is None


def test_a_picture_names_every_leaf_its_type_and_what_is_dropped():
    def words(*filters):
        return " ".join(text.get_text() for text in draw_state(Counter(), *filters).axes[0].texts)

    assert words() == "Counter count Variable shape () weight Param shape (2,)"
    assert words(nnx.Param) == "Counter count Variable shape (), dropped weight Param shape (2,)"


def test_versions_that_do_not_suffice_are_named(monkeypatch, capsys):
    versions.check_versions()
    assert f"Ready:  jax {jax.__version__}" in capsys.readouterr().out
    monkeypatch.setattr(versions, "NEEDED", {"jax": "99.0", "no-such-package": "1"})
    with pytest.raises(ImportError, match=r"jax is .*99\.0 or newer is needed; no-such-package is missing\. Run  pip install"):
        versions.check_versions()
    assert "Needed: jax 99.0, no-such-package 1 or newer" in capsys.readouterr().out


def test_what_is_advised_breaks_no_gpu(monkeypatch):
    monkeypatch.setattr(versions, "NEEDED", {"jax": "99.0"})
    found = {"jax": "0.7.2", "jax-cuda12-plugin": "0.7.2"}

    def version(name):
        if name not in found:
            raise versions.PackageNotFoundError(name)
        return found[name]

    monkeypatch.setattr(versions, "version", version)
    with pytest.raises(ImportError, match=r'pip install "jax\[cuda12\]>=99.0"'):
        versions.check_versions()
    monkeypatch.setitem(sys.modules, "google.colab", versions)
    with pytest.raises(ImportError, match="Runtime version") as colab:
        versions.check_versions()
    assert "pip" not in str(colab.value)


def run_notebook(*sources):
    """Run these code cells in a new kernel, and return what each printed."""
    cells = [new_code_cell(source, metadata={"tags": ["raises-exception"]}) for source in sources]
    notebook = inline_cells(new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC}))
    NotebookClient(notebook, timeout=120).execute()
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]


def test_progress_says_what_checks_found_and_what_to_do_next():
    show = "from course.cells.progress import show_progress\n\nshow_progress(3, 'f')"
    helpers = "from course.cells import checks"
    solution = "def f():\n    return 1"
    passes, fails, last = (f"# Check {number} (1 point): it says {says}.\nif f() != {says}:\n    raise checks.Mistake('It is one.')\nNone"
                           for number, says in ((1, 1), (2, 2), (3, 1)))  # fmt: skip
    texts = run_notebook(show, helpers, show, passes, show, solution, passes, fails, show, last, show, solution, show)
    alone, early, undefined, some, all_ran, changed = (text.splitlines() for text in texts if text)
    assert alone == early
    assert alone[1:3] == [
        "  not run yet: 1, 2, 3",
        "Next: run the notebook from the top. JupyterLab: Run > Run All Cells. Colab: Runtime > Run all.",
    ]
    assert undefined[1:4] == ["  failed: 1", "  not run yet: 2, 3", "Next: run check 2, and the checks after it."]
    assert some[:4] == ["Checks that you see: 1 of 3 passed.", "  passed: 1", "  failed: 2", "  not run yet: 3"]
    assert all_ran[1:3] == ["  passed: 1, 3", "  failed: 2"]
    assert all_ran[3].endswith("Check 2 says: It is one.")
    assert changed[1] == "  out of date, as your solution changed: 1, 2, 3"
    assert all("not your mark" in text[-1] for text in (alone, early, undefined, some, all_ran, changed))
