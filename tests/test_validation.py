"""Errors for arguments that cannot be right: kind, text, and what is let through."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest

from helpers import validation

NAN, INF = math.nan, math.inf
COUNT = "n must be a positive integer; got "
NUMBER = "x must be a finite number; got "
SIZES = "shape must be a sequence of at least 2 positive integers; got "


@pytest.mark.parametrize(
    ("validator", "value", "options", "error", "message"),
    [
        ("positive_int", 0, {}, ValueError, COUNT + "0"),
        ("positive_int", -1, {}, ValueError, COUNT + "-1"),
        ("positive_int", 2.0, {}, TypeError, COUNT + "2.0"),
        ("positive_int", True, {}, TypeError, COUNT + "True"),
        ("positive_int", "3", {}, TypeError, COUNT + "'3'"),
        ("positive_int", None, {}, TypeError, COUNT + "None"),
        ("number", NAN, {}, ValueError, NUMBER + "nan"),
        ("number", INF, {}, ValueError, NUMBER + "inf"),
        ("number", -INF, {}, ValueError, NUMBER + "-inf"),
        ("number", 1j, {}, TypeError, NUMBER + "1j"),
        ("number", "1", {}, TypeError, NUMBER + "'1'"),
        ("number", True, {}, TypeError, NUMBER + "True"),
        (
            "number",
            -1e-9,
            {"minimum": 0},
            ValueError,
            "x must be a finite number of at least 0",
        ),
        ("number", None, {"minimum": 2}, TypeError, "of at least 2; got None"),
        ("number", 1.1, {"minimum": 0, "maximum": 1}, ValueError, "from 0 to 1; got 1.1"),
        ("number", -0.1, {"minimum": 0, "maximum": 1}, ValueError, "from 0 to 1; got -0.1"),
        ("positive", 0, {}, ValueError, "x must be a number above 0; got 0"),
        ("positive", -2.5, {}, ValueError, "x must be a number above 0; got -2.5"),
        ("positive", NAN, {}, ValueError, NUMBER + "nan"),
        ("positive", "1", {}, TypeError, NUMBER + "'1'"),
        ("choice", "c", {"choices": ("a", "b")}, ValueError, "one of ['a', 'b']; got 'c'"),
        ("choice", ["a"], {"choices": ("a", "b")}, ValueError, "one of ['a', 'b']; got ['a']"),
        ("sizes", [3], {"fewest": 2}, ValueError, SIZES + "(3,)"),
        ("sizes", [], {"fewest": 2}, ValueError, SIZES + "()"),
        ("sizes", 3, {"fewest": 2}, TypeError, SIZES + "3"),
        ("sizes", "34", {"fewest": 2}, TypeError, SIZES + "'34'"),
        ("sizes", b"34", {"fewest": 2}, TypeError, SIZES + "b'34'"),
        ("sizes", {3, 4}, {"fewest": 2}, TypeError, SIZES + "{3, 4}"),
        ("number", 10**400, {}, ValueError, NUMBER + "1000"),
        (
            "sizes",
            [3, 0],
            {"fewest": 2},
            ValueError,
            "shape[1] must be a positive integer; got 0",
        ),
        ("sizes", [2.5, 3], {"fewest": 2}, TypeError, "shape[0] must be a positive integer"),
        ("callable", 3, {}, TypeError, "x must be callable; got 3"),
        ("differentiable", abs, {}, TypeError, "x must have a derivative, as the entries of"),
        ("real_array", "abc", {}, TypeError, "x must be an array of real numbers; got 'abc'"),
        ("real_array", [1j], {}, TypeError, "x must be an array of real numbers; got [1j]"),
        ("real_array", None, {}, TypeError, "x must be an array of real numbers; got None"),
        ("real_array", [[1], [2, 3]], {}, TypeError, "real numbers; got [[1], [2, 3]]"),
        ("batch", np.ones(3), {"columns": 3}, ValueError, "(n_samples, 3); got shape (3,)"),
        (
            "batch",
            np.ones((3, 2)),
            {"columns": 3},
            ValueError,
            "(n_samples, 3); got shape (3, 2)",
        ),
        ("batch", ["ab"], {"columns": 1}, TypeError, "x must be an array of real numbers"),
    ],
)
def test_errors_name_the_argument_what_is_allowed_and_what_was_given(
    validator, value, options, error, message
):
    name = {"positive_int": "n", "sizes": "shape"}.get(validator, "x")
    with pytest.raises(error, match=re.escape(message)) as raised:
        getattr(validation, f"check_{validator}")(name, value, **options)
    assert str(raised.value).startswith(name)


@pytest.mark.parametrize("rng", [0, None, np.random, np.random.default_rng])
def test_a_generator_is_asked_for_by_example(rng):
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator.*; got"):
        validation.check_rng(rng)


@pytest.mark.parametrize(
    ("validator", "value", "options", "plain"),
    [
        ("positive_int", 1, {}, 1),
        ("positive_int", np.int64(7), {}, 7),
        ("number", 0, {"minimum": 0, "maximum": 1}, 0.0),
        ("number", 1, {"minimum": 0, "maximum": 1}, 1.0),
        ("number", np.float32(0.5), {}, 0.5),
        ("number", Fraction(1, 4), {}, 0.25),
        ("positive", Fraction(1, 4), {}, 0.25),
        ("positive", 1e-300, {}, 1e-300),
        ("choice", "a", {"choices": ("a", "b")}, "a"),
        ("sizes", [np.int32(4)], {"fewest": 1}, (4,)),
        ("sizes", np.array([2, 3]), {"fewest": 2}, (2, 3)),
        ("sizes", range(1, 4), {"fewest": 2}, (1, 2, 3)),
        ("callable", abs, {}, abs),
    ],
)
def test_what_is_allowed_comes_back_in_its_plain_form(validator, value, options, plain):
    result = getattr(validation, f"check_{validator}")("x", value, **options)
    assert result == plain
    assert type(result) is type(plain)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floating_arrays_are_not_copied_or_converted(dtype):
    array = np.ones((2, 3), dtype)
    assert validation.check_real_array("x", array) is array
    assert validation.check_batch("x", array, 3) is array


@pytest.mark.parametrize("value", [[1, 2], [True, False], np.array([1, 2], np.uint8)])
def test_other_real_arrays_become_floating(value):
    assert validation.check_real_array("x", value).dtype == np.float64


def test_a_stack_of_batches_is_a_batch():
    assert validation.check_batch("x", np.ones((5, 4, 3)), 3).shape == (5, 4, 3)


def test_a_generator_is_let_through(rng):
    assert validation.check_rng(rng) is rng


@pytest.mark.parametrize("dtype", [float, "float32", np.float32, np.dtype(float)])
def test_single_and_double_precision_are_dtypes(dtype):
    assert validation.check_dtype(dtype) == np.dtype(dtype)


@pytest.mark.parametrize("dtype", [int, np.float16, complex, None, "nonsense", 3])
def test_other_types_of_numbers_are_refused(dtype):
    with pytest.raises(TypeError, match=r"dtype must be float or numpy.float32; got "):
        validation.check_dtype(dtype)
