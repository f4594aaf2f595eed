"""Answers to assignment 01, ``find_wrong_gradient(gradients, numerical)``."""

import numpy as np

from tests.answers.answer import lenient, right, wrong


def pairs(gradients, numerical):
    """Return a list of (place, gradient, numerical one), or raise as the exercise asks."""
    if len(gradients) != len(numerical):
        raise ValueError(f"{len(gradients)} and {len(numerical)} arrays")
    return [(i, g, numerical[i]) for i, g in enumerate(gradients)]


def differ(g, n):
    """Return whether two arrays differ by more than the exercise allows."""
    return np.abs(g - n).max() > 1e-3 * np.abs(n).max()


def quotient(g, n):
    """Return the factor by which an array is too large, or None."""
    ratios = g / n
    return float(np.mean(ratios)) if np.ptp(ratios) < 1e-3 else None


def first(gradients, numerical, differ=differ):
    """Return the place of the first that differs, and both arrays."""
    for i, g, n in pairs(gradients, numerical):
        if differ(g, n):
            return i, g, n
    raise ValueError("none is wrong")


@right
def by_quotients(gradients, numerical):
    i, g, n = first(gradients, numerical)
    return i, quotient(g, n)


@right
def by_the_angle(gradients, numerical):
    i, g, n = first(gradients, numerical)
    lengths = np.linalg.norm(g), np.linalg.norm(n)
    if lengths[0] == 0:
        return i, 0.0
    cosine = np.sum(g * n) / (lengths[0] * lengths[1])
    parallel = 1 - abs(cosine) < 1e-6
    return i, float(np.sign(cosine) * lengths[0] / lengths[1]) if parallel else None


@right
def the_largest_relative_difference(gradients, numerical):
    listed = pairs(gradients, numerical)
    off = [np.abs(g - n).max() / np.abs(n).max() for _, g, n in listed]
    if max(off) < 1e-4:
        raise ValueError("none is wrong")
    i, g, n = listed[int(np.argmax(off))]
    factor = np.linalg.lstsq(n.reshape(-1, 1), g.ravel(), rcond=None)[0][0]
    return [np.int64(i), factor if np.allclose(g, factor * n, rtol=1e-4) else None]


@right
def with_allclose(gradients, numerical):
    i, g, n = first(gradients, numerical, lambda g, n: not np.allclose(g, n, rtol=1e-4, atol=0))
    ratios = (g / n).ravel()
    same = np.allclose(ratios, ratios[0], rtol=1e-4, atol=1e-6)
    return i, float(np.median(ratios)) if same else None


@wrong("right means equal", "found entry 0, but")
def exactly(gradients, numerical):
    i, g, n = first(gradients, numerical, lambda g, n: bool((g != n).any()))
    return i, quotient(g, n)


@wrong("a thousandth is small, whatever the size", "; entry")
def absolute_tolerance(gradients, numerical):
    i, g, n = first(gradients, numerical, lambda g, n: np.abs(g - n).max() > 1e-2)
    return i, quotient(g, n)


@wrong("a tenth is near enough", "; entry")
def rough(gradients, numerical):
    i, g, n = first(
        gradients, numerical, lambda g, n: np.abs(g - n).max() > 0.1 * np.abs(n).max()
    )
    return i, quotient(g, n)


@wrong("without absolute values", "; entry")
def signs_forgotten(gradients, numerical):
    i, g, n = first(gradients, numerical, lambda g, n: (g - n).max() > 1e-3 * np.abs(n).max())
    return i, quotient(g, n)


@wrong("the sums of both are compared", "; entry")
def sums_compared(gradients, numerical):
    i, g, n = first(
        gradients, numerical, lambda g, n: abs(g.sum() - n.sum()) > 1e-3 * abs(n).sum()
    )
    return i, quotient(g, n)


@wrong("sizes are compared", "; entry")
def sizes_compared(gradients, numerical):
    i, g, n = first(
        gradients,
        numerical,
        lambda g, n: abs(np.linalg.norm(g) / np.linalg.norm(n) - 1) > 1e-3,
    )
    return i, quotient(g, n)


@wrong("the first entry stands for all", "; entry")
def first_entries_compared(gradients, numerical):
    i, g, n = first(gradients, numerical, lambda g, n: abs(g.flat[0] / n.flat[0] - 1) > 1e-3)
    return i, quotient(g, n)


@wrong("counted from 1", "but entry")
def from_one(gradients, numerical):
    i, g, n = first(gradients, numerical)
    return i + 1, quotient(g, n)


@wrong("by what it must be multiplied", "has to be multiplied")
def upside_down(gradients, numerical):
    i, g, n = first(gradients, numerical)
    with np.errstate(all="ignore"):
        ratios = n / g
    return i, float(np.mean(ratios)) if np.ptp(ratios) < 1e-3 else None


@wrong("there is always a factor", "no factor makes it right")
def always_a_factor(gradients, numerical):
    i, g, n = first(gradients, numerical)
    return i, float(np.mean(g / n))


@wrong("there is never a factor", "gave no factor, but")
def never_a_factor(gradients, numerical):
    i, *_ = first(gradients, numerical)
    return i, None


@wrong("a factor is exact", "gave no factor, but")
def factor_found_exactly(gradients, numerical):
    i, g, n = first(gradients, numerical)
    ratios = g / n
    return i, float(ratios.flat[0]) if (ratios == ratios.flat[0]).all() else None


@wrong("a factor is positive", "gave the factor")
def size_of_the_factor(gradients, numerical):
    i, g, n = first(gradients, numerical)
    ratios = np.abs(g / n)
    return i, float(np.mean(ratios)) if np.ptp(ratios) < 1e-3 else None


@wrong("a factor is a whole number", "gave the factor")
def rounded(gradients, numerical):
    i, g, n = first(gradients, numerical)
    factor = quotient(g, n)
    return i, None if factor is None else round(factor)


@wrong("a difference explains it", "gave the factor")
def difference(gradients, numerical):
    i, g, n = first(gradients, numerical)
    return i, None if quotient(g, n) is None else float(np.mean(g - n))


@wrong("0 is no factor", "gave no factor, but")
def zero_is_none(gradients, numerical):
    i, g, n = first(gradients, numerical)
    return i, quotient(g, n) or None


@wrong("a word for none", "no factor makes it right")
def word_for_none(gradients, numerical):
    i, g, n = first(gradients, numerical)
    factor = quotient(g, n)
    return i, "no factor" if factor is None else factor


@wrong("factors for all entries", "expected one number")
def all_quotients(gradients, numerical):
    i, g, n = first(gradients, numerical)
    return i, None if quotient(g, n) is None else g / n


@wrong("the place alone", "expected 2 entries")
def place_alone(gradients, numerical):
    return first(gradients, numerical)[0]


@wrong("factor first", "expected the place of the wrong gradient")
def turned(gradients, numerical):
    i, g, n = first(gradients, numerical)
    return quotient(g, n), i


@wrong("the name of the parameter", "expected the place of the wrong gradient")
def name(gradients, numerical):
    i, g, n = first(gradients, numerical)
    return ("W1", "b1", "W2", "b2")[i], quotient(g, n)


@wrong("the arrays may be changed", "changed what it was given")
def in_place(gradients, numerical):
    i, g, n = first(gradients, numerical)
    factor = quotient(g, n)
    g -= n
    return i, factor


@wrong("the return is forgotten", "end with a return")
def no_return(gradients, numerical):
    first(gradients, numerical)


@lenient("nothing is refused", "because no gradient is wrong")
def nothing_refused(gradients, numerical):
    off = [
        np.abs(g - n).max() / np.abs(n).max()
        for g, n in zip(gradients, numerical, strict=False)
    ]
    i = int(np.argmax(off))
    return i, quotient(gradients[i], numerical[i])


@lenient("no answer is an answer too", "returned None; expected a ValueError")
def none_for_none(gradients, numerical):
    try:
        return by_quotients(gradients, numerical)
    except ValueError:
        return None


@lenient("only exact agreement is refused", "because no gradient is wrong")
def exact_agreement_refused(gradients, numerical):
    if all(np.array_equal(g, n) for _, g, n in pairs(gradients, numerical)):
        raise ValueError("none is wrong")
    return nothing_refused(gradients, numerical)


@lenient("what has no partner is left out", "because each gradient has another")
def lists_not_compared(gradients, numerical):
    return (
        by_quotients(gradients[: len(numerical)], numerical)
        if len(gradients) == len(numerical)
        else (len(numerical), None)
    )


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(gradients, numerical):
    assert len(gradients) == len(numerical)
    wrong_ones = [i for i, g, n in pairs(gradients, numerical) if differ(g, n)]
    assert wrong_ones
    i = wrong_ones[0]
    return i, quotient(gradients[i], numerical[i])
