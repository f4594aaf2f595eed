"""Answers to assignment 08, ``unfit_layer(report)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong

NAMES = ("default", "xavier", "layout", "window", "cut")
AXES = {"io": (0, 1, ()), "oi": (1, 0, ()), "hwio": (2, 3, (0, 1)), "oihw": (1, 0, (2, 3))}


def sides(layout, shape):
    """Return channels in, channels out, and the size of the window."""
    inputs, outputs, field = AXES[layout]
    return shape[inputs], shape[outputs], math.prod(shape[axis] for axis in field)


def variances(n_in, n_out, window):
    """Return the variances of the five slips, by their names."""
    fan_in, fan_out = n_in * window, n_out * window
    values = 1 / fan_in / 3, 2 / (fan_in + fan_out), 2 / fan_out, 2 / n_in, 1.548 / fan_in
    return dict(zip(NAMES, values, strict=True))


def nearest(mean_square, known):
    """Return the slip whose variance is nearest, as a ratio."""
    return min(known, key=lambda why: abs(math.log(mean_square / known[why])))


def factor(row):
    """Return the mean square of a row, beside He's."""
    layout, shape, mean_square = row
    n_in, _, window = sides(layout, shape)
    return mean_square * n_in * window / 2


def place(report):
    """Return the place, from 0, of the layer that is furthest off, or raise."""
    if not report or max(abs(math.log(factor(row))) for row in report) < 0.1:
        raise ValueError("no layer is wrong")
    return max(range(len(report)), key=lambda i: abs(math.log(factor(report[i]))))


def read(row):
    """Return the slip of a row."""
    layout, shape, mean_square = row
    return nearest(mean_square, variances(*sides(layout, shape)))


@right
def the_layer_furthest_off(report):
    i = place(report)
    return i + 1, read(report[i])


@right
def the_first_that_is_off(report):
    for number, (layout, shape, mean_square) in enumerate(report, 1):
        size = dict(zip(layout, shape, strict=True))
        window = size.get("h", 1) * size.get("w", 1)
        if not 0.88 < mean_square * window * size["i"] / 2 < 1.12:
            return number, nearest(mean_square, variances(size["i"], size["o"], window))
    raise ValueError("no layer is wrong")


@right
def with_arrays(report):
    if not report:
        raise ValueError("an empty report")
    fans = np.array([sides(layout, shape) for layout, shape, _ in report], float)
    off = np.log([row[2] for row in report]) + np.log(fans[:, 0] * fans[:, 2] / 2)
    i = int(np.argmax(abs(off)))
    if abs(off[i]) < 0.08:
        raise ValueError("no layer is wrong")
    n_in, n_out, window = fans[i]
    known = np.array([1 / 6, n_in / (n_in + n_out), n_in / n_out, window, 0.774])
    return [i + 1, NAMES[int(np.argmin(abs(np.log(known) - off[i])))]]


@right
def that_trusts_the_statement(report):
    """Take a layer for He's, or for one of the five, if it is within 3 % of that."""
    for number, (layout, shape, mean_square) in enumerate(report, 1):
        n_in, n_out, window = sides(layout, shape)
        known = {"he": 2 / (n_in * window)} | variances(n_in, n_out, window)
        why = nearest(mean_square, known if window > 1 else known | {"window": 1e9})
        assert abs(mean_square / known[why] - 1) < 0.031, "0.774 has three digits"
        if why != "he":
            return number, why
    raise ValueError("no layer is wrong")


@right
def by_questions(report):
    for number, row in enumerate(report, 1):
        times, (n_in, n_out, window) = factor(row), sides(*row[:2])
        if 0.9 < times < 1.1:
            continue
        guesses = {"default": 1 / 6, "cut": 0.774, "layout": n_in / n_out}
        guesses |= {"xavier": n_in / (n_in + n_out)} | (
            {"window": window} if window > 1 else {}
        )
        return number, nearest(times, guesses)
    raise ValueError("no layer is wrong")


@wrong("layers are counted from 0", "counted from 1")
def counted_from_0(report):
    i = place(report)
    return i, read(report[i])


@wrong("the layer with the largest weights is wrong", "which is He's")
def largest_weights(report):
    place(report)
    i = max(range(len(report)), key=lambda i: report[i][2])
    return i + 1, read(report[i])


@wrong("all layouts are PyTorch's", "but layer")
def always_pytorch(report):
    place(report)
    turned = [("oihw" if len(shape) == 4 else "oi", shape, v) for _, shape, v in report]
    i = max(range(len(turned)), key=lambda i: abs(math.log(factor(turned[i]))))
    return i + 1, read(turned[i])


@wrong("fan_out is what a unit adds up", "holds the inputs?")
def fans_swapped(report):
    i = place(report)
    layout, shape, mean_square = report[i]
    n_in, n_out, window = sides(layout, shape)
    return i + 1, nearest(mean_square, variances(n_out, n_in, window))


@wrong("the window is no part of the fan", "which is He's")
def no_window(report):
    place(report)
    i = next(
        (i for i, row in enumerate(report) if not 0.9 < row[2] * sides(*row[:2])[0] / 2 < 1.1),
        0,
    )
    return i + 1, read(report[i])


@wrong("only what is too large is wrong", "which is He's")
def only_what_is_too_large(report):
    place(report)
    i = max(range(len(report)), key=lambda i: factor(report[i]))
    return i + 1, read(report[i])


@wrong("a cut is noise", "from a normal that was cut")
def cut_taken_for_noise(report):
    if max(abs(math.log(factor(row))) for row in report or [("io", (2, 2), 1.0)]) < 0.3:
        raise ValueError("no layer is wrong")
    return the_layer_furthest_off(report)


@wrong("nearest as a difference", "but layer")
def nearest_as_a_difference(report):
    i = place(report)
    layout, shape, mean_square = report[i]
    known = variances(*sides(layout, shape))
    known = {why: v for why, v in known.items() if v < mean_square}
    return i + 1, max(known, key=known.get, default="default")


@wrong("a convolution's mistake is its window", "but layer")
def always_the_window(report):
    i = place(report)
    return i + 1, "window" if len(report[i][1]) == 4 else read(report[i])


@wrong("the variance is what is asked for", "expected one of 'default', 'xavier'")
def variance_for_the_name(report):
    i = place(report)
    return i + 1, report[i][2]


@wrong("capitals do not matter", "expected one of 'default', 'xavier'")
def capitals(report):
    i = place(report)
    return i + 1, read(report[i]).upper()


@wrong("how first", "expected the number of the layer")
def turned(report):
    i = place(report)
    return read(report[i]), i + 1


@wrong("the number alone", "expected 2 entries")
def number_alone(report):
    return place(report) + 1


@wrong("the return is forgotten", "end with a return")
def no_return(report):
    place(report)


@wrong("rows may be taken out", "changed what it was given")
def in_place(report):
    i = place(report)
    why = read(report[i])
    del report[0]
    return i + 1, why


@wrong("what is right is refused", "was drawn")
def refuses_all(report):
    raise ValueError("no layer is wrong")


@lenient("one is always wrong", "because no layer is wrong")
def nothing_refused(report):
    i = max(range(len(report)), key=lambda i: abs(math.log(factor(report[i]))))
    return i + 1, read(report[i])


@lenient("an empty report has no wrong layer", "there is no layer to be wrong")
def empty_not_refused(report):
    return the_layer_furthest_off(report) if report else (0, "cut")


@lenient("no answer is an answer too", "returned None; expected a ValueError")
def none_for_none(report):
    try:
        return the_layer_furthest_off(report)
    except ValueError:
        return None
