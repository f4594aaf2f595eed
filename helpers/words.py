"""Numbers in words: in pictures, in their descriptions for screen readers, and in tables."""

import math
import re


def number(value, digits=3):
    """Return a number as it is read aloud.

    Whole numbers below a million stay whole. Others have at most `digits` significant digits;
    from a million on, and below a thousandth, they are written with a power of ten.

    Examples
    --------
    >>> number(3072), number(3072.4), number(0.98765), number(1e6), number(0.000123456)
    ('3072', '3070', '0.988', '1.00 × 10^6', '1.23 × 10^-4')
    """
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 1e6:
        return str(int(value))
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    rounded = float(f"{mantissa}e{exponent}")
    if 1e-3 <= abs(rounded) < 1e6:
        return f"{rounded:g}"
    return f"{mantissa} × 10^{int(exponent)}"


def two_places(value):
    """Return a number with two digits after the point, and never as minus zero.

    Examples
    --------
    >>> two_places(0.75), two_places(-0.001)
    ('0.75', '0.00')
    """
    return f"{value:z.2f}"


def span(values):
    """Return the first and the last of some numbers, or all of some names.

    Examples
    --------
    >>> span([1, 2, 20]), span([5.0, 5.0]), span(["tanh", "relu"])
    ('1 to 20', '5', 'tanh, relu')
    """
    if any(isinstance(value, str) for value in values):
        return ", ".join(values)
    first, last = number(values[0]), number(values[-1])
    return first if first == last else f"{first} to {last}"


def typeset(words):
    """Return words for a picture, with raised exponents."""
    return re.sub(r"10\^(-?\d+)", r"$10^{\1}$", words)


def count(n, thing):
    """Return "1 layer" or "2 layers"."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def percent(share):
    """Return a share as a whole percentage."""
    return f"{100 * share:.0f} %"
