"""The examiner: checks on real kernels, in the sandbox, with small notebooks made here."""

import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course.engine import Job, mark, workers
from course.examiner.examine import REVIVALS, Examiner
from course.notebooks import as_text
from course.release import inline_cells
from course.sandbox.limits import Limits
from course.sandbox.server import ForkServer, Kernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are of Linux")

IMPORTS = """
import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from course.cells import checks


def gradient(model, x):
    return nnx.grad(lambda model: (model(x) ** 2).sum())(model)


def uses_a_global(x):
    return x + hidden


class Given(nnx.Module):
    def __init__(self, value):
        self.value = nnx.Variable(value)
        self.plain = 1
"""
SOLUTION = """
class Ema(nnx.Variable):
    pass


class Net(nnx.Module):
    scale = 2.0

    def __init__(self, size, rngs):
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (3, size)))
        self.ema = Ema(jnp.zeros(size))
        self.act = jnp.tanh

    def __call__(self, x):
        self.ema[...] = self.ema[...] + 1.0
        return x @ self.kernel

    def twice(self, x):
        return 2 * self(x)

    @property
    def total(self):
        return self.kernel[...].sum()


def build(seed, x):
    model = Net(2, nnx.Rngs(int(seed)))
    return model(x).sum()


answer = 42
kept = Net(2, nnx.Rngs(0))
"""


def cell(source, name="", grade=False, solution=False, locked=False):
    settings = {"grade": grade, "solution": solution, "locked": locked, "grade_id": name or "cell", "schema_version": 3}
    return new_code_cell(
        source.strip("\n"), metadata={"nbgrader": settings | ({"points": 1} if grade else {})} if name else {}, id=name or "free"
    )


def check(source, name="check"):
    return cell(source, name, grade=True, locked=True)


def notebook(solution, *checks):
    cells = [cell(IMPORTS, "imports", locked=True), cell(solution, "solution", solution=True), *checks]
    return inline_cells(new_notebook(cells=cells))


@pytest.fixture(scope="module")
def server():
    with ForkServer() as server:
        yield server


@pytest.fixture
def examine(server):
    """Run a solution and checks; the outputs of each check, as one text each."""

    def examine(solution, *checks, limits=None, submission=None):
        graded = notebook(solution, *checks)
        submitted = submission or notebook(solution, *checks)
        examine.went = Examiner(graded).examine(submitted, lambda: Kernel(server, limits=limits or Limits()))
        return [
            "".join(output.get("text", "") or f"{output.ename}: {output.evalue}" for output in part.outputs)
            for part in submitted.cells
            if part.metadata.get("nbgrader", {}).get("grade")
        ]

    return examine


WORKS = {
    "a call": "assert build(1.0, jnp.ones(3)).shape == ()",
    "a name that is data": "assert answer == 42",
    "a module that is a name": "assert isinstance(kept, nnx.Module)\nassert len(jax.tree.leaves(nnx.state(kept, nnx.Param))) == 1",
    "the modules of a call": """
run = checks.observe(lambda: build(1.0, jnp.ones(3)), "build")
[(model, start)] = run.named("Net")
assert start[("ema",)][1][0].tolist() == [0.0, 0.0]
assert model.ema[...].tolist() == [1.0, 1.0]
assert np.allclose(run.result, (np.ones(3) @ model.kernel[...]).sum())
assert list(nnx.state(model, Ema)) == ["ema"]
assert list(nnx.state(model, nnx.Param)) == ["kernel"]
assert checks.changes(start, checks.snapshot(model)) == ["ema"]
""",
    "a model called": """
before = checks.snapshot(kept)
out = kept(jnp.ones(3))
assert np.allclose(out, np.ones(3) @ kept.kernel[...])
assert checks.changes(before, checks.snapshot(kept)) == ["ema"]
""",
    "a clone with another state": """
copied = nnx.clone(kept)
copied.kernel[...] = jnp.full((3, 2), 2.0)
assert copied(jnp.ones(3)).tolist() == [6.0, 6.0]
assert copied.ema[0] == kept.ema[0] + 1.0
kept.kernel[...] = jnp.zeros((3, 2))
assert kept(jnp.ones(3)).tolist() == [0.0, 0.0]
""",
    "a method, a property and a class attribute": """
assert np.allclose(kept.twice(jnp.ones(3)), 2 * (np.ones(3) @ kept.kernel[...]))
assert np.allclose(kept.total, kept.kernel[...].sum())
assert kept.scale == 2.0 and "scale" in dir(type(kept))
assert not hasattr(kept, "nothing")
""",
    "a class of the student's": """
made = Net(size=4, rngs=nnx.Rngs(3))
assert made.kernel[...].shape == (3, 4)
assert isinstance(made, Net)
""",
    "a gradient beside": """
slope = checks.beside(gradient, kept, jnp.ones(3))
assert isinstance(slope, nnx.State) and slope["kernel"][...].shape == (3, 2)
""",
    "a random key": """
key = checks.beside(jax.random.fold_in, jax.random.key(1), 2)
expected = jax.random.fold_in(jax.random.key(1), 2)
assert (jax.random.key_data(key) == jax.random.key_data(expected)).all()
""",
    "what is no data": "assert 'jit' in type(kept.act).__name__ or callable(kept.act)",
}


def test_checks_are_ordinary_code(examine):
    outputs = examine(SOLUTION, *(check(source, f"check_{index}") for index, source in enumerate(WORKS.values())))
    assert dict(zip(WORKS, outputs, strict=True)) == dict.fromkeys(WORKS, "")


def test_the_same_checks_pass_in_one_kernel():
    for name, source in WORKS.items():
        names = {"__name__": "__main__"}
        for part in (*notebook(SOLUTION).cells, check(source)):
            exec(compile(part.source, f"<{name}>", "exec"), names)


ARGUMENTS = """
def spoil(model, other=None):
    model.value[...] = model.value[...] + 1
    model.plain = 2
    model.late = nnx.Param(jnp.ones(1))
    return model.value[...]
"""


def test_a_module_that_is_an_argument_comes_back_as_it_was_left(examine):
    source = """
given = Given(jnp.zeros(2))
assert spoil(given).tolist() == [1.0, 1.0]
assert given.value[...].tolist() == [1.0, 1.0] and given.plain == 2
assert list(nnx.state(given, nnx.Param)) == ["late"]
given.value[...] = jnp.full(2, 5.0)
assert spoil(model=given).tolist() == [6.0, 6.0]
"""
    assert examine(ARGUMENTS, check(source)) == [""]


REFUSED = {
    "hidden = 1.0\nchecks.beside(uses_a_global, 1.0)": "NotSent",
    "def mine(x):\n    return x\n\n\nchecks.beside(mine, 1.0)": "NotSent",
    "checks.beside(lambda: 1)": "NotSent",
    "class Mine(nnx.Module):\n    pass\n\n\nbuild(1.0, Mine())": "NotSent",
}


@pytest.mark.parametrize("source", REFUSED)
def test_nothing_of_a_check_is_sent(examine, source):
    [output] = examine(SOLUTION, check(source))
    assert output.startswith("BrokenCheck: This check stopped with NotSent itself")
    assert "needs review" in output


FAILS = {
    "def f(x):\n    raise ValueError('no such x')": ("f(1)", "ValueError: no such x"),
    "def f(x):\n    return missing": ("f(1)", "NameError: name 'missing' is not defined"),
    "class Odd(Exception):\n    pass\n\n\ndef f(x):\n    raise Odd('it is odd')": ("f(1)", "Odd: it is odd"),
    "def f(x):\n    raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'why')": ("f(1)", "UnicodeDecodeError: 'utf-8' codec can't decode"),
    "def f(x):\n    raise SystemExit(3)": ("f(1)", "SystemExit: 3"),
    "def f(x):\n    return jnp.zeros(10_000_000)": (
        "checks.observe(lambda: f(1), 'f')",
        "It says: What came back cannot be read: it is too large.",
    ),
    "def f(x):\n    out = []\n    out.append(out)\n    return out": ("f(1)", "Unreadable: What came back cannot be read: it is too deep."),
    "pass": ("checks.observe(lambda: f(1), 'f')", "Mistake: f is not defined. Run the solution cell first"),
    # One that no check catches, with the name of a check's own: a student is told those word for word.
    "class Mistake(BaseException):\n    pass\n\n\ndef f(x):\n    raise Mistake(x)": (
        "checks.observe(lambda: f(1), 'f')",
        "Raised: Your code ended the check with Mistake: 1",
    ),
}


@pytest.mark.parametrize("solution", FAILS)
def test_what_the_students_code_raises_is_raised_here(examine, solution):
    source, words = FAILS[solution]
    assert words in examine(solution, check(source))[0]


def test_the_students_own_lines_are_shown(examine):
    solution = "def inner(x):\n    return x / 0\n\n\ndef f(x):\n    return inner(x)"
    submitted = notebook(solution, check("checks.observe(lambda: f(1), 'f')"))
    examine(solution, check("checks.observe(lambda: f(1), 'f')"), submission=submitted)
    shown = "\n".join(submitted.cells[-1].outputs[0].traceback)
    assert "line 2, in inner: return x / 0" in shown
    assert "line 6, in f: return inner(x)" in shown


REBINDS = """
from jax.numpy import *

np = jnp = jax = checks = None
len = sum = isinstance = lambda *_: 1


def f(x):
    import sys

    print("noise")
    print("noise", file=sys.stderr)
    return x + 1
"""


def test_names_of_locked_cells_are_the_examiners_own(examine):
    source = (
        "assert f(1) == 2\nassert len([1]) == 1\nassert np.sum(jnp.ones(2)) == 2\nassert isinstance(1, int)\nassert not isinstance(1, str)"
    )
    assert examine(REBINDS, check(source)) == [""]


def test_a_call_over_its_time_fails_one_check(examine):
    solution = "import time\n\n\ndef f(x):\n    while x:\n        time.sleep(0.01)\n    return x\n\n\ncalls = [0]"
    checks = [
        check("assert f(0) == 0", "a"),
        check("checks.observe(lambda: f(1), 'f')", "b"),
        check("f(1)", "c"),
        check("assert f(0) == 0", "d"),
    ]
    outputs = examine(solution, *checks, limits=Limits(call=1))
    assert outputs[0] == outputs[3] == ""
    assert outputs[1].startswith("Mistake: f did not end in time.")
    assert outputs[2] == "TimeLimit: This call took more than 1 seconds, and was interrupted."
    assert examine.went.revived == 0


STUBBORN = """
import os, signal


def f(x):
    if x == 1:
        os._exit(1)
    if x == 2:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        while True:
            pass
    return x


state = {"count": 0}


def count():
    state["count"] += 1
    return state["count"]
"""


def test_a_kernel_that_ended_is_brought_back_as_it_was_after_the_students_cells(examine):
    checks = [
        check("assert count() == 1", "a"),
        check("f(1)", "b"),
        check("assert count() == 1", "c"),
        check("f(2)", "d"),
        check("assert f(0) == 0", "e"),
    ]
    outputs = examine(STUBBORN, *checks, limits=Limits(call=1))
    assert outputs[0] == outputs[2] == outputs[4] == ""
    assert outputs[1] == "Stopped: Your code ended Python itself, and the notebook was stopped there."
    assert outputs[3] == "Stopped: This call took more than 1 seconds, and could not be interrupted."
    assert examine.went.revived == 2


def test_objects_of_a_kernel_that_ended_are_gone(examine):
    solution = SOLUTION + STUBBORN
    checks = [
        check("kept(jnp.ones(3))\nold = kept", "a"),
        check("f(1)", "b"),
        check("old(jnp.ones(3))", "c"),
        check("kept(jnp.ones(3))", "d"),
    ]
    outputs = examine(solution, *checks)
    assert outputs[0] == outputs[3] == ""
    assert "before the kernel was stopped" in outputs[2] or "BrokenCheck" in outputs[2]


def test_a_notebook_that_ends_every_kernel_is_stopped(examine):
    outputs = examine(STUBBORN, *(check("f(1)", f"check_{index}") for index in range(REVIVALS + 3)))
    assert [output.split(":")[0] for output in outputs] == ["Stopped"] * (REVIVALS + 1) + ["NotRun"] * 2
    assert "stopped in 4 checks" in outputs[-1]


def test_a_memory_hungry_call_fails_one_check(examine):
    solution = "def f(x):\n    import numpy\n\n    return len(bytearray(x)) and 1"
    outputs = examine(solution, check("f(3 * 2**30)", "a"), check("assert f(1) == 1", "b"))
    assert outputs[0].startswith("Raised: Your code ended the check with MemoryError")
    assert outputs[1] == ""


def test_an_authors_error_is_told_apart(examine):
    [output] = examine(SOLUTION, check("assert answer.nothing"))
    assert output == "BrokenCheck: This check stopped with AttributeError itself, which is no mistake of yours. It needs review."


def test_only_the_checks_of_the_source_run_here(examine, tmp_path):
    """A submission may say anything of its cells: what runs outside of the sandbox is the source's."""
    forged = check(f"open({str(tmp_path / 'escaped')!r}, 'w')", "forged")
    changed = check(f"open({str(tmp_path / 'escaped')!r}, 'w')", "check")
    again = check("pass", "check")
    again.id = "again"
    submitted = notebook(SOLUTION, forged, changed, again)
    submitted.cells[0] = cell(f"open({str(tmp_path / 'escaped')!r}, 'w')", "imports", locked=True)
    outputs = examine("pass", check("assert False, 'the real one'"), submission=submitted)
    assert outputs[0].startswith("NotRun: This cell is no check of the assignment")
    assert outputs[1] == "AssertionError: the real one"
    assert outputs[2].startswith("NotRun")
    assert not list(tmp_path.iterdir())


LOOKS_AROUND = """
def f(x):
    import gc, linecache, sys

    seen = [str(In), str(linecache.cache), str(globals())]
    frame = sys._getframe()
    while frame:
        seen.append(str(frame.f_locals)[:100_000])
        seen.append(str(frame.f_code.co_consts))
        frame = frame.f_back
    seen += [str(thing)[:10_000] for thing in gc.get_objects() if isinstance(thing, (dict, list, tuple))]
    word = "".join(["a hidden ", "word"])
    return any(word in text for text in seen)
"""


def test_the_source_of_checks_is_not_in_the_sandbox(examine):
    source = "hidden_word = 'a hidden word'\nassert f(1) is False  # a hidden word"
    assert examine(LOOKS_AROUND, check(source)) == [""]


LATE = """
import time


class Late:
    def __call__(self, x):
        return x

    @property
    def __name__(self):
        time.sleep(60)


f = Late()
"""
UNREADABLE = {
    "f = jnp.zeros(10_000_000)": "Unreadable: What came back cannot be read: it is too large.",
    "f = []\nf.append(f)": "Unreadable: What came back cannot be read: it is too deep.",
    LATE: "TimeLimit: This call took more than 1 seconds, and was interrupted.",
}


@pytest.mark.parametrize("solution", UNREADABLE)
def test_a_name_that_cannot_be_read_fails_a_check_and_no_more(examine, solution):
    outputs = examine(solution, check("f(1)", "a"), check("assert True", "b"), limits=Limits(call=1))
    assert outputs == [UNREADABLE[solution], ""]


ODD = """
class Odd(SyntaxError):
    offset = lineno = text = "odd"


def f(x):
    raise Odd("it is odd \\ud800")
"""


def test_an_exception_of_odd_parts_is_an_error_like_any(examine):
    submitted = notebook(ODD, check("f(1)  # a hidden word"))
    assert examine(ODD, check("f(1)  # a hidden word"), submission=submitted) == ["Raised: Your code ended the check with Odd: it is odd ?"]
    assert "hidden" not in str(submitted.cells[-1].outputs)
    as_text(submitted).encode()


CYCLE = """
class Cycle(nnx.Module):
    def __init__(self):
        self.me = self


kept = Cycle()


def f(x):
    content = []
    variable = nnx.Variable(content)
    content.append(variable)
    return variable
"""


def test_a_cycle_costs_no_other_check_its_recursion_depth(examine):
    deep = "def down(n):\n    return n and down(n - 1)\n\n\ndown(800)"
    checks = [check("jax.tree.leaves(kept)", "a"), check(deep, "b"), check("checks.as_numbers(f(1), 3)", "c"), check(deep, "d")]
    outputs = examine(CYCLE, *checks)
    assert "RecursionError" in outputs[0]
    assert outputs[1:] == ["", "", ""]


CLONES = """
class Net(nnx.Module):
    def __init__(self, right):
        self.right = right

    def __call__(self, x):
        return x if self.right else -x


kept = Net(False)
nnx.clone = lambda model: Net(True)
"""


def test_a_clone_is_made_by_flax(examine):
    assert examine(CLONES, check("assert nnx.clone(kept)(1) == -1")) == [""]


def test_what_checks_compile_is_not_in_the_sandbox(request, monkeypatch):
    folder = request.config.cache.mkdir("examiner")  # not in /tmp, which submissions have one of their own of
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    solution = "import os\n\n\ndef f(x):\n    return os.listdir(os.path.dirname(jax.config.jax_compilation_cache_dir))"
    source = "jax.jit(lambda x: x * 3.0)(1.0)\nassert f(1) == ['sandbox'], f(1)"
    graded = notebook(solution, check(source))
    with workers(1) as pool:
        outputs = [pool.submit(mark, Job("tiny", graded, notebook(solution, check(source)))).result().cells[-1].outputs for _ in range(2)]
    assert outputs == [[], []]
    assert list(folder.glob("*/*/checks/*"))
