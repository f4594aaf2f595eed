"""The theory's integrals to twenty digits: `python -m tests.theory` compares ours with them."""

import math
from functools import cache, partial
from itertools import product

import mpmath as mp
import numpy as np

from helpers.activations import ACTIVATIONS, Activation, sigmoid
from helpers.propagation import correlation_map, gradient_map, length_map

LENGTHS = (1e-6, 1e-3, 1.0, 30.0, 1e3, 1e4, 1e6, 1e9, 1e12)
CORRELATIONS = (-0.9, 0.0, 0.5, 0.99, 1 - 1e-6)

OURS = ACTIVATIONS | {
    "silu": Activation(
        "silu",
        lambda z: z * sigmoid(z),
        lambda z: sigmoid(z) * (1 + z * sigmoid(-z)),
    ),
    "hardtanh": Activation(
        "hardtanh",
        lambda z: np.clip(z, -1, 1),
        lambda z: (np.abs(z) < 1).astype(z.dtype),
    ),
    "sine": Activation("sine", np.sin, np.cos),
}
KINKS = {"hardtanh": (-1.0, 1.0)}

_LAMBDA, _ALPHA = mp.mpf("1.0507009873554805"), mp.mpf("1.6732632423543772")


def _logistic(t):
    return 1 / (1 + mp.exp(-t))


def _selu_slope(t):
    return _LAMBDA * (1 if t > 0 else _ALPHA * mp.exp(t))


# The function and its slope, from their definitions.
EXACT = {
    "identity": (lambda t: t, lambda t: mp.mpf(1)),
    "sigmoid": (_logistic, lambda t: _logistic(t) * _logistic(-t)),
    "tanh": (mp.tanh, lambda t: mp.sech(t) ** 2),
    "relu": (lambda t: max(t, mp.mpf(0)), lambda t: mp.mpf(t > 0)),
    "leaky_relu": (
        lambda t: t if t > 0 else mp.mpf(0.01) * t,
        lambda t: mp.mpf(1) if t > 0 else mp.mpf(0.01),
    ),
    "elu": (lambda t: t if t > 0 else mp.expm1(t), lambda t: 1 if t > 0 else mp.exp(t)),
    "selu": (lambda t: _LAMBDA * (t if t > 0 else _ALPHA * mp.expm1(t)), _selu_slope),
    "gelu": (lambda t: t * mp.ncdf(t), lambda t: mp.ncdf(t) + t * mp.npdf(t)),
    "softplus": (lambda t: max(t, 0) + mp.log1p(mp.exp(-abs(t))), _logistic),
    "silu": (
        lambda t: t * _logistic(t),
        lambda t: _logistic(t) * (1 + t * _logistic(-t)),
    ),
    "hardtanh": (lambda t: min(max(t, -1), mp.mpf(1)), lambda t: mp.mpf(abs(t) < 1)),
}


def exact_mean_square(name, slope, q):
    """Return ``E[f(t)**2]`` for t ~ N(0, q) and f an activation or its slope, as a float."""
    if name == "sine":  # sin(t)**2 = (1 - cos(2 t)) / 2, whose mean is known
        sign = 1 if slope else -1
        return float((1 + sign * mp.exp(-2 * mp.mpf(q))) / 2)
    function = EXACT[name][slope]
    with mp.workdps(20):
        root = mp.sqrt(mp.mpf(q))

        def even(z):
            return (function(root * z) ** 2 + function(-root * z) ** 2) * mp.npdf(z)

        return float(mp.quad(even, _pieces(q), method="gauss-legendre"))


def exact_correlation(name, c, q):
    """Return the next layer's correlation, without biases, as a float."""
    if name == "sine":  # the product is half of cos(u - v) - cos(u + v), whose means are known
        return (math.exp(-q * (1 - c)) - math.exp(-q * (1 + c))) / (1 - math.exp(-2 * q))
    if name in ("relu", "leaky_relu", "identity"):
        return _rectified(c, {"relu": 0.0, "leaky_relu": 0.01, "identity": 1.0}[name])
    # E[f(u) f(v)] is the sum of a_n**2 c**n, with a_n the coefficients of f in normalized
    # Hermite polynomials (Mehler). At c = 0.5 fifty of them leave out 1e-15.
    squares = hermite_squares(name, q)
    return sum(a * c**n for n, a in enumerate(squares)) / exact_mean_square(name, False, q)


@cache
def hermite_squares(name, q):
    """Return the squares of the Hermite coefficients 0 to 49 of ``activation(sqrt(q) z)``."""
    function = EXACT[name][0]
    ends, nodes, sums = _pieces(q), {}, []
    with mp.workdps(20):
        root = mp.sqrt(mp.mpf(q))

        def both(z):  # values at z and -z, times the density
            if z not in nodes:
                density = mp.npdf(z)
                nodes[z] = function(root * z) * density, function(-root * z) * density
            return nodes[z]

        def term(n, z):
            above, below = both(z)
            return (above + (-1) ** n * below) * _hermite(n, z)

        for n in range(50):
            total = mp.quad(partial(term, n), ends, method="gauss-legendre", maxdegree=5)
            sums.append(float(total**2))
    return sums


@cache
def _hermite(n, z):
    """Return the normalized Hermite polynomial, by its recurrence."""
    if n == 0:
        return mp.mpf(1)
    if n == 1:
        return z
    return (z * _hermite(n - 1, z) - mp.sqrt(n - 1) * _hermite(n - 2, z)) / mp.sqrt(n)


def _pieces(q):
    """Return ends of intervals on which an activation and the density are smooth."""
    root = mp.sqrt(mp.mpf(q))
    ends = {mp.mpf(x) for x in (0, 3, 12)}
    return sorted(ends | {mp.mpf(x) / root for x in (1, 4, 16, 64) if x < 12 * root})


def _rectified(c, leak):
    """Return the correlation that a rectifier leaves: Cho and Saul's kernel of degree 1."""
    angle = math.acos(c)
    same = (math.sin(angle) + (math.pi - angle) * c) / math.pi  # 2 E[max(u, 0) max(v, 0)]
    other = (math.sin(angle) - angle * c) / math.pi  # 2 E[max(u, 0) max(-v, 0)]
    return ((1 + leak**2) * same - 2 * leak * other) / (1 + leak**2)


def cases():
    """Yield a function's name, an activation's, a length, and a correlation or None."""
    for name in OURS:
        lengths = [q for q in LENGTHS if name != "sine" or q <= 1e4]
        for function, q in product(("length_map", "gradient_map"), lengths):
            yield function, name, q, None
        if name in ("relu", "leaky_relu", "identity", "sine"):
            correlations = CORRELATIONS
        elif name in ("tanh", "hardtanh", "gelu"):
            lengths, correlations = (1.0, 1e4), (-0.5, 0.5)  # where the series converges
        else:
            continue
        for q, c in product(lengths, correlations):
            yield "correlation_map", name, q, c


def compared(function, name, q, c):
    """Return our value and the exact one."""
    activation, kinks = OURS[name], KINKS.get(name, (0.0,))
    if function == "correlation_map":
        found = correlation_map(c, activation, 1.0, q=q, kinks=kinks)
        return float(found), exact_correlation(name, c, q)
    slope = function == "gradient_map"
    found = (gradient_map if slope else length_map)(q, activation, 1.0, kinks=kinks)
    return float(found), exact_mean_square(name, slope, q)


def main():
    for function, name, q, c in cases():
        found, right = compared(function, name, q, c)
        error = found / right - 1 if abs(right) > 1e-9 else found - right
        given = "" if c is None else f"c = {c:g}"
        print(f"{function:15} {name:10} q = {q:7g} {given:12}", end=" ")
        print(f"{found:15.9g} {right:15.9g}  {error:8.1e}")


if __name__ == "__main__":
    main()
