"""Answers to assignment 05, ``gain(phi)``."""

import math

import numpy as np
from scipy import integrate

from tests.answers.answer import lenient, right, wrong

GRID = np.linspace(-9, 9, 3001)
BELL = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()


def from_square(square):
    """Return the gain for a mean square, or raise as the exercise asks."""
    if square == 0:
        raise ValueError("phi is 0 everywhere")
    return 1 / math.sqrt(square)


def mean(values, grid=GRID):
    """Return a mean over the standard normal from values on a grid."""
    bell = np.exp(-(grid**2) / 2)
    return np.sum(values * bell) / np.sum(bell)


@right
def sum_over_a_grid(phi):
    return from_square(BELL @ phi(GRID) ** 2)


@right
def hermite_nodes(phi):
    nodes, masses = np.polynomial.hermite_e.hermegauss(100)
    return from_square(masses @ phi(nodes) ** 2 / math.sqrt(2 * math.pi))


@right
def physicists_hermite_nodes(phi):
    nodes, masses = np.polynomial.hermite.hermgauss(120)
    return from_square(masses @ phi(math.sqrt(2) * nodes) ** 2 / math.sqrt(math.pi))


@right
def adaptive_integration_number_by_number(phi):
    def integrand(z):
        return phi(z) ** 2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    halves = [integrate.quad(integrand, *limits)[0] for limits in ((-10, 0), (0, 10))]
    return from_square(sum(halves))


@right
def array_without_axes(phi):
    return np.array(from_square(BELL @ phi(GRID) ** 2), dtype=np.float32)


@wrong("the gain is what the activation keeps", "share that is kept")
def root_of_the_mean_square(phi):
    return 1 / from_square(BELL @ phi(GRID) ** 2)


@wrong("the root forgotten", "root is missing")
def one_over_the_mean_square(phi):
    return from_square(BELL @ phi(GRID) ** 2) ** 2


@wrong("variance for mean square", "mean was taken off")
def one_over_the_deviation(phi):
    square = BELL @ phi(GRID) ** 2
    return from_square(square) if square == 0 else from_square(square - (BELL @ phi(GRID)) ** 2)


@wrong("the mean size for the root of the mean square", "mean of |phi|")
def one_over_the_mean_size(phi):
    return from_square((BELL @ np.abs(phi(GRID))) ** 2)


@wrong("a bell without the half in its exponent", "the bell is too narrow: the mean")
def narrow_bell(phi):
    bell = np.exp(-(GRID**2))
    return from_square(np.sum(bell * phi(GRID) ** 2) / np.sum(bell))


@wrong("nodes for another bell, and raw", "too narrow, and its heights do not add up")
def raw_hermite_nodes(phi):
    nodes, masses = np.polynomial.hermite.hermgauss(120)
    return from_square(masses @ phi(nodes) ** 2)


@wrong("the integral of the bell is 1", "should be: the heights of the bell")
def bell_without_its_constant(phi):
    return from_square(np.trapezoid(np.exp(-(GRID**2) / 2) * phi(GRID) ** 2, GRID))


@wrong("all z count the same", "counts all z alike")
def mean_over_the_unit_interval(phi):
    return from_square(np.mean(phi(np.linspace(-1, 1, 4001)) ** 2))


@wrong("all z of a wide grid count the same", "where is the bell? (from −5 to 5)")
def mean_over_a_wide_grid(phi):
    return from_square(np.mean(phi(np.linspace(-5, 5, 1001)) ** 2))


@wrong("99.7 % of a normal are all of it", "the grid ends at ±3")
def range_cut_off_at_three(phi):
    z = np.linspace(-3, 3, 4001)
    return from_square(mean(phi(z) ** 2, z))


@wrong("a short range holds all of a normal", "does the integral reach far enough")
def range_cut_off_at_four(phi):
    z = np.linspace(-4, 4, 4001)
    return from_square(mean(phi(z) ** 2, z))


@wrong("a thousand random numbers are an integral", "times what it should be")
def thousand_random_numbers(phi):
    return from_square(np.mean(phi(np.random.default_rng(1).standard_normal(1000)) ** 2))


@wrong("a hundred thousand random numbers are an integral", "without random numbers?")
def many_random_numbers(phi):
    return from_square(np.mean(phi(np.random.default_rng(1).standard_normal(100_000)) ** 2))


@wrong("NumPy's std of random numbers", "times what it should be")
def deviation_of_random_numbers(phi):
    sample = phi(np.random.default_rng(1).standard_normal(100_000))
    return from_square(np.var(sample))


@wrong("every rectifier has the gain of ReLU", "times what it should be")
def always_that_of_relu(phi):
    return from_square(0 if not phi(GRID).any() else 0.5)


@wrong("few nodes are enough for a corner", "times what it should be")
def five_hermite_nodes(phi):
    nodes, masses = np.polynomial.hermite_e.hermegauss(5)
    return from_square(masses @ phi(nodes) ** 2 / masses.sum())


@wrong("the activation is taken for odd", "times what it should be")
def twice_the_positive_half(phi):
    return from_square(2 * (BELL @ np.where(GRID > 0, phi(GRID), 0) ** 2))


@wrong("an array is a number", "expected one number")
def array_of_one(phi):
    return np.array([sum_over_a_grid(phi)])


@wrong("text is a number", "expected one number")
def rounded_text(phi):
    return f"{sum_over_a_grid(phi):.4f}"


@lenient("a division by zero says enough", "gain(z -> 0 z) returned inf; expected a ValueError")
def zero_not_refused(phi):
    with np.errstate(divide="ignore"):
        return float(1 / np.sqrt(BELL @ phi(GRID) ** 2))


@wrong("the return is forgotten", "end with a return")
def no_return(phi):
    sum_over_a_grid(phi)


@wrong("a root of a negative number", "expected a finite number")
def nan(phi):
    return float("nan")
