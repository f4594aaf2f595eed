"""Checks of assignment 06: clipping, a success rate, and a report in which a layer is wrong."""

import math
from itertools import pairwise

import numpy as np

from helpers.checks.attempt import exercise
from helpers.checks.plain import as_array, as_entries, as_number
from helpers.checks.reports import expect_culprit
from helpers.checks.verdicts import expect_fit, expect_value

Z = 1.96

# The statement asks for this. It is room for any way to solve the equation and for more
# digits of z, which move an end by 1e-5 at most.
RATE_TOLERANCE = 1e-4

NEAR_TOLERANCE = 6e-4  # how far off a number is at most that was rounded to three digits


@exercise
def check_clip_by_global_norm(student, rng):
    """Check ``clip_by_global_norm(gradients, max_norm)``; see `helpers.checks` for how."""
    small = [rng.uniform(2, 4, shape).round(2) for shape in ((2,), (1, 2), (2,))]
    for gradients, max_norm in ((small, 2.0), *_clips(rng)):
        answer = student(gradients, max_norm)
        as_entries(answer, len(gradients), student.call, "arrays in a list", list)
        clipped = [
            as_array(entry, given.shape, f"{student.call}: as entry {i} it")
            for i, (entry, given) in enumerate(zip(answer, gradients, strict=True))
        ]
        flat, factor = _flat(gradients), _factor(_norm(gradients), max_norm)
        causes = _wrong_clips(gradients, max_norm)
        # Along the gradient, but shorter than it should be.
        share = float(flat @ _flat(clipped)) / (float(flat @ flat) or 1.0)
        causes["one number scales all, but it is too small: is a constant added?"] = (
            min(share, factor) * flat
        )
        expect_value(_flat(clipped), factor * flat, student.call, causes)
    # A gradient of 0 is short enough for any bound, but not for one that cannot be.
    nothing = [np.zeros(2)]
    student.refuses(ValueError, "no gradient is shorter than 0", nothing, -1.0)
    student.refuses(ValueError, "a norm of 0 would stop the training", nothing, 0.0)


def _clips(rng):
    """Yield gradients and bounds, below and above the norm; tiny gradients; zeros."""
    a, b, c = (int(n) for n in rng.integers(4, 8, 3))
    shapes = ((a, b), (b,), (b, c), (c,))
    gradients = [rng.normal(0, 2, shape).round(2) for shape in shapes]
    norm = _norm(gradients)
    # The largest entry and each array's norm are below the first bound.
    for share in (0.95, 1.5):
        yield gradients, round(share * norm, 3)
    # A square is below the bound where the norm is above; a constant in a divisor shows.
    tiny = [np.round(g / 1e9, 11) for g in gradients]
    yield tiny, round(norm / 2e9, 11)
    yield [np.zeros(shape) for shape in shapes], 1.0


def _flat(arrays):
    return np.concatenate([np.ravel(array) for array in arrays])


def _norm(arrays):
    return float(np.linalg.norm(_flat(arrays)))


def _factor(norm, max_norm):
    return max_norm / norm if norm > max_norm else 1.0


def _wrong_clips(gradients, max_norm):
    flat, norm = _flat(gradients), _norm(gradients)
    norms = [_norm([g]) for g in gradients]
    of_matrices = _norm([g for g in gradients if g.ndim == 2])
    own = [_factor(n, max_norm) * g for n, g in zip(norms, gradients, strict=True)]
    causes = {
        "nothing is scaled, though the norm of all entries is above max_norm": flat,
        "each entry is cut off by itself, which turns the gradient": np.clip(
            flat, -max_norm, max_norm
        ),
        "each array is scaled by its own norm, which turns the gradient": _flat(own),
        "a gradient that is short enough is changed; clipping never stretches one": (
            flat * max_norm / (norm or 1)
        ),
        "the norm becomes 1, and should become max_norm": flat / (norm or 1),
    }
    others = {
        "a norm adds up squares, it does not average them": norm / math.sqrt(flat.size),
        "a root is missing in the norm": norm**2,
        "the largest entry is not the norm of all": np.abs(flat).max(),
        "the norm adds up squares, not sizes": np.abs(flat).sum(),
        "norms of arrays do not add up, their squares do": sum(norms),
        "the first array's norm is not that of all": norms[0],
        "the last array's norm is not that of all": norms[-1],
        "only matrices are counted in the norm, and biases have gradients too": of_matrices,
    }
    return causes | {why: flat * _factor(n, max_norm) for why, n in others.items()}


@exercise
def check_solve_rate(student, rng):
    """Check ``solve_rate(successes, trials)``; see `helpers.checks` for how."""
    for successes, trials in _counts(rng):
        answer = student(successes, trials)
        what = student.call
        as_entries(answer, 3, what, "numbers in a tuple", tuple)
        rate, *ends = (
            as_number(part, f"{what}: as the {name} it")
            for part, name in zip(answer, ("rate", "low", "high"), strict=True)
        )
        message = f"{what}: {rate:.4g} cannot be the rate"
        _expect_near(rate, successes / trials, message, _wrong_rates(successes, trials))
        message = f"{what}: the interval from {ends[0]:.4g} to {ends[1]:.4g} cannot be right"
        causes = _wrong_intervals(successes, trials)
        _expect_near(ends, _wilson(successes, trials), message, causes)
    student.refuses(ValueError, "there cannot be fewer than no successes", -1, 10)
    student.refuses(ValueError, "there are more successes than trials", 11, 10)
    student.refuses(ValueError, "no trials have no rate", 0, 0)


def _counts(rng):
    """Return successes and trials: half of a few, none, all, nearly none, and many."""
    none, all_, one = (int(n) for n in rng.integers(3, 20, 3))
    half = int(rng.integers(3, 7))  # so few that intervals that are alike can be told apart
    many = [int(n) for n in rng.integers(150, 400, 3)]
    return [
        (half, 2 * half),
        (0, none),
        (all_, all_),
        (1, one),
        *((int(n * rng.uniform(0.1, 0.9)), n) for n in many),
    ]


def _expect_near(answer, right, message, causes):
    """Expect one number or two to `RATE_TOLERANCE`; name the mistake if it is known."""

    def off(other):
        return np.abs(np.subtract(answer, other)).max()

    if off(right) <= NEAR_TOLERANCE:
        causes = {f"it is near, but not to within {RATE_TOLERANCE:.4f}": answer}
    expect_fit(right, lambda other: off(other) <= RATE_TOLERANCE, message, causes)


def _wilson(successes, trials, z=Z):
    middle = (successes + z**2 / 2) / (trials + z**2)
    root = math.sqrt(successes * (trials - successes) / trials + z**2 / 4)
    half = z / (trials + z**2) * root
    return _around(middle, half)


def _wrong_rates(successes, trials):
    return {
        "that is in percent, not a share": 100 * successes / trials,
        "that is trials for each success, as if the arguments changed places": trials
        / (successes or 1),
        "that is the middle of the interval, and the rate is not": (
            _wilson(successes, trials).mean()
        ),
    }


def _around(middle, half):
    return np.array([middle - half, middle + half])


def _wrong_intervals(successes, trials):
    right, rate = _wilson(successes, trials), successes / trials
    half = (right[1] - right[0]) / 2
    variance = rate * (1 - rate) / trials
    error, middle = math.sqrt(variance), (successes + 2) / (trials + 4)
    wider = math.sqrt(middle * (1 - middle) / (trials + 4))
    centre = right.mean()
    exact = math.sqrt(centre * (1 - centre) / (trials + Z**2))
    lost = Z * math.sqrt(successes * (trials - successes) / trials)
    causes = {
        "that is the rate and 1.96 of its standard errors either way, which is too sure of "
        "itself where the rate is 0 or 1": _around(rate, Z * error),
        "that is the rate and one standard error either way": _around(rate, error),
        "the number of trials is not reduced by one, for no mean was estimated": (
            _around(rate, Z * math.sqrt(rate * (1 - rate) / max(trials - 1, 1)))
        ),
        "that is a variance, without its root": _around(rate, Z * variance),
        "the lower end comes first": right[::-1],
        "those are half the width, not ends": [half, half],
        "that is in percent, and the ends are shares": 100 * right,
        "those are numbers of successes, and the ends are shares": trials * right,
        "the width is right, but the rate is not in the middle of it": _around(rate, half),
        "z^2/4 is missing under the root": _around(centre, lost / (trials + Z**2)),
        "z^2/2 is missing in the middle": _around(successes / (trials + Z**2), half),
        "two successes and two failures are added to the counts, which is only near to "
        "Wilson's": _around(middle, Z * wider),
        "z^2 trials are added to the counts, half of them successes, which is only near to "
        "Wilson's": _around(centre, Z * exact),
    }
    others = (1.0, 1.645, 2.0, 2.576, 2.58)
    return causes | {
        f"its ends are {z} standard deviations from the count, not {Z}": (
            _wilson(successes, trials, z)
        )
        for z in others
    }


# How a layer was drawn, and its weights' variance. Those of the layers below are a factor of
# 1.5 apart at least, and noise is a tenth.
SLIPS = {
    "half": ("with variance 1/fan_in", lambda fan_in, fan_out: 1 / fan_in),
    "fan": ("with variance 2/fan_out", lambda fan_in, fan_out: 2 / fan_out),
    "bound": ("uniform, with He's deviation as its bound", lambda fan_in, _: 2 / fan_in / 3),
    "root": ("with He's variance as the deviation", lambda fan_in, _: (2 / fan_in) ** 2),
    "scale": ("from N(0, 1)", lambda *_: 1.0),
}


@exercise
def check_wrong_layer(student, rng):
    """Check ``wrong_layer(report)``; see `helpers.checks` for how."""
    for why in rng.permutation(list(SLIPS)).tolist():
        last = int(rng.integers(4, 7))
        for layer in (int(rng.integers(2, last)), 1, last):
            _expect_read(student, _report(rng, last, layer, why), layer, why)
    student.refuses(ValueError, "no layer is wrong", _report(rng, 5))
    student.refuses(ValueError, "there is no layer to be wrong", [])


def _report(rng, last, wrong=None, why=None):
    """Return what was measured of layers by turns narrow and wide, one of them wrong."""
    narrow, wide = (rng.integers(*ends, last + 1) for ends in ((40, 60), (320, 400)))
    first = int(rng.integers(2))
    sizes = [int((wide, narrow)[(first + i) % 2][i]) for i in range(last + 1)]
    report, before = [], float(rng.uniform(0.5, 2))
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), 1):
        variance = SLIPS[why][1](fan_in, fan_out) if layer == wrong else 2 / fan_in
        after = before * fan_in * variance * rng.uniform(0.92, 1.08)
        report.append((fan_in, fan_out, *(float(f"{x:.3g}") for x in (before, after))))
        before = after / 2 * rng.uniform(0.97, 1.03)
    return report


def _expect_read(student, report, layer, why):
    planted = f"layer {layer} was drawn {SLIPS[why][0]}"
    fan_in, fan_out, before, after = report[layer - 1]
    measured = after / (before * fan_in)  # the variance of its weights
    swapped = _nearest(measured * fan_in / fan_out, fan_out, fan_in)
    hints = {swapped: ": fan_in counts what a unit adds up"}
    expect_culprit(student, report, (layer, why), SLIPS, planted, _misread, hints)


def _nearest(variance, fan_in, fan_out):
    off = {why: abs(math.log(variance / of(fan_in, fan_out))) for why, (_, of) in SLIPS.items()}
    return min(off, key=off.get)


def _misread(report, found):
    """Return what leads to another layer, as a sentence."""
    _, _, before, after = report[found - 1]
    return (
        f"Layer {found} takes {before:.3g} to {after:.3g}, {after / before:.2f} times as "
        "much, and ReLU takes half of that away. A wrong layer changes all that come after it."
    )
