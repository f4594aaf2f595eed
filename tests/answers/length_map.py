"""Answers to assignment 07, ``length_map(q, phi, sigma_w, sigma_b)``."""

import math

import numpy as np
from scipy import integrate, stats

from tests.answers.answer import lenient, right, wrong

GRID = np.linspace(-9, 9, 3001)
BELL = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()
QUANTILES = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)


def checked(q, sigma_w, sigma_b):
    """Return the root of q, or raise as the exercise asks."""
    if min(q, sigma_w, sigma_b) < 0:
        raise ValueError(f"nothing may be negative: {q}, {sigma_w}, {sigma_b}")
    return math.sqrt(q)


def mean_square(phi, spread, grid=GRID):
    """Return the mean square of phi(spread z) for a standard normal z on a grid."""
    bell = np.exp(-(grid**2) / 2)
    return np.sum(bell * phi(spread * grid) ** 2) / np.sum(bell)


def on_a_grid(phi, spread, grid):
    """Return the mean square of phi on a grid of its arguments, of this deviation."""
    bell = np.exp(-((grid / spread) ** 2) / 2)
    return np.sum(bell * phi(grid) ** 2) / np.sum(bell)


@right
def sum_over_a_grid(q, phi, sigma_w, sigma_b):
    spread = checked(q, sigma_w, sigma_b)
    return sigma_w**2 * (BELL @ phi(spread * GRID) ** 2) + sigma_b**2


@right
def hermite_nodes(q, phi, sigma_w, sigma_b):
    nodes, masses = np.polynomial.hermite_e.hermegauss(100)
    square = masses @ phi(checked(q, sigma_w, sigma_b) * nodes) ** 2
    return float(sigma_w**2 * square / math.sqrt(2 * math.pi) + sigma_b**2)


@right
def physicists_hermite_nodes(q, phi, sigma_w, sigma_b):
    checked(q, sigma_w, sigma_b)
    nodes, masses = np.polynomial.hermite.hermgauss(100)
    square = masses @ phi(np.sqrt(2 * q) * nodes) ** 2 / np.sqrt(np.pi)
    return sigma_w**2 * square + sigma_b**2


@right
def adaptive_integration_number_by_number(q, phi, sigma_w, sigma_b):
    spread = checked(q, sigma_w, sigma_b)

    def integrand(z):
        return phi(spread * z) ** 2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    halves = [integrate.quad(integrand, *limits)[0] for limits in ((-10, 0), (0, 10))]
    return sigma_w**2 * sum(halves) + sigma_b**2


@right
def bell_of_width_q(q, phi, sigma_w, sigma_b):
    spread = checked(q, sigma_w, sigma_b)
    if spread == 0:
        return sigma_w**2 * phi(0.0) ** 2 + sigma_b**2
    x = np.linspace(-8 * spread, 8 * spread, 4001)
    bell = np.exp(-(x**2) / (2 * q)) / math.sqrt(2 * math.pi * q)
    return sigma_w**2 * np.sum(bell * phi(x) ** 2) * (x[1] - x[0]) + sigma_b**2


@right
def equally_likely_numbers(q, phi, sigma_w, sigma_b):
    signal = phi(checked(q, sigma_w, sigma_b) * QUANTILES)
    return sigma_w * (signal @ signal / len(signal)) * sigma_w + sigma_b * sigma_b


@right
def in_float32(q, phi, sigma_w, sigma_b):
    return np.array(sum_over_a_grid(q, phi, sigma_w, sigma_b), dtype=np.float32)


@wrong("q for its root", "spread by its root")
def root_forgotten(q, phi, sigma_w, sigma_b):
    checked(q, sigma_w, sigma_b)
    return sigma_w**2 * mean_square(phi, q) + sigma_b**2


@wrong("every signal has length 1", "where does q come in?")
def q_forgotten(q, phi, sigma_w, sigma_b):
    checked(q, sigma_w, sigma_b)
    return sigma_w**2 * mean_square(phi, 1) + sigma_b**2


@wrong("all functions are rectifiers", "straight lines through 0, such as ReLU")
def q_taken_out(q, phi, sigma_w, sigma_b):
    checked(q, sigma_w, sigma_b)
    return sigma_w**2 * q * mean_square(phi, 1) + sigma_b**2


@wrong("sigma_w is a variance", "its square is what multiplies")
def sigma_w_not_squared(q, phi, sigma_w, sigma_b):
    return sigma_w * mean_square(phi, checked(q, sigma_w, sigma_b)) + sigma_b**2


@wrong("sigma_b is a variance", "its square is what adds up")
def sigma_b_not_squared(q, phi, sigma_w, sigma_b):
    return sigma_w**2 * mean_square(phi, checked(q, sigma_w, sigma_b)) + sigma_b


@wrong("the bias is forgotten", "bias is forgotten")
def without_bias(q, phi, sigma_w, sigma_b):
    return sigma_w**2 * mean_square(phi, checked(q, sigma_w, sigma_b))


@wrong("biases pass the weights", "multiplied by the weights")
def bias_inside(q, phi, sigma_w, sigma_b):
    return sigma_w**2 * (mean_square(phi, checked(q, sigma_w, sigma_b)) + sigma_b**2)


@wrong("the weights come before phi", "weights stand inside phi")
def weights_inside(q, phi, sigma_w, sigma_b):
    return mean_square(phi, sigma_w * checked(q, sigma_w, sigma_b)) + sigma_b**2


@wrong("a length is a deviation", "root of a length")
def root_of_the_length(q, phi, sigma_w, sigma_b):
    return math.sqrt(sum_over_a_grid(q, phi, sigma_w, sigma_b))


@wrong("variance for mean square", "mean was taken off")
def variance_about_the_mean(q, phi, sigma_w, sigma_b):
    signal = phi(checked(q, sigma_w, sigma_b) * GRID)
    return sigma_w**2 * (BELL @ signal**2 - (BELL @ signal) ** 2) + sigma_b**2


@wrong("squared after the mean", "mean was squared")
def square_of_the_mean(q, phi, sigma_w, sigma_b):
    mean = BELL @ phi(checked(q, sigma_w, sigma_b) * GRID)
    return sigma_w**2 * mean**2 + sigma_b**2


@wrong("the mean of |phi|", "mean of |phi| was squared")
def square_of_the_mean_size(q, phi, sigma_w, sigma_b):
    size = BELL @ np.abs(phi(checked(q, sigma_w, sigma_b) * GRID))
    return sigma_w**2 * size**2 + sigma_b**2


@wrong("the square forgotten", "square of phi was forgotten")
def mean_of_phi(q, phi, sigma_w, sigma_b):
    return sigma_w**2 * (BELL @ phi(checked(q, sigma_w, sigma_b) * GRID)) + sigma_b**2


@wrong("the normal's constant forgotten", "heights of the bell")
def bell_without_its_constant(q, phi, sigma_w, sigma_b):
    spread = checked(q, sigma_w, sigma_b)
    heights = np.exp(-(GRID**2) / 2) * (GRID[1] - GRID[0])
    return sigma_w**2 * (heights @ phi(spread * GRID) ** 2) + sigma_b**2


@wrong("one deviation holds all of a normal", "times what it should be")
def range_cut_off_at_one(q, phi, sigma_w, sigma_b):
    spread = checked(q, sigma_w, sigma_b)
    square = mean_square(phi, spread, np.linspace(-1, 1, 20_001))
    return sigma_w**2 * square + sigma_b**2


@wrong("a short range holds all of a normal", "does the integral reach far enough")
def range_cut_off_at_four(q, phi, sigma_w, sigma_b):
    spread = checked(q, sigma_w, sigma_b)
    return sigma_w**2 * mean_square(phi, spread, np.linspace(-4, 4, 4001)) + sigma_b**2


@wrong("99.997 % of a normal are all of it", "does the integral reach far enough")
def range_cut_off_where_little_is_left(q, phi, sigma_w, sigma_b):
    spread = checked(q, sigma_w, sigma_b)
    return sigma_w**2 * mean_square(phi, spread, np.linspace(-4.2, 4.2, 4001)) + sigma_b**2


@wrong("the grid need not grow with q", "times what it should be")
def range_of_the_signal_cut_off(q, phi, sigma_w, sigma_b):
    spread = max(checked(q, sigma_w, sigma_b), 1e-3)
    return sigma_w**2 * on_a_grid(phi, spread, np.linspace(-4, 4, 40_001)) + sigma_b**2


@wrong("a wide grid is wide enough for every q", "grows with the root of q")
def range_of_the_signal_cut_off_at_ten(q, phi, sigma_w, sigma_b):
    spread = max(checked(q, sigma_w, sigma_b), 1e-3)
    return sigma_w**2 * on_a_grid(phi, spread, np.linspace(-10, 10, 40_001)) + sigma_b**2


@wrong("a fine grid is fine enough for every q", "in steps that are fine enough")
def steps_of_the_signal(q, phi, sigma_w, sigma_b):
    spread = max(checked(q, sigma_w, sigma_b), 1e-3)
    grid = 0.3 * np.arange(-300, 301)
    return sigma_w**2 * on_a_grid(phi, spread, grid) + sigma_b**2


@wrong("the bell is exp(-z^2)", "too narrow: the mean of z^2 under it is 1/2")
def bell_without_its_half(q, phi, sigma_w, sigma_b):
    narrow = checked(q, sigma_w, sigma_b) / math.sqrt(2)
    return sigma_w**2 * mean_square(phi, narrow) + sigma_b**2


@wrong("Hermite's nodes are those of a standard normal", "and its heights do not add up to 1")
def raw_hermite_nodes(q, phi, sigma_w, sigma_b):
    nodes, masses = np.polynomial.hermite.hermgauss(60)
    square = masses @ phi(checked(q, sigma_w, sigma_b) * nodes) ** 2
    return sigma_w**2 * square + sigma_b**2


@wrong("a layer is weights, bias, phi", "come after phi, not before it")
def weights_and_bias_inside(q, phi, sigma_w, sigma_b):
    checked(q, sigma_w, sigma_b)
    return mean_square(phi, math.sqrt(sigma_w**2 * q + sigma_b**2))


@wrong("sigma_b is the bias", "deviation of the biases, and not a bias itself")
def sigma_b_as_a_bias(q, phi, sigma_w, sigma_b):
    signal = sigma_w * phi(checked(q, sigma_w, sigma_b) * GRID) + sigma_b
    return BELL @ signal**2


@wrong("a hundred thousand random numbers are an integral", "times what it should be")
def random_numbers(q, phi, sigma_w, sigma_b):
    z = np.random.default_rng(1).standard_normal(100_000)
    square = np.mean(phi(checked(q, sigma_w, sigma_b) * z) ** 2)
    return sigma_w**2 * square + sigma_b**2


@wrong("few nodes are enough", "times what it should be")
def five_hermite_nodes(q, phi, sigma_w, sigma_b):
    nodes, masses = np.polynomial.hermite_e.hermegauss(5)
    square = masses @ phi(checked(q, sigma_w, sigma_b) * nodes) ** 2 / masses.sum()
    return sigma_w**2 * square + sigma_b**2


@wrong("the signal is taken for symmetric", "times what it should be")
def twice_the_positive_half(q, phi, sigma_w, sigma_b):
    signal = phi(checked(q, sigma_w, sigma_b) * GRID)
    return sigma_w**2 * 2 * (BELL @ np.where(GRID > 0, signal, 0) ** 2) + sigma_b**2


@wrong("a signal of length 0 stays 0", "is 0 times what it should be.")
def nothing_from_nothing(q, phi, sigma_w, sigma_b):
    return sum_over_a_grid(q, phi, sigma_w, sigma_b) if q > 0 else 0.0


@wrong("a signal of length 0 leaves the bias alone", "taken out of the mean")
def bias_from_nothing(q, phi, sigma_w, sigma_b):
    return sum_over_a_grid(q, phi, sigma_w, sigma_b) if q > 0 else sigma_b**2


@wrong("a normal of variance 0 has a density", "expected a finite number")
def density_of_variance_zero(q, phi, sigma_w, sigma_b):
    spread = checked(q, sigma_w, sigma_b)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = 8 * spread * np.linspace(-1, 1, 2001)
        bell = np.exp(-(x**2) / np.float64(2 * q))
        return sigma_w**2 * np.sum(bell * phi(x) ** 2) / np.sum(bell) + sigma_b**2


@wrong("a length of 0 is refused", "raised ValueError")
def zero_length_refused(q, phi, sigma_w, sigma_b):
    if q == 0:
        raise ValueError("q must be above 0")
    return sum_over_a_grid(q, phi, sigma_w, sigma_b)


@wrong("weights of 0 are refused", "raised ValueError")
def zero_weights_refused(q, phi, sigma_w, sigma_b):
    if sigma_w == 0:
        raise ValueError("sigma_w must be above 0")
    return sum_over_a_grid(q, phi, sigma_w, sigma_b)


@wrong("no biases are refused", "raised ValueError")
def zero_bias_refused(q, phi, sigma_w, sigma_b):
    if sigma_b == 0:
        raise ValueError("sigma_b must be above 0")
    return sum_over_a_grid(q, phi, sigma_w, sigma_b)


@wrong("an array is a number", "expected one number")
def array_of_one(q, phi, sigma_w, sigma_b):
    return np.array([sum_over_a_grid(q, phi, sigma_w, sigma_b)])


@wrong("the return is forgotten", "end with a return")
def no_return(q, phi, sigma_w, sigma_b):
    sum_over_a_grid(q, phi, sigma_w, sigma_b)


@lenient("a negative length has a size", "because a mean square is never negative")
def negative_length_not_refused(q, phi, sigma_w, sigma_b):
    return sum_over_a_grid(abs(q), phi, sigma_w, sigma_b)


@lenient("a root of a negative number says enough", "because a mean square is never negative")
def root_of_a_negative_length(q, phi, sigma_w, sigma_b):
    checked(0, sigma_w, sigma_b)
    with np.errstate(invalid="ignore"):
        return sigma_w**2 * mean_square(phi, np.sqrt(q)) + sigma_b**2


@lenient("the sign of sigma_w is squared away", "because no deviation is negative")
def negative_weights_not_refused(q, phi, sigma_w, sigma_b):
    return sum_over_a_grid(q, phi, abs(sigma_w), sigma_b)


@lenient("the sign of sigma_b is squared away", "1.5, -0.5) returned")
def negative_bias_not_refused(q, phi, sigma_w, sigma_b):
    return sum_over_a_grid(q, phi, sigma_w, abs(sigma_b))
