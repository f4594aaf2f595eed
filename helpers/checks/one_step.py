"""Checks of assignment 01: the parameters to start from, and gradients that are checked."""

import math
from functools import partial
from itertools import pairwise

import numpy as np

from helpers.checks.attempt import FINE, exercise
from helpers.checks.draws import (
    NORMAL,
    expect_distribution,
    expect_independent,
    expect_no_measured_mean,
    expect_no_measured_scale,
    expect_rng,
    expect_variance,
)
from helpers.checks.plain import as_array, as_entries, as_number, describe
from helpers.checks.verdicts import Mistake, close, expect, expect_fit, expect_value
from helpers.initializers import TRUNCATED_STD

FACTOR_TOLERANCE = 1e-3  # differences are right to six digits


@exercise
def check_initialize_parameters(student, rng):
    """Check ``initialize_parameters(layer_sizes, rng)``; see `helpers.checks` for how."""
    _weights(student, [3, 4, 1])
    _weights(student, _narrow(rng))
    # A layer that narrows two and a half times, and one that widens twice: no two of the
    # known mistakes have the same variance in the first.
    short, tall = int(rng.integers(60, 65)), int(rng.integers(150, 165))
    sizes = [tall, short, 2 * short]
    expect_rng(student, sizes, "rng")
    for layer in zip(*(_weights(student, sizes) for _ in range(3)), strict=True):
        weights = np.stack(layer)
        _expect_drawn(weights, sizes[0], student.call)
        expect_no_measured_mean(weights, student.call)
        expect_no_measured_scale(weights, student.call)
    # A bias counted as an input takes a third of the variance here.
    (wide,) = _weights(student, [2, int(rng.integers(5000, 6000))])
    _expect_drawn(wide[None], 2, student.call)
    _expect_unlike(student, rng)
    _expect_refusals(student, student.rng)


def _weights(student, sizes):
    """Return the weights of each layer, with biases that are 0."""
    answer = student(sizes, student.rng)
    what = student.call
    shapes = list(pairwise(sizes))
    pairs = as_entries(answer, len(shapes), what, "pairs, one for each layer")
    weights = []
    for i, (pair, shape) in enumerate(zip(pairs, shapes, strict=True)):
        entries = as_entries(pair, 2, f"{what}: as entry {i} it", "arrays, W and b")
        W, b = (f"{what}: for {name} in entry {i} it" for name in ("W", "b"))
        weights.append(as_array(entries[0], shape, W))
        biases = as_array(entries[1], shape[1:], b)
        expect(not biases.any(), f"{b} returned biases other than 0.")
    return weights


def _narrow(rng):
    """Return sizes with a 1 in each place, and some of them more than once."""
    few, more = rng.choice(np.arange(12, 30), 2, replace=False).tolist()
    return [1, few, 1, more, 1]


def _expect_drawn(weights, first, what):
    """Expect draws (times, fan_in, fan_out) of a layer to be distributed as they should."""
    fan_in, fan_out = weights.shape[1:]
    what = f"{what}, layers of shape {fan_in, fan_out}"
    expect_independent(weights, what)
    expect_variance(weights, 1 / fan_in, NORMAL, what, _causes(fan_in, fan_out, first))
    expect_distribution(weights, NORMAL, what)


def _expect_unlike(student, rng):
    """Expect layers of the same shape to have weights of their own."""
    units = int(rng.integers(20, 30))
    first, *others = _weights(student, [units] * 4)
    expect(
        not any(close(weights, first) for weights in others),
        f"{student.call}: layers of the same shape have the same weights. Draw for each layer.",
    )


def _expect_refusals(student, *rng):
    student.refuses(ValueError, "a network has an input and an output", [3], *rng)
    student.refuses(ValueError, "a network needs an input", [0, 4], *rng)
    student.refuses(ValueError, "a network needs an output", [4, 3, 0], *rng)
    for none in (0, -2):
        student.refuses(ValueError, "a layer has at least one unit", [4, none, 3], *rng)


def _causes(fan_in, fan_out, first):
    """Return by which factors mistakes change the variance."""
    return {
        "every layer has the first one's, and each has inputs of its own": fan_in / first,
        "it depends on the number of outputs; which side does a unit add up?": fan_in / fan_out,
        "that is Xavier's, which looks at both sides": 2 * fan_in / (fan_in + fan_out),
        "that is He's, for ReLU, with twice the variance asked for": 2.0,
        "the bias is counted as an input": fan_in / (fan_in + 1),
        "a variance stands where a standard deviation is expected": 1 / fan_in,
        "the root was taken twice": math.sqrt(fan_in),
        "the draws are used as they come, for a layer of any size": float(fan_in),
        "a standard deviation stands where the bound of a uniform is expected": 1 / 3,
        "the weights are cut off at two deviations, and what is lost is not made up for": (
            TRUNCATED_STD**2
        ),
    }


@exercise
def check_numerical_gradient(student, rng):
    """Check ``numerical_gradient(loss, parameters, eps)``; see `helpers.checks` for how."""
    shapes = [(2, 3), (3,), (3, 1), (1,)]
    for shape, eps in ((shapes, 0.1), (shapes[::-1], 0.3), (shapes, 1e-4), ([(2,)], 0.4)):
        loss, parameters, odd = _some_loss(rng, shape)
        answer = student(loss, parameters, eps)
        expect(
            not odd,
            f"{student.call} called loss with something else than a list of arrays of the "
            "shapes of parameters.",
        )
        answer = _flat(_as_gradients(answer, parameters, student.call))
        known = _differences(loss, parameters, eps)
        expect_value(answer, known.pop("right"), student.call, known)
    for eps in (0.0, -0.1):
        why = "a point is not beside itself" if eps == 0 else "a distance is not negative"
        student.refuses(ValueError, why, loss, parameters, eps)


def _some_loss(rng, shapes):
    """Return a loss of arrays, these, and a list of what else it was called with."""
    parameters = [rng.uniform(-1, 1, shape).round(2) for shape in shapes]
    slopes, bends, turns = (rng.uniform(0.5, 2, _flat(parameters).size) for _ in range(3))
    odd = []

    def loss(*given):
        moved = given[0] if len(given) == 1 else None
        is_list = isinstance(moved, list | tuple)
        if not is_list or [np.shape(array) for array in moved] != shapes:
            odd.append(given)
            return 0.0
        x = _flat(moved)
        return float(slopes @ x + bends @ x**2 + turns @ x**3 + np.prod(1 + x / 5))

    return loss, parameters, odd


def _flat(arrays):
    return np.concatenate([np.ravel(array) for array in arrays])


def _as_gradients(answer, parameters, what):
    """Return an answer that must be a list of arrays, of the shapes of these."""
    entries = as_entries(answer, len(parameters), what, "arrays, one for each parameter")
    return [
        as_array(entry, parameter.shape, f"{what}: as entry {i} it")
        for i, (entry, parameter) in enumerate(zip(entries, parameters, strict=True))
    ]


def _differences(loss, parameters, eps):
    """Return the right differences, and wrong ones, each with all parameters in a row."""
    ends = np.cumsum([array.size for array in parameters])
    start = _flat(parameters)

    def at(x):
        parts = np.split(x, ends[:-1])
        return loss(
            [p.reshape(array.shape) for p, array in zip(parts, parameters, strict=True)]
        )

    steps = eps * np.eye(len(start))
    above, below = (np.array([at(start + sign * step) for step in steps]) for sign in (1, -1))
    halves = np.array([at(start + step / 2) - at(start - step / 2) for step in steps])
    here, right = at(start), (above - below) / (2 * eps)
    left = np.cumsum(steps, axis=0) - steps  # the entries before, by eps
    arrays = np.repeat(np.arange(len(ends)), np.diff([0, *ends]))
    together = eps * (arrays[:, None] == arrays)

    def between(base, step):
        return np.array([at(b + s) - at(b - s) for b, s in zip(base, step, strict=True)])

    return {
        "right": right,
        "that is a forward difference, from the point itself; a central one looks to both "
        "sides": (above - here) / eps,
        "that is a backward difference, from the point itself; a central one looks to both "
        "sides": (here - below) / eps,
        "the two points are 2 eps apart": 2 * right,
        "a difference of losses is divided by how far apart the points are": above - below,
        "which of the two losses is taken off the other?": -right,
        "each point is only half as far away as it should be": halves / eps,
        "an entry that was moved is not moved back before the next": (
            between(start - left, steps) / (2 * eps)
        ),
        "an entry that was moved down and up is not where it was before the next": (
            between(start + left, steps) / (2 * eps)
        ),
        "all entries of an array are moved at once; move one at a time": (
            between(np.tile(start, (len(start), 1)), together) / (2 * eps)
        ),
    }


@exercise
def check_backward_two_layer(student, rng):
    """Check ``backward_two_layer(X, y, parameters)``; see `helpers.checks` for how."""
    for inputs, units, samples in ((3, 4, 5), (2, 1, 6), (1, 3, 1), (4, 4, 4)):
        X, y = _batch(rng, inputs, samples)
        parameters = _network(rng, inputs, units)
        answer = _as_gradients(student(X, y, parameters), parameters, student.call)
        right = _backward(X, y, parameters)
        causes = {
            why: _flat(_backward(X, y, parameters, **wrong)) for why, wrong in _SLIPS.items()
        }
        named = zip(("W1", "b1", "W2", "b2"), answer, right, strict=True)
        off = ", ".join(name for name, *both in named if not close(*both))
        message = f"{student.call} cannot be right about {off}"
        expect_fit(_flat(right), partial(close, _flat(answer)), message, causes)
    (X, y), (one, its) = (_batch(rng, 4, samples) for samples in (3, 1))
    for samples, labels in ((X, its), (one, y), (X, y[:2])):
        why = "each sample has a label"
        student.refuses(ValueError, why, samples, labels, parameters)


def _batch(rng, inputs, samples):
    """Return samples, and labels of both kinds."""
    labels = rng.permutation(np.arange(samples) % 2)
    return rng.uniform(-2, 2, (samples, inputs)).round(2), labels[:, None].astype(float)


def _network(rng, inputs, units):
    shapes = (inputs, units), (units,), (units, 1), (1,)
    return [rng.uniform(-1.5, 1.5, shape).round(2) for shape in shapes]


def _logistic(z):
    return 1 / (1 + np.exp(-z))


def _backward(
    X,
    y,
    parameters,
    *,
    output=lambda z, y: _logistic(z) - y,
    slope=lambda z: 1 / np.cosh(z) ** 2,
    hidden=np.tanh,
    into_W2=np.tanh,
    shares=lambda n: 1 / n,
    add=lambda delta: delta.sum(axis=0),
    biased=1,
):
    """Return the gradients of the mean cross-entropy; options are places for a slip."""
    W1, b1, W2, b2 = parameters
    z = X @ W1 + biased * b1
    delta2 = output(hidden(z) @ W2 + biased * b2, y) * shares(len(X))
    delta1 = delta2 @ W2.T * slope(z)
    return [X.T @ delta1, add(delta1), into_W2(z).T @ delta2, add(delta2)]


_SLIPS = {
    "the loss is a mean, and each sample has one share of it": {"shares": lambda n: 1},
    "the mean is taken twice": {"shares": lambda n: 1 / n**2},
    "delta holds the mean already; a bias acts on all samples, which add up": {
        "add": lambda delta: delta.mean(axis=0)
    },
    "the slope of tanh is missing": {"slope": lambda z: 1},
    "the slope of tanh is 1 - h**2, with h = tanh(z)": {"slope": lambda z: 1 - z**2},
    "the slope of tanh was taken at h, which is tanh(z) already": {
        "slope": lambda z: 1 - np.tanh(np.tanh(z)) ** 2
    },
    "that is the slope of ReLU": {"slope": lambda z: z > 0},
    "a unit's slope is 1 - h**2, with the square": {"slope": lambda z: 1 - np.tanh(z)},
    "what comes into W2 is h, not z": {"into_W2": lambda z: z},
    "tanh is missing on the way forward": {"hidden": lambda z: z, "into_W2": lambda z: z},
    "the biases are missing on the way forward": {"biased": 0},
    "the sign is turned: the gradient points to where the loss rises": {
        "output": lambda z, y: y - _logistic(z)
    },
    "z2 is a logit, and the sigmoid is missing": {"output": lambda z, y: z - y},
    "that has a factor of 2, as a squared error has": {
        "output": lambda z, y: 2 * (_logistic(z) - y)
    },
    "the slope of the sigmoid is in it, and the cross-entropy cancels that": {
        "output": lambda z, y: (_logistic(z) - y) * _logistic(z) * _logistic(-z)
    },
    "that is the gradient of a squared error of the sigmoid": {
        "output": lambda z, y: 2 * (_logistic(z) - y) * _logistic(z) * _logistic(-z)
    },
}


@exercise
def check_find_wrong_gradient(student, rng):
    """Check ``find_wrong_gradient(gradients, numerical)``; see `helpers.checks` for how."""
    for right in (_gradients(rng, 1.0), _gradients(rng, 1e-3)):
        for i in rng.permutation(len(right)).tolist():
            for why, planted, factor in _planted(rng, right[i]):
                gradients = [*right[:i], planted, *right[i + 1 :]]
                _expect_found(student, gradients, _nearly(rng, right), i, factor, why)
    student.refuses(ValueError, "no gradient is wrong", right, _nearly(rng, right))
    short = _nearly(rng, right)[:-1]
    student.refuses(ValueError, "each gradient has another to compare with", right, short)


def _gradients(rng, size):
    """Return gradients of four arrays that have no entry near 0, beside their size."""
    shapes = (3, 3), (3,), (3, 1), (1,)
    signs = (rng.choice([-1, 1], shape) for shape in shapes)
    return [size * sign * rng.uniform(0.1, 1, sign.shape) for sign in signs]


def _nearly(rng, gradients):
    """Return gradients as differences give them: right to six digits at least."""
    return [g + 1e-7 * np.abs(g).max() * rng.uniform(-1, 1, g.shape) for g in gradients]


def _planted(rng, right):
    """Yield what is wrong with a gradient, in words, how it looks, and the factor or None."""
    larger, smaller = round(float(rng.uniform(2, 8)), 1), round(float(rng.uniform(0.1, 0.5)), 2)
    for factor in (larger, smaller, 1.02, -1.0):
        yield f"is {factor} times what it should be", factor * right, factor
    yield "is 0 everywhere", 0 * right, 0.0
    if right.size > 1:
        one = right.copy()
        one.flat[int(rng.integers(one.size))] += 0.3 * np.abs(right).max()
        yield "is off in one entry", one, None
        shifted = right + 0.3 * np.abs(right).max()
        yield "has the same number added to each entry", shifted, None
    if right.ndim == 2 and right.shape[0] == right.shape[1]:
        yield "has its rows and columns swapped", right.T.copy(), None


def _expect_found(student, gradients, numerical, i, factor, why):
    planted = f"entry {i} of gradients {why}"
    try:
        answer = student(gradients, numerical)
    except Mistake as mistake:
        if FINE not in str(mistake):
            raise
        raise Mistake(str(mistake).replace(FINE, planted)) from None
    found, by = as_entries(answer, 2, student.call, "entries, a place and a factor")
    expect(
        type(found) is int,
        f"{student.call} returned {describe(answer)}; expected the place of the wrong "
        "gradient, an integer, first.",
    )
    expect(found == i, f"{student.call} found entry {found}, but {planted}.")
    if factor is None:
        expect(
            by is None,
            f"{student.call} gave the factor {describe(by)}, but {planted}: no factor makes it "
            "right, so the second is None.",
        )
    else:
        expect(by is not None, f"{student.call} gave no factor, but {planted}.")
        by = as_number(by, f"{student.call}: for the factor it")
        off = abs(by - factor) <= FACTOR_TOLERANCE * max(abs(factor), 0.1)
        upside_down = factor and abs(by - 1 / factor) <= FACTOR_TOLERANCE / abs(factor)
        hint = ": is it by what the wrong one has to be multiplied?" if upside_down else "."
        expect(off, f"{student.call} gave the factor {by:.4g}, but {planted}{hint}")
