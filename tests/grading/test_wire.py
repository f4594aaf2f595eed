"""Tests of what goes between the judge and a student's code: plain data, and nothing else."""

import io
import json
import struct

import numpy as np
import pytest

from teaching.grading.sandbox import move_on
from teaching.grading.wire import LONGEST, BadMessage, Codec, Opaque, receive, send, text

BITS = [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox]
BITS = [*BITS, np.random.SFC64]


def refuse(index, args):
    raise TypeError("not callable")


class Wire(io.BytesIO):
    """Stands for a socket."""

    sendall = io.BytesIO.write
    recv_into = io.BytesIO.readinto


def sent(message):
    """Return a message as bytes."""
    wire = Wire()
    send(wire, message)
    return wire.getvalue()


def received(data):
    """Return the message in these bytes."""
    return receive(Wire(data))


def framed(head, *parts):
    """Return JSON as a message, with bytes behind it."""
    return b"".join([struct.pack(">I", len(head)), head, *parts])


def arrived(value):
    """Return a student's value as the judge has it."""
    return Codec().decode(received(sent({"value": Codec(refuse).encode(value)}))["value"])


# Numbers and text


@pytest.mark.parametrize("code", np.typecodes["AllInteger"])
def test_an_integer_of_numpy_arrives_as_one_of_python(code):
    assert repr(arrived(np.dtype(code).type(7))) == "7"


@pytest.mark.parametrize("code", np.typecodes["Float"])
def test_a_float_of_numpy_arrives_as_one_of_python(code):
    assert repr(arrived(np.dtype(code).type(-1.5))) == "-1.5"


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, -(2**9000), 0.1, 5e-324, -0.0, float("nan"), float("-inf"), ...],
)
def test_a_plain_value_arrives_as_it_is(value):
    assert repr(arrived(value)) == repr(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.True_, True),
        (np.longdouble("inf"), float("inf")),
        (np.longdouble("1e4000"), float("inf")),
        (np.float32("nan"), float("nan")),
        (np.str_("a"), "a"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_a_value_of_numpy_arrives_as_one_of_python(value, plain):
    assert repr(arrived(value)) == repr(plain)


@pytest.mark.parametrize(("value", "limit"), [(3**9000, 2**10_000), (-(3**9000), -(2**10_000))])
def test_an_integer_that_is_too_long_arrives_as_one_that_no_float_holds(value, limit):
    assert arrived(value) == limit


@pytest.mark.parametrize("words", ["", "ünï 😀", '\x00\n\\"', "\ud800 half", '{"bytes": 3}'])
def test_text_arrives_letter_by_letter(words):
    assert arrived(words) == words


# Lists, tuples and dicts


@pytest.mark.parametrize(
    "value",
    [
        [],
        (),
        {},
        [1, [2.5, "a", [None]]],
        (1, (2,), [()]),
        {"a": 1, "b": [2]},
        {1: "a", 2.5: "b", None: "c", (1, "x"): {"d": ()}, ...: [{}]},
        {"bytes": 3},
        {"tuple": [1]},
    ],
)
def test_a_container_arrives_with_all_that_is_in_it(value):
    assert repr(arrived(value)) == repr(value)


def test_what_is_nested_too_deeply_is_cut_off():
    value = innermost = []
    for _ in range(30):
        value = [value]
    innermost.append("deep")
    value, depth = arrived(value), 0
    while isinstance(value, list):
        (value,), depth = value, depth + 1
    assert (depth, type(value).__name__) == (9, "list")
    assert isinstance(value, Opaque)


def test_an_answer_that_contains_itself_arrives():
    endless = []
    endless.append(endless)
    assert isinstance(arrived(endless), list)


# Arrays


@pytest.mark.parametrize("dtype", [*"?bBhHiIlLqQefdgFDG", ">f8", "<i2", "S3", "U4"])
def test_an_array_arrives_with_its_type(dtype):
    array = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    there = arrived(array)
    assert there.dtype == array.dtype
    np.testing.assert_array_equal(there, array)


def read_only(array):
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.zeros((0, 3)),
        np.zeros(0),
        np.arange(6.0).reshape(2, 3, order="F"),
        np.arange(24).reshape(2, 3, 4).T,
        np.arange(10)[::-3],
        np.broadcast_to(np.arange(3), (2, 3)),
        read_only(np.arange(3)),
        np.array([np.nan, -0.0, np.inf]),
    ],
    ids=["0-d", "no rows", "empty", "F", "turned", "strided", "broadcast", "read-only", "odd"],
)
def test_an_array_arrives_with_its_shape_and_may_be_written_to(array):
    there = arrived(array)
    assert there.shape == array.shape
    np.testing.assert_array_equal(np.signbit(there), np.signbit(array))
    np.testing.assert_array_equal(there, array)
    there[...] = 1


@pytest.mark.parametrize(
    "array", [np.ma.masked_greater(np.arange(3.0), 1), np.arange(3.0).view(np.matrix)], ids=type
)
def test_an_array_of_another_class_arrives_as_its_numbers(array):
    there = arrived(array)
    assert type(there) is np.ndarray
    assert there.ravel().tolist() == [0, 1, 2]


# What is not what it says


class Float(float):
    """Pretends to be another number."""

    def __add__(self, other):
        return 0.25

    __float__ = __sub__ = __add__


class Integer(int):
    """Pretends to be another number."""

    def __add__(self, other):
        return 4

    __int__ = __index__ = bit_length = lambda self: 4


class Double(np.float64):
    """Pretends to be another number."""

    astype = __float__ = lambda self, *args: 0.25


class String(str):
    """Pretends to be other words."""

    __slots__ = ()

    def __str__(self):
        return "no"

    encode = __repr__ = __str__


class List(list):
    """Pretends to have other entries."""

    def __iter__(self):
        return iter([9, 9])

    def __len__(self):
        return 2


class Tuple(tuple):
    """Pretends to have other entries."""

    __slots__ = ()

    def __iter__(self):
        return iter([9, 9])


class Dict(dict):
    """Pretends to have other entries."""

    items = __iter__ = lambda self: iter([(9, 9)])


class Array(np.ndarray):
    """Pretends to have other entries."""

    def __array__(self, *args, **options):
        return np.full(2, 9.0)

    tolist = copy = __array__


@pytest.mark.parametrize(
    ("value", "honest"),
    [
        (Float(3.0), 3.0),
        (Integer(3), 3),
        (Double(3.0), 3.0),
        (String("yes"), "yes"),
        (List([1]), [1]),
        (Tuple([1]), (1,)),
        (Dict({1: 2}), {1: 2}),
        (np.ones(2).view(Array), np.ones(2)),
        ([(Float(3.0),)], [(3.0,)]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_lies_arrives_as_what_it_is(value, honest):
    assert type(arrived(value)) is type(honest)
    assert repr(arrived(value)) == repr(honest)


# Generators


def used(bits):
    """Return a generator that has drawn, has half a number left, and has children."""
    rng = np.random.Generator(bits(np.random.SeedSequence(5, spawn_key=(1, 2), pool_size=8)))
    rng.spawn(2)
    rng.standard_normal(3)
    rng.integers(2**31, dtype=np.uint32)
    return rng


def next_of(rng):
    """Return what a generator draws and spawns next."""
    (child,) = rng.spawn(1)
    halves = rng.integers(2**31, size=3, dtype=np.uint32)
    return [halves.tolist(), rng.random(700).tolist(), child.random(3).tolist()]


@pytest.mark.parametrize("bits", BITS)
def test_a_generator_goes_on_there_as_it_would_have_here(bits):
    assert next_of(arrived(used(bits))) == next_of(used(bits))


@pytest.mark.parametrize("bits", BITS)
def test_a_generator_comes_back_as_it_was_left_there(bits):
    ours, theirs, same = used(bits), used(bits), used(bits)
    next_of(theirs)
    move_on([ours], [arrived_state(theirs)])
    next_of(same)
    assert next_of(ours) == next_of(same)


def arrived_state(rng):
    """Return a generator's state as it comes back from behind the walls."""
    return received(sent({"state": Codec(refuse).encode_state(rng)}))["state"]


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (None, "the generators are missing"),
        ([], "the generators are missing"),
        ([arrived_state(used(np.random.MT19937))], "a generator is of another kind"),
    ],
)
def test_a_generator_that_does_not_come_back_is_missed(states, words):
    with pytest.raises(BadMessage, match=words):
        move_on([used(np.random.PCG64)], states)


def changed(bits, **changes):
    """Return the state of a generator with other entries."""
    name, state, seed = arrived_state(used(bits))
    state = Codec().decode(state)
    for key, value in changes.items():
        part = state["state"] if key in state["state"] else state
        part[key] = value
    return [name, Codec(refuse).encode(state), seed]


def seeded(*seed):
    """Return the state of a generator that comes from this seed."""
    name, state, _ = arrived_state(used(np.random.PCG64))
    return [name, state, Codec().encode(seed)]


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        ["RandomState", None, None],
        [["PCG64"], None, None],
        ["PCG64", None, None],
        ["PCG64", {"dict": []}, {"tuple": [1, {"tuple": []}, 4, 0]}],
        seeded(1, (), 3, 0),
        seeded(1, (), 10**9, 0),
        seeded(1, (), 4, 10**9),
        seeded(1, (), 4, -1),
        seeded(-1, (), 4, 0),
        seeded("a", (), 4, 0),
        seeded(1, (0.5,), 4, 0),
        changed(np.random.PCG64, inc=-1),
        changed(np.random.PCG64, inc=2**200),
        changed(np.random.MT19937, pos=625),
        changed(np.random.MT19937, pos=-1),
        changed(np.random.MT19937, key=np.zeros(623, np.uint32)),
        changed(np.random.Philox, buffer_pos=5),
        changed(np.random.Philox, buffer_pos=-1),
        changed(np.random.SFC64, state=np.zeros(1, np.uint64)),
    ],
)
def test_a_state_of_no_generator_is_refused(content):
    """NumPy itself would take some of them, and then read memory that is not its own."""
    with pytest.raises(BadMessage, match="generator"):
        Codec().decode({"rng": content})


# Functions


def called_back(functions):
    """Return a codec of the other side, which calls these."""
    return Codec(lambda index, args: functions[index](*args))


def test_a_function_that_is_given_can_be_called_there():
    ours = Codec()
    sent = ours.encode([np.tanh, max])
    tanh, largest = called_back(ours.functions).decode(sent)
    assert (tanh(0.0), largest(1, 2)) == (0.0, 2)


def test_a_function_keeps_its_name():
    assert called_back([]).decode(Codec().encode(np.tanh)).__name__ == "tanh"


@pytest.mark.parametrize("kind", ["callback", "Function", "__init__"])
def test_nothing_else_can_be_called_there(kind):
    with pytest.raises(BadMessage, match="unknown kind"):
        called_back([max]).decode({kind: [0, "f"]})


def test_no_function_of_a_students_can_be_called_here():
    there = arrived(max)
    assert there.__name__ == "max"
    assert not callable(there)


FUNCTIONS = """
def told(f, x):
    return f(x), f.__name__

def refused(f, x):
    try:
        f(x)
    except ValueError as error:
        return str(error)

def returned(f, x):
    return f
"""


@pytest.fixture(scope="module")
def session(sandbox):
    with sandbox.session() as opened:
        assert opened.run(FUNCTIONS) == ("", None)
        yield opened


@pytest.mark.parametrize(
    "x",
    [0.5, [1, (2,)], {"a": 1}, np.arange(6.0).reshape(2, 3)],
    ids=lambda x: type(x).__name__,
)
def test_behind_the_walls_a_function_is_asked_with_plain_data_and_answers_so(session, x):
    def same(x):
        return [x]

    assert repr(session.value("told")(same, x)) == repr(([x], "same"))


def test_behind_the_walls_an_error_of_a_function_is_a_value_error(session):
    assert session.value("refused")(lambda x: 1 / x, 0) == "ZeroDivisionError: division by zero"


def test_behind_the_walls_a_function_is_no_answer(session):
    assert session.value("returned")(np.tanh, 0).__name__ == "tanh"


# What is no plain data


class Lazy:
    """A class of a student's own."""


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Lazy(), "Lazy"),
        (1j, "complex"),
        (np.complex128(1j), "complex128"),
        (b"", "bytes"),
        ({1}, "set"),
        (range(3), "range"),
        (np.array([None]), "ndarray"),
        (np.datetime64("2020-01-01"), "datetime64"),
        (np.random.RandomState(0), "RandomState"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_another_object_arrives_as_the_name_of_its_type(value, name):
    there = arrived(value)
    assert isinstance(there, Opaque)
    assert type(there).__name__ == name
    assert not vars(there)


@pytest.mark.parametrize(
    ("value", "name"),
    [(Lazy, "Lazy"), ((x for x in "a"), "<genexpr>"), (json, "json"), (lambda: 1, "<lambda>")],
)
def test_what_has_a_name_arrives_with_it(value, name):
    assert arrived(value).__name__ == name


@pytest.mark.parametrize("error", [ValueError("secret"), KeyboardInterrupt()])
def test_an_exception_arrives_as_one_of_its_name(error):
    there = arrived(error)
    assert isinstance(there, Exception)
    assert (type(there).__name__, str(there)) == (type(error).__name__, "")


@pytest.mark.parametrize(
    ("name", "clean"),
    [("a\x00\x1b", "a\ufffd\ufffd"), ("<b>", "<b>"), ("", "something"), (3, "something")],
)
def test_a_name_has_no_control_characters(name, clean):
    there = Codec().decode({"opaque": [name, "value"]})
    assert type(there).__name__ == clean


def test_a_name_is_cut_off():
    assert len(type(Codec().decode({"opaque": ["a" * 10**6, "value"]})).__name__) == 81


def test_text_is_cut_off_and_has_no_control_characters():
    assert text("a\tb\n\x07\u202e\ud800cut", 7) == "a\tb\n" + 3 * "\ufffd" + "…"


# Messages that are refused


def npy(shape="(2,)", descr="'<f8'", fortran="False", data=bytes(16), version=1):
    """Return an array in NumPy's file format, as these words describe it."""
    head = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}}}".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H", len(head)) + head + data


def test_an_array_of_this_form_is_read():
    assert Codec().decode({"array": npy()}).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (npy(shape="(3,)"), "claims another size than it has"),
        (npy(shape="(10**9,)"), "its array cannot be read"),
        (npy(shape=f"({10**15},)"), "claims another size than it has"),
        (npy(shape=f"({2**32}, {2**32})"), "claims another size than it has"),
        (npy(data=bytes(17)), "claims another size than it has"),
        (npy(shape="(-2, -1)"), "not of plain numbers"),
        (npy(shape="(-1,)", data=b""), "not of plain numbers"),
        (npy(shape="2"), "its array cannot be read"),
        (npy(shape="(True, 2)"), "its array cannot be read|claims"),
        (npy(descr="'|O'"), "not of plain numbers"),
        (npy(descr="'<M8[s]'"), "not of plain numbers"),
        (npy(descr="'|V8'"), "not of plain numbers"),
        (npy(descr="[('a', '<f8')]"), "not of plain numbers"),
        (npy(descr="'<f9'"), "its array cannot be read"),
        (npy(descr="__import__('os')"), "its array cannot be read"),
        (npy(fortran="True"), "not of plain numbers"),
        (npy("(1,)", "'<U1'", data=b"\xff" * 4), "letters that there are not"),
        (npy("(1,)", "'>U1'", data=b"\0\x11\0\0"), "letters that there are not"),
        (npy(shape="(("), "its array cannot be read"),
        (npy(shape="-" * 9000 + "1"), "its array cannot be read"),
        (npy(version=2), "another version"),
        (b"", "its array cannot be read"),
        (b"\x80\x04N.", "its array cannot be read"),
        ("text", "its array cannot be read"),
        (None, "its array cannot be read"),
    ],
)
def test_what_is_no_array_of_plain_numbers_is_refused(data, words):
    with pytest.raises(BadMessage, match=words):
        Codec().decode({"array": data})


def test_objects_are_not_unpickled():
    file = io.BytesIO()
    np.save(file, np.array([Lazy()], object), allow_pickle=True)
    with pytest.raises(BadMessage, match="not of plain numbers"):
        Codec().decode({"array": file.getvalue()})


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "has not one key"),
        ({"tuple": [], "dict": []}, "has not one key"),
        ({"pickle": "gASVAA=="}, "unknown kind"),
        ({"decode": 1}, "unknown kind"),
        ({"_array": 1}, "unknown kind"),
        ({"class__": 1}, "unknown kind"),
        ({"tuple": 3}, "its tuple cannot be read"),
        ({"dict": [[1]]}, "its dict cannot be read"),
        ({"dict": [[[], 1]]}, "its dict cannot be read"),
        ({"opaque": []}, "its opaque cannot be read"),
        ({"function": [0, "f"]}, "it holds a function"),
        ([{"tuple": [{"function": [0, "f"]}]}], "it holds a function"),
        (nested(20), "nested too deeply"),
        ({"tuple": nested(20)}, "nested too deeply"),
    ],
)
def test_what_no_encoder_makes_is_refused(value, words):
    with pytest.raises(BadMessage, match=words):
        Codec().decode(value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (struct.pack(">I", 2**32 - 1), f"it is longer than {LONGEST} bytes"),
        (struct.pack(">I", LONGEST), f"it is longer than {LONGEST} bytes"),
        (framed(b'{"a": {"bytes": 16777216}}'), f"it is longer than {LONGEST} bytes"),
        (framed(b"{'a': 1}"), "it is no JSON"),
        (framed(b""), "it is no JSON"),
        (framed(b'{"a": "\xff"}'), "it is no JSON"),
        (framed(b'{"a": ' + b"9" * 5000 + b"}"), "it is no JSON"),
        (framed(b"[" * 100_000), "it is no JSON"),
        (framed(b"[1]"), "it is no object"),
        (framed(b"null"), "it is no object"),
        (framed(b'{"bytes": 2}', b"ab"), "it is no object"),
    ],
    ids=range(11),
)
def test_a_message_of_another_form_is_refused(data, words):
    with pytest.raises(BadMessage, match=words):
        received(data)


@pytest.mark.parametrize("end", [0, 3, 4, 20, -1])
def test_half_a_message_is_the_end(end):
    with pytest.raises(EOFError):
        received(sent({"value": Codec().encode(np.arange(3))})[:end])


# Messages that were changed on their way

VALID = [
    {"value": Codec(refuse).encode(value)}
    for value in (
        [1, -2.5, None, True, "words"],
        (1, {"a": [2], (3,): ...}),
        np.arange(6.0).reshape(2, 3),
        [np.array("text"), np.zeros(0), 3**9000],
        (ValueError("a"), object(), len),
        used(np.random.PCG64),
        used(np.random.MT19937),
        used(np.random.SFC64),
        used(np.random.Philox),
    )
]
SPICES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b"-",
    b"9999999",
    b"null",
    b"1e999",
    b"bytes",
    b"(",
]


def mutated(data, rng):
    """Return bytes of which a few are changed, taken out, put in or said twice."""
    data = bytearray(data)
    for _ in range(rng.integers(3)):
        start, end = np.sort(rng.integers(0, len(data) + 1, 2))
        end = min(end, start + 12)
        spices = [b"", rng.bytes(1), data[start:end] * 2, SPICES[rng.integers(len(SPICES))]]
        data[start : end if rng.random() < 0.5 else start] = spices[rng.integers(4)]
    return bytes(data)


def is_plain(value):
    """Return whether all that is in a value is of a type that a judge expects."""
    if isinstance(value, list | tuple):
        return type(value) in (list, tuple) and all(map(is_plain, value))
    if type(value) is dict:
        return all(map(is_plain, [*value, *value.values()]))
    if type(value) is np.ndarray:
        return value.dtype.kind in "biufcSU"
    kinds = type(None), bool, int, float, str, bytearray, type(...), np.random.Generator
    return type(value) in kinds or type(value).__bases__ in ((Opaque,), (Exception,))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.filterwarnings("ignore")  # NumPy's, of odd headers
def test_a_changed_message_holds_plain_data_or_is_refused(seed):
    rng = np.random.default_rng(seed)
    for message in VALID * 10:
        data = sent(message)
        behind = 4 + int.from_bytes(data[:4])
        data = framed(mutated(data[4:behind], rng), mutated(data[behind:], rng))
        try:
            value = Codec().decode(received(data).get("value"))
        except (BadMessage, EOFError):
            continue
        assert is_plain(value), data
