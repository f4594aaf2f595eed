"""Answers to assignment 06, ``solve_rate(successes, trials)``."""

import math

import numpy as np
from scipy import stats

from tests.answers.answer import lenient, right, wrong


def checked(successes, trials):
    """Return the rate, or raise as the exercise asks."""
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"impossible: {successes} of {trials}")
    return successes / trials


def wilson(successes, trials, z=1.96):
    """Return the middle and half the width of Wilson's interval."""
    middle = (successes + z**2 / 2) / (trials + z**2)
    root = np.sqrt(successes * (trials - successes) / trials + z**2 / 4)
    return middle, z / (trials + z**2) * root


def around(rate, half):
    """Return the answer whose ends are this far from the rate."""
    return rate, rate - half, rate + half


def error(rate, trials):
    """Return the standard error of a rate."""
    return math.sqrt(rate * (1 - rate) / trials)


@right
def middle_and_half_the_width(successes, trials):
    rate = checked(successes, trials)
    middle, half = wilson(successes, trials)
    return rate, middle - half, middle + half


@right
def roots_of_the_quadratic_equation(successes, trials):
    rate, z = checked(successes, trials), 1.96
    a, b, c = trials + z * z, -(2 * successes + z * z), successes * rate
    low, high = sorted(np.roots([a, b, c]).real)
    return rate, float(low), float(high)


def end_by_bisection(inside, outside, successes, trials):
    for _ in range(40):
        p = (inside + outside) / 2
        if abs(successes - trials * p) <= 1.96 * math.sqrt(trials * p * (1 - p)):
            inside = p
        else:
            outside = p
    return inside


@right
def ends_by_bisection(successes, trials):
    rate = checked(successes, trials)
    low = end_by_bisection(rate, 0.0, successes, trials)
    return rate, low, end_by_bisection(rate, 1.0, successes, trials)


@right
def with_more_digits_of_z(successes, trials):
    rate, z = checked(successes, trials), stats.norm.ppf(0.975)
    middle = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    variance = rate * (1 - rate) / trials + z**2 / (4 * trials**2)
    half = z / (1 + z**2 / trials) * np.sqrt(variance)
    return np.float64(rate), max(middle - half, 0.0), min(middle + half, 1.0)


@right
def rounded_to_four_digits(successes, trials):
    return tuple(round(float(x), 4) for x in middle_and_half_the_width(successes, trials))


@right
def in_float32(successes, trials):
    return tuple(np.float32(x) for x in middle_and_half_the_width(successes, trials))


@wrong("the textbook's interval", "1.96 of its standard errors")
def normal_approximation(successes, trials):
    rate = checked(successes, trials)
    return around(rate, 1.96 * error(rate, trials))


@wrong("the textbook's interval is mended by cutting it off", "1.96 of its standard errors")
def normal_approximation_cut_off(successes, trials):
    rate, low, high = normal_approximation(successes, trials)
    return rate, max(low, 0.0), min(high, 1.0)


@wrong("a standard error is an interval", "one standard error")
def one_standard_error(successes, trials):
    rate = checked(successes, trials)
    return around(rate, error(rate, trials))


@wrong("n - 1 as for a sample variance", "not reduced by one")
def one_trial_less(successes, trials):
    rate = checked(successes, trials)
    return around(rate, 1.96 * error(rate, max(trials - 1, 1)))


@wrong("the variance for the deviation", "without its root")
def variance_for_error(successes, trials):
    rate = checked(successes, trials)
    return around(rate, 1.96 * error(rate, trials) ** 2)


@wrong("one deviation", "1.0 standard deviations")
def one_deviation(successes, trials):
    middle, half = wilson(successes, trials, 1.0)
    return checked(successes, trials), middle - half, middle + half


@wrong("the quantile of one side", "1.645 standard deviations")
def one_sided_quantile(successes, trials):
    middle, half = wilson(successes, trials, 1.645)
    return checked(successes, trials), middle - half, middle + half


@wrong("two is near enough", "2.0 standard deviations")
def two_deviations(successes, trials):
    middle, half = wilson(successes, trials, 2.0)
    return checked(successes, trials), middle - half, middle + half


@wrong("the interval of 99 %", "2.58 standard deviations")
def ninety_nine_percent(successes, trials):
    middle, half = wilson(successes, trials, 2.58)
    return checked(successes, trials), middle - half, middle + half


@wrong("the interval of 99 %, with more digits", "2.576 standard deviations")
def ninety_nine_percent_with_more_digits(successes, trials):
    middle, half = wilson(successes, trials, 2.576)
    return checked(successes, trials), middle - half, middle + half


@wrong("z squared over 4 is forgotten", "z^2/4 is missing")
def term_under_the_root_forgotten(successes, trials):
    middle, _ = wilson(successes, trials)
    rate = checked(successes, trials)
    half = 1.96 / (trials + 1.96**2) * math.sqrt(successes * (trials - successes) / trials)
    return rate, middle - half, middle + half


@wrong("z squared over 2 is forgotten", "z^2/2 is missing")
def term_of_the_middle_forgotten(successes, trials):
    _, half = wilson(successes, trials)
    middle = successes / (trials + 1.96**2)
    return checked(successes, trials), middle - half, middle + half


@wrong("two successes and two failures more", "only near to Wilson's")
def agresti_and_coull(successes, trials):
    rate, p = checked(successes, trials), (successes + 2) / (trials + 4)
    _, low, high = around(p, 1.96 * error(p, trials + 4))
    return rate, low, high


@wrong("half of z squared more on each side", "z^2 trials are added")
def agresti_and_coull_with_z(successes, trials):
    rate, n = checked(successes, trials), trials + 1.96**2
    p = (successes + 1.96**2 / 2) / n
    return rate, *around(p, 1.96 * error(p, n))[1:]


@wrong("three digits are enough", "near, but not to within 0.0001")
def rounded_to_three_digits(successes, trials):
    return tuple(round(float(x), 3) for x in middle_and_half_the_width(successes, trials))


@wrong("the exact interval of another definition", "cannot be right.")
def clopper_and_pearson(successes, trials):
    rate, beta = checked(successes, trials), stats.beta.ppf
    low = beta(0.025, successes, trials - successes + 1) if successes else 0.0
    high = beta(0.975, successes + 1, trials - successes) if successes < trials else 1.0
    return rate, low, high


@wrong("the middle is the rate", "middle of the interval")
def middle_for_rate(successes, trials):
    checked(successes, trials)
    middle, half = wilson(successes, trials)
    return middle, middle - half, middle + half


@wrong("the rate is the middle", "not in the middle")
def around_the_rate(successes, trials):
    return around(checked(successes, trials), wilson(successes, trials)[1])


@wrong("a grid of 4001 rates is fine enough", "near, but not to within 0.0001")
def coarse_grid(successes, trials):
    p = np.linspace(0, 1, 4001)
    inside = p[abs(successes - trials * p) <= 1.96 * np.sqrt(trials * p * (1 - p))]
    return checked(successes, trials), inside[0], inside[-1]


@wrong("percent for a share", "percent, not a share")
def percent(successes, trials):
    return tuple(100 * x for x in middle_and_half_the_width(successes, trials))


@wrong("percent for the interval alone", "the ends are shares")
def percent_for_the_ends(successes, trials):
    rate, low, high = middle_and_half_the_width(successes, trials)
    return rate, 100 * low, 100 * high


@wrong("an interval for the count", "numbers of successes")
def counts_for_the_ends(successes, trials):
    rate, low, high = middle_and_half_the_width(successes, trials)
    return rate, trials * low, trials * high


@wrong("half the width for the ends", "half the width")
def half_the_width(successes, trials):
    _, half = wilson(successes, trials)
    return checked(successes, trials), half, half


@wrong("the upper end first", "lower end comes first")
def upper_end_first(successes, trials):
    rate, low, high = middle_and_half_the_width(successes, trials)
    return rate, high, low


@wrong("swapped arguments", "trials for each success")
def swapped(successes, trials):
    checked(successes, trials)
    return trials / (successes or 1), 0.0, 1.0


@wrong("swapped arguments, and the swapped ones are tested", "raised ValueError")
def swapped_and_tested(trials, successes):
    return middle_and_half_the_width(successes, trials)


@wrong("integer division", "0 cannot be the rate")
def integer_division(successes, trials):
    _, low, high = middle_and_half_the_width(successes, trials)
    return successes // trials, low, high


@wrong("a pair inside the tuple", "expected 3 numbers in a tuple")
def nested_pair(successes, trials):
    rate, *ends = middle_and_half_the_width(successes, trials)
    return rate, tuple(ends)


@wrong("a list is a tuple", "expected 3 numbers in a tuple")
def a_list(successes, trials):
    return list(middle_and_half_the_width(successes, trials))


@wrong("text is a number", "as the rate it returned '0.5000'; expected one number")
def text(successes, trials):
    return tuple(f"{x:.4f}" for x in middle_and_half_the_width(successes, trials))


@wrong("the return is forgotten", "end with a return")
def no_return(successes, trials):
    middle_and_half_the_width(successes, trials)


@wrong("a root of a negative number", "expected a finite number")
def nan(successes, trials):
    return checked(successes, trials), math.nan, math.nan


@lenient("negative counts are not tested", "because there cannot be fewer")
def negative_not_refused(successes, trials):
    if trials < 1 or successes > trials:
        raise ValueError("impossible")
    return middle_and_half_the_width(max(successes, 0), trials)


@lenient("large counts are not tested", "because there are more successes")
def too_many_not_refused(successes, trials):
    if trials < 1 or successes < 0:
        raise ValueError("impossible")
    return middle_and_half_the_width(min(successes, trials), trials)


@lenient("no trials are not tested", "because no trials")
def no_trials_not_refused(successes, trials):
    if not 0 <= successes <= trials:
        raise ValueError("impossible")
    return successes / trials, *middle_and_half_the_width(successes, trials)[1:]


@lenient("no trials have rate 0", "because no trials")
def no_trials_have_rate_zero(successes, trials):
    return (0.0, 0.0, 1.0) if trials == 0 else middle_and_half_the_width(successes, trials)
