"""What signals and gradients do in depth: measured in a network, and predicted.

The *length* of a layer is the second moment of its pre-activations, ``q = E[z**2]``. Weights
of variance ``sigma_w**2 / fan_in`` and biases of variance ``sigma_b**2`` make the next layer's
length a function of this one's when the layers are wide: the length map. Poole et al. [1]_
introduced it, Schoenholz et al. [2]_ the gradient's factor `chi`.

References
----------
.. [1] B. Poole et al., "Exponential expressivity in deep neural networks through transient
   chaos", NeurIPS 2016, https://arxiv.org/abs/1606.05340
.. [2] S. Schoenholz et al., "Deep information propagation", ICLR 2017,
   https://arxiv.org/abs/1611.01232
"""

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.activations import Activation, identity
from helpers.gaussian import gaussian_mean
from helpers.network import MLP
from helpers.validation import (
    check_callable,
    check_differentiable,
    check_number,
    check_positive_int,
    check_real_array,
)

# A unit is saturated where its slope has fallen to this share of its slope at zero. For tanh
# that is |h| > 0.97, for a sigmoid h within 0.015 of 0 or 1; a rectifier never saturates.
SATURATED_SLOPE = 1 - 0.97**2


class LayerStatistics:
    """What a layer did with a batch; each number is computed when it is first asked for.

    Shares are nan if z holds a nan.

    Parameters
    ----------
    z : ndarray of shape (..., n_samples, n_units)
        Pre-activations. Axes before the last two are a stack: one number for each entry.
    activation : Activation
    h : ndarray of the shape of `z`, optional
        ``activation(z)``, if it is known.
    """

    def __init__(self, z: ArrayLike, activation: Activation, h: NDArray | None = None) -> None:
        self.z, self._function = (
            check_real_array("z", z),
            check_differentiable("activation", activation),
        )
        self.h = activation(self.z) if h is None else h

    @cached_property
    def preactivation(self) -> Any:
        """Second moment of z: the mean of its squares."""
        return second_moment(self.z)

    @cached_property
    def activation(self) -> Any:
        """Second moment of h."""
        return second_moment(self.h)

    @cached_property
    def slope(self) -> NDArray:
        """The activation's derivative at z."""
        return self._function.derivative(self.z)

    @cached_property
    def saturated(self) -> Any:
        """Share of (sample, unit) pairs with a slope below `SATURATED_SLOPE` of that at 0."""
        at_zero = abs(float(self._function.derivative(0.0)))
        if at_zero == 0:  # as that of a rectifier, which never saturates
            return self._share(None)
        return self._share(np.abs(self.slope) < SATURATED_SLOPE * at_zero)

    @cached_property
    def _off(self):
        return self.slope == 0 if self._function.flat else None

    @cached_property
    def inactive(self) -> Any:
        """Share of (sample, unit) pairs where the activation is flat: its slope is 0."""
        return self._share(self._off)

    @cached_property
    def dead(self) -> Any:
        """Share of units that are inactive on every sample of the batch."""
        return self._share(self._off if self._off is None else self._off.all(-2, keepdims=True))

    @cached_property
    def cosine(self) -> float:
        """`mean_cosine` of h; of a single batch, not of a stack."""
        return mean_cosine(self.h)

    def _share(self, mask):
        """Return the share of a mask that is true; None is nowhere true."""
        # A nan is none of these, although a rectifier gives it slope 0.
        if self.z.ndim == 2:  # along axes it takes several times as long
            share = 0.0 if mask is None else np.count_nonzero(mask) / mask.size
            return math.nan if math.isnan(self.preactivation) else share
        share = np.zeros(()) if mask is None else mask.mean(axis=(-2, -1))
        return np.where(np.isnan(self.preactivation), math.nan, share)


class Measurement(NamedTuple):
    """What `measure` found: one entry per layer, the last of them the linear output.

    See `LayerStatistics` for what the numbers are.
    """

    preactivation: NDArray
    activation: NDArray
    saturated: NDArray
    inactive: NDArray
    dead: NDArray
    cosine: NDArray
    gradient: NDArray | None  # second moment of the loss's gradient at z
    weight_gradient: NDArray | None  # second moment of the gradient at W


FORWARD = Measurement._fields[:-2]  # what the way forward gives


def measure(
    network: MLP, x: ArrayLike, output_gradient: ArrayLike | None = None
) -> Measurement:
    """Measure what a batch, and optionally a gradient, become in every layer.

    Parameters
    ----------
    network : MLP
        A single one, not a stack.
    x : ndarray of shape (n_samples, fan_in)
    output_gradient : ndarray of shape (n_samples, fan_out), optional
        Gradient of a loss at the output; without it, gradients are not measured.

    Returns
    -------
    Measurement
        Numbers that overflowed are inf or nan, and so are the shares of a layer that holds
        a nan. The cosine is nan where fewer than two samples have a signal left.

    Raises
    ------
    TypeError, ValueError
        If `x` or `output_gradient` does not fit the network.
    """
    if network.weights[0].ndim != 2:
        raise ValueError(f"network must be a single one, not a stack; got {network!r}")
    with np.errstate(over="ignore", invalid="ignore"):
        layers: Iterable[tuple[NDArray, NDArray]] = network.layers(x)
        gradient = weight_gradient = None
        if output_gradient is not None:
            trace = network.forward(x)
            layers = zip(trace.preactivations, trace.activations[1:], strict=True)
            gradients = network.backward(trace, output_gradient)
            gradient = np.array([second_moment(g) for g in gradients.preactivations])
            weight_gradient = np.array([second_moment(g) for g in gradients.weights])
        activations = [network.activation] * (len(network.weights) - 1) + [identity]
        # One layer after the other: what it leaves makes room for the next.
        found = [
            operator.attrgetter(*FORWARD)(LayerStatistics(z, activation, h))
            for (z, h), activation in zip(layers, activations, strict=True)
        ]
        return Measurement._make([*np.array(found).T, gradient, weight_gradient])


def second_moment(a: ArrayLike) -> Any:
    """Return the mean of the squares of `a`, over its last two axes if it has more."""
    a = np.asarray(a)
    n = math.prod(a.shape[-2:])
    if n < 1e6:
        moment = _sum_of_squares(a) / n
        if ((moment > 1e-30) & (moment < 1e30)).all():
            return moment
    # Squares leave the range of 32 bits long before the numbers do, and sums lose digits.
    return _sum_of_squares(a.astype(float)) / n


def _sum_of_squares(a):
    return np.vdot(a, a) if a.ndim <= 2 else np.einsum("...ij,...ij->...", a, a)


def mean_cosine(h: ArrayLike) -> float:
    """Return the mean cosine of the angle between two rows of `h`.

    Rows of zeros have no angle and are left out.

    Parameters
    ----------
    h : ndarray of shape (n_samples, n_units)

    Returns
    -------
    float
        nan if fewer than two rows are left, or an entry is not finite.

    Raises
    ------
    TypeError, ValueError
        If `h` is not an array of numbers with two axes.
    """
    h = check_real_array("h", h)
    if h.ndim != 2:
        raise ValueError(f"h must have shape (n_samples, n_units); got shape {h.shape}")
    squares = np.einsum("ij,ij->i", h, h)
    if not ((squares > 1e-30) & (squares < 1e30)).all():
        # Some are 0, or overflow or vanish: each row is brought to a largest entry of 1.
        largest = np.abs(h).max(axis=1, initial=0)
        if not np.isfinite(largest).all():
            return math.nan
        h = h[largest > 0] / largest[largest > 0, None]
        squares = np.einsum("ij,ij->i", h, h)
    n = len(h)
    if n < 2:
        return math.nan
    # The sum of unit vectors has squared length n + (sum of the cosines of all pairs).
    total = (1 / np.sqrt(squares)) @ h
    return float((total @ total - n) / (n * (n - 1)))


def length_map(
    q: ArrayLike,
    activation: Callable[[NDArray], NDArray],
    sigma_w: float,
    sigma_b: float = 0.0,
    *,
    kinks: Sequence[float] = (0.0,),
) -> NDArray:
    """Return the next layer's length.

    ``sigma_w**2 * E[activation(sqrt(q) z)**2] + sigma_b**2`` for layers of infinite width
    (Poole et al., eq. 3), by quadrature: right to nine digits at any length.

    Parameters
    ----------
    q : float or ndarray
        Second moment of the pre-activations. At least 0.
    activation : callable
    sigma_w : float
        Standard deviation of the weights times sqrt(fan_in). At least 0.
    sigma_b : float
        Standard deviation of the biases. At least 0.
    kinks : sequence of float
        Where the activation has corners or jumps. Those that are not named are found, which
        takes longer.

    Returns
    -------
    float or ndarray of the shape of `q`

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described, or the activation oscillates too fast
        for its mean to be found, as the sine does from lengths of some 20,000.

    Examples
    --------
    >>> from helpers.activations import relu
    >>> round(float(length_map(3.0, relu, math.sqrt(2))), 12)
    3.0
    """
    sigma_w, sigma_b = _sigmas(activation, sigma_w, sigma_b)
    return sigma_w**2 * _mean_square(activation, q, kinks) + sigma_b**2


def _mean_square(function, q, kinks):
    """Return the mean of ``function(t)**2`` for t ~ N(0, q)."""
    q = check_real_array("q", q)
    if not (np.isfinite(q).all() and (q >= 0).all()):
        raise ValueError(f"q must be finite and at least 0; got {q}")
    return gaussian_mean(lambda t: function(t) ** 2, std=np.sqrt(q), kinks=kinks)


def _sigmas(activation, sigma_w, sigma_b):
    check_callable("activation", activation)
    return check_number("sigma_w", sigma_w, minimum=0), check_number(
        "sigma_b", sigma_b, minimum=0
    )


SHORTEST, LONGEST = 1e-12, 1e12  # beyond these a length counts as 0 and as infinite


def fixed_point(
    activation: Callable[[NDArray], NDArray],
    sigma_w: float,
    sigma_b: float = 0.0,
    *,
    kinks: Sequence[float] = (0.0,),
) -> float:
    """Return the length that layers settle to, if the first has length 1.

    Parameters
    ----------
    activation, sigma_w, sigma_b, kinks
        As for `length_map`.

    Returns
    -------
    float
        0.0 if the signal dies out and inf if it grows without bound. 1.0 if every layer
        keeps its length, as with ReLU and ``sigma_w = sqrt(2)``.

    Raises
    ------
    TypeError, ValueError
        As for `length_map`.

    Examples
    --------
    >>> from helpers.activations import tanh
    >>> round(fixed_point(tanh, 5 / 3), 4)
    1.1785
    """

    def growth(q):
        return float(length_map(q, activation, sigma_w, sigma_b, kinks=kinks)) - q

    # The map increases, so that iterating it climbs or falls to the next fixed point, however
    # slowly. Find where its growth changes sign, then close in by false position (Illinois).
    start = growth(1.0)
    if abs(start) < 1e-14:
        return 1.0
    step = 2.0 if start > 0 else 0.5
    near = far = 1.0
    below, above = start, growth(far)
    while above * start > 0:
        near, far = far, far * step
        if far < SHORTEST:
            return 0.0
        if far > LONGEST:
            return math.inf
        below, above = above, growth(far)
    while above and abs(far - near) > 1e-15 * far:
        middle = (near * above - far * below) / (above - below)
        if middle in (near, far):
            break
        found = growth(middle)
        if found * above < 0:
            near, below = far, above
        else:
            below /= 2
        far, above = middle, found
    return far


def gradient_map(
    q: ArrayLike, activation: Activation, sigma_w: float, *, kinks: Sequence[float] = (0.0,)
) -> NDArray:
    """Return the factor of the gradient's second moment through a layer of length `q`.

    ``sigma_w**2 * E[activation'(sqrt(q) z)**2]`` for layers of infinite width, if the weights
    on the way back are taken as independent of those on the way forward (Schoenholz et al.,
    eq. 17), by quadrature: right to nine digits at any length.

    Parameters
    ----------
    q : float or ndarray
        Second moment of the pre-activations. At least 0.
    activation : Activation
        With its derivative.
    sigma_w, kinks
        As for `length_map`.

    Returns
    -------
    float or ndarray of the shape of `q`

    Raises
    ------
    TypeError, ValueError
        As for `length_map`.

    Examples
    --------
    >>> from helpers.activations import relu
    >>> round(float(gradient_map(3.0, relu, math.sqrt(2))), 12)
    1.0
    """
    slope = check_differentiable("activation", activation).derivative
    return check_number("sigma_w", sigma_w, minimum=0) ** 2 * _mean_square(slope, q, kinks)


def chi(
    activation: Activation,
    sigma_w: float,
    sigma_b: float = 0.0,
    *,
    q: float | None = None,
    kinks: Sequence[float] = (0.0,),
) -> float:
    """Return the factor of the gradient's second moment per layer, at the fixed point.

    `gradient_map` at the length of `fixed_point` (Schoenholz et al., eq. 8 and 17). Below 1
    gradients vanish and inputs become alike, above 1 gradients explode.

    Parameters
    ----------
    activation : Activation
        With its derivative.
    sigma_w, sigma_b, kinks
        As for `length_map`.
    q : float, optional
        The `fixed_point`, if it is known.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        As for `length_map`.
    """
    if q is None:
        q = fixed_point(activation, sigma_w, sigma_b, kinks=kinks)
    # At length 0 or infinity take the limit: at 0 itself a rectifier has one slope only.
    q = min(max(q, SHORTEST), LONGEST)
    return float(gradient_map(q, activation, sigma_w, kinks=kinks))


def correlation_map(
    c: ArrayLike,
    activation: Callable[[NDArray], NDArray],
    sigma_w: float,
    sigma_b: float = 0.0,
    *,
    q: float | None = None,
    kinks: Sequence[float] = (0.0,),
) -> NDArray:
    """Return the next layer's correlation between two inputs with correlation `c` in this one.

    ``(sigma_w**2 * E[activation(u) activation(v)] + sigma_b**2) / q_next`` for normal u, v of
    variance q and correlation c (Poole et al., eq. 5), by quadrature: right to eight digits.

    Parameters
    ----------
    c : float or ndarray
        From -1 to 1.
    activation, sigma_w, sigma_b
        As for `length_map`.
    q : float, optional
        Length of both inputs; the `fixed_point` by default.
    kinks : sequence of float
        Where the activation has corners or jumps, all of them.

    Returns
    -------
    float or ndarray of the shape of `c`

    Raises
    ------
    TypeError, ValueError
        As for `length_map`; if `c` is not from -1 to 1; if the next layer has no signal, or
        the fixed point is infinite and `q` was not given; if a corner is not named.
    """
    c = check_real_array("c", c)
    if not (np.abs(c) <= 1).all():
        raise ValueError(f"c must be from -1 to 1; got {c}")
    sigma_w, sigma_b = _sigmas(activation, sigma_w, sigma_b)
    if q is None:
        q = fixed_point(activation, sigma_w, sigma_b, kinks=kinks)
        if not 0 < q < math.inf:
            raise ValueError(
                f"q must be given where the length settles to {q:g} (sigma_w={sigma_w:g}, "
                f"sigma_b={sigma_b:g}): no correlation is defined there"
            )
    root = math.sqrt(check_number("q", q, minimum=0))
    square = float(_mean_square(activation, root**2, kinks))
    q_next = sigma_w**2 * square + sigma_b**2
    if q_next == 0:
        raise ValueError(f"the next layer has no signal: its length is 0 after q={q!r}")
    means = [_mean_product(float(one), root, activation, kinks, square) for one in c.ravel()]
    return (sigma_w**2 * np.reshape(means, c.shape) + sigma_b**2) / q_next


def _mean_product(c, root, function, kinks, square):
    """Return ``E[function(u) function(v)]`` for normal u, v of correlation c and std `root`."""
    # Given u, v is normal with mean c u. One block of u after another: few at a time fit
    # into a processor's cache.
    std = root * math.sqrt((1 - c) * (1 + c))

    def times_mean_of_v(u):
        blocks = np.array_split(u.ravel(), -(-u.size // 256))
        of_v = [
            gaussian_mean(function, c * block, std, kinks=kinks, size=math.sqrt(square))
            for block in blocks
        ]
        return function(u) * np.concatenate(of_v).reshape(u.shape)

    finest = min(0.25, max(std, 1e-5))  # corners of the function are rounded at this scale
    return gaussian_mean(times_mean_of_v, std=root, kinks=kinks, finest=finest, size=square)


def pair_distances(
    activation: Callable[[NDArray], NDArray],
    sigma_w: float,
    sigma_b: float = 0.0,
    *,
    q: float,
    c: float,
    depth: int,
    width: int,
    networks: int,
    rng: np.random.Generator,
) -> NDArray:
    """Return 1 - c of two inputs, layer by layer, in many networks.

    For one pair of inputs no matrix is drawn. The weights are normal, so that every unit's two
    sums are a normal pair, independent of the other units, with the covariance that the
    activations of the layer before have.

    Parameters
    ----------
    activation, sigma_w, sigma_b
        As for `length_map`.
    q : float
        Length of both inputs at layer 0, whose pre-activations are normal.
    c : float
        Their correlation, from -1 to 1.
    depth, width, networks : int
        Number of layers, of units in each, and of networks.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (depth + 1, networks)
        One minus the cosine of the angle between the two pre-activations; nan where there is
        no signal.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.
    """
    sigma_w, sigma_b = _sigmas(activation, sigma_w, sigma_b)
    c = check_number("c", c, minimum=-1)
    if c > 1:
        raise ValueError(f"c must be from -1 to 1; got {c}")
    width = check_positive_int("width", width)
    networks = check_positive_int("networks", networks)
    lengths = np.full((2, networks), check_number("q", q, minimum=0))
    cosines, found = np.full(networks, c), []
    bias: float | NDArray = 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(check_positive_int("depth", depth) + 1):
            u, v, offset = rng.standard_normal((3, networks, width))
            # The second sum is the first one's share of it, and what is independent of that.
            rest = np.sqrt((1 - cosines) * (1 + cosines))[:, None]
            z = np.stack([u, cosines[:, None] * u + rest * v])
            z = np.sqrt(lengths)[..., None] * z + bias
            unit = z / np.linalg.norm(z, axis=-1, keepdims=True)
            found.append(np.sum((unit[0] - unit[1]) ** 2, axis=-1) / 2)
            h, bias = sigma_w * activation(z), sigma_b * offset
            lengths = np.mean(h**2, axis=-1)
            inner = np.mean(h[0] * h[1], axis=-1)
            cosines = np.clip(inner / np.sqrt(lengths[0] * lengths[1]), -1, 1)
    return np.array(found)


def product_spectrum(depth: int, shares: ArrayLike) -> NDArray:
    """Return singular values of a product of wide Gaussian matrices.

    The matrices are square, with independent entries of variance one over their width n. For
    large n, a share of the product's n singular values lies above each number that is returned:
    of one matrix the quarter circle, of several the law of Fuss and Catalan, by the
    parametrization of Haagerup and Möller [1]_.

    Parameters
    ----------
    depth : int
        Number of matrices.
    shares : float or ndarray
        From 0 (the largest) to 1 (the smallest).

    Returns
    -------
    float or ndarray of the shape of `shares`

    Raises
    ------
    TypeError, ValueError
        If `depth` is not a positive integer, or a share is not from 0 to 1.

    References
    ----------
    .. [1] U. Haagerup, S. Möller, "The law of large numbers for the free multiplicative
       convolution", 2013, https://arxiv.org/abs/1211.4457

    Examples
    --------
    >>> product_spectrum(1, [0.0, 1.0]).round(3)
    array([2., 0.])
    """
    depth = check_positive_int("depth", depth)
    shares = check_real_array("shares", shares)
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"shares must be from 0 to 1; got {shares}")
    ends = np.linspace(0, math.pi / (depth + 1), 4001)
    t = (ends[1:] + ends[:-1]) / 2
    above, below = np.sin((depth + 1) * t), np.sin(depth * t)
    slopes = 1 / np.tan(t) + depth**2 / np.tan(depth * t)
    slopes -= (depth + 1) ** 2 / np.tan((depth + 1) * t)
    mass = np.cumsum(np.sin(t) * above / below * slopes)
    t = np.interp(shares, np.append(0, mass / mass[-1]), ends)
    t = np.maximum(t, 1e-6 * ends[1])  # at 0 it is 0 by 0
    above = np.maximum(np.sin((depth + 1) * t), 0)
    ratios = above / np.sin(depth * t)
    return np.sqrt(above / np.sin(t)) * ratios ** (depth / 2)


def finite_width_band(
    activation: Callable[[NDArray], NDArray], depth: int, width: int
) -> tuple[NDArray, NDArray]:
    """Return mean and standard deviation of the log of a finite network's signal.

    For a homogeneous activation (a rectifier, or none), the squared length of a layer's
    activations is that of the last times an independent factor: a mean over `width` units,
    whose relative variance is ``k / width``. Here k is ``E[activation**4] / E[activation**2]**2
    - 1``, 5 for ReLU. Relative to infinite width its log after l layers has mean about
    ``-k * l / (2 * width)`` and standard deviation about ``sqrt(k * l / width)``.

    Parameters
    ----------
    activation : callable
    depth, width : int
        Number of layers, and of units in each.

    Returns
    -------
    mean, std : ndarray of shape (depth,)
        Natural logarithms; entry l - 1 is for layer l.

    Raises
    ------
    TypeError, ValueError
        If `depth` or `width` is not a positive integer, or the activation is not homogeneous:
        its layers then correct one another, and no such sum of errors builds up.
    """
    layers = np.arange(1, check_positive_int("depth", depth) + 1)
    width = check_positive_int("width", width)
    check_callable("activation", activation)
    z = np.array([-2.0, -1.0, 1.0, 2.0])
    if not np.allclose(activation(3 * z), 3 * activation(z)):
        raise ValueError(
            f"activation must be homogeneous, phi(3 z) = 3 phi(z); got {activation!r}"
        )
    square = gaussian_mean(lambda z: activation(z) ** 2)
    variance = (gaussian_mean(lambda z: activation(z) ** 4) / square**2 - 1) / width
    return -variance / 2 * layers, np.sqrt(variance * layers)
