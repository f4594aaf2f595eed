"""What lesson 2 says of its panel, held against what the panel computes.

A sentence that is remembered, or that answers what to look for, has to hold wherever its
conditions do: at each end, the middle and the opening value of the sliders, with every pair of
buttons. ``python -m tests.test_sentences_zero`` tries all buttons with all constants.
"""

import math
import sys
from itertools import combinations, product

import numpy as np
import pytest

from helpers import panels
from helpers.panels.zero import LANDMARKS

ROUNDING = 1e-9
SOLVED = 0.1  # a loss, below all that a network with a sample on the wrong side can have


def equal(s):
    return s["output_weights"] == "constant" and s["biases"] == "zero"


def length(shown):
    """Return how far the unit that moved most has come in either direction."""
    return np.ptp(shown["units"]["paths"], axis=0).max()


def loss(shown):
    return shown["losses"]["losses"][shown["losses"]["now"]]


# A sentence, where it is said to hold, and what it says of what is shown.
SENTENCES = {
    "equal units stay one unit": (
        equal,
        lambda _, shown: (
            shown["units"]["different"] == 1
            and np.ptp(shown["units"]["paths"], axis=2).max() == 0
        ),
    ),
    "from zeros no weight of tanh and ReLU moves, and the answer is a constant": (
        lambda s: equal(s) and s["c"] == 0 and s["activation"] != "sigmoid",
        lambda _, shown: length(shown) == np.ptp(shown["answers"]["probability"]) == 0,
    ),
    "from zeros the constant becomes the share of ones": (
        lambda s: (
            equal(s) and s["c"] == 0 and s["activation"] != "sigmoid" and s["step"] >= 1000
        ),
        lambda _, shown: (
            abs(shown["answers"]["probability"] - shown["answers"]["labels"].mean()).max()
            < ROUNDING
        ),
    ),
    "from zeros a sigmoid stands still where the classes are balanced": (
        lambda s: equal(s) and s["c"] == 0 and s["data"] != "and",
        lambda _, shown: length(shown) == 0,
    ),
    "from zeros a sigmoid learns and": (
        lambda s: (
            equal(s)
            and (s["c"], s["activation"], s["data"]) == (0, "sigmoid", "and")
            and s["step"] == 5000
        ),
        lambda _, shown: shown["answers"]["right"] == 4 and loss(shown) < SOLVED,
    ),
    "one unit never gets below ¾ H(⅓) on XOR, nor more than three of four right": (
        lambda s: equal(s) and s["data"].startswith("XOR"),
        lambda _, shown: (
            loss(shown) > LANDMARKS["¾ H(⅓)"] - ROUNDING and shown["answers"]["right"] <= 3
        ),
    ),
    # From random biases rounding can part them: with two units at c = 0.4, for example.
    "on XOR the two weights of a unit stay equal, from biases of zero": (
        lambda s: s["data"].startswith("XOR") and s["biases"] == "zero",
        lambda _, shown: abs(np.diff(shown["units"]["paths"], axis=1)).max() < 1e-6,
    ),
    "one random part makes as many kinds as units": (
        lambda s: not equal(s),
        lambda s, shown: shown["units"]["different"] == s["units"],
    ),
    "parted units of tanh and sigmoid solve XOR, four of them": (
        lambda s: (
            not equal(s)
            and s["c"] != 0
            and s["activation"] != "relu"
            and s["data"].startswith("XOR")
            and (s["units"], s["step"]) == (4, 5000)
        ),
        lambda _, shown: shown["answers"]["right"] == 4 and loss(shown) < SOLVED,
    ),
    "random output weights alone never let ReLU solve XOR of -1 and 1": (
        lambda s: (
            (s["output_weights"], s["biases"]) == ("random", "zero")
            and (s["activation"], s["data"]) == ("relu", "XOR -1/1")
        ),
        lambda _, shown: shown["answers"]["right"] <= 3 and loss(shown) > SOLVED,
    ),
    "with W1 at zero nothing moves it on XOR of -1 and 1": (
        lambda s: s["c"] == 0 and s["data"] == "XOR -1/1",
        lambda _, shown: length(shown) == 0,
    ),
    "random biases alone move it on XOR of 0 and 1, with tanh and four units": (
        lambda s: (
            (s["c"], s["data"], s["activation"]) == (0, "XOR 0/1", "tanh")
            and (s["biases"], s["units"], s["step"]) == ("random", 4, 5000)
        ),
        lambda _, shown: length(shown) > 1 and shown["answers"]["right"] == 4,
    ),
}


def values(control):
    """Return what is tried of a control: all options, or ends, middle and opening value."""
    if hasattr(control, "options"):
        return list(control.options)
    middle = control.min + round((control.max - control.min) / 2 / control.step) * control.step
    kind = type(control.value)
    return sorted({kind(v) for v in (control.min, middle, control.value, control.max)})


def pairwise(options):
    """Return settings in which every two options of different controls meet, as few as found.

    Parameters
    ----------
    options : dict of str to list
    """
    left = {
        ((a, x), (b, y))
        for a, b in combinations(options, 2)
        for x, y in product(options[a], options[b])
    }
    rows = [dict(zip(options, row, strict=True)) for row in product(*options.values())]
    met = [set(combinations(row.items(), 2)) for row in rows]
    chosen = []
    while left:
        best = max(range(len(rows)), key=lambda i: len(met[i] & left))
        chosen.append(rows[best])
        left -= met[best]
    return chosen


def refuted(panel, settings):
    """Return the sentences that do not hold at some settings."""
    shown = panel.compute(**settings)
    return [
        sentence
        for sentence, (where, holds) in SENTENCES.items()
        if where(settings) and not holds(settings, shown)
    ]


def buttons_and_sliders(panel):
    buttons = {n: values(c) for n, c in panel.controls.items() if hasattr(c, "options")}
    sliders = {n: values(c) for n, c in panel.controls.items() if not hasattr(c, "options")}
    return buttons, sliders


@pytest.fixture(scope="module")
def tried():
    """Return what is shown at all settings that are tried, with the settings."""
    panel = panels.symmetry_panel()
    buttons, sliders = buttons_and_sliders(panel)
    # The options that the lesson's own questions name, and every pair of all.
    asked = [
        {"data": data, "activation": "tanh", "output_weights": o, "biases": b, "units": 4}
        for data in ("XOR -1/1", "XOR 0/1")
        for o, b in (("constant", "random"), ("random", "zero"))
    ]
    asked += [
        {"data": data, "activation": a, "output_weights": o, "biases": "zero", "units": 4}
        for data, a, o in (("and", "sigmoid", "constant"), ("XOR -1/1", "relu", "random"))
    ]
    found = []
    for row in [*asked, *pairwise(buttons)]:
        for moved in product(*sliders.values()):
            settings = {**row, **dict(zip(sliders, moved, strict=True))}
            found.append((settings, panel.compute(**settings)))
    return found


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_of_lesson_2_holds_wherever_its_panel_reaches(tried, sentence):
    where, holds = SENTENCES[sentence]
    meant = [(settings, shown) for settings, shown in tried if where(settings)]
    assert meant, "no setting that is tried has what the sentence asks for"
    for settings, shown in meant:
        assert holds(settings, shown), settings


def test_every_two_options_meet():
    buttons, _ = buttons_and_sliders(panels.symmetry_panel())
    rows = pairwise(buttons)
    assert len(rows) < math.prod(map(len, buttons.values())) / 8
    for a, b in combinations(buttons, 2):
        assert {(row[a], row[b]) for row in rows} == set(product(buttons[a], buttons[b]))


def main():
    """Try all buttons with all constants, print what is refuted, return the exit status."""
    panel = panels.symmetry_panel()
    buttons, sliders = buttons_and_sliders(panel)
    sliders["c"] = [float(c) for c in np.linspace(-1, 1, 21).round(1)]
    failed = 0
    for row in product(*buttons.values()):
        for moved in product(*sliders.values()):
            settings = {
                **dict(zip(buttons, row, strict=True)),
                **dict(zip(sliders, moved, strict=True)),
            }
            for sentence in refuted(panel, settings):
                failed += 1
                print(f"{sentence}: not so at {settings}", flush=True)
    print(f"{failed} refutations")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
