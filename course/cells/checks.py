"""What the checks of a notebook are made of: run a student's code quietly, see the modules it builds,
and fail with a sentence.
"""

import atexit
import contextlib
import logging
import os
import re
import sys
import textwrap
import traceback
import warnings
from dataclasses import dataclass, field
from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from IPython import get_ipython
from IPython.utils.capture import capture_output


class Mistake(AssertionError):
    """A failed check.

    Parameters
    ----------
    what : str
        One sentence that names the likely mistake: class reports count it, so it holds no values.
    effect : str
        What the mistake would do in real training.
    read : str
        The section of the notebook to read.
    detail : str
        What was seen on this input, such as the student's own exception. Dropped on hidden inputs.
    """

    def __init__(self, what, effect="", read="", detail="", note=""):
        where = f"Read section: {read}." if read else ""
        self.parts = [part for part in (what, detail, effect, where, note) if part]
        super().__init__(" ".join(self.parts))
        self.what, self.effect, self.read, self.detail = what, effect, read, detail

    def _render_traceback_(self):
        # IPython shows what this returns in place of a traceback: the check's own lines, which may
        # hold hidden inputs, help nobody. https://github.com/ipython/ipython (showtraceback)
        first, *rest = self.parts
        lines = [f"{type(self).__name__}: {first}", *(line for part in rest for line in textwrap.wrap(part, 96))]
        if self.__cause__ is not None:
            own = _frames(self.__cause__)
            lines += ["", "In your code:"] if own else []
            lines += [f"  line {frame.lineno}, in {frame.name}: {frame.line}" for frame in own[-3:]]
        return lines


class Unclear(Mistake):
    """A check that stopped with an error of its own, on inputs that are not to be shown."""


def _frames(error):
    """The part of an exception's traceback that is in the student's own cells."""
    if hasattr(error, "frames"):  # in the examiner, it comes with them
        return error.frames
    frames = traceback.extract_tb(error.__traceback__)
    notebook = [frame for frame in frames if "ipython-input" in frame.filename or "ipykernel_" in frame.filename]
    called = [index for index, frame in enumerate(notebook) if frame.name == "<lambda>"]  # by a check
    return notebook[called[0] + 1 :] if called else notebook


@contextlib.contextmanager
def hidden():
    """Checks on inputs that the student never sees: a failure names the mistake and shows no value."""
    try:
        yield
    except Mistake as mistake:
        note = "(Seen on inputs other than the example's.)"
        raise Mistake(mistake.what, mistake.effect, mistake.read, note=note) from None
    except Exception as error:
        raise Unclear(
            f"This check could not make sense of what your code gave it ({type(error).__name__}).",
            "Your instructor can see the cause: it needs review.",
        ) from None


_nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (open to the end: a student's log handler may keep it)
atexit.register(_nowhere.close)


@contextlib.contextmanager
def quiet():
    """Silence prints, warnings, logs and displays: nbgrader gives 0 to a check cell that wrote to stderr."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable()
        for stream, descriptor in ((sys.stdout, 1), (sys.stderr, 2)):
            stream.flush()
            with contextlib.suppress(AttributeError):  # a student's default argument may hold the stream itself
                stack.enter_context(patch.object(stream, "write", len))
            saved = os.dup(descriptor)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, descriptor)
            os.dup2(_nowhere.fileno(), descriptor)
        stack.enter_context(contextlib.redirect_stdout(_nowhere))
        stack.enter_context(contextlib.redirect_stderr(_nowhere))
        stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        yield


def snapshot(module):
    """Copy the state of a module, and the plain numbers and texts among its attributes.

    Returns
    -------
    dict[tuple, tuple[type, list]]
        At each path of `nnx.state(module)`: the type of what is there, and its leaves, arrays as NumPy's. A leaf within a list
        or a dictionary is a tuple of its path in there and itself.
    """

    def copy(leaf):
        if not is_array(leaf):
            return leaf
        is_key = jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        return np.array(jax.random.key_data(leaf) if is_key else leaf)

    def copies(node):
        # What is in a Variable's list or dictionary is no array of that Variable: it stands beside its path in there.
        found = jax.tree_util.tree_flatten_with_path(node)[0]
        return [copy(leaf) if len(path) < 2 else (str(path[1:]), copy(leaf)) for path, leaf in found]

    state = {path: (type(node), copies(node)) for path, node in nnx.to_flat_state(nnx.state(module))}
    for name, value in vars(module).items():
        kind = next((kind for kind in (bool, int, float, str) if isinstance(value, kind)), None)
        if not name.startswith("_") and kind:
            state["attribute", name] = (kind, [kind(value) if kind is not str else str.__str__(value)])
    return state


def array_in(snapshot, name, shape=None):
    """The array under a name of a snapshot, or None where there is not one, or not of this shape. One that is transposed is turned."""
    leaves = snapshot.get((name,), (None, []))[1]
    if len(leaves) != 1 or not is_array(leaves[0]):
        return None
    [array] = leaves
    if shape is not None and array.shape != shape:
        array = array.T
    return array if shape in (None, array.shape) else None


def same_leaf(one, other):
    """Whether two leaves of snapshots agree in dtype, shape and every number; NaN agrees with NaN."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return one[0] == other[0] and same_leaf(one[1], other[1])
    if getattr(one, "dtype", None) != getattr(other, "dtype", None):
        return False
    with contextlib.suppress(TypeError):  # texts have no NaN
        return np.array_equal(one, other, equal_nan=True)
    return np.array_equal(one, other)


def changes(before, after):
    """The names of what differs between two snapshots of one module."""

    def same(one, other):
        return one[0] is other[0] and len(one[1]) == len(other[1]) and all(map(same_leaf, one[1], other[1]))

    paths = sorted({*before, *after}, key=str)
    return [".".join(map(str, path)) for path in paths if path not in before or path not in after or not same(before[path], after[path])]


def zeros(shape, dtype=np.float32):
    """An array of zeros, for what a check adds to a module. `jnp.zeros` compiles a program for each shape; nothing is compiled here."""
    return jax.device_put(np.zeros(shape, dtype))


def random(seed):
    """NumPy's generator of random numbers, whatever a student's cell has bound the name np to."""
    return np.random.default_rng(seed)


def put(variable, array):
    """Put an array into a Variable. `variable[...] = array` would write into a NumPy array, which others may hold, and which
    may be read-only, as that of `np.asarray` of a JAX array is. The new array is of the same kind, to behave as the old one.
    """
    [held] = jax.tree.leaves(variable)
    if isinstance(held, np.ndarray):
        array = np.array(array)
        array.flags.writeable = held.flags.writeable
    variable.update_from_state(variable.replace(array))


def clone(module, arrays):
    """A copy of a module with other arrays in the Variables of these names."""
    copy = nnx.clone(module)
    for name, array in arrays.items():
        put(getattr(copy, name), array)
    return copy


def precision(result):
    """The relative spacing of the numbers of a result in half precision; 0 for any other."""
    dtype = getattr(result, "dtype", None)
    return float(jnp.finfo(dtype).eps) if dtype in (jnp.dtype(jnp.float16), jnp.dtype(jnp.bfloat16)) else 0.0


@dataclass
class Run:
    """What a call of a student's function did.

    Attributes
    ----------
    result : object
        What it returned.
    found : list[tuple[nnx.Module, dict]]
        Every NNX module that was built, in the order of completion, with its `snapshot` when it had just been built.
    built : bool
        Whether any was built: under jit, one is that cannot be noted.
    again : callable or None
        Runs the call once more, and looks harder: for when nothing was found, and somebody asks for modules.
    """

    result: object = None
    found: list = field(default_factory=list)
    built: bool = False
    again: object = None

    @property
    def pairs(self):
        """Every module that was built, or at least used, with its first snapshot."""
        if not self.found and self.again is not None:
            again, self.again = self.again, None
            with quiet(), contextlib.suppress(Exception, SystemExit):
                self.found = again().found
        return self.found

    @property
    def modules(self):
        """The modules, as they are now."""
        return [module for module, _ in self.pairs]

    @property
    def starts(self):
        """The first snapshot of each."""
        return [start for _, start in self.pairs]

    def named(self, name, tied=lambda start: False):
        """The modules to judge, each with its first snapshot.

        Those of the student's own classes that made the result, as `tied` tells by their snapshot. Where that
        tells nothing, those of a class of this name (or a subclass of one). Where there is none, all.
        """
        own = [pair for pair in self.pairs if not _is_flax(pair[0])]
        right = [pair for pair in own if has_name(pair[0], name)]
        return [pair for pair in own if tied(pair[1])] or right or own


def has_name(module, name):
    """Whether a module's class, or one that it inherits from, has this name."""
    return any(kind.__name__ == name for kind in type(module).__mro__)


def _is_flax(module):
    return type(module).__module__.startswith("flax.")


def beside(function, *arguments):
    """Call a function of a locked cell next to the student's code: in a plain kernel, here.

    In the examiner it is sent to the sandbox, where it may wrap what the student wrote in `nnx.grad` or `nnx.jit`.
    """
    return function(*arguments)


def record(thunk, grow=None, everywhere=False):
    """Call `thunk` and note the modules that are built meanwhile.

    Parameters
    ----------
    thunk : callable
    grow : callable, optional
        Called on each module of the student's classes that is built, before the student's code gets it.
    everywhere : bool
        Whether to look harder: what is built under jit holds tracers, so nothing is jitted; and what is cached is built
        by no call, so modules whose methods run are noted too.

    Returns
    -------
    Run
    """
    run = Run(again=None if everywhere else lambda: record(thunk, grow, everywhere=True))
    construct = type(nnx.Module).__call__

    def note(module, just_built=False):
        known = [index for index, (other, _) in enumerate(run.found) if other is module]
        if known and not just_built:
            return
        with contextlib.suppress(Exception):  # under jit or eval_shape a module holds no arrays
            start = snapshot(module)
            if known:  # its own __init__ called a method and was noted half-built
                run.found[known[0]] = (module, start)
            else:
                run.found.append((module, start))

    def build(cls, *args, **kwargs):
        module = construct(cls, *args, **kwargs)
        run.built = True
        note(module, just_built=True)
        if grow is not None and not _is_flax(module):
            with patch.object(type(nnx.Module), "__call__", construct):  # what it adds is no part of the student's work
                grow(module)
        return module

    def on_call(frame, event, _):
        # In Flax's own functions a module may be half-built.
        if event == "call" and frame.f_code.co_argcount and "flax" not in frame.f_code.co_filename:
            owner = frame.f_locals.get(frame.f_code.co_varnames[0])
            if isinstance(owner, nnx.Module):
                note(owner)

    with patch.object(type(nnx.Module), "__call__", build), jax.disable_jit(everywhere):
        before = sys.getprofile()
        if everywhere:
            sys.setprofile(on_call)
        try:
            run.result = thunk()
        finally:
            if everywhere:
                sys.setprofile(before)
    return run


def observe(thunk, name="your function", grow=None):
    """Call a student's function and see what it does.

    Parameters
    ----------
    thunk : callable
        `lambda: function(arguments)`: a lambda, so that a function that is not there is a failed check too.
    name : str
        The function's name, for sentences.
    grow : callable, optional
        Called on each module of the student's classes that is built, before the student's code gets it.

    Returns
    -------
    Run

    Raises
    ------
    Mistake
        If the function is not there, not written yet, or raises.
    """
    with quiet():
        try:
            run = record(thunk, grow)
            if grow is not None and not run.built:  # such as a cached program
                with contextlib.suppress(Exception, SystemExit):
                    run = run.again()
            return run
        except KeyboardInterrupt:
            problem, cause = Mistake(f"{name} did not end in time.", "Look for a loop that never stops."), None
        except (Exception, SystemExit) as error:
            problem = _explain(error, name)
            cause = error if problem.detail else None
    raise problem from cause


PROBLEM = "4. The problem"
_AGREE = "The gradients and the optimizer select different Variables: give both the same filter."
# What jax and flax say about the usual slips, and what to do.
ADVICE = {
    "Invalid rng value": "The seed comes as a float and nnx.Rngs wants an integer: int(seed).",
    "must be an integer": "The seed comes as a float and a key wants an integer: int(seed).",
    "Shapes must be 1D": "A shape wants integers, and features comes as a float: int(features).",
    "In-place operations": "On newer Flax a Variable itself has no +=. To change what is in it: variable[...] += 1.",
    "assignment destination is read-only": "A NumPy array that was made of a JAX array cannot be written to: keep JAX's own.",
    "'numpy.ndarray' object has no attribute 'at'": "A NumPy array has no .at: begin with jnp.zeros.",
    "got incompatible shapes": "Two arrays do not fit: print their shapes.",
    "contracting dimensions": "x @ kernel wants a kernel of shape (length of x, features).",
    "cannot be interpreted as an integer": "Numbers come as floats, and range and shapes want integers: int(...).",
    "Missing required argument `wrt`": "nnx.Optimizer wants to know what to train: wrt=, with a filter.",
    "Missing required argument `grads`": "An optimizer updates with the model first, and the gradients second.",
    "pytree structure error": _AGREE,
    "Mismatch custom node data": _AGREE,
    "' is not defined": "Run the cells from the top, in order; if it stays, look for a slip in the name.",
    "'NoneType' object has no attribute": "Something is None: does each function, __call__ too, return its result?",
    "tuple index out of range": "nnx.state wants an nnx.Module: does your class inherit from it?",
}


def _explain(error, name):
    if isinstance(error, NotImplementedError) and not str(error):
        parts = [frame.name for frame in _frames(error)]
        part = name if not parts or parts[-1] in (name, "<lambda>") else f"{parts[-1]} in the solution cell"
        return Mistake(f"{part} is not written yet.", "Write it in the solution cell, and run that cell.", PROBLEM)
    if isinstance(error, NameError) and getattr(error, "name", None) == name:
        return Mistake(f"{name} is not defined.", "Run the solution cell first, and keep the function's name.", PROBLEM)
    advice = next((sentence for words, sentence in ADVICE.items() if words in str(error)), "")
    first_line = (str(error).splitlines() or [""])[0][:200]
    return Mistake(
        f"{name} stopped with {type(error).__name__}.",
        advice or "Call it in a cell of your own to see where.",
        PROBLEM,
        detail=f"It says: {first_line.rstrip('.')}." if first_line else "",
    )


def as_numbers(result, length):
    """Read the first numbers of a student's result, whatever holds them: an array of any shape, a list, a dictionary.

    Returns
    -------
    np.ndarray or None
        float64 of shape (length,), or None where there are not as many real numbers.
    """
    with quiet(), contextlib.suppress(Exception):
        if isinstance(result, dict):
            result = list(result.values())
        if isinstance(result, list | tuple):
            result = np.concatenate([np.ravel(_real(item)) for item in result])
        return _real(result).astype(np.float64).ravel()[:length].reshape(length)
    return None


def _real(item):
    array = np.asarray(item)
    if not jnp.issubdtype(array.dtype, jnp.number) or array.dtype.kind == "c":
        raise TypeError(f"{array.dtype} holds no real numbers")
    return array


def is_array(leaf):
    """Whether a leaf is an array, of JAX or of NumPy."""
    return isinstance(leaf, jax.Array | np.ndarray | np.generic)


def shape_of(result):
    """The shape of an array-like, or None of what is nothing of the kind."""
    with contextlib.suppress(Exception):
        return np.asarray(result).shape  # np.shape would believe an attribute
    return None


def close(actual, expected, tolerance=1e-5):
    """Whether two arrays have one shape and agree to a relative and absolute tolerance."""
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    return actual.shape == expected.shape and bool(np.allclose(actual, expected, rtol=tolerance, atol=tolerance))


# For each check that ran: at which execution count it ran last, and what it said. It is for the notebook's last cell
# alone: no mark comes from here.
found = {}


def _note(result):
    check = re.match(r"# Check (\d+)\b", result.info.raw_cell or "")
    if check:
        error = result.error_before_exec or result.error_in_exec
        kind = "" if error is None or isinstance(error, Mistake) else f"{type(error).__name__}. "
        found[int(check[1])] = result.execution_count or 0, "" if error is None else f"{kind}{error}"


if getattr(get_ipython(), "kernel", None) is not None:  # while a notebook is marked, there is none
    get_ipython().events.register("post_run_cell", _note)
