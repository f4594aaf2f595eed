"""Weight initializers: plain functions ``initializer(shape, rng) -> weights``.

A dense layer computes ``x @ W + b``, so its weights have shape ``(fan_in, fan_out)``.
(PyTorch stores the transpose.) Every random draw comes from the ``rng`` that the caller
passes in. Options are fixed with `functools.partial`:
``partial(he_normal, leak=0.2)`` is an initializer too.
"""

import math
from itertools import pairwise

import numpy as np

from helpers.validation import choice, function, generator, number, sizes

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("normal", "uniform", "truncated_normal")

# The standard deviation of a standard normal that is cut off at -2 and 2.
TRUNCATED_STD = 0.8796256610342398


def fans(shape):
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
    *field, n_in, n_out = sizes("shape", shape, fewest=2)
    return math.prod(field) * n_in, math.prod(field) * n_out


def variance_scaling(
    shape, rng, *, scale=1.0, mode="fan_in", distribution="normal", dtype=float
):
    """Draw independent zero-mean weights of variance ``scale / fan``.

    The named random schemes below are this function with its arguments filled in.

    Parameters
    ----------
    shape : sequence of int
        Shape of the weights, ``(fan_in, fan_out)`` for a dense layer; see `fans`.
    rng : numpy.random.Generator
    scale : float
        Numerator of the variance, the square of the gain: 2 for ReLU. At least 0.
    mode : {"fan_in", "fan_out", "fan_avg"}
        Denominator of the variance. ``fan_in`` preserves the second moment of the forward
        signal, ``fan_out`` of the gradient, ``fan_avg`` is the mean of the two fans.
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

    Examples
    --------
    >>> weights = variance_scaling((500, 400), np.random.default_rng(0), scale=2.0)
    >>> round(float(500 * weights.var()), 1)
    2.0
    """
    fan_in, fan_out = fans(shape)
    generator(rng)
    choice("distribution", distribution, DISTRIBUTIONS)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[
        choice("mode", mode, MODES)
    ]
    std = math.sqrt(number("scale", scale, minimum=0) / fan)
    if distribution == "uniform":
        limit = math.sqrt(3) * std  # U(-limit, limit) has variance limit**2 / 3
        return _uniform(shape, rng, -limit, limit, dtype)
    if distribution == "truncated_normal":
        return _truncated_normal(shape, rng, std / TRUNCATED_STD, dtype)
    return _normal(shape, rng, std, dtype)


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


def zeros(shape, rng=None, *, dtype=float):
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
    """
    return np.zeros(sizes("shape", shape, fewest=1), dtype)


def constant(shape, rng=None, *, value, dtype=float):
    """Return weights that all equal `value`, a finite number; `rng` is not used."""
    value = number("value", value)
    return np.full(sizes("shape", shape, fewest=1), value, dtype)


def uniform(shape, rng, *, low, high, dtype=float):
    """Draw weights from U[low, high), of mean ``(low + high) / 2``.

    Their variance is ``(high - low)**2 / 12``, whatever the fans.

    Raises
    ------
    TypeError, ValueError
        If `low` or `high` is not a finite number, or `low` is above `high`.
    """
    if number("low", low) > number("high", high):
        raise ValueError(f"low must not be above high; got low={low!r}, high={high!r}")
    shape = sizes("shape", shape, fewest=1)
    return _uniform(shape, generator(rng), low, high, dtype)


def normal(shape, rng, *, std, dtype=float):
    """Draw weights from N(0, std**2), whatever the fans.

    Raises
    ------
    TypeError, ValueError
        If `std` is not a finite number of at least 0.
    """
    std = number("std", std, minimum=0)
    return _normal(sizes("shape", shape, fewest=1), generator(rng), std, dtype)


def lecun_normal(shape, rng, *, dtype=float):
    """Draw LeCun weights, normal: variance ``1 / fan_in`` [1]_.

    Keeps the second moment of the forward signal of a linear layer.
    `variance_scaling` with scale 1 and mode "fan_in".

    References
    ----------
    .. [1] Y. LeCun et al., "Efficient BackProp", 1998, section 4.6, eq. 16,
       http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf
    """
    return variance_scaling(shape, rng, dtype=dtype)


def lecun_uniform(shape, rng, *, dtype=float):
    """Draw LeCun weights, uniform: variance ``1 / fan_in``; see `lecun_normal`."""
    return variance_scaling(shape, rng, distribution="uniform", dtype=dtype)


def xavier_normal(shape, rng, *, dtype=float):
    """Draw Xavier (Glorot) weights, normal: variance ``2 / (fan_in + fan_out)`` [1]_.

    A compromise between the second moments of signal and gradient in linear layers.
    `variance_scaling` with scale 1 and mode "fan_avg".

    References
    ----------
    .. [1] X. Glorot and Y. Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010, eq. 12,
       https://proceedings.mlr.press/v9/glorot10a.html
    """
    return variance_scaling(shape, rng, mode="fan_avg", dtype=dtype)


def xavier_uniform(shape, rng, *, dtype=float):
    """Draw Xavier (Glorot) weights, uniform: the paper's "normalized initialization" [1]_.

    From U(-a, a) with ``a = sqrt(6 / (fan_in + fan_out))``, which has the variance of
    `xavier_normal`.

    References
    ----------
    .. [1] X. Glorot and Y. Bengio, AISTATS 2010, eq. 16,
       https://proceedings.mlr.press/v9/glorot10a.html
    """
    return variance_scaling(shape, rng, mode="fan_avg", distribution="uniform", dtype=dtype)


def he_normal(shape, rng, *, leak=0.0, dtype=float):
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
    """
    return variance_scaling(shape, rng, scale=_he_scale(leak), dtype=dtype)


def he_uniform(shape, rng, *, leak=0.0, dtype=float):
    """Draw He (Kaiming) weights, uniform, of the same variance; see `he_normal`."""
    return variance_scaling(
        shape, rng, scale=_he_scale(leak), distribution="uniform", dtype=dtype
    )


def _he_scale(leak):
    return 2 / (1 + number("leak", leak, minimum=0, maximum=1) ** 2)


def orthogonal(shape, rng, *, gain=1.0, dtype=float):
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
    """
    gain = number("gain", gain, minimum=0)
    rows, columns = fans(shape)[0], shape[-1]
    tall = (max(rows, columns), min(rows, columns))
    q, r = np.linalg.qr(generator(rng).standard_normal(tall))
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


def initialize_parameters(layer_sizes, initializer, rng, *, bias=zeros):
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
    layer_sizes = sizes("layer_sizes", layer_sizes, fewest=2)
    function("initializer", initializer)
    function("bias", bias)
    generator(rng)
    return [
        (initializer((fan_in, fan_out), rng), bias((fan_out,), rng))
        for fan_in, fan_out in pairwise(layer_sizes)
    ]
