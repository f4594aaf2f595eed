"""The limits at which `inspect` changes its verdict, from both sides.

Weights of one size and random signs have exactly the variance that a row names; what they made
is made up, so that shares are exact too.
"""

import json
import math
import sys

import numpy as np
import pytest

from helpers.activations import ACTIVATIONS, Activation, identity, rectifier, relu, tanh
from helpers.initializers import lecun_normal
from helpers.inspection import Report, inspect
from helpers.inspection.evidence import Remedy
from helpers.inspection.judge import FAULT, NOTE, UNKNOWN, Row, judge
from helpers.inspection.layers import Graph
from helpers.network import MLP
from tests.graphs import added, judged_layer, typed

UNITS = 100
SELU = ACTIVATIONS["selu"]
SINH = Activation("sinh", np.sinh, np.cosh)


def judged(scale, activation, before, *, shape=(UNITS, UNITS), off=0, moment=1.0, **options):
    """Return the row of a layer of weights of ``scale / fan_in``, of which some units are off.

    Off means -10 on all samples, which is also where tanh is saturated; the others are at 0.5
    and -0.5 in turn.
    """
    signs = np.random.default_rng(0).choice([-1.0, 1.0], shape)
    z = np.full((4, shape[1]), 0.5)
    z[::2] = -0.5
    z[:, :off] = -10.0
    measured = np.full((4, shape[1]), math.sqrt(moment))
    weights = signs * math.sqrt(scale / shape[0])
    return judged_layer(weights, measured, before, activation, z=z, **options)


WIDENS = {"shape": (50, 200)}  # fan_out is 4 times fan_in, fan_avg 2.5 times
NORMALIZED = {"normalized": True}
LAST = {"is_last": True, "shape": (UNITS, 20)}
DEAD = "76 % of its units are dead; look at biases and inputs"
SATURATED = "51 % of its outputs are saturated; look at biases and inputs"
CANCELS = "; a normalization follows, so the scale cancels"

# Scale, activation, the one before, options; whether it fits, the verdict, what suits.
ROWS = [
    # A factor of sqrt(2) either way of what He, Xavier and LeCun give.
    (2.0, relu, relu, {}, True, "fits relu: 2 / fan_in", ""),
    (1.42, relu, relu, {}, True, "fits relu: 1.4 / fan_in", ""),
    (1.40, relu, relu, {}, False, "too small for relu: 1.4 / fan_in, for 2", "he_normal"),
    (2.82, relu, relu, {}, True, "fits relu: 2.8 / fan_in", ""),
    (2.84, relu, relu, {}, False, "too large for relu: 2.8 / fan_in, for 2", "he_normal"),
    (0.72, tanh, tanh, {}, True, "fits tanh: 0.72 / fan_in", ""),
    (
        0.70,
        tanh,
        tanh,
        {},
        False,
        "too small for tanh: 0.7 / fan_in, for 1 to 2.5",
        "xavier_normal",
    ),
    (3.57, tanh, tanh, {}, True, "fits tanh: 3.6 / fan_in", ""),
    (
        3.60,
        tanh,
        tanh,
        {},
        False,
        "too large for tanh: 3.6 / fan_in, for 1 to 2.5",
        "xavier_normal",
    ),
    (1.40, SELU, SELU, {}, True, "fits selu: 1.4 / fan_in", ""),
    (1.43, SELU, SELU, {}, False, "too large for selu: 1.4 / fan_in, for 1", "lecun_normal"),
    (
        0.70,
        identity,
        identity,
        {},
        False,
        "too small for a linear layer: 0.7 / fan_in, for 1",
        "lecun_normal",
    ),
    (
        0.70,
        None,
        None,
        {},
        False,
        "too small for a linear layer: 0.7 / fan_in, for 1 to 2",
        "lecun_normal",
    ),
    (
        0.70,
        None,
        relu,
        {},
        False,
        "too small for relu: 0.7 / fan_in, for 1 to 2",
        "lecun_normal",
    ),
    (
        *(1.0, rectifier(0.5), rectifier(0.5), {}, False),
        *("too small for rectifier(0.5): 1 / fan_in, for 1.6", "he_normal(leak=0.5)"),
    ),
    (
        4.5,
        ACTIVATIONS["gelu"],
        ACTIVATIONS["gelu"],
        {},
        False,
        "too large for gelu: 4.5 / fan_in, for 2.4",
        "variance_scaling(scale=2.35)",
    ),
    # Odd, with a gain of 1 / sqrt(E[sinh**2]) = 0.56, below 1.
    (1.40, SINH, SINH, {}, True, "fits sinh: 1.4 / fan_in", ""),
    (1.43, SINH, SINH, {}, False, "too large for sinh: 1.4 / fan_in, for 1", "xavier_normal"),
    # Nothing was halved before the first layer.
    (0.72, relu, None, {}, True, "fits where no relu comes before: 0.72 / fan_in", ""),
    (0.70, relu, None, {}, False, "too small for relu: 0.7 / fan_in, for 1 to 2", "he_normal"),
    (1.40, relu, None, {}, True, "fits where no relu comes before: 1.4 / fan_in", ""),
    (1.42, relu, None, {}, True, "fits relu: 1.4 / fan_in", ""),
    # By another fan it must be close: within 15 %.
    (0.5, relu, relu, WIDENS, True, "fits relu: 2 / fan_out", ""),
    (1.75 / 4, relu, relu, WIDENS, True, "fits relu: 1.8 / fan_out", ""),
    (
        1.72 / 4,
        relu,
        relu,
        WIDENS,
        False,
        "too small for relu: 0.43 / fan_in, for 2",
        "he_normal",
    ),
    (2.29 / 4, relu, relu, WIDENS, True, "fits relu: 2.3 / fan_out", ""),
    (
        2.31 / 4,
        relu,
        relu,
        WIDENS,
        False,
        "too small for relu: 0.58 / fan_in, for 2",
        "he_normal",
    ),
    (2 / 2.5, relu, relu, WIDENS, True, "fits relu: 2 / fan_avg", ""),
    # Of the last layer, whose factor counts once.
    (2.82, None, None, LAST, True, "fits a linear layer: 2.8 / fan_in", ""),
    (
        2.84,
        None,
        None,
        LAST,
        False,
        "too large for a linear layer: 2.8 / fan_in, for 1 to 2",
        "lecun_normal",
    ),
    (
        0.1,
        None,
        relu,
        LAST,
        True,
        "0.1 / fan_in: a small last layer, whose factor counts only once",
        "",
    ),
    (
        0.0,
        None,
        relu,
        LAST,
        True,
        "zero, as the last layer may be; no gradient passes it at the first step",
        "",
    ),
    (0.0, relu, relu, {}, False, "all weights are zero: only biases can learn", "he_normal"),
    # Beside a shortcut.
    (
        0.1,
        relu,
        relu,
        {"branch": True},
        True,
        "0.1 / fan_in: a weak branch beside a shortcut, which is no harm",
        "",
    ),
    (
        0.0,
        relu,
        relu,
        {"branch": True},
        True,
        "zero, in a branch: the block starts as its shortcut",
        "",
    ),
    # Before a normalization.
    (0.1, relu, relu, NORMALIZED, True, f"0.1 / fan_in{CANCELS}", ""),
    (0.1, relu, relu, {**NORMALIZED, "moment": 1.1e-3}, True, f"0.1 / fan_in{CANCELS}", ""),
    (
        0.1,
        relu,
        relu,
        {**NORMALIZED, "moment": 0.9e-3},
        False,
        "too small for relu: 0.1 / fan_in, for 2",
        "he_normal",
    ),
    # Units that are off: more than three in four are blamed on biases, or on large weights.
    (2.0, relu, relu, {"off": 75}, True, "fits relu: 2 / fan_in", ""),
    (2.0, relu, relu, {"off": 76}, False, DEAD, ""),
    (
        0.1,
        relu,
        relu,
        {"off": 76},
        False,
        f"{DEAD}; too small for relu: 0.1 / fan_in, for 2",
        "he_normal",
    ),
    (9.0, relu, relu, {"off": 76}, False, "too large for relu: 9 / fan_in, for 2", "he_normal"),
    (9.0, relu, relu, {"off": 76, **NORMALIZED}, False, DEAD, ""),
    # Saturated: more than half.
    (1.0, tanh, tanh, {"off": 50}, True, "fits tanh: 1 / fan_in", ""),
    (1.0, tanh, tanh, {"off": 51}, False, SATURATED, ""),
    (
        9.0,
        tanh,
        tanh,
        {"off": 51},
        False,
        "too large for tanh: 9 / fan_in, for 1 to 2.5; 51 % saturated",
        "xavier_normal",
    ),
    (
        9.0,
        tanh,
        tanh,
        {"off": 6},
        False,
        "too large for tanh: 9 / fan_in, for 1 to 2.5; 6 % saturated",
        "xavier_normal",
    ),
    (
        9.0,
        tanh,
        tanh,
        {"off": 5},
        False,
        "too large for tanh: 9 / fan_in, for 1 to 2.5",
        "xavier_normal",
    ),
    # Signals that are not finite.
    (
        2.0,
        relu,
        relu,
        {"moment": np.inf},
        False,
        "its signal is not finite, though input and weights are",
        "",
    ),
    (
        9.0,
        relu,
        relu,
        {"moment": np.inf},
        False,
        "its signal is no longer finite; too large for relu: 9 / fan_in, for 2",
        "he_normal",
    ),
    # One layer of sigmoids takes little of the gradient away; several in a row do.
    (1.0, ACTIVATIONS["sigmoid"], tanh, {}, True, "fits sigmoid: 1 / fan_in", ""),
]


@pytest.mark.parametrize(
    ("scale", "activation", "before", "options", "fits", "verdict", "suits"), ROWS
)
def test_a_verdict(scale, activation, before, options, fits, verdict, suits):
    found = judged(scale, activation, before, **options)
    assert (found.fits, found.verdict, found.suits) == (fits, verdict, suits)


def test_equal_units_are_told_and_a_single_one_is_not():
    weights = np.full((UNITS, UNITS), math.sqrt(2 / UNITS))
    found = judged_layer(weights, np.ones((4, UNITS)), relu, relu)
    assert not found.fits
    assert found.verdict.startswith("all units have the same weights, and stay alike")
    assert found.suits == "he_normal"


def test_activations_that_hardly_have_a_slope_have_no_weights_that_suit_in_depth(rng):
    """E[slope**2] / E[h**2] is 0.4 below the limit of one half, and 0.6 above it."""

    def leaning(share):  # a constant beside a line, bent a little: E[h**2] = 1
        a, b = math.sqrt(share), math.sqrt(1 - share)
        return Activation(
            "leaning",
            lambda z: a * z + b + 0.02 * z**2,
            lambda z: np.full_like(z, a) + 0.04 * z,
        )

    def verdict(share, layers):
        model = MLP([64] * layers + [3], leaning(share), lecun_normal, rng)
        return inspect(model, rng.standard_normal((50, 64))).rows[0].verdict

    words = "leaning lets too little of the gradient through, whatever the weights"
    assert words in verdict(0.4, 4)
    assert words not in verdict(0.6, 4)
    assert words not in verdict(0.4, 2)


@pytest.mark.parametrize(("ratio", "drowned"), [(1499, False), (1501, True)])
def test_an_embedding_may_be_so_much_smaller_than_one_that_is_added(ratio, drowned):
    graph, made = Graph(), []
    tokens = graph.add("input", shape=(4,))
    for name, size in (("words", 1 / ratio), ("places", 1.0)):
        made.append(graph.add("embedding", [tokens], (4, 8)))
        made[-1].measure(np.full((4, 8), math.sqrt(size)))
        facts = {"kind": "embedding", "weights": np.ones((5, 8)), "fan_in": 1, "fan_out": 8}
        graph.layer(made[-1], name=name, path=name, source=tokens, parameters=(name,), **facts)
    added(graph, graph.add("add", made, (4, 8)), np.eye(8), np.ones((4, 8)), "after")
    rows, _, remedies = judge(graph, typed)
    words = {row.name: row.verdict for row in rows}
    assert ("beside 1 of places, to which it is added" in words["words"]) == drowned
    assert "beside" not in words["places"]
    wanted = [Remedy("normal", "places", pytest.approx(math.sqrt(1 / ratio)))]
    assert [r for r in remedies if r.path == "places"] == (wanted if drowned else [])


ONE = Row("first", 300, 4.5, "relu", 0.25, 0.125, 1e-9, 0.5, 0.25, 0.75, True, "fits", "")
TWO = Row("b", 64, 10, "", 2.0, 3.0, 4.0, 0.0, 0.1, 0.2, False, "too small", "he_normal")


def test_the_report_is_a_verdict_sentences_and_a_table():
    assert str(Report([ONE, TWO], ["embedding", "cell"])) == (
        "1 of 2 layers does not fit.\n"
        "b: too small. Take he_normal.\n"
        "first: fits.\n"
        "\n"
        "layer  fans       activation  E[z²]  E[h²]         E[δ²]  sat.   off  dead\n"
        "b      64 → 10    –               2      3             4   0 %  10 %  20 %\n"
        "first  300 → 4.5  relu         0.25  0.125  1.00 × 10^-9  50 %  25 %  75 %\n"
        "\n"
        "Not looked into: embedding, cell."
    )


UNSURE = TWO._replace(fits=None)


@pytest.mark.parametrize(
    ("rows", "missed", "verdict", "fits"),
    [
        ([ONE], [], [], True),
        ([ONE, TWO], [], [], False),
        ([], [], [], True),
        ([ONE, UNSURE], [], [], None),
        ([TWO, UNSURE], [], [], False),
        ([ONE], ["cell"], [], None),
        ([ONE], [], [("drift", FAULT, "It grows.")], False),
        ([ONE], [], [("unseen", UNKNOWN, "Not judged.")], None),
        ([ONE], [], [("loss", NOTE, "The loss.")], True),
    ],
)
def test_it_fits_if_nothing_is_wrong_and_all_is_judged(rows, missed, verdict, fits):
    assert Report(rows, missed, verdict).fits is fits


def test_rows_that_are_alike_are_one_line_and_the_worst_come_first():
    rows = [ONE, TWO, TWO._replace(name="c", preactivation=4.0), UNSURE._replace(name="d")]
    lines = str(Report(rows)).splitlines()
    assert lines[1:4] == [
        "b … c (2 layers): too small. Take he_normal, and so for the others.",
        "d: too small. Take he_normal.",
        "first: fits.",
    ]
    assert lines[6].split()[:9] == ["b", "…", "c", "(2)", "64", "→", "10", "–", "2"]


def test_plain_data_make_the_report_again():
    report = Report([ONE, TWO], ["cell"], [("drift", FAULT, "It grows.")])
    again = Report(**json.loads(json.dumps(report.to_dict())))
    assert str(again) == str(report)
    assert again.fits is False


def test_json_has_null_for_what_is_no_number():
    row = ONE._replace(gradient=math.nan, preactivation=math.inf)
    data = json.loads(Report([row]).to_json(), parse_constant=pytest.fail)
    assert data["fits"] is True
    assert (data["rows"][0]["gradient"], data["rows"][0]["preactivation"]) == (None, None)
    del data["fits"]
    assert math.isnan(Report(**data).rows[0].gradient)


def test_a_frame_without_pandas_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"to_frame needs pandas, .* to_dict\(\)\['rows'\]"):
        Report([ONE]).to_frame()


def test_names_are_escaped_in_html():
    html = Report([ONE._replace(name="<b>")])._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>:" not in html
