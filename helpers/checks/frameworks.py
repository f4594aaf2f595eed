"""Checks of assignment 08: layouts of libraries, three errors to mend, a report to read."""

import math
from itertools import pairwise

import numpy as np

from helpers.checks.attempt import exercise
from helpers.checks.draws import (
    NORMAL,
    Distribution,
    expect_distribution,
    expect_independent,
    expect_no_measured_scale,
    expect_rng,
    expect_variance,
    expect_weights,
    variance_error,
)
from helpers.checks.plain import as_entries, describe
from helpers.checks.reports import expect_culprit
from helpers.checks.verdicts import expect, expect_fit, expect_ratio
from helpers.initializers import TRUNCATED_STD

# The axes of each layout that hold the inputs, the outputs, and the window.
LAYOUTS = {"io": (0, 1, ()), "oi": (1, 0, ()), "hwio": (2, 3, (0, 1)), "oihw": (1, 0, (2, 3))}

CLIPPED = 0.9205  # the variance of a standard normal, if what is beyond 2 is put at 2

# Half of the exercise's 0.5 % for a variance, and room for the largest of some 30 000 draws.
EDGE_TOLERANCE = 0.003


@exercise
def check_fans(student, rng):
    """Check ``fans(shape, layout)``; see `helpers.checks` for how."""
    for layout in LAYOUTS:
        for narrows in (True, False):
            _expect_fans(student, _some_shape(rng, layout, narrows), layout)
    dense, kernel = (_some_shape(rng, layout, False) for layout in ("io", "hwio"))
    other = str(rng.choice(["hwoi", "ohwi", "iohw", "ihwo"]))
    for shape, layout in ((kernel, other), (dense, "hw"), (dense, "IO")):
        student.refuses(ValueError, "the layout is none of the four", shape, layout)
    for shape, layout in ((kernel, "io"), (kernel[1:], "hwio"), (dense, "oihw")):
        why = f"{layout!r} has {len(layout)} axes and the shape has {len(shape)}"
        student.refuses(ValueError, why, shape, layout)
    low = "no axis is shorter than 1"
    student.refuses(ValueError, low, (0, *kernel[1:]), "hwio")
    student.refuses(ValueError, low, (*kernel[:3], 0), "hwio")
    student.refuses(ValueError, low, (-dense[0], -dense[1]), "oi")


def _some_shape(rng, layout, narrows):
    """Return a shape with no two axes equal, of a layer that narrows or else widens."""
    channels = sorted(_unequal(rng, 10, 60), reverse=narrows)
    sizes = dict(zip("hwio", _unequal(rng, 4, 9) + channels, strict=True))
    return tuple(sizes[letter] for letter in layout)


def _unequal(rng, low, high):
    """Return a list of two unequal integers, at least `low` and below `high`."""
    return [int(n) for n in rng.choice(np.arange(low, high), 2, replace=False)]


def _expect_fans(student, shape, layout):
    answer = student(shape, layout)
    as_entries(answer, 2, student.call, "ints in a tuple", tuple)
    expect(
        all(type(fan) is int for fan in answer),
        f"{student.call} returned {describe(answer)}; a fan is an integer.",
    )
    message = f"{student.call} is {answer}, which cannot be right"
    right, wrong = _fans(shape, layout), _wrong_fans(shape, layout)
    expect_fit(right, lambda fans: answer == fans, message, wrong)


def _fans(shape, layout):
    inputs, outputs, field = LAYOUTS[layout]
    positions = math.prod(shape[axis] for axis in field)
    return positions * shape[inputs], positions * shape[outputs]


def _wrong_fans(shape, layout):
    """Return from cause to answer; the first of two equal answers has the likelier cause."""
    fan_in, fan_out = _fans(shape, layout)
    wrong = {"fan_in comes first; look for the axis of the inputs": (fan_out, fan_in)}
    for other in LAYOUTS:
        if len(other) == len(layout) != 2 and other != layout:
            wrong[f"that is right for {other!r}, and not for every layout"] = _fans(
                shape, other
            )
    if len(layout) == 4:
        height, width = (shape[layout.index(side)] for side in "hw")
        field = height * width
        n_in, n_out = fan_in // field, fan_out // field
        wrong |= {
            "the window is left out": (n_in, n_out),
            "an input pixel has a share in several outputs, too": (fan_in, n_out),
            "an output adds up several input pixels, too": (n_in, fan_out),
            "only the height is counted": (height * n_in, height * n_out),
            "only the width is counted": (width * n_in, width * n_out),
            "not every window is square": (height**2 * n_in, height**2 * n_out),
            "the two sides of the window are added": (
                (height + width) * n_in,
                (height + width) * n_out,
            ),
        }
    everything = math.prod(shape)
    return wrong | {"that counts all weights, not those of one unit": (everything, everything)}


@exercise
def check_linear_he(student, rng):
    """Check ``linear_he(shape, rng)`` in PyTorch's layout; see `helpers.checks` for how."""
    student.array((3, 4), (3, 4), student.rng)
    expect_rng(student, (3, 4), "rng")
    for fan_in, fan_out in _three_shapes(rng):
        causes = _he_causes(fan_in, fan_out) | {
            "that mends the layer of the story, and no other": fan_in / (3 * fan_out)
        }
        expect_weights(student, (fan_out, fan_in), 2 / fan_in, NORMAL, causes)
    _expect_two_entries(student)


def _three_shapes(rng):
    """Return (fan_in, fan_out) of a layer that narrows, one that widens, and one of few inputs.

    Sides with a ratio of nearly 2.5 have no mistake's factor but their own, nor has that ratio
    over the story's 3. Where there are few inputs it shows if a bias is counted as one.
    """
    many, few = int(rng.integers(198, 203)), int(rng.integers(78, 82))
    return (many, few), (few, many), (2, int(rng.integers(5000, 6000)))


def _expect_two_entries(student):
    for shape in ((3,), (3, 4, 5)):
        student.refuses(ValueError, "a shape needs two entries here", shape, student.rng)


def _he_causes(fan_in, fan_out):
    std = math.sqrt(2 / fan_in)
    return {
        "it depends on the number of outputs; which axis holds them here?": fan_in / fan_out,
        "that is 1/n, which layers without an activation need; what does ReLU do to a mean "
        "square?": 0.5,
        "that is Xavier's, which looks at both sides": fan_in / (fan_in + fan_out),
        "the bias is counted as an input, and it has no share in the sum of products": (
            fan_in / (fan_in + 1)
        ),
        "a variance stands where a standard deviation is expected": std**2,
        "what lies beyond two deviations is moved there, and a normal has no edge": CLIPPED,
        "what lies beyond two deviations is drawn again, and a normal has no edge": (
            TRUNCATED_STD**2
        ),
    }


@exercise
def check_conv_he(student, rng):
    """Check ``conv_he(shape, rng)`` in the layout OIHW; see `helpers.checks` for how."""
    student.array((4, 3, 2, 5), (4, 3, 2, 5), student.rng)
    expect_rng(student, (4, 3, 2, 5), "rng")
    # Three times as many channels on one side, and a window of 4 x 6 or 6 x 4: the mistakes
    # are told apart, and from 1, by far more than an estimate's error.
    few, many = int(rng.integers(20, 22)), int(rng.integers(63, 67))
    widens, narrows = (
        (*n, *rng.permutation([4, 6]).tolist()) for n in ((many, few), (few, many))
    )
    # A bias counted as an input shows where there are few inputs.
    for shape in (widens, narrows, (int(rng.integers(5000, 6000)), 2, 1, 1)):
        fan_in = math.prod(shape[1:])
        expect_weights(student, shape, 2 / fan_in, NORMAL, _conv_causes(shape))
    for shape in ((3, 4), (2, 3, 3, 4, 5)):
        student.refuses(ValueError, "a shape needs four entries here", shape, student.rng)


def _conv_causes(shape):
    n_out, n_in, height, width = shape
    window = height * width
    return {
        "the window is counted, with the outputs in place of the inputs": n_in / n_out,
        "that is the variance that one pixel's inputs need; how many pixels does an output "
        "see?": window,
        "only the height of the window is counted": width,
        "only the width of the window is counted": height,
        "the two sides of the window are added": window / (height + width),
        "that takes every window for 3 x 3": window / 9,
        "that takes every window for a square on its height": width / height,
        "that takes every window for a square on its width": height / width,
        "the window's size divides the standard deviation, not the variance": 1 / window,
        "the window's size multiplies the variance: the error doubled, not mended": window**2,
        "that is right for Keras's layout, (height, width, in, out)": width / n_out,
        "all weights are counted; how many does one output see?": 1 / n_out,
    } | _he_causes(n_in * window, n_out * window)


def _truncated_normal():
    """Return the `Distribution` of a standard normal that is cut off at -2 and 2.

    By parts, E[z**k] = (k - 1) E[z**(k - 2)] - 2**(k - 1) e, where e = 2 p(2) / (2 Phi(2) - 1)
    is known from the variance, 1 - 2 e.
    """
    edge = (1 - TRUNCATED_STD**2) / 2
    moments = [1.0]
    for k in (2, 4, 6, 8):
        moments.append((k - 1) * moments[-1] - 2 ** (k - 1) * edge)
    _, _, fourth, sixth, eighth = (m / moments[1] ** i for i, m in enumerate(moments))
    # The variance of x**4 - 2 * fourth * x**2 for the standardized x.
    spread = eighth - 4 * fourth * sixth + 4 * fourth**3 - fourth**2
    return Distribution("truncated normal", fourth, spread)


TRUNCATED = _truncated_normal()  # kurtosis 2.3655, spread 3.848


@exercise
def check_truncated_lecun(student, rng):
    """Check ``truncated_lecun(shape, rng)``; see `helpers.checks` for how."""
    student.array((3, 4), (3, 4), student.rng)
    expect_rng(student, (3, 4), "rng")
    for shape in reversed(_three_shapes(rng)):
        weights = np.stack([student.array(shape, shape, student.rng) for _ in range(3)])
        expect_independent(weights, student.call)
        expect_no_measured_scale(weights, student.call)
        _expect_cut(weights, student.call)
        causes = _truncated_causes(*shape)
        expect_variance(weights, 1 / shape[0], TRUNCATED, student.call, causes)
        expect_distribution(weights, TRUNCATED, student.call)
        _expect_edge(weights, 2 / TRUNCATED_STD / math.sqrt(shape[0]), student.call)
    _expect_two_entries(student)


def _expect_cut(weights, what):
    """Expect the largest weight where a normal cut off at 2 has it, on the weights' own scale.

    The density there is so high that of n draws the largest lies within 100 / n of it, relative
    to that, but for one time in e**20: next to the error of the scale that is nothing.
    """
    reach = float(np.abs(weights).max()) / math.sqrt(np.mean(weights**2))
    ratio = reach * TRUNCATED_STD / 2
    error = variance_error(TRUNCATED, weights.size) / 2  # of a root
    expect(
        ratio <= 1 + error,
        f"{what}: the largest weight is {reach:.3g} times their standard deviation, and beyond "
        "the cut. Is each number drawn again until it lies inside?",
    )
    message = f"{what}: the largest weight is {{:.3g}} times as far out as a cut leaves it"
    expect_ratio(ratio, error, message, _cut_causes())


def _cut_causes():
    earlier = 0.8221  # the deviation of a standard normal, cut off at 2 TRUNCATED_STD
    return {
        "the cut stayed where it was: it is at two deviations of the wider normal": (
            TRUNCATED_STD**2 / earlier
        ),
        "what lies beyond is moved to the edge; it should be drawn again": (
            TRUNCATED_STD / math.sqrt(CLIPPED)
        ),
        "the two deviations are those of the normal before it is cut": TRUNCATED_STD,
        "that is a uniform": math.sqrt(3) * TRUNCATED_STD / 2,
    }


def _expect_edge(weights, edge, what):
    """Expect the largest weight where it belongs; see `_expect_cut`.

    This is a far closer look at the correction than the variance allows.
    """
    message = (
        f"{what}: the largest weights are {{:.4g}} times as large as the cut leaves them: it "
        "is not quite at two deviations, or not exactly made up for"
    )
    expect_ratio(float(np.abs(weights).max()) / edge, EDGE_TOLERANCE, message, {})


def _truncated_causes(fan_in, fan_out):
    left, kept = TRUNCATED_STD**2, math.erf(math.sqrt(2))
    return {
        "the cut takes variance away, and nothing makes up for that": left,
        "what makes up for the cut is on the wrong side: it takes away more": left**2,
        "what makes up for the variance is applied to the deviation": 1 / left,
        "that is the share of numbers inside, not the share of their variance": left / kept,
        "that is the share of numbers inside, and for a deviation": left / kept**2,
        "it depends on the number of outputs; which axis holds them here?": fan_in / fan_out,
        "the bias is counted as an input, and it has no share in the sum of products": (
            fan_in / (fan_in + 1)
        ),
        "that is He's, for ReLU": 2.0,
        "that is Xavier's, which looks at both sides": 2 * fan_in / (fan_in + fan_out),
        "a variance stands where a standard deviation is expected": 1 / fan_in,
    }


# How a layer was drawn, and its weights' variance, from its fans and its window's size. With
# the sides of `_model` those of a layer are a factor of 1.2 apart at least, and noise is 3 %.
SLIPS = {
    "default": ("as PyTorch does by default", lambda n, m, _: 1 / (3 * n)),
    "xavier": ("with Xavier's variance, Keras's default", lambda n, m, _: 2 / (n + m)),
    "layout": ("with the outputs counted as inputs", lambda n, m, _: 2 / m),
    "window": ("with the window left out of the fan", lambda n, m, window: 2 * window / n),
    "cut": ("from a normal that was cut", lambda n, m, _: TRUNCATED_STD**2 * 2 / n),
}


@exercise
def check_unfit_layer(student, rng):
    """Check ``unfit_layer(report)``; see `helpers.checks` for how."""
    for why in rng.permutation(list(SLIPS)).tolist():
        for layouts in (("oihw", "oi"), ("hwio", "io")):
            shapes, convolutions = _model(rng, layouts)
            last = convolutions if why == "window" else len(shapes)
            for layer in sorted({1, int(rng.integers(1, last + 1)), last}):
                _expect_seen(student, _report(rng, shapes, layer, why), layer, why)
    shapes, _ = _model(rng, ("oihw", "oi"))
    student.refuses(ValueError, "no layer is wrong", _report(rng, shapes))
    student.refuses(ValueError, "there is no layer to be wrong", [])


def _model(rng, layouts):
    """Return layouts and shapes of convolutions, then dense layers, and how many the first are.

    Layers by turns widen, to 2.2 to 2.9 times as many channels, and narrow, to 0.55 to 0.66.
    """
    first, convolutions = int(rng.integers(2)), int(rng.integers(2, 4))
    channels = [int(rng.integers(40, 60))]
    for i in range(convolutions + int(rng.integers(2, 4))):
        ratio = rng.uniform(0.58, 0.63) if (first + i) % 2 else rng.uniform(2.3, 2.8)
        channels.append(round(channels[-1] * ratio))
    shapes = []
    for i, (n_in, n_out) in enumerate(pairwise(channels)):
        height, width = rng.permutation([3, int(rng.choice([1, 3, 5]))]).tolist()
        sizes = {"h": height, "w": width, "i": n_in, "o": n_out}
        layout = layouts[i >= convolutions]
        shapes.append((layout, tuple(sizes[letter] for letter in layout)))
    return shapes, convolutions


def _report(rng, shapes, wrong=None, why=None):
    """Return the mean square of each layer's weights, with its layout and shape."""
    report = []
    for layer, (layout, shape) in enumerate(shapes, 1):
        fan_in, fan_out = _fans(shape, layout)
        window = _window(shape, layout)
        variance = SLIPS[why][1](fan_in, fan_out, window) if layer == wrong else 2 / fan_in
        report.append((layout, shape, float(f"{variance * rng.uniform(0.97, 1.03):.4g}")))
    return report


def _window(shape, layout):
    return math.prod(shape[axis] for axis in LAYOUTS[layout][2])


def _expect_seen(student, report, layer, why):
    layout, shape, mean_square = report[layer - 1]
    turned = _nearest_slip(mean_square, *_fans(shape, layout)[::-1], _window(shape, layout))
    hints = {turned: f"; which axis of {layout!r} holds the inputs?"}
    planted = f"layer {layer} was drawn {SLIPS[why][0]}"
    expect_culprit(student, report, (layer, why), SLIPS, planted, _misread, hints)


def _nearest_slip(mean_square, fan_in, fan_out, window):
    off = {
        why: abs(math.log(mean_square / variance(fan_in, fan_out, window)))
        for why, (_, variance) in SLIPS.items()
    }
    return min(off, key=off.get)


def _misread(report, found):
    """Return what the weights of another layer are, as a sentence."""
    layout, shape, mean_square = report[found - 1]
    fan_in, _ = _fans(shape, layout)
    return (
        f"Layer {found}, {shape} in {layout!r}, has a fan_in of {fan_in}, and its weights a "
        f"mean square of {mean_square:.3g}, which is He's."
    )
