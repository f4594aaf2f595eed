"""Plain data between the judge and a student's code, and nothing but plain data.

A message is JSON behind its length. A value that JSON does not have is an object of one key
that names its type: ``{"tuple": [...]}``, or ``{"array": ...}`` with the bytes of NumPy's file
format. A generator goes as its state. A function goes as a number, by which the other side can
call it back, and as the expression of z that it computes, if it says one. Anything else arrives
as an `Opaque` that has the name of its type. Nothing is unpickled, and the size that an array
claims is compared with the bytes that came.

Both sides use this module, so it needs NumPy alone.
"""

import io
import json
import math
import struct
import sys

import numpy as np

LONGEST = 2**24  # bytes of a message; the largest answer that an exercise asks for has a tenth
DEEPEST = 8
LONGEST_NAME = 80
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
MOST_SPAWNED = 10_000
MOST_KEYS = 1_000  # whole numbers can be chosen so that they all collide


class BadMessage(Exception):  # noqa: N818 (it says what is bad)
    """What came is no message of this form; its text says why."""


class Opaque:
    """Stands for a value that is no plain data; its class has the name of the value's."""


class Codec:
    """Turns values into JSON and back.

    Parameters
    ----------
    callback : callable, optional
        ``callback(index, arguments)`` calls a function of the other side.

    Attributes
    ----------
    functions, generators : list
        Those that were sent as arguments, in the order of their numbers.
    """

    def __init__(self, callback=None):
        self._callback = callback
        self.functions, self.generators = [], []

    def encode(self, value, depth=0):
        """Return a value as what JSON has."""
        if depth > DEEPEST:
            return _opaque(value)
        if value is None or isinstance(value, bool | np.bool_):
            return None if value is None else bool(value)
        if value is ...:
            return {"ellipsis": None}
        if isinstance(value, int | np.integer):
            whole = np.generic.item(value) if isinstance(value, np.integer) else value
            whole = int.__add__(whole, 0)
            return whole if whole.bit_length() < 10_000 else {"huge": whole > 0}
        if isinstance(value, float):
            return float.__pos__(value)
        if isinstance(value, np.floating):
            return float(np.generic.astype(value, float))
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, list):
            return [self.encode(entry, depth + 1) for entry in list.__iter__(value)]
        if isinstance(value, tuple):
            entries = tuple.__iter__(value)
            return {"tuple": [self.encode(entry, depth + 1) for entry in entries]}
        if isinstance(value, dict):
            pairs = dict.items(value)
            return {"dict": [[self.encode(part, depth + 1) for part in pair] for pair in pairs]}
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufcSU":
            return {"array": _packed(value)}
        if isinstance(value, np.random.Generator):
            self.generators.append(value)
            return {"rng": self.encode_state(value)}
        if self._callback is None and callable(value):
            self.functions.append(value)
            expression = getattr(value, "expression", None)
            return {"function": [len(self.functions) - 1, _name(value), expression]}
        return _opaque(value)

    def decode(self, value, depth=0):
        """Return what `encode` was given.

        Raises
        ------
        BadMessage
            If `encode` did not make it.
        """
        if depth > DEEPEST + 2:
            raise BadMessage("it is nested too deeply")
        if isinstance(value, list):
            return [self.decode(entry, depth + 1) for entry in value]
        if not isinstance(value, dict):
            return value
        if len(value) != 1:
            raise BadMessage("an object has not one key")
        ((kind, content),) = value.items()
        decoder = getattr(self, f"_{kind}", None) if kind in KINDS else None
        if decoder is None:
            raise BadMessage("a value is of an unknown kind")
        try:
            return decoder(content, depth)
        except BadMessage:
            raise
        except Exception as error:  # a header of an array is parsed as Python is
            raise BadMessage(f"its {kind} cannot be read: {type(error).__name__}") from None

    def _ellipsis(self, content, depth):
        return ...

    def _huge(self, content, depth):
        return 2**10_000 if content is True else -(2**10_000)

    def _tuple(self, content, depth):
        return tuple(self.decode(list(content), depth))

    def _dict(self, content, depth):
        if len(content) > MOST_KEYS:
            raise BadMessage("a dict has too many keys")
        return {self.decode(k, depth + 1): self.decode(v, depth + 1) for k, v in content}

    def _array(self, content, depth):
        return _unpacked(content)

    def _rng(self, content, depth):
        rng = self.decode_state(content)
        self.generators.append(rng)
        return rng

    def _function(self, content, depth):
        callback = self._callback
        if callback is None:
            raise BadMessage("it holds a function")
        index, name, expression = content

        def function(*args):
            return callback(index, args)

        if expression is not None:  # a call of our own costs a thousandth
            function = eval(f"lambda z: {expression}", {"np": np})
        function.__name__ = _cleaned(name)
        return function

    def _opaque(self, content, depth):
        name, what = _cleaned(content[0]), content[1]
        value = type(name, (Exception if what == "exception" else Opaque,), {})()
        if what == "named":
            value.__name__ = name
        return value

    def encode_state(self, rng):
        """Return the whole state of a generator: how many it has spawned is part of it."""
        bits = rng.bit_generator
        seed = bits.seed_seq
        seed = (seed.entropy, seed.spawn_key, seed.pool_size, seed.n_children_spawned)
        return [type(bits).__name__, self.encode(bits.state), self.encode(seed)]

    def decode_state(self, content):
        """Return a new generator in the state that `encode_state` returned.

        Raises
        ------
        BadMessage
            If it is not the state of one of NumPy's generators.
        """
        try:
            name, state, seed = content
            if name not in BIT_GENERATORS:
                raise BadMessage("a generator is of an unknown kind")
            entropy, key, pool, spawned = self.decode(seed)
            if not 4 <= pool <= 64 or not 0 <= spawned <= MOST_SPAWNED:
                raise BadMessage("a generator has spawned too many")
            seed = np.random.SeedSequence(
                entropy, spawn_key=key, pool_size=pool, n_children_spawned=spawned
            )
            bits = getattr(np.random, name)(seed)
            state = self.decode(state)
            if not _fits(state, bits.state):
                raise BadMessage("a generator's state has another form")
            bits.state = state
        except BadMessage:
            raise
        except Exception as error:
            raise BadMessage(f"a generator's state cannot be read: {error}") from None
        return np.random.Generator(bits)


KINDS = {"ellipsis", "huge", "tuple", "dict", "array", "rng", "function", "opaque"}


def _fits(state, fresh):
    """Return whether a state has the form of a fresh generator's, whose position is the last.

    NumPy takes others as well, and then reads memory beyond them.
    """
    if not isinstance(fresh, dict):
        return np.shape(state) == np.shape(fresh)
    return state.keys() == fresh.keys() and all(
        _fits(state[name], part) and (not name.endswith("pos") or 0 <= state[name] <= part)
        for name, part in fresh.items()
    )


def _opaque(value):
    what = "exception" if isinstance(value, BaseException) else "value"
    return {"opaque": [_name(value), "named" if hasattr(value, "__name__") else what]}


def _name(value):
    """Return the name of a value that has one, as functions have, or else that of its type."""
    name = getattr(value, "__name__", None)
    return _cleaned(name if isinstance(name, str) else type(value).__name__)


def _cleaned(name):
    return text(name, LONGEST_NAME) if isinstance(name, str) and name else "something"


def text(value, longest):
    """Return a string that any file, page or database takes: no control characters, cut off."""
    kept = "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for c in str.__str__(value)[:longest]
    )
    return kept + "…" * (len(value) > longest)


def _packed(array):
    file = io.BytesIO()
    plain = np.array(array, subok=False, order="C")  # a copy, whose methods are NumPy's
    np.lib.format.write_array(file, plain, allow_pickle=False)
    return file.getvalue()


def _unpacked(data):
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise BadMessage("an array is of another version of the format")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.kind not in "biufcSU" or dtype.hasobject or fortran or min(shape, default=0) < 0:
        raise BadMessage("an array is not of plain numbers")
    if math.prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise BadMessage("an array claims another size than it has")
    if dtype.kind == "U":  # of which NumPy makes text without looking
        letters = np.frombuffer(data, f"{dtype.byteorder}u4", offset=file.tell())
        if letters.max(initial=0) > sys.maxunicode:
            raise BadMessage("an array's text has letters that there are not")
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape).copy()


def send(connection, message):
    """Send a message through a socket: JSON, and behind it the bytes that are in it."""
    parts = []

    def apart(data):
        parts.append(data)
        return {"bytes": len(data)}

    head = json.dumps(message, default=apart).encode()
    connection.sendall(b"".join([struct.pack(">I", len(head)), head, *parts]))


def receive(connection, wait=None):
    """Return the next message from a socket.

    Parameters
    ----------
    connection : socket.socket
    wait : callable, optional
        Is called before each read; it may set the time that the read may take, or raise.

    Raises
    ------
    EOFError
        If the other side is gone.
    BadMessage
        If it is too long, or no JSON object.
    """
    left = LONGEST

    def read(n):
        nonlocal left
        left -= n
        if left < 0:
            raise BadMessage(f"it is longer than {LONGEST} bytes")
        data, filled = bytearray(n), 0
        while filled < n:
            if wait:
                wait()
            part = connection.recv_into(memoryview(data)[filled:])
            if not part:
                raise EOFError
            filled += part
        return data

    def with_bytes(content):
        if content.keys() == {"bytes"} and type(content["bytes"]) is int:
            return read(max(content["bytes"], 0))
        return content

    (length,) = struct.unpack(">I", read(4))
    try:
        # Objects are met in the order in which they were written, and so are their bytes.
        message = json.loads(read(length), object_hook=with_bytes)
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"it is no JSON: {type(error).__name__}") from None
    if not isinstance(message, dict):
        raise BadMessage("it is no object")
    return message
