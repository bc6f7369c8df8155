"""The codec between a sandbox and the examiner: what goes through comes back equal, and malformed answers end in one exception."""

import contextlib
import copy
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course.examiner.decode import Malformed, Mirror
from course.examiner.stand_ins import Function, Opaque
from course.sandbox.inside import graph
from course.sandbox.inside.encode import Answer, Objects, TooMuch

ROOM = 2**20
FEW = settings(deadline=None, max_examples=200, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def sent(value, objects=None, room=ROOM):
    """An answer as it arrives."""
    answer = Answer(objects or Objects(), room)
    encoded = answer.encode(value)
    return json.loads(json.dumps({"value": encoded, **answer.finished()}))


def read(mirror, answer):
    """What an answer holds, or `Malformed`."""
    mirror.read(answer)
    return mirror.value(answer["value"])


def through(value):
    return read(Mirror(), sent(value))


def same(one, other):
    """Whether two values are equal, in type too, all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, np.ndarray | np.generic | jax.Array):
        alike = (
            one.dtype == other.dtype and one.shape == other.shape and getattr(one, "weak_type", None) == getattr(other, "weak_type", None)
        )
        return alike and np.asarray(one).tobytes() == np.asarray(other).tobytes()
    if isinstance(one, float | complex):
        return repr(one) == repr(other)
    return one == other


keys = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False)
scalars = keys | st.floats() | st.complex_numbers() | st.binary(max_size=50) | st.just(...) | st.integers(-(2**300), 2**300)
numbers = arrays.scalar_dtypes().filter(lambda dtype: dtype.kind in "biufc" and dtype.isnative and dtype.name in graph.DTYPES)
numpy_arrays = arrays.arrays(numbers, arrays.array_shapes(min_dims=0, min_side=0, max_side=4))
jax_arrays = arrays.arrays(
    st.sampled_from(["float32", "int32", "uint8", "bool", "complex64"]), arrays.array_shapes(min_dims=0, max_side=3)
).map(jnp.asarray)
more = st.sampled_from([jnp.ones(3, jnp.bfloat16), jnp.asarray(2.0), jnp.asarray(3), np.float64(0.1), np.int8(-3), np.bool_(True)])
values = st.recursive(
    scalars | numpy_arrays | jax_arrays | more,
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@FEW
@given(values)
def test_data_comes_back_equal(value):
    assert same(through(value), value)


def test_random_keys_come_back():
    key = jax.random.key(7)
    assert bool((jax.random.key_data(through(key)) == jax.random.key_data(key)).all())
    assert through(jax.random.key(7, impl="rbg")).dtype == jax.random.key(7, impl="rbg").dtype


class Ema(nnx.Variable):
    pass


class Tied(nnx.Module):
    """Everything that a module may hold; two attributes are one Variable, and it holds itself."""

    def __init__(self, rngs):
        self.kernel = nnx.Param(jnp.arange(6.0).reshape(2, 3), note="a note")
        self.tied = self.kernel
        self.ema = Ema(jnp.zeros(3))
        self.tree = nnx.Param({"left": jnp.ones(2), "right": np.ones(1)})
        self.linear = nnx.Linear(2, 3, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)
        self.raw, self.width, self.name = jnp.ones(2), 3, "tied"
        self.me = self


def test_a_module_comes_back_as_a_module():
    model = Tied(nnx.Rngs(0))
    copied = through(model)
    assert type(copied).__name__ == "Tied"
    assert isinstance(copied, nnx.Module)
    assert not isinstance(copied, Tied)
    assert copied.me is copied
    assert copied.tied is copied.kernel
    assert copied.kernel.note == "a note"
    assert (copied.width, copied.name) == (3, "tied")
    for keep in (..., nnx.Param, nnx.Variable, nnx.RngState, nnx.Not(nnx.Param)):
        ours, theirs = nnx.to_flat_state(nnx.state(copied, keep)), nnx.to_flat_state(nnx.state(model, keep))
        assert [path for path, _ in ours] == [path for path, _ in theirs]
        for (_, leaf), (_, other) in zip(ours, theirs, strict=True):
            assert [type(leaf).__name__, *jax.tree.map(np.shape, jax.tree.leaves(leaf))] == [
                type(other).__name__,
                *jax.tree.map(np.shape, jax.tree.leaves(other)),
            ]
    assert type(copied.kernel) is nnx.Param
    assert type(copied.ema) is not nnx.Variable


def test_a_class_filters_what_is_of_it():
    kind, model = through((Ema, Tied(nnx.Rngs(0))))
    assert list(nnx.state(model, kind)) == ["ema"]
    assert kind.__name__ == "Ema"
    assert issubclass(kind, nnx.Variable)
    assert not issubclass(kind, nnx.Param)


def test_lineage_is_not_told_by_name():
    Param = type("Param", (nnx.Variable,), {"__module__": "flax.nnx.variablelib", "__qualname__": "Param"})
    model = nnx.Module()
    model.weight = Param(jnp.ones(2))
    assert jax.tree.leaves(nnx.state(through(model), nnx.Param)) == []


def test_states_and_optimizers_come_back():
    import optax

    model = Tied(nnx.Rngs(0)).linear
    optimizer = nnx.Optimizer(model, optax.adam(0.1), wrt=nnx.Param)
    copied, state = through((optimizer, nnx.state(model, nnx.Param)))
    assert len(jax.tree.leaves(copied.opt_state)) == len(jax.tree.leaves(optimizer.opt_state)) == 5
    assert isinstance(copied, nnx.Optimizer)
    assert sorted(state) == ["bias", "kernel"]
    assert isinstance(state, nnx.State)
    assert isinstance(copied.tx[0] if isinstance(copied.tx, tuple) else copied.tx, Function | Opaque)


def test_what_is_no_data_becomes_a_stand_in():
    function, thing = through((len, object()))
    assert isinstance(function, Function)
    assert isinstance(thing, Opaque)


def test_only_changes_are_sent_again():
    model, objects, mirror = Tied(nnx.Rngs(0)), Objects(), Mirror()
    del model.tree  # a dictionary can change unseen, and is sent each time
    copied = read(mirror, sent(model, objects))
    assert sent(model, objects)["objects"] == []
    model.ema[...] = jnp.ones(3)
    model.linear.bias = nnx.Variable(jnp.zeros(3))
    del model.raw
    model.late = 1.5
    answer = sent(None, objects)
    assert len(answer["objects"]) == 4  # the model, its linear, the new bias, the Ema
    before = copied.ema
    read(mirror, answer)
    assert copied.ema is before
    assert copied.ema[...].tolist() == [1.0, 1.0, 1.0]
    assert type(copied.linear.bias) is nnx.Variable
    assert not hasattr(copied, "raw")
    assert copied.late == 1.5


@pytest.mark.parametrize("value", [np.zeros(ROOM), "x" * 2 * ROOM, [[]] * 300_000, 1 << 10_000])
def test_too_much_is_refused_where_it_is_made(value):
    with pytest.raises(TooMuch):
        sent(value)


def test_cycles_of_containers_are_too_deep():
    cycle: list = []
    cycle.append(cycle)
    with pytest.raises(TooMuch, match="too deep"):
        sent(cycle)


def whole_answer():
    return sent([Tied(nnx.Rngs(0)), Ema, jnp.ones((2, 3)), {"a": (1, 2.5, None)}, nnx.state(Tied(nnx.Rngs(0))), jax.random.key(0), len])


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([*"ltdaosyn?ifcbek", "vm", "float32", "jax"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["value", "types", "objects", "d", ""]), inner, max_size=3),
    max_leaves=8,
)


def places(node, path=()):
    """The paths of everything in a JSON document."""
    yield path
    if isinstance(node, list | dict):
        for key in range(len(node)) if isinstance(node, list) else node:
            yield from places(node[key], (*path, key))


def replaced(document, path, new):
    document = copy.deepcopy(document)
    if not path:
        return new
    node = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = new
    return document


ANSWER = whole_answer()
PLACES = list(places(ANSWER))


@settings(deadline=2000, max_examples=10_000, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), junk)
def test_malformed_answers_end_in_one_exception(path, new):
    """One part of a true answer is replaced by anything: it is read, or it is Malformed."""
    with contextlib.suppress(Malformed):
        read(Mirror(), replaced(ANSWER, path, new))


@FEW
@given(junk)
def test_malformed_errors_end_in_one_exception(raised):
    with contextlib.suppress(Malformed):
        Mirror().error(raised)


@pytest.mark.parametrize(
    "node",
    [
        ["a", "jax", "float32", [-1], "AAAA"],
        ["a", "jax", "float32", [2**40], "AAAA"],
        ["a", "numpy", "object", [1], "AAAAAAAA"],
        ["a", "numpy", "S4", [1], "AAAA"],
        ["a", "numpy", "float32", [1], "????"],
        ["o", 99],
        ["y", "os.system"],
        ["y", "Param"],
        ["i", "0x" + "f" * 5000],
        ["d", [[["l", []], 1]]],
        ["k", "threefry2x32", ["a", "jax", "float32", [2], "AAAAAAAAAAA="]],
        ["f", "1e5"],
    ],
)
def test_nodes_that_no_encoder_makes(node):
    with pytest.raises(Malformed):
        read(Mirror(), {"types": [], "objects": [], "value": node})


def test_depth_is_bounded():
    node: list = ["l", []]
    for _ in range(100):
        node = ["l", [node]]
    with pytest.raises(Malformed, match="too deep"):
        read(Mirror(), {"types": [], "objects": [], "value": node})


MODULE, VARIABLE = (next(name for name, held in Mirror()._held.items() if held is kind) for kind in (nnx.Module, nnx.Variable))


def test_a_variable_that_holds_itself_is_no_cycle_here():
    """JAX takes recursion depth from its thread for good when it walks a cycle."""
    cycle, content = nnx.Module(), []
    cycle.kernel = nnx.Variable(content)
    content.append(cycle.kernel)
    copied = through(cycle)
    [leaf] = jax.tree.leaves(nnx.state(copied))
    assert isinstance(leaf, Opaque)


def test_variables_of_variables_do_not_double():
    objects = [[index + 1, ["v", VARIABLE, ["l", [["o", index + 2]] * 2] if index < 40 else 1, ["d", []]]] for index in range(41)]
    copied = read(Mirror(), {"types": [], "objects": objects, "value": ["o", 1]})
    assert len(jax.tree.leaves(copied)) == 2


def test_a_module_in_a_state_is_no_tree():
    state = read(Mirror(), {"types": [], "objects": [[1, ["m", MODULE, [["me", ["o", 1]]]]]], "value": ["s", [[["a"], ["o", 1]]]]})
    assert len(jax.tree.leaves(state)) == 1


def test_hooks_stay_where_they_are():
    model = nnx.Module()
    with pytest.warns(UserWarning, match="hooks"):
        model.kernel = nnx.Param(jnp.ones(2), on_get_value=lambda _, value: value * 2, on_set_value=lambda _, value: value * 2)
    copied = through(model)
    copied.kernel[...] = jnp.full(2, 3.0)
    assert copied.kernel[...].tolist() == [3.0, 3.0]


def test_a_variable_is_read_and_set_as_flax_does_it():
    class Lying(nnx.Param):
        shape = (7,)

        def get_value(self, **_):
            return jnp.zeros(7)

        def set_value(self, value, **_):
            pass

    model = nnx.Module()
    model.kernel = Lying(jnp.ones(2))
    copied = through(model)
    assert copied.kernel[...].tolist() == [1.0, 1.0]
    copied.kernel[...] = jnp.full(2, 3.0)
    assert copied.kernel[...].tolist() == [3.0, 3.0]


def test_a_class_that_stands_for_flaxs_own_does_not_take_its_name():
    assert type(through(nnx.Linear(2, 3, rngs=nnx.Rngs(0)))) is not nnx.Linear
    assert through(nnx.Linear) is nnx.Linear


def test_lineage_is_not_told_by_equality():
    armed = False

    class Meta(type(nnx.Param)):
        def __hash__(cls):
            return hash(nnx.Variable) if armed else type.__hash__(cls)

        def __eq__(cls, other):
            return cls is other or (armed and other is nnx.Variable)

        @property
        def __name__(cls):
            return "Variable" if armed else "Record"

    class Record(nnx.Param, metaclass=Meta):
        pass

    model = nnx.Module()
    model.record = Record(jnp.ones(2))
    armed = True
    answer = sent(model)
    armed = False
    copied = read(Mirror(), answer)
    assert list(nnx.state(copied, nnx.Param)) == ["record"]
    assert type(copied.record).__name__ == "Record"


FLOODS = {
    "classes": [[index + 1, [f"A{index}", ["object"], []]] for index in range(10_000)],
    "a long lineage": [[index + 1, ["A", [index] if index else [MODULE], []]] for index in range(300)],
    "many bases": [[index + 1, [f"A{index}", ["object"], []]] for index in range(200)] + [[201, ["A", [*range(1, 201)], []]]],
    "many names": [[1, ["A", ["object"], [f"a{index}" for index in range(10_000)]]]],
    "a special method": [[1, ["A", [VARIABLE], ["__del__"]]]],
    "a traceback of its own": [[1, ["A", ["Exception"], ["_render_traceback_"]]]],
}


@pytest.mark.parametrize("flood", FLOODS)
def test_classes_are_bounded(flood):
    with pytest.raises(Malformed):
        read(Mirror(), {"types": FLOODS[flood], "objects": [], "value": None})


def test_the_parts_of_all_answers_are_bounded():
    mirror = Mirror()
    with pytest.raises(Malformed, match="too many parts in all"):
        [read(mirror, {"types": [], "objects": [], "value": ["l", [None] * 100_000]}) for _ in range(20)]
