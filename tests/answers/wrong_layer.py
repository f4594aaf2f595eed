"""Answers to assignment 06, ``wrong_layer(report)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong

NAMES = ("half", "fan", "bound", "root", "scale")


def variances(fan_in, fan_out):
    """Return the variances of the five slips, by their names."""
    values = 1 / fan_in, 2 / fan_out, 2 / fan_in / 3, (2 / fan_in) ** 2, 1.0
    return dict(zip(NAMES, values, strict=True))


def nearest(variance, fan_in, fan_out):
    """Return the slip whose variance is nearest, as a ratio."""
    off = {why: abs(math.log(variance / v)) for why, v in variances(fan_in, fan_out).items()}
    return min(off, key=off.get)


def factor(row):
    """Return by what a layer multiplies, beside He's."""
    return row[3] / row[2] / 2


def place(report, off=lambda row: abs(math.log(factor(row)))):
    """Return the place, from 0, of the layer that is furthest off, or raise."""
    if not report or max(abs(math.log(factor(row))) for row in report) < 0.2:
        raise ValueError("no layer is wrong")
    return max(range(len(report)), key=lambda i: off(report[i]))


def read(report, i):
    """Return the slip of the layer at a place."""
    fan_in, fan_out, before, after = report[i]
    return nearest(after / before / fan_in, fan_in, fan_out)


@right
def the_layer_furthest_off(report):
    i = place(report)
    return i + 1, read(report, i)


@right
def the_first_that_is_off(report):
    for number, (fan_in, fan_out, before, after) in enumerate(report, 1):
        variance = after / before / fan_in
        if not 0.8 < variance * fan_in / 2 < 1.25:
            return number, nearest(variance, fan_in, fan_out)
    raise ValueError("no layer is wrong")


@right
def with_arrays(report):
    if len(report) == 0:
        raise ValueError("an empty report")
    fan_in, fan_out, before, after = np.transpose(report)
    measured = after / (before * fan_in)
    off = np.abs(np.log(measured * fan_in / 2))
    if off.max() < 0.25:
        raise ValueError("no layer is wrong")
    i = np.argmax(off)
    known = np.array([1 / fan_in[i], 2 / fan_out[i], 2 / 3 / fan_in[i], 4 / fan_in[i] ** 2, 1])
    return [i + 1, NAMES[np.argmin(np.abs(np.log(known / measured[i])))]]


@right
def by_questions(report):
    for number, (fan_in, fan_out, before, after) in enumerate(report, 1):
        times = after / before / 2
        if 0.85 < times < 1.15:
            continue
        if times > 1:
            is_scale = times > math.sqrt(fan_in / fan_out * fan_in / 2)
            return number, "scale" if is_scale or fan_out > fan_in else "fan"
        guesses = {"half": 1 / 2, "bound": 1 / 3, "root": 2 / fan_in, "fan": fan_in / fan_out}
        return number, min(
            guesses, key=lambda why: max(guesses[why] / times, times / guesses[why])
        )
    raise ValueError("no layer is wrong")


@wrong("layers are counted from 0", "counted from 1")
def counted_from_0(report):
    i = place(report)
    return i, read(report, i)


@wrong("the layer with the smallest sums is wrong", "changes all that come after it")
def smallest_sums(report):
    place(report)
    i = min(range(len(report)), key=lambda i: report[i][3])
    return i + 1, read(report, i)


@wrong("the layer whose sums are furthest from 2 is wrong", "changes all that come after it")
def furthest_from_2(report):
    i = place(report, lambda row: abs(math.log(row[3] / 2)))
    return i + 1, read(report, i)


@wrong("a right layer keeps the mean square", "ReLU takes half of that away")
def relu_forgotten(report):
    place(report)
    i = next(i for i, row in enumerate(report) if not 0.8 < row[3] / row[2] < 1.25)
    return i + 1, read(report, i)


@wrong("only what shrinks is wrong", "ReLU takes half of that away")
def only_what_shrinks(report):
    i = place(report, lambda row: -factor(row))
    return i + 1, read(report, i)


@wrong("the last layer has no ReLU after it", "but layer")
def last_layer_left_out(report):
    i = place(report)
    i = place(report[:-1]) if i < len(report) - 1 else 0
    return i + 1, read(report, i)


@wrong("fan_out is what a unit adds up", "fan_in counts what a unit adds up")
def fans_swapped(report):
    i = place(report)
    fan_in, fan_out, before, after = report[i]
    return i + 1, nearest(after / before / fan_out, fan_out, fan_in)


@wrong("the variance is after over before", "but layer")
def not_divided_by_the_fan(report):
    i = place(report)
    fan_in, fan_out, before, after = report[i]
    return i + 1, nearest(after / before, fan_in, fan_out)


@wrong("the variance is what is asked for", "expected one of 'half', 'fan'")
def variance_for_the_name(report):
    i = place(report)
    fan_in, _, before, after = report[i]
    return i + 1, after / before / fan_in


@wrong("capitals do not matter", "expected one of 'half', 'fan'")
def capitals(report):
    i = place(report)
    return i + 1, read(report, i).upper()


@wrong("how first", "expected the number of the layer")
def turned(report):
    i = place(report)
    return read(report, i), i + 1


@wrong("the number alone", "expected 2 entries")
def number_alone(report):
    return place(report) + 1


@wrong("after and before are turned", "but layer")
def before_for_after(report):
    place(report)
    i = max(range(len(report)), key=lambda i: abs(math.log(report[i][2] / report[i][3] / 2)))
    fan_in, fan_out, before, after = report[i]
    return i + 1, nearest(before / after / fan_in, fan_in, fan_out)


@wrong("the return is forgotten", "end with a return")
def no_return(report):
    place(report)


@wrong("rows may be taken out", "changed what it was given")
def in_place(report):
    i = place(report)
    why = read(report, i)
    del report[0]
    return i + 1, why


@wrong("what is right is refused", "was drawn")
def refuses_all(report):
    raise ValueError("no layer is wrong")


@lenient("one is always wrong", "because no layer is wrong")
def nothing_refused(report):
    i = max(range(len(report)), key=lambda i: abs(math.log(factor(report[i]))))
    return i + 1, read(report, i)


@lenient("an empty report has no wrong layer", "there is no layer to be wrong")
def empty_not_refused(report):
    return the_layer_furthest_off(report) if report else (0, "half")


@lenient("no answer is an answer too", "returned None; expected a ValueError")
def none_for_none(report):
    try:
        return the_layer_furthest_off(report)
    except ValueError:
        return None
