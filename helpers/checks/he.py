"""Checks of assignment 05: He initialization."""

import math

import numpy as np

from helpers.checks.attempt import exercise
from helpers.checks.draws import (
    NORMAL,
    expect_no_measured_scale,
    expect_rng,
    expect_weights,
    formula,
    shapes,
)
from helpers.checks.verdicts import expect_ratio, expect_value
from helpers.gaussian import gaussian_mean
from helpers.initializers import TRUNCATED_STD

# A hundred Gauss–Hermite nodes are right to 1e-4 at a corner; an integral that ends at 4
# standard deviations is 6e-4 off.
GAIN_TOLERANCE = 2e-4
NEAR = 0.01  # what ten thousand random numbers make of a mean
NO_BELL = 0.002  # what a thousand steps make of an integral
WIDE = (1, 2, 3, 4, 5, 6, 8, 10, 20)  # ends of a grid
_ROUGH = (
    "does the integral reach far enough, in steps that are fine enough, and without random "
    "numbers?"
)


@exercise
def check_he_normal(student, rng):
    """Check ``he_normal(shape, rng, leak=0.0)``; see `helpers.checks` for how."""
    student.array((3, 4), (3, 4), student.rng)
    tall, wide = shapes(rng)
    expect_rng(student, tall, "rng")
    for shape in (tall, wide):
        causes = _he_causes(shape)
        weights = expect_weights(student, shape, 2 / shape[0], NORMAL, causes)
        expect_no_measured_scale(weights, student.call)
    # A bias counted as an input shows where there are few inputs.
    few = (int(rng.integers(2, 4)), 20_000)
    expect_weights(student, few, 2 / few[0], NORMAL, _he_causes(few), times=1)
    # A large leak tells most mistakes apart. A straight line from the variance without a
    # leak to that with a leak of 1 is 7 % off at a third, of which the draws show 4 %.
    for low, high, times in ((0.7, 0.95, 1), (0.3, 0.4, 3)):
        leak = round(rng.uniform(low, high), 2)
        variance = 2 / ((1 + leak**2) * tall[0])
        causes = _leak_causes(leak)
        expect_weights(student, tall, variance, NORMAL, causes, times=times, leak=leak)
    student.array((3, 4), (3, 4), student.rng, leak=1)
    for shape in ((3,), (3, 4, 5)):
        student.refuses(ValueError, "a shape needs two entries", shape, student.rng)
    student.refuses(ValueError, "a layer without inputs has no variance", (0, 3), student.rng)
    student.refuses(ValueError, "a layer without outputs has no weights", (3, 0), student.rng)
    student.refuses(ValueError, "a leak is from 0 to 1", (3, 4), student.rng, leak=-0.1)
    student.refuses(ValueError, "a leak is from 0 to 1", (3, 4), student.rng, leak=1.5)


def _he_causes(shape):
    fan_in, fan_out = shape
    std = math.sqrt(2 / fan_in)
    deviation = math.pi / (math.pi - 1)  # ReLU's mean square, over its variance
    return {
        "that is 1/n, which a linear layer needs; what does ReLU do to a mean square?": 0.5,
        "it depends on the number of outputs; which side does a unit add up?": fan_in / fan_out,
        "that is Xavier's, which looks at both sides": fan_in / (fan_in + fan_out),
        "the bias is counted as an input, and it has no share in the sum of products": (
            fan_in / (fan_in + 1)
        ),
        "the mean was taken off, and what has to stay is the mean square": deviation,
        "that is the bound of a uniform distribution, and not a standard deviation": 3.0,
        "a variance stands where a standard deviation is expected": std**2,
        "the root is that of the 2 alone, and the inputs stand under it as well": 1 / fan_in,
        "the root was taken twice, or of a standard deviation": 1 / std,
        "ReLU's half went to the wrong side: it calls for more, not for less": 0.25,
        "the weights are cut off at two deviations, and what is lost is not made up for": (
            TRUNCATED_STD**2
        ),
    }


def _leak_causes(leak):
    wanted = 2 / (1 + leak**2)
    return {
        "the leak makes no difference to it": 2 / wanted,
        "the leak's slope is not squared": 2 / (1 + leak) / wanted,
        "a leak lets more through, so it calls for smaller weights": (1 + leak**2) * 2 / wanted,
        "the leak is taken off 1 rather than added to it": 2 / (1 - leak**2) / wanted,
        "it is right for a leak of 0 and of 1, but what lies between is no straight line": (
            (2 - leak) / wanted
        ),
    }


@exercise
def check_gain(student, rng):
    """Check ``gain(phi)``; see `helpers.checks` for how."""
    for first, phi in zip((True, False, False, False), _activations(rng), strict=True):
        answer = student.number(phi)
        right = 1 / math.sqrt(gaussian_mean(lambda z, phi=phi: phi(z) ** 2))
        causes = {why: wrong / right for why, wrong in _wrong_gains(phi).items()}
        message, ratio = f"{student.call} is {{:.5g}} times what it should be", answer / right
        # Of a straight line, a rough mean is near the exact one of the same mistake.
        roughly = {why: (wrong, NEAR) for why, wrong in causes.items()}
        roughly |= {why: (wrong / right, NO_BELL) for why, wrong in _without_a_bell(phi)}
        if abs(ratio - 1) < NEAR:
            causes[_ROUGH] = ratio * (1 + GAIN_TOLERANCE / 2)  # what is known is nearer
        expect_ratio(ratio, GAIN_TOLERANCE, message, causes, roughly if first else None)
    nothing = formula("0 z", "0 * z")
    student.refuses(ValueError, "no weights bring back a signal that is 0", nothing)


def _activations(rng):
    """Return functions of unlike means, mean squares and tails."""
    slope, steep, shift, high = (round(x, 2) for x in rng.uniform(0.3, 0.8, 4))
    return [
        formula(f"z + {shift}", f"z + {shift}"),  # first: it tells most mistakes apart
        formula(f"max(z, {slope} z)", f"np.maximum(z, {slope} * z)"),
        formula(f"tanh({1 + steep:.2f} z)", f"np.tanh((1 + {steep}) * z)"),
        formula(f"{high} max(z, 0)", f"{high} * np.maximum(z, 0)"),
    ]


def _without_a_bell(phi):
    """Yield causes and the gains that they lead to, for grids that end at several places."""
    for end in WIDE:
        square = np.mean(phi(np.linspace(-end, end, 20_001)) ** 2)
        why = "the mean counts all z alike, and large ones are rare: where is the bell?"
        yield f"{why} (from −{end} to {end})", 1 / math.sqrt(square)


def _wrong_gains(phi):
    square = gaussian_mean(lambda z: phi(z) ** 2)
    mean, size = gaussian_mean(phi), gaussian_mean(lambda z: np.abs(phi(z)))
    narrow = gaussian_mean(lambda z: phi(z / math.sqrt(2)) ** 2)
    cut = {
        f"the grid ends at ±{end}, where the bell is not yet 0": _gain_of_a_short_grid(phi, end)
        for end in (1, 2, 3)
    }
    return cut | {
        "that is the share that is kept, and not what makes up for the rest": math.sqrt(square),
        "a root is missing: phi(z)^2 is averaged, but the weights scale z": 1 / square,
        "the mean was taken off before squaring; what has to stay is the mean square": (
            1 / math.sqrt(square - mean**2)
        ),
        "the mean of |phi| is not the root of the mean of phi^2": 1 / size,
        "the bell is too narrow: the mean of z^2 under it is 1/2": 1 / math.sqrt(narrow),
        "the bell is too narrow, and its heights do not add up to 1": (
            1 / math.sqrt(narrow * math.sqrt(math.pi))
        ),
        "the heights of the bell do not add up to 1": (
            1 / math.sqrt(square * math.sqrt(2 * math.pi))
        ),
    }


def _gain_of_a_short_grid(phi, end):
    inside = gaussian_mean(lambda z: phi(z) ** 2 * (np.abs(z) <= end), kinks=(-end, 0.0, end))
    return 1 / math.sqrt(inside / math.erf(end / math.sqrt(2)))


@exercise
def check_dead_fraction(student, rng):
    """Check ``dead_fraction(activations)``; see `helpers.checks` for how."""
    steady = _telling_activations(rng, steady=True)
    for activations in (_telling_activations(rng), steady, steady[:1]):
        dead = (activations == 0).all(axis=0)
        answer = student.number(activations)
        expect_value(answer, dead.mean(), student.call, _wrong_shares(activations))
    for shape in ((3,), (2, 3, 4)):
        why = "one axis is samples, the other units"
        student.refuses(ValueError, why, np.ones(shape))
    student.refuses(ValueError, "without samples there is no share", np.ones((0, 3)))
    student.refuses(ValueError, "without units there is no share", np.ones((3, 0)))


def _telling_activations(rng, **options):
    """Return activations of which no two mistakes lead to the same share."""
    while True:
        activations = _some_dead(rng, **options)
        shares = np.sort(list(_wrong_shares(activations).values()))
        if np.diff(shares).min() > 1e-4:
            return activations


def _some_dead(rng, *, steady=False):
    """Return activations in which some units are dead, some nearly, and a sample is silent.

    Where some units are always on, as `steady` asks for, there can be no such sample.
    """
    samples = int(rng.integers(20, 40))
    units = int(rng.choice([53, 59, 61, 67, 71]))  # primes: no share of them is round
    dead, some = int(rng.integers(units // 5, units // 3)), units // 10
    activations = np.maximum(rng.standard_normal((samples, units)), 0)
    activations[1] = 1.0  # so that every unit is alive, but for these:
    activations[:, :dead] = 0.0
    # On for one sample alone, be it the first or the last, or faint.
    once = ((0, 1.0, some), (-1, 1.0, some), (samples // 3, 1e-12, 2 * some))
    for sample, size, n in once:
        activations[:, dead : dead + n] = 0.0
        activations[sample, dead : dead + n] = size
        dead += n
    if steady:
        activations[:, -some:] = 0.5
    else:
        activations[samples // 2] = 0.0
    return activations[:, rng.permutation(units)]


def _wrong_shares(activations):
    off = activations == 0
    return {
        "a unit that is off on a sample is inactive there, not dead": off.mean(),
        "that is the share of silent samples; which axis is which?": off.all(axis=1).mean(),
        "that is how many, not which share": off.all(axis=0).sum(),
        "it is a share of the units, and not of the samples": off.all(axis=0).sum() / len(off),
        "it is a share of the units, and not of all entries": off.all(axis=0).sum() / off.size,
        "a unit is dead if it is off on all samples, not on any": off.any(axis=0).mean(),
        "that is the share of units that are alive": 1 - off.all(axis=0).mean(),
        "a unit that is always equally on is not dead": (
            (np.ptp(activations, axis=0) == 0).mean()
        ),
        "a unit with a faint signal still learns": (activations < 1e-6).all(axis=0).mean(),
    }
