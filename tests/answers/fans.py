"""Answers to assignment 08, ``fans(shape, layout)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong

LAYOUTS = ("io", "oi", "hwio", "oihw")


def checked(shape, layout):
    """Raise as the exercise asks."""
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {LAYOUTS}; got {layout!r}")
    if len(shape) != len(layout):
        raise ValueError(f"{layout!r} needs {len(layout)} axes; got {shape}")
    if min(shape) < 1:
        raise ValueError(f"shape must have positive entries; got {shape}")


def computed(shape, layout):
    """Return the fans, whatever is given."""
    named = dict(zip(layout, shape, strict=False))
    field = named.get("h", 1) * named.get("w", 1)
    return field * named.get("i", 1), field * named.get("o", 1)


@right
def letter_by_letter(shape, layout):
    checked(shape, layout)
    fan_in = fan_out = 1
    for letter, size in zip(layout, shape, strict=True):
        if letter != "o":
            fan_in *= size
        if letter != "i":
            fan_out *= size
    return fan_in, fan_out


@right
def four_cases(shape, layout):
    checked(shape, layout)
    if layout == "io":
        return shape
    if layout == "oi":
        return shape[1], shape[0]
    if layout == "hwio":
        height, width, n_in, n_out = shape
    else:
        n_out, n_in, height, width = shape
    return height * width * n_in, height * width * n_out


@right
def all_weights_of_one_output(shape, layout):
    checked(shape, layout)
    size = np.prod(shape)  # NumPy's own integer
    return size // shape[layout.index("o")], size // shape[layout.index("i")]


@right
def by_a_table(shape, layout):
    orders = {"io": (0, 1), "oi": (1, 0), "hwio": (2, 3), "oihw": (1, 0)}
    if layout not in orders or len(shape) != len(layout) or any(n <= 0 for n in shape):
        raise ValueError(f"no fans of {shape} in the layout {layout!r}")
    i, o = orders[layout]
    field = math.prod(n for axis, n in enumerate(shape) if axis not in (i, o))
    return field * shape[i], field * shape[o]


@wrong("fan_out first", "fan_in comes first")
def swapped(shape, layout):
    checked(shape, layout)
    return computed(shape, layout)[::-1]


@wrong("all dense weights are PyTorch's", "fan_in comes first")
def dense_always_out_in(shape, layout):
    checked(shape, layout)
    return computed(shape, "oi" if layout == "io" else layout)


@wrong("all dense weights are Keras's", "fan_in comes first")
def dense_always_in_out(shape, layout):
    checked(shape, layout)
    return computed(shape, "io" if layout == "oi" else layout)


@wrong("all kernels are PyTorch's", "right for 'oihw', and not for every layout")
def kernels_always_oihw(shape, layout):
    checked(shape, layout)
    return computed(shape, "oihw" if layout == "hwio" else layout)


@wrong("all kernels are Keras's", "right for 'hwio'")
def kernels_always_hwio(shape, layout):
    checked(shape, layout)
    return computed(shape, "hwio" if layout == "oihw" else layout)


@wrong("the larger side is the inputs", "fan_in comes first")
def larger_side_first(shape, layout):
    checked(shape, layout)
    return tuple(sorted(computed(shape, layout), reverse=True))


@wrong("the smaller side is the inputs", "fan_in comes first")
def smaller_side_first(shape, layout):
    checked(shape, layout)
    return tuple(sorted(computed(shape, layout)))


@wrong("a kernel's fans are its channels", "window is left out")
def field_left_out(shape, layout):
    checked(shape, layout)
    return shape[layout.index("i")], shape[layout.index("o")]


@wrong("the field is of the inputs alone", "in several outputs")
def field_in_fan_in_alone(shape, layout):
    checked(shape, layout)
    return computed(shape, layout)[0], shape[layout.index("o")]


@wrong("the field is of the outputs alone", "several input pixels")
def field_in_fan_out_alone(shape, layout):
    checked(shape, layout)
    return shape[layout.index("i")], computed(shape, layout)[1]


@wrong("one side is the field", "only the height")
def height_alone(shape, layout):
    checked(shape, layout)
    side = shape[layout.index("h")] if "h" in layout else 1
    return side * shape[layout.index("i")], side * shape[layout.index("o")]


@wrong("the other side is the field", "only the width")
def width_alone(shape, layout):
    checked(shape, layout)
    side = shape[layout.index("w")] if "w" in layout else 1
    return side * shape[layout.index("i")], side * shape[layout.index("o")]


@wrong("every window is square", "not every window is square")
def height_squared(shape, layout):
    checked(shape, layout)
    side = shape[layout.index("h")] if "h" in layout else 1
    return side**2 * shape[layout.index("i")], side**2 * shape[layout.index("o")]


@wrong("the field is the sum of its sides", "are added")
def sides_added(shape, layout):
    checked(shape, layout)
    field = sum(n for n, axis in zip(shape, layout, strict=True) if axis in "hw") or 1
    return field * shape[layout.index("i")], field * shape[layout.index("o")]


@wrong("a fan is the number of weights", "counts all weights")
def all_weights(shape, layout):
    checked(shape, layout)
    return math.prod(shape), math.prod(shape)


@wrong("a division gives the fans as floats", "a fan is an integer")
def floats(shape, layout):
    checked(shape, layout)
    size = math.prod(shape)
    return size / shape[layout.index("o")], size / shape[layout.index("i")]


@wrong("a list is a tuple", "expected 2 ints in a tuple")
def as_a_list(shape, layout):
    checked(shape, layout)
    return list(computed(shape, layout))


@wrong("an array is a tuple", "expected 2 ints in a tuple")
def as_an_array(shape, layout):
    checked(shape, layout)
    return np.array(computed(shape, layout))


@wrong("the field is returned as well", "expected 2 ints in a tuple")
def with_the_field(shape, layout):
    checked(shape, layout)
    return *computed(shape, layout), math.prod(shape)


@wrong("only fan_in is asked for", "expected 2 ints in a tuple")
def fan_in_alone(shape, layout):
    checked(shape, layout)
    return computed(shape, layout)[0]


@wrong("the return is forgotten", "end with a return")
def no_return(shape, layout):
    checked(shape, layout)
    computed(shape, layout)


@lenient("nothing is refused", "because the layout is none of the four")
def nothing_refused(shape, layout):
    return computed(shape, layout)


@lenient("any order of the letters will do", "because the layout is none of the four")
def any_layout(shape, layout):
    if len(shape) != len(layout) or min(shape) < 1:
        raise ValueError(f"no fans of {shape} in the layout {layout!r}")
    return computed(shape, layout)


@lenient("any letters of a layout are one", "'hw') returned")
def part_of_a_layout(shape, layout):
    if layout not in "io oi hwio oihw":
        raise ValueError(f"layout is io, oi, hwio or oihw; got {layout!r}")
    checked(shape, "hwio" if len(layout) == 4 else "io")
    return computed(shape, layout)


@lenient("capitals are as good", "'IO') returned")
def capitals(shape, layout):
    checked(shape, layout.lower())
    return computed(shape, layout.lower())


@lenient("a look-up refuses by itself", "raised KeyError")
def looked_up(shape, layout):
    i, o = {"io": (0, 1), "oi": (1, 0), "hwio": (2, 3), "oihw": (1, 0)}[layout]
    if len(shape) != len(layout) or min(shape) < 1:
        raise ValueError(f"no fans of {shape} in the layout {layout!r}")
    field = math.prod(shape) // (shape[i] * shape[o])
    return field * shape[i], field * shape[o]


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(shape, layout):
    assert layout in LAYOUTS
    assert len(shape) == len(layout)
    assert min(shape) > 0
    return computed(shape, layout)


@lenient("more axes than needed do no harm", "because 'io' has 2 axes and the shape has 4")
def too_many_axes(shape, layout):
    checked(shape[: len(layout)], layout)
    return computed(shape, layout)


@lenient("dense or not is all that matters", "because 'hwio' has 4 axes and the shape has 3")
def three_axes_for_four(shape, layout):
    if layout not in LAYOUTS or (len(shape) == 2) != (len(layout) == 2) or min(shape) < 1:
        raise ValueError(f"no fans of {shape} in the layout {layout!r}")
    return computed(shape, layout)


@lenient(
    "a dense layer is a kernel of one pixel", "because 'oihw' has 4 axes and the shape has 2"
)
def two_axes_for_four(shape, layout):
    if layout not in LAYOUTS or len(shape) not in (2, len(layout)) or min(shape) < 1:
        raise ValueError(f"no fans of {shape} in the layout {layout!r}")
    return computed(shape, layout)


@lenient("only the channels are tested", "because no axis is shorter than 1")
def field_not_tested(shape, layout):
    checked([1] * len(shape), layout)
    if min(shape[layout.index(axis)] for axis in "io") < 1:
        raise ValueError(f"shape must have positive channels; got {shape}")
    return computed(shape, layout)


@lenient("only the first entry is tested", "because no axis is shorter than 1")
def first_axis_tested(shape, layout):
    checked([1] * len(shape), layout)
    if shape[0] < 1:
        raise ValueError(f"shape must have positive entries; got {shape}")
    return computed(shape, layout)


@lenient("the product of all is tested", "because no axis is shorter than 1")
def product_tested(shape, layout):
    checked([1] * len(shape), layout)
    if math.prod(shape) < 1:
        raise ValueError(f"shape must have positive entries; got {shape}")
    return computed(shape, layout)


@lenient("an axis of length 0 is an axis", "because no axis is shorter than 1")
def zero_allowed(shape, layout):
    checked([1] * len(shape), layout)
    if min(shape) < 0:
        raise ValueError(f"shape must not have negative entries; got {shape}")
    return computed(shape, layout)
