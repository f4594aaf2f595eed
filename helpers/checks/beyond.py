"""Checks of assignment 07: the length map, and orthogonal weights."""

import math

import numpy as np

from helpers.checks.attempt import exercise
from helpers.checks.draws import SIGMAS, expect_rng, formula, shapes
from helpers.checks.verdicts import close, expect, expect_fit, expect_ratio
from helpers.gaussian import gaussian_mean

# The statement asks for this. An integral that ends at 4 standard deviations is 6e-4 off.
LENGTH_TOLERANCE = 2e-4
LARGE = 10  # a q for which a grid may be too narrow that is wide enough for 1

# How many draws of a shape show a preferred direction. A sign that an algorithm chose moves a
# mean by 1 deviation if it is all there is, by 0.9 in a column of two, and by 0.6 in a square
# of two from an SVD. The corners of a cube show in long vectors, and in few of them.
DIRECTIONS = {(1, 1): 40, (2, 1): 75, (1, 2): 75, (2, 2): 200, (30, 2): 25, (2, 30): 25}

# Half of the tolerance away: a known cause that explains the ratio is nearer.
NEARLY = 1 + LENGTH_TOLERANCE / 2

_NARROW = "a grid must be as wide as the signal is, and that grows with the root of q"
_ROUGH = (
    "does the integral reach far enough, in steps that are fine enough, and without random "
    "numbers?"
)


@exercise
def check_length_map(student, rng):
    """Check ``length_map(q, phi, sigma_w, sigma_b)``; see `helpers.checks` for how."""
    for q, phi, sigma_w, sigma_b in _lengths(rng):
        answer = student.number(q, phi, sigma_w, sigma_b)
        right = _length(_mean_square(phi, q), sigma_w, sigma_b)
        wrong = _wrong_lengths(q, phi, sigma_w, sigma_b)
        causes = {why: length / right for why, length in wrong.items() if length}
        ratio = answer / right
        if abs(ratio - 1) < 0.03 or q > LARGE:
            guess = _NARROW if q > LARGE else _ROUGH
            causes[guess] = ratio * NEARLY
        message = f"{student.call} is {{:.5g}} times what it should be"
        expect_ratio(ratio, LENGTH_TOLERANCE, message, causes)
    student.refuses(ValueError, "a mean square is never negative", -1.0, np.tanh, 1.5, 0.5)
    student.refuses(ValueError, "no deviation is negative", 1.0, np.tanh, -1.5, 0.5)
    student.refuses(ValueError, "no deviation is negative", 1.0, np.tanh, 1.5, -0.5)


def _lengths(rng):
    """Yield arguments: functions of unlike means and tails, zeros, and an extreme q or two."""
    slope, shift = rng.uniform(0.3, 0.8, 2).round(2).tolist()
    steep, wave = rng.uniform(0.6, 1.6, 2).round(2).tolist()
    formulas = {
        f"max(z, {slope} z)": f"np.maximum(z, {slope} * z)",
        f"tanh({steep} z)": f"np.tanh({steep} * z)",
        f"z + {shift}": f"z + {shift}",
        f"cos({wave} z)": f"np.cos({wave} * z)",
    }
    formulas = {name: formula(name, expression) for name, expression in formulas.items()}
    for phi in formulas.values():
        long, large = rng.uniform(1.4, 1.8, 2).round(2).tolist()
        short, small = rng.uniform(0.3, 0.8, 2).round(2).tolist()
        sigma_w = round(rng.uniform(2.1, 2.4), 2)
        yield long, phi, sigma_w, small
        yield short, phi, sigma_w, large
    yield 0.0, phi, sigma_w, large
    yield long, phi, 0.0, large
    yield long, phi, sigma_w, 0.0
    # A grid of the signal's own numbers has to be wide for one q, and fine for the other.
    line = formulas[f"z + {shift}"]
    yield round(rng.uniform(30, 60), 1), line, sigma_w, large
    yield round(rng.uniform(0.01, 0.02), 3), line, sigma_w, large


def _mean_square(phi, q):
    return gaussian_mean(lambda z: phi(math.sqrt(q) * z) ** 2)


def _length(square, sigma_w, sigma_b):
    return sigma_w**2 * square + sigma_b**2


def _wrong_lengths(q, phi, sigma_w, sigma_b):
    root, square = math.sqrt(q), _mean_square(phi, q)
    mean = gaussian_mean(lambda z: phi(root * z))
    size = gaussian_mean(lambda z: np.abs(phi(root * z)))
    right = _length(square, sigma_w, sigma_b)
    lengths = {
        "the bias is forgotten": right - sigma_b**2,
        "sigma_b is a standard deviation, and its square is what adds up": (
            right - sigma_b**2 + sigma_b
        ),
        "sigma_w is a standard deviation, and its square is what multiplies": (
            sigma_w * square + sigma_b**2
        ),
        "the bias is multiplied by the weights as well": sigma_w**2 * (square + sigma_b**2),
        "that is the root of a length": math.sqrt(right),
        "the weights and the bias come after phi, not before it": (
            _mean_square(phi, sigma_w**2 * q + sigma_b**2)
        ),
        "sigma_b is the deviation of the biases, and not a bias itself": (
            right + 2 * sigma_w * sigma_b * mean
        ),
    }
    squares = {
        "q is a mean square, and z is spread by its root": _mean_square(phi, q**2),
        "that is what a signal of length 1 becomes; where does q come in?": (
            _mean_square(phi, 1)
        ),
        "q was taken out of the mean, which only works for a phi made of straight lines "
        "through 0, such as ReLU": q * _mean_square(phi, 1),
        "the mean was taken off before squaring, and a length is a mean square": (
            square - mean**2
        ),
        "the mean was squared, and should be taken of squares": mean**2,
        "the mean of |phi| was squared, and should be taken of squares": size**2,
        "the square of phi was forgotten": mean,
        "the heights of the bell do not add up to 1": math.sqrt(2 * math.pi) * square,
        "the bell is too narrow: the mean of z^2 under it is 1/2": _mean_square(phi, q / 2),
        "the bell is too narrow (the mean of z^2 under it is 1/2), and its heights do not add "
        "up to 1": math.sqrt(math.pi) * _mean_square(phi, q / 2),
        "the weights stand inside phi, and come after it": _mean_square(phi, sigma_w**2 * q)
        / (sigma_w**2 or 1),
    }
    return lengths | {why: _length(s, sigma_w, sigma_b) for why, s in squares.items()}


@exercise
def check_orthogonal(student, rng):
    """Check ``orthogonal(shape, rng, gain=1.0)``; see `helpers.checks` for how."""
    student.array((2, 1), (2, 1), student.rng)
    tall, wide = shapes(rng, smallest=6, largest=20)
    expect_rng(student, tall, "rng")
    for shape in (tall, wide, (tall[0], tall[0])):
        _expect_orthogonal(student.array(shape, shape, student.rng), 1.0, student.call)
    small, large = round(rng.uniform(0.3, 0.7), 2), round(rng.uniform(1.4, 2), 2)
    for shape, gain in ((wide, small), (tall, large), (tall, 0.0)):
        answer = student.array(shape, shape, student.rng, gain=gain)
        _expect_orthogonal(answer, gain, student.call)
    for shape, draws in DIRECTIONS.items():
        _expect_uniform(student, shape, draws)
    student.refuses(ValueError, "a shape needs two entries", (3,), student.rng)
    student.refuses(ValueError, "a shape needs two entries", (3, 3, 3), student.rng)
    student.refuses(ValueError, "a matrix has at least one row", (0, 3), student.rng)
    student.refuses(ValueError, "a matrix has at least one column", (3, 0), student.rng)
    student.refuses(ValueError, "no singular value is negative", (3, 3), student.rng, gain=-1.0)


def _expect_orthogonal(weights, gain, what):
    """Expect columns, or rows if there are fewer, of this length and at right angles."""
    rows, columns = weights.shape
    fewer, more = ("columns", "rows") if rows >= columns else ("rows", "columns")
    if fewer == "rows":
        weights = weights.T
    lengths = np.linalg.norm(weights, axis=0)
    across = close(np.linalg.norm(weights, axis=1), gain)
    causes = {
        f"the {more} have this length, and there are too many of them to be orthogonal": (
            lengths if across else np.nan
        ),
        "the gain makes no difference": np.ones_like(lengths),
        "the gain is squared": np.full_like(lengths, gain**2),
        "the gain is one of lengths, so no root of it is needed": (
            np.full_like(lengths, math.sqrt(gain))
        ),
    }
    shown = ", ".join(f"{length:.6g}" for length in lengths[:3])
    message = f"{what}: its {fewer} should have length {gain:g}, and have {shown} and so on"
    right = np.full_like(lengths, gain)
    expect_fit(right, lambda other: close(lengths, other), message, causes)
    expect(
        close(weights.T @ weights, gain**2 * np.eye(len(lengths))),
        f"{what}: the {fewer} have the right length, but are not at right angles to one "
        "another.",
    )


def _expect_uniform(student, shape, draws):
    """Expect the mean and the kurtosis of entries whose directions are all equally likely."""
    weights = np.stack([student.array(shape, shape, student.rng) for _ in range(draws)])
    weights *= math.sqrt(max(shape))  # to unit variance
    means = weights.mean(axis=0)
    i, j = (int(k) for k in np.unravel_index(np.abs(means).argmax(), shape))
    positive = int((weights[:, i, j] > 0).sum())
    expect(
        abs(means[i, j]) <= SIGMAS / math.sqrt(draws),
        f"{student.call}: some directions are preferred: over {draws} draws the mean of the "
        f"entry in row {i} and column {j} is too far from 0; it was positive {positive} times.",
    )
    kurtosis, expected = float(np.mean(weights**4)), 3 * max(shape) / (max(shape) + 2)
    expect(
        abs(kurtosis - expected) <= SIGMAS * math.sqrt(24 / weights.size),
        f"{student.call}: some directions are preferred: the kurtosis of the entries is "
        f"{kurtosis:.2f}, and near 3 if all are equally likely. Which random numbers point "
        "everywhere alike?",
    )
