"""The laws that initial weights follow, and how many weights it takes to tell two of them.

Two samples of n weights differ, in the sense of Kolmogorov and Smirnov, by at most the
*critical distance* ``sqrt(log(2 / ALPHA) / n)`` if they have one law, but for one time in
``1 / ALPHA``. If their laws lie D apart, they differ by ``D - MARGIN / sqrt(2 * n)`` at least,
as surely as a standard normal is above ``-MARGIN``. A sample is large enough if the second is
above the first, where D is the distance of the *nearest wrong scheme*: of all that are one
mistake away, the hardest to tell. It is then told from the right one with a probability of
``1 - 3e-7``, and any that is further off more surely.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
from scipy import stats

from helpers.initializers import DISTRIBUTIONS, TRUNCATED_STD, fans

ALPHA = 5e-10  # of a false alarm, in each comparison
DEVIATIONS = stats.norm.isf(ALPHA / 2)  # that a difference of means is allowed
MARGIN = 5  # standard deviations


class Scheme(NamedTuple):
    """Weights of mean 0 and variance ``scale / fan``."""

    distribution: str
    scale: float
    mode: str

    def law(self, shape):
        """Return the law of the weights of a layer of this shape."""
        return law(self.distribution, self.scale / fan(self.mode, shape))


class Wrong(NamedTuple):
    """What a mistake makes of a scheme, and how far that is from the right one."""

    mistake: str
    distribution: str
    variance: float
    distance: float

    @property
    def law(self):
        """Return the law of the weights."""
        return law(self.distribution, self.variance)


def fan(mode, shape):
    """Return the denominator of the variance, for a shape in our layout."""
    fan_in, fan_out = fans(shape)
    return {
        "fan_in": fan_in,
        "fan_out": fan_out,
        "fan_avg": (fan_in + fan_out) / 2,
        "larger side": max(fan_in, shape[-1]),
    }[mode]


def law(distribution, variance):
    """Return a distribution of mean 0, as SciPy has it.

    An entry of a random orthogonal matrix is a coordinate of a random point on the sphere in
    as many dimensions as the matrix's larger side has entries.
    """
    std = math.sqrt(variance)
    if distribution == "uniform":
        return stats.uniform(-math.sqrt(3) * std, 2 * math.sqrt(3) * std)
    if distribution == "truncated_normal":
        return stats.truncnorm(-2, 2, scale=std / TRUNCATED_STD)
    if distribution == "orthogonal":
        half = (1 / variance - 1) / 2
        return stats.beta(half, half, loc=-1, scale=2)
    return stats.norm(scale=std)


def distance(one, other):
    """Return the largest difference of two laws' cumulative distributions, and where it is."""
    x = np.linspace(-6, 6, 6001) * max(one.std(), other.std())
    difference = np.abs(one.cdf(x) - other.cdf(x))
    return difference.max(), x[difference.argmax()]


@functools.cache
def nearest_wrong(scheme, shape):
    """Return what is nearest of all that one mistake makes of a scheme."""
    right = scheme.law(shape)
    wrong = []
    for mistake, distribution, factor in _mistakes(scheme, shape):
        variance = factor * scheme.scale / fan(scheme.mode, shape)
        apart, _ = distance(right, law(distribution, variance))
        wrong.append(Wrong(mistake, distribution, variance, apart))
    # What has the law of the right one is no mistake at this shape: fan_out, if it is square.
    return min((w for w in wrong if w.distance > 1e-9), key=lambda w: w.distance)


def _mistakes(scheme, shape):
    """Yield the mistake, the distribution and by what the variance is multiplied.

    For orthogonal weights, to draw a normal is not among them: their entries are so close to
    normal that only the angles between columns tell.
    """
    distribution, scale, mode = scheme
    if distribution == "orthogonal":
        yield from (("truncated normal", "truncated_normal", 1), ("uniform", "uniform", 1))
        return
    for other in DISTRIBUTIONS:
        yield other.replace("_", " "), other, 1
    for other in ("fan_in", "fan_out", "fan_avg"):
        yield other, distribution, fan(mode, shape) / fan(other, shape)
    for other in (1, 2, scale / 2, scale * 2, math.sqrt(scale)):
        yield f"scale {other:g}", distribution, other / scale
    yield "receptive field forgotten", distribution, math.prod(shape[:-2])
    yield "cut, not corrected", "truncated_normal", TRUNCATED_STD**2


def sample_size(apart):
    """Return how many weights tell laws that lie so far apart."""
    root = math.sqrt(math.log(2 / ALPHA)) + MARGIN / math.sqrt(2)
    return math.ceil((root / apart) ** 2)


def chance_to_miss(right, wrong, sizes):
    """Return the chance, at most, that samples of two laws pass for samples of one.

    It is the chance to see no difference at the one point where the laws differ most.
    """
    apart, x = distance(right, wrong)
    critical = math.sqrt(math.log(2 / ALPHA) / 2 * sum(1 / n for n in sizes))
    shares = right.cdf(x), wrong.cdf(x)
    variance = sum(p * (1 - p) / n for p, n in zip(shares, sizes, strict=True))
    return stats.norm.sf((apart - critical) / math.sqrt(variance))


def bounds_of_largest(right, sizes):
    """Return between what the largest weight of a sample is, but once in ``1 / ALPHA``.

    Where the law ends, this is its end. Frameworks draw in single precision, which may round
    what is largest up by a ten-millionth.
    """
    low = right.isf(-math.log(ALPHA) / min(sizes) / 2)
    return low, right.isf(ALPHA / max(sizes) / 2) * (1 + 1e-6)
