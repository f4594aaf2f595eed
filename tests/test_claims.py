"""Tests of claims: what holds is shown, what does not is drawn and raised with its point."""

import math

import numpy as np
import pytest

from helpers import claims
from helpers.claims import NotSoError, check, holds

LAYERS = np.arange(1, 6)
HALVED = 0.5**LAYERS


def halves(values=HALVED, /, **changes):
    """Return a claim about five layers, or raise."""
    arguments = {
        "statement": "A layer halves the signal",
        "over": ("layer", LAYERS),
        "measured": {"ReLU": values},
        "theory": HALVED,
        "within": 0.1,
        "unit": "ratio",
        "because": "made up for a test",
    }
    return holds(**{**arguments, **changes})


def test_what_holds_says_its_range_theory_tolerance_and_reason():
    assert repr(halves(1.05 * HALVED)) == (
        "A layer halves the signal. 5 points, layer 1 to 5. ReLU: theory 0.5 to 0.0312. "
        "Allowed: a ratio of 0.1, made up for a test."
    )


def test_its_words_do_not_depend_on_what_differs_from_processor_to_processor():
    assert repr(halves(HALVED)) == repr(halves(HALVED * (1 + 1e-12)))


@pytest.mark.parametrize(
    ("unit", "within", "inside", "outside"),
    [
        ("difference", 0.1, (0.41, 0.59), (0.39, 0.61)),
        ("ratio", 0.2, (0.41, 0.59), (0.39, 0.61)),
        ("logarithm", math.log(2), (0.251, 0.999), (0.249, 1.001)),
    ],
)
def test_a_tolerance_is_in_its_unit(unit, within, inside, outside):
    def measured(value):
        over, theory = ("n", [3]), {"": [0.5]}
        return holds("It", over, [value], theory, within=within, unit=unit, because="so")

    for value in inside:
        assert 0.89 < measured(value).used <= 1
    for value in outside:
        with pytest.raises(NotSoError):
            measured(value)


def test_the_point_that_is_furthest_off_is_named():
    measured = HALVED * [1, 1.15, 1, 1.3, 1]
    with pytest.raises(NotSoError) as error:
        halves(measured)
    assert str(error.value) == (
        "A layer halves the signal: not so at layer 4 (ReLU). Measured 0.0813, theory 0.0625, "
        "allowed 0.0563 to 0.0688. 2 points of 5 fail. If you changed a number above, theory "
        "and tolerance may need the same change."
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_fails(value):
    measured = HALVED.copy()
    measured[2] = value
    with pytest.raises(NotSoError, match=f"layer 3 .ReLU.. Measured {value}"):
        halves(measured)


def test_of_several_curves_each_has_its_theory_and_tolerance():
    measured = {"1/n": HALVED, "2/n": 0 * LAYERS + 1.05}
    theory = {"1/n": HALVED, "2/n": 1.0}
    within = {"1/n": 0.0, "2/n": 0.1}
    assert halves(measured=measured, theory=theory, within=within).points == 10
    with pytest.raises(NotSoError, match=r"layer 1 \(2/n\)"):
        halves(measured=measured, theory=theory, within=within | {"2/n": 0.01})
    with pytest.raises(NotSoError, match=r"layer 1 \(1/n\)"):
        halves(measured=measured | {"1/n": HALVED + 1e-15}, theory=theory, within=within)


@pytest.mark.parametrize(
    ("between", "fails", "words"),
    [
        ((0.2, 0.6), (0.1, 0.7), "at least 0.2 and at most 0.6"),
        ((None, 0.6), (0.7,), "at most 0.6"),
        (([0.1, 0.2], None), (0.15,), "at least 0.1 to 0.2"),
    ],
)
def test_without_theory_there_are_ends(between, fails, words):
    def measured(value):
        arguments = {"between": between, "because": "so"}
        return holds("It", ("start", ["He", "zero"]), [0.5, value], **arguments)

    assert f"start He, zero. Allowed: {words}, so." in repr(measured(0.5))
    for value in fails:
        with pytest.raises(NotSoError, match=r"not so at start zero\. Measured"):
            measured(value)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"over": ("layer", [])}, ValueError, "at least one value of layer"),
        ({"over": 3}, TypeError, "over must be a name and its values; got 3"),
        ({"over": (3, [1])}, TypeError, "over must start with the name"),
        ({"measured": {}}, ValueError, "at least one curve"),
        ({"measured": [1, 2]}, ValueError, "measured must have 5 values; got shape"),
        ({"measured": "many"}, TypeError, "measured must"),
        (
            {"theory": {"He": HALVED}},
            ValueError,
            "theory must have an entry for 'ReLU'; got He",
        ),
        ({"theory": np.nan}, ValueError, "theory must be finite"),
        ({"within": -0.1}, ValueError, "within must be at least 0; got -0.1"),
        ({"within": np.inf}, ValueError, "within must be finite"),
        ({"within": None}, TypeError, "either theory and within, or between"),
        ({"between": (0, 1)}, TypeError, "either theory and within, or between"),
        ({"unit": "percent"}, ValueError, "unit must be one of difference, ratio, logarithm"),
        ({"because": " "}, ValueError, "because must say where the tolerance comes from"),
    ],
)
def test_bad_arguments_are_named(changes, error, message):
    with pytest.raises(error, match=message):
        halves(**changes)


def test_ends_that_are_exchanged_are_an_error():
    with pytest.raises(ValueError, match="a lower and an upper end"):
        holds("It", ("n", [1]), [0.5], between=(1, 0), because="so")


def test_a_claim_that_fails_draws_its_picture_first_and_marks_the_point(monkeypatch):
    drawn = []
    monkeypatch.setattr(claims, "_display", drawn.append)
    with pytest.raises(NotSoError):
        halves(HALVED * [1, 1, 1, 1.3, 1])
    (claim,) = drawn
    (ax,) = claim.picture.canvas.figure.axes
    (cross,) = (line for line in ax.lines if line.get_marker() == "x")
    assert cross.get_xydata().tolist() == [[4, pytest.approx(1.3 / 16)]]
    halves()
    assert len(drawn) == 1, "one that holds is shown by its cell"


def test_its_picture_has_dots_a_dashed_line_and_a_band():
    (ax,) = halves(1.05 * HALVED).picture.canvas.figure.axes
    line, dots = ax.lines
    assert line.get_linestyle() == "--"
    np.testing.assert_allclose(line.get_ydata(), HALVED)
    assert dots.get_marker() == "o"
    np.testing.assert_allclose(dots.get_ydata(), 1.05 * HALVED)
    (band,) = ax.collections
    vertices = band.get_paths()[0].vertices
    at_layer_1 = vertices[vertices[:, 0] == 1][:, 1]
    assert set(at_layer_1.round(6)) == {0.45, 0.55}
    assert [text.get_text() for text in ax.texts] == ["ReLU"]
    assert ax.get_title(loc="left") == "A layer halves the signal"


def test_check_says_what_holds_and_draws_what_each_uses():
    first = halves(1.05 * HALVED)
    second = holds("He is small", ("seed", [0, 1]), [0.1, 0.2], between=(None, 1), because="so")
    picture = check(first, second)
    assert picture.words == (
        "2 claims hold, at 7 points.\n"
        "1. A layer halves the signal (layer 1 to 5).\n"
        "2. He is small (seed 0 to 1)."
    )
    (ax,) = picture.canvas.figure.axes
    assert [bar.get_width() for bar in ax.patches] == [pytest.approx(0.5), 0]
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["A layer halves the signal", "He is small"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [((), ValueError, "got none"), (("so",), TypeError, "got 'so'")],
)
def test_check_takes_claims(arguments, error, message):
    with pytest.raises(error, match=message):
        check(*arguments)


@pytest.mark.parametrize(
    ("measured", "between", "used"),
    [
        (1.0, (0.0, 4.0), 0.5),
        (1e-4, (1e-8, 1.0), 0.0),
        (1e-2, (1e-8, 1.0), 0.5),
        (0.0, (-1, 1), 0),
    ],
)
def test_between_two_ends_above_0_a_share_is_one_of_powers(measured, between, used):
    claim = holds("It lies between", ("n", [1]), [measured], between=between, because="so")
    assert claim.used == pytest.approx(used)


def test_one_point_fails_and_two_fail():
    for measured, words in (
        ([1.0, 9.0], "1 point of 2 fails. If"),
        ([9.0, 9.0], "2 points of 2 fail. If"),
    ):
        with pytest.raises(NotSoError, match=words):
            holds("It is 1", ("n", [1, 2]), measured, 1.0, within=0.1, because="so")
