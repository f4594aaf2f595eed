"""Weight initializers: plain functions ``initializer(shape, rng) -> weights``.

A dense layer computes ``x @ W + b``, so its weights have shape ``(fan_in, fan_out)``.
(PyTorch stores the transpose.) Every random draw comes from the ``rng`` that the caller
passes in. Options are fixed with `functools.partial`:
``partial(he_normal, leak=0.2)`` is an initializer too.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from helpers.validation import (
    check_callable,
    check_choice,
    check_dtype,
    check_number,
    check_rng,
    check_sizes,
)


class Initializer(Protocol):
    """What draws the parameters of a layer, given their shape."""

    def __call__(self, shape: Sequence[int], rng: np.random.Generator, /) -> NDArray:
        """Return an array of that shape."""


MODES = ("fan_in", "fan_out", "fan_avg", "geometric")
DISTRIBUTIONS = ("normal", "uniform", "truncated_normal")

# The standard deviation of a standard normal that is cut off at -2 and 2.
TRUNCATED_STD = 0.8796256610342398


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Return ``(fan_in, fan_out)`` for weights of the given shape.

    ``fan_in`` counts the inputs that one output is a sum over, ``fan_out`` the outputs
    that one input contributes to. Axes before the last two are the receptive field of a
    convolution kernel and multiply both.

    Parameters
    ----------
    shape : sequence of int
        ``(..., fan_in, fan_out)``

    Raises
    ------
    TypeError, ValueError
        If `shape` is not a sequence of at least 2 positive integers.

    Examples
    --------
    >>> fans((3, 5)), fans((3, 3, 16, 32))
    ((3, 5), (144, 288))
    """
    *field, n_in, n_out = check_sizes("shape", shape, fewest=2)
    return math.prod(field) * n_in, math.prod(field) * n_out


def variance_scaling(
    shape: Sequence[int],
    rng: np.random.Generator,
    *,
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "normal",
    dtype: DTypeLike = float,
) -> NDArray:
    """Draw independent zero-mean weights of variance ``scale / fan``.

    The named random schemes below are this function with its arguments filled in.

    Parameters
    ----------
    shape : sequence of int
        Shape of the weights, ``(fan_in, fan_out)`` for a dense layer; see `fans`.
    rng : numpy.random.Generator
    scale : float
        Numerator of the variance, the square of the gain: 2 for ReLU. At least 0.
    mode : {"fan_in", "fan_out", "fan_avg", "geometric"}
        Denominator of the variance. ``fan_in`` preserves the second moment of the forward
        signal, ``fan_out`` of the gradient, ``fan_avg`` is the mean of the two fans, and
        ``geometric`` the root of their product [1]_ (``fan_geo_avg`` in JAX).
    distribution : {"normal", "uniform", "truncated_normal"}
        Family to draw from; the variance is the same for all. The truncated normal is cut
        off at two standard deviations of the normal that it is cut from.
    dtype : {float, numpy.float32}

    Returns
    -------
    ndarray of shape `shape`

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.

    References
    ----------
    .. [1] A. Defazio and L. Bottou, "Scaling laws for the principled design, initialization
       and preconditioning of ReLU networks", 2019, https://arxiv.org/abs/1906.04267

    Examples
    --------
    >>> weights = variance_scaling((500, 400), np.random.default_rng(0), scale=2.0)
    >>> round(float(500 * weights.var()), 1)
    2.0
    """
    shape = check_sizes("shape", shape, fewest=2)
    fan_in, fan_out = fans(shape)
    check_rng(rng)
    dtype = check_dtype(dtype)
    check_choice("distribution", distribution, DISTRIBUTIONS)
    fan = {
        "fan_in": fan_in,
        "fan_out": fan_out,
        "fan_avg": (fan_in + fan_out) / 2,
        "geometric": math.sqrt(fan_in * fan_out),
    }[check_choice("mode", mode, MODES)]
    std = math.sqrt(check_number("scale", scale, minimum=0) / fan)
    _in_range("sqrt(scale / fan)", std, dtype)
    if distribution == "uniform":
        limit = math.sqrt(3) * std  # U(-limit, limit) has variance limit**2 / 3
        return _uniform(shape, rng, -limit, limit, dtype)
    if distribution == "truncated_normal":
        return _truncated_normal(shape, rng, std / TRUNCATED_STD, dtype)
    return _normal(shape, rng, std, dtype)


def _in_range(name, value, dtype):
    """Return `value`, at which no draw may overflow: none is 100 deviations away."""
    largest = float(np.finfo(dtype).max) / 100
    if abs(value) > largest:
        raise ValueError(f"{name} must be at most {largest:.0e} in {dtype}; got {value!r}")
    return value


def _normal(shape, rng, std, dtype):
    weights = rng.standard_normal(shape, dtype)
    weights *= std  # in place: a second array would take as much memory
    return weights


def _uniform(shape, rng, low, high, dtype):
    weights = rng.random(shape, dtype)
    weights *= high - low
    weights += low
    return weights


def _truncated_normal(shape, rng, std, dtype):
    weights = rng.standard_normal(shape, dtype)
    flat = weights.reshape(-1)
    outside = np.flatnonzero((flat < -2) | (flat > 2))
    while outside.size:  # at each turn 4.6 % of those drawn
        flat[outside] = rng.standard_normal(outside.size, dtype)
        outside = outside[np.abs(flat[outside]) > 2]
    weights *= std
    return weights


def zeros(
    shape: Sequence[int], rng: np.random.Generator | None = None, *, dtype: DTypeLike = float
) -> NDArray:
    """Return zeros: the right start for biases, the wrong one for weights (lesson 2).

    Parameters
    ----------
    shape : sequence of int
    rng : numpy.random.Generator, optional
        Not used; accepted so that this is an initializer like the others.
    dtype : {float, numpy.float32}

    Returns
    -------
    ndarray of shape `shape`

    Examples
    --------
    >>> zeros((3,))
    array([0., 0., 0.])
    """
    return np.zeros(check_sizes("shape", shape, fewest=1), check_dtype(dtype))


def constant(
    shape: Sequence[int],
    rng: np.random.Generator | None = None,
    *,
    value: float,
    dtype: DTypeLike = float,
) -> NDArray:
    """Return weights that all equal `value`; `rng` is not used.

    Raises
    ------
    TypeError, ValueError
        If `value` is not a finite number of the type.

    Examples
    --------
    >>> constant((2, 3), value=0.5)
    array([[0.5, 0.5, 0.5],
           [0.5, 0.5, 0.5]])
    """
    dtype = check_dtype(dtype)
    value = _in_range("value", check_number("value", value), dtype)
    return np.full(check_sizes("shape", shape, fewest=1), value, dtype)


def uniform(
    shape: Sequence[int],
    rng: np.random.Generator,
    *,
    low: float,
    high: float,
    dtype: DTypeLike = float,
) -> NDArray:
    """Draw weights from U[low, high), of mean ``(low + high) / 2``.

    Their variance is ``(high - low)**2 / 12``, whatever the fans.

    Raises
    ------
    TypeError, ValueError
        If `low` or `high` is not a finite number, or `low` is above `high`.

    Examples
    --------
    >>> weights = uniform((2, 3), np.random.default_rng(0), low=-0.1, high=0.1)
    >>> weights.shape, bool((abs(weights) <= 0.1).all())
    ((2, 3), True)
    """
    dtype = check_dtype(dtype)
    low = _in_range("low", check_number("low", low), dtype)
    high = _in_range("high", check_number("high", high), dtype)
    if low > high:
        raise ValueError(f"low must not be above high; got low={low:g}, high={high:g}")
    shape = check_sizes("shape", shape, fewest=1)
    return _uniform(shape, check_rng(rng), low, high, dtype)


def normal(
    shape: Sequence[int], rng: np.random.Generator, *, std: float, dtype: DTypeLike = float
) -> NDArray:
    """Draw weights from N(0, std**2), whatever the fans.

    Raises
    ------
    TypeError, ValueError
        If `std` is not a finite number of at least 0.

    Examples
    --------
    >>> weights = normal((500, 400), np.random.default_rng(0), std=0.02)
    >>> round(float(weights.std()), 3)
    0.02
    """
    dtype = check_dtype(dtype)
    std = _in_range("std", check_number("std", std, minimum=0), dtype)
    return _normal(check_sizes("shape", shape, fewest=1), check_rng(rng), std, dtype)


def lecun_normal(
    shape: Sequence[int], rng: np.random.Generator, *, dtype: DTypeLike = float
) -> NDArray:
    """Draw LeCun weights, normal: variance ``1 / fan_in`` [1]_.

    Keeps the second moment of the forward signal of a linear layer.
    `variance_scaling` with scale 1 and mode "fan_in".

    References
    ----------
    .. [1] Y. LeCun et al., "Efficient BackProp", 1998, section 4.6, eq. 16,
       http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf

    Examples
    --------
    >>> weights = lecun_normal((500, 400), np.random.default_rng(0))
    >>> round(float(500 * weights.var()), 1)
    1.0
    """
    return variance_scaling(shape, rng, dtype=dtype)


def lecun_uniform(
    shape: Sequence[int], rng: np.random.Generator, *, dtype: DTypeLike = float
) -> NDArray:
    """Draw LeCun weights, uniform: variance ``1 / fan_in``; see `lecun_normal`.

    Examples
    --------
    >>> weights = lecun_uniform((500, 400), np.random.default_rng(0))
    >>> round(float(500 * weights.var()), 1)
    1.0
    """
    return variance_scaling(shape, rng, distribution="uniform", dtype=dtype)


def xavier_normal(
    shape: Sequence[int],
    rng: np.random.Generator,
    *,
    gain: float = 1.0,
    dtype: DTypeLike = float,
) -> NDArray:
    """Draw Xavier (Glorot) weights, normal: variance ``2 gain**2 / (fan_in + fan_out)`` [1]_.

    A compromise between the second moments of signal and gradient in linear layers.
    `variance_scaling` with scale ``gain**2`` and mode "fan_avg"; the paper's gain is 1.

    References
    ----------
    .. [1] X. Glorot and Y. Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010, eq. 12,
       https://proceedings.mlr.press/v9/glorot10a.html

    Examples
    --------
    >>> weights = xavier_normal((500, 400), np.random.default_rng(0))
    >>> round(float((500 + 400) / 2 * weights.var()), 1)
    1.0
    """
    scale = _square("gain", gain)
    return variance_scaling(shape, rng, scale=scale, mode="fan_avg", dtype=dtype)


def xavier_uniform(
    shape: Sequence[int],
    rng: np.random.Generator,
    *,
    gain: float = 1.0,
    dtype: DTypeLike = float,
) -> NDArray:
    """Draw Xavier (Glorot) weights, uniform: the paper's "normalized initialization" [1]_.

    From U(-a, a) with ``a = gain * sqrt(6 / (fan_in + fan_out))``, which has the variance of
    `xavier_normal`.

    References
    ----------
    .. [1] X. Glorot and Y. Bengio, AISTATS 2010, eq. 16,
       https://proceedings.mlr.press/v9/glorot10a.html

    Examples
    --------
    >>> weights = xavier_uniform((500, 400), np.random.default_rng(0))
    >>> round(float((500 + 400) / 2 * weights.var()), 1)
    1.0
    """
    scale = _square("gain", gain)
    return variance_scaling(
        shape, rng, scale=scale, mode="fan_avg", distribution="uniform", dtype=dtype
    )


def he_normal(
    shape: Sequence[int],
    rng: np.random.Generator,
    *,
    leak: float = 0.0,
    dtype: DTypeLike = float,
) -> NDArray:
    """Draw He (Kaiming) weights, normal: variance ``2 / ((1 + leak**2) * fan_in)`` [1]_.

    A rectifier with slope `leak` below zero passes on the share ``(1 + leak**2) / 2`` of a
    symmetric signal's second moment; these weights restore the rest.

    Parameters
    ----------
    shape : sequence of int
        Shape of the weights, ``(fan_in, fan_out)`` for a dense layer.
    rng : numpy.random.Generator
    leak : float
        Slope of the rectifier below zero, from 0 (ReLU) to 1 (linear).
    dtype : {float, numpy.float32}

    Returns
    -------
    ndarray of shape `shape`

    References
    ----------
    .. [1] K. He et al., "Delving deep into rectifiers", ICCV 2015,
       https://arxiv.org/abs/1502.01852, eq. 10; eq. 15 with `leak`.

    Examples
    --------
    >>> weights = he_normal((500, 400), np.random.default_rng(0))
    >>> round(float(500 * weights.var()), 1)
    2.0
    """
    return variance_scaling(shape, rng, scale=_he_scale(leak), dtype=dtype)


def he_uniform(
    shape: Sequence[int],
    rng: np.random.Generator,
    *,
    leak: float = 0.0,
    dtype: DTypeLike = float,
) -> NDArray:
    """Draw He (Kaiming) weights, uniform, of the same variance; see `he_normal`.

    Examples
    --------
    >>> weights = he_uniform((500, 400), np.random.default_rng(0))
    >>> round(float(500 * weights.var()), 1)
    2.0
    """
    return variance_scaling(
        shape, rng, scale=_he_scale(leak), distribution="uniform", dtype=dtype
    )


def _square(name, value):
    value = check_number(name, value, minimum=0)
    return value * value  # inf, where ** raises an error of its own


def _he_scale(leak):
    return 2 / (1 + check_number("leak", leak, minimum=0, maximum=1) ** 2)


def orthogonal(
    shape: Sequence[int],
    rng: np.random.Generator,
    *,
    gain: float = 1.0,
    dtype: DTypeLike = float,
) -> NDArray:
    """Draw ``gain`` times a matrix with orthonormal columns (rows, if wider than tall) [1]_.

    All its singular values equal `gain`. A convolution kernel is drawn as the matrix
    of shape ``(receptive field * n_in, n_out)``.

    Parameters
    ----------
    shape : sequence of int
        Shape of the weights, ``(fan_in, fan_out)`` for a dense layer.
    rng : numpy.random.Generator
    gain : float
        At least 0.
    dtype : {float, numpy.float32}

    Returns
    -------
    ndarray of shape `shape`

    References
    ----------
    .. [1] A. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep
       linear neural networks", ICLR 2014, https://arxiv.org/abs/1312.6120

    Examples
    --------
    >>> weights = orthogonal((4, 2), np.random.default_rng(0))
    >>> (weights.T @ weights).round(12) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    shape = check_sizes("shape", shape, fewest=2)
    dtype = check_dtype(dtype)
    gain = _in_range("gain", check_number("gain", gain, minimum=0), dtype)
    rows, columns = fans(shape)[0], shape[-1]
    tall = (max(rows, columns), min(rows, columns))
    q, r = np.linalg.qr(check_rng(rng).standard_normal(tall))
    q *= gain * np.sign(np.diag(r))  # the signs make the draw uniform
    return (q if rows >= columns else q.T).reshape(shape).astype(dtype)


INITIALIZERS = {
    f.__name__: f
    for f in (
        zeros,
        *(lecun_normal, lecun_uniform, xavier_normal, xavier_uniform),
        *(he_normal, he_uniform, orthogonal),
    )
}


def initialize_parameters(
    layer_sizes: Sequence[int],
    initializer: Initializer,
    rng: np.random.Generator,
    *,
    bias: Initializer = zeros,
) -> list[tuple[NDArray, NDArray]]:
    """Return the weights and biases of a dense network, layer by layer.

    Parameters
    ----------
    layer_sizes : sequence of int
        Width of the input, of each hidden layer, and of the output.
    initializer : callable
        ``initializer((fan_in, fan_out), rng)`` gives the weights of a layer.
    rng : numpy.random.Generator
    bias : callable
        ``bias((fan_out,), rng)`` gives the biases of a layer.

    Returns
    -------
    list of (ndarray of shape (fan_in, fan_out), ndarray of shape (fan_out,))

    Raises
    ------
    TypeError, ValueError
        If `layer_sizes` is not a sequence of at least 2 positive integers, `initializer` or
        `bias` is not callable, or `rng` is not a generator.

    Examples
    --------
    >>> layers = initialize_parameters([3, 4, 1], xavier_normal, np.random.default_rng(0))
    >>> [(W.shape, b.shape) for W, b in layers]
    [((3, 4), (4,)), ((4, 1), (1,))]
    """
    layer_sizes = check_sizes("layer_sizes", layer_sizes, fewest=2)
    check_callable("initializer", initializer)
    check_callable("bias", bias)
    check_rng(rng)
    return [
        (initializer((fan_in, fan_out), rng), bias((fan_out,), rng))
        for fan_in, fan_out in pairwise(layer_sizes)
    ]
