"""What lesson 3 says, held against what its panels compute over the settings of a reader.

Each slider is put to both ends, its middle and its opening value, each menu to all options, so
that any two choices meet (pairwise). ``python -m tests.test_sentences_random`` tries the full
grid instead. Tolerances: five standard errors of what is sampled, or the words' own rounding.
"""

import math
from functools import cache
from itertools import combinations, product

import ipywidgets as widgets
import numpy as np
import pytest
from scipy.special import ndtr

from helpers import panels
from helpers.activations import tanh
from helpers.panels.panel import _read
from helpers.panels.random import INPUTS, NETWORKS
from helpers.propagation import chi

MAKERS = (panels.layer_panel, panels.scale_panel, panels.ridges_panel, panels.vote_panel)
LN10 = math.log(10)


def choices(control):
    """Return both ends of a slider, its middle and its own value, or all options of a menu."""
    if hasattr(control, "options"):
        return list(control.options)
    if isinstance(control, widgets.FloatLogSlider):
        places = (control.min, (control.min + control.max) / 2, control.max)
        found = [control.base**place for place in places]
    else:
        steps = (control.max - control.min) // (2 * control.step)
        found = [control.min, control.min + steps * control.step, control.max]
    kind = type(control.value)
    return list(dict.fromkeys(_read(control, kind(v)) for v in (*found, control.value)))


def pairwise(options):
    """Return settings in which any two choices of two controls meet, greedily few."""
    names = list(options)
    missing = {
        ((a, x), (b, y))
        for a, b in combinations(names, 2)
        for x, y in product(options[a], options[b])
    }
    rng, rows = np.random.default_rng(0), []
    while missing:
        (a, x), (b, y) = min(missing, key=str)
        best = None
        for _ in range(20):
            row = {n: options[n][rng.integers(len(options[n]))] for n in names}
            row |= {a: x, b: y}
            met = missing & set(combinations(row.items(), 2))
            if best is None or len(met) > len(best[1]):
                best = row, met
        rows.append(best[0])
        missing -= best[1]
    return rows


def settings(panel, *, full=False):
    options = {name: choices(control) for name, control in panel.controls.items()}
    if not full:
        return pairwise(options)
    return [dict(zip(options, row, strict=True)) for row in product(*options.values())]


# What is stated of each panel at every setting, from data and words: an error, or nothing.


def of_a_layer(setting, found, words):
    n, uniform_from_0 = int(setting["fan_in"]), setting["distribution"] == "uniform from 0"
    square = setting["scale"] ** 2 * (1 / 3 if uniform_from_0 else 1)
    z = np.asarray(found["z"], float)
    # "The sums of a layer have n E[w²] times the mean square of their inputs": 512 inputs and
    # 64 units; of U[0, 1] three quarters are shared, and drawn 512 times.
    shared = 0.75**2 if uniform_from_0 else 0
    terms = 2 / 512 / n + 2 / n / 64 + 2 / 512 / 64 + shared * (2 / 512 + 2 / n)
    error = np.sqrt(terms)
    assert np.mean(z**2) == pytest.approx(n * square, rel=5 * error)
    # "U[0, 1] makes all units alike": whatever scale and number of inputs; others do not.
    expected = 0.75 if uniform_from_0 else 0
    strays = 5 * (0.44 / 512**0.5 + (64 * n) ** -0.5)
    assert found["alike"] == pytest.approx(expected, abs=strays)
    # "What share is saturated": a sum of few terms is not normal.
    edge = {"tanh": 1, "sigmoid": 2, "relu": math.inf}[setting["activation"]] * math.atanh(0.97)
    share = 2 * ndtr(-edge / math.sqrt(n * square))
    strays = 5 * np.sqrt(share * (1 - share) / (512 if uniform_from_0 else 512 * 8)) + 1.5 / n
    assert found["saturated"] == pytest.approx(share, abs=strays + 5 * error * 0.25)
    assert ("none is saturated" in words) == (setting["activation"] == "relu")


def of_the_scale(setting, found, words):
    n, depth = setting["width"], setting["depth"]
    factor = n * setting["scale"] ** 2
    change = {
        "signal": found["signal"][-1] - found["signal"][0],
        "gradient": found["gradient"][0] - found["gradient"][-1],
    }
    # "Small weights multiply by n E[w²] in each layer, both ways", while tanh is linear; four
    # inputs to each of ten networks, of which a narrow one strays by sqrt(2 / n) a layer.
    if setting["activation"] == "tanh" and factor < 0.05:
        for name, layers in (("signal", depth), ("gradient", depth - 1)):
            allowed = 5 * math.sqrt(2 * layers / n / NETWORKS) + layers * 3 / n + factor * 3
            measured = np.mean(change[name]) * LN10
            assert measured == pytest.approx(layers * math.log(factor), abs=allowed), name
    # "No tanh activation exceeds 1": so it never explodes.
    if setting["activation"] != "relu":
        assert found["signal"][1:].max() <= 1e-6
        assert "signal explodes" not in words
    # "A ReLU never saturates."
    if setting["activation"] == "relu":
        assert not found["saturated"].any()
    # What a word promises holds for each of the ten networks.
    for name, powers in change.items():
        if f"the {name} vanishes, ×" in words:
            assert powers.max() <= -3
        if f"the {name} explodes, ×" in words:
            assert powers.min() >= 3
        if f"the {name} stays within" in words:
            assert np.abs(powers).max() < 3 > np.ptp(powers)
        if f"the {name} differs by" in words:
            assert np.ptp(powers) >= 3
    # "At scale 10 single networks lie far below theory", which is the mean.
    if setting["scale"] == 10 and setting["activation"] == "tanh" and depth >= 20:
        assert (found["gradient"][0] < found["gradient_theory"][0]).all()


def of_ridges(setting, found, words):
    factor = 256 * setting["scale"] ** 2
    layers = np.array(found["layers"])
    assert layers[-1] == setting["depth"]
    steps = layers[-1] - 1
    if setting["activation"] == "tanh":
        assert max(np.abs(h).max() for h in found["h"]) <= 1
        # "Below 0.08 all but the first layers are one peak at 0."
        if setting["scale"] <= 0.01 and len(layers) > 2:
            assert "they lie in one peak, with mean square" in words.split("Histograms")[1]
        # "At scale 1 tanh has two peaks, at -1 and 1."
        if setting["scale"] >= 1:
            assert "lie in two peaks at the ends" in words
            assert min(np.mean(np.abs(h) > 0.97) for h in found["h"]) > 0.85
    # Both ways by n E[w²] where layers are linear; 32 inputs to one network, so as for one.
    if setting["activation"] == "tanh" and factor < 0.05:
        allowed = 5 * math.sqrt(2 * steps / 256) + 3 * factor + steps / 256
        for powers, sign in ((found["signal"], 1), (found["gradient"], -1)):
            measured = sign * (powers[-1] - powers[0]) * LN10
            assert measured == pytest.approx(steps * math.log(factor), abs=allowed)


def of_votes(setting, found, words):
    # "With more networks fewer votes are wrong": theory falls with m, and the votes follow it.
    theory = found["theory"]
    assert (np.diff(theory) < 0).all()
    error = np.sqrt(theory * (1 - theory) / 1000)
    assert (np.abs(found["wrong"] - theory) < 5 * error + 0.005).all()
    ahead = 30 * math.log10(setting["larger"])
    one = found["deviation"] * math.sqrt(setting["networks"])
    at = setting["networks"] - 1
    assert theory[at] == pytest.approx(ndtr(-ahead * math.sqrt((at + 1) / 2) / one))
    if setting["larger"] == 1.1:
        # "Φ(-1.01 √m)"; the quiz: "in one of six draws or so".
        assert theory[at] == pytest.approx(ndtr(-1.01 * math.sqrt(at + 1)), rel=0.1, abs=1e-6)
        assert theory[0] == pytest.approx(1 / 6, abs=0.02)
    assert f"{setting['larger']:g} times that of A" in words


STATED = dict(zip(MAKERS, (of_a_layer, of_the_scale, of_ridges, of_votes), strict=True))


def hold(make, *, full=False):
    """Raise where a sentence does not hold; return at how many settings they were tried."""
    panel, tried = make(), settings_of(make, full)
    for setting in tried:
        found = panel.compute(**setting)
        with np.errstate(all="ignore"):
            words = panel.figure.update(**found)
        try:
            STATED[make](setting, found, words)
        except AssertionError as error:
            raise AssertionError(f"{make.__name__} at {setting}: {error}") from error
    return len(tried)


def settings_of(make, full):
    return settings(make(), full=full)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_what_is_said_holds_wherever_the_controls_are(make):
    assert hold(make) >= 9


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_any_two_choices_meet(make):
    panel = make()
    options = {name: choices(control) for name, control in panel.controls.items()}
    rows = pairwise(options)
    for a, b in combinations(options, 2):
        met = {(row[a], row[b]) for row in rows}
        assert met == set(product(options[a], options[b]))
    for name, control in panel.controls.items():
        assert control.value in options[name]


@pytest.fixture(scope="module")
def shown():
    made = cache(lambda make: make())

    @cache
    def compute(make, **changes):
        return made(make).compute(**{**made(make).settings, **changes})

    return compute


def test_quiz_safer_about_ten_to_the_minus_32(shown):
    for seed in (1, 2, 3):
        assert shown(panels.scale_panel, seed=seed)["signal"][-1] == pytest.approx(-32, abs=0.7)


def test_quiz_unit_interval_nearly_three_quarters(shown):
    for seed in (1, 2, 3):
        found = shown(panels.layer_panel, distribution="uniform from 0", seed=seed)
        # The shared part is drawn 512 times.
        assert found["saturated"] == pytest.approx(0.717, abs=5 * np.sqrt(0.2 / 512))
    assert 2 * ndtr(-math.atanh(0.97) / math.sqrt(100 / 3)) == pytest.approx(0.717, abs=0.001)


def test_quiz_large_two_thirds_saturate_and_gradients_grow(shown):
    found = shown(panels.scale_panel, scale=5 / 16, depth=20)
    assert found["saturated"][3:].mean() == pytest.approx(0.65, abs=0.02)
    factor = np.mean(found["gradient"][2] - found["gradient"][-1]) / 17
    assert 10**factor == pytest.approx(chi(tanh, 5.0), rel=0.1)


@pytest.mark.parametrize("width", [16, 64, 256, 512])
def test_remembered_near_one_over_n_is_level_and_a_factor_of_four_off_is_not(shown, width):
    def change(scale):
        found = shown(panels.scale_panel, width=width, scale=scale)
        return found["gradient_theory"][0] - found["gradient_theory"][-1]

    root = width**-0.5
    assert abs(change(1.25 * root)) < 1
    assert change(root / 4) < -10
    assert change(4 * root) > 3


def test_the_inputs_of_the_band_are_those_that_tolerances_count(shown):
    assert (NETWORKS, INPUTS) == (10, 4)


if __name__ == "__main__":
    for make in MAKERS:
        print(f"{make.__name__}: {hold(make, full=True)} settings")
