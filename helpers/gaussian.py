"""Means over a normal distribution, by quadrature that refines itself."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Gauss-Legendre nodes of one interval, and what gives the two highest Legendre coefficients
# of a function from its values there. They are small where the nodes resolve it.
POINTS = 16
_NODES, _MASSES = np.polynomial.legendre.leggauss(POINTS)
_HIGHEST = np.polynomial.legendre.legvander(_NODES, POINTS - 1)[:, -2:]
_HIGHEST *= _MASSES[:, None] * (np.arange(POINTS - 2, POINTS) + 0.5)

FAR = 12.0  # standard deviations: the mass beyond is 4e-33
_OF_THE_DENSITY = np.array([-FAR, -8.0, -5.0, -3.0, 3.0, 5.0, 8.0, FAR])
TOLERANCE = 1e-9  # for one interval, relative to the mean of the function's absolute value
MOST_INTERVALS = 512  # halved


def gaussian_mean(
    function: Callable[[NDArray], NDArray],
    mean: ArrayLike = 0.0,
    std: ArrayLike = 1.0,
    *,
    kinks: Sequence[float] = (0.0,),
    finest: float = 0.25,
    size: float = 0.0,
) -> NDArray:
    """Return the mean of ``function(t)`` for t ~ N(mean, std**2).

    Intervals in which the function is not resolved are halved until it is, so that corners
    and jumps may lie anywhere. The relative error is about 1e-9 at any `std`.

    Parameters
    ----------
    function : callable
        Elementwise; takes and returns an array.
    mean, std : float or ndarray
        Of one shape, after broadcasting. `std` is at least 0.
    kinks : sequence of float
        Corners and jumps of the function. Named, they cost nothing.
    finest : float
        The scale at which the function changes, smallest around the kinks. What changes
        within less than a hundredth of it may be missed.
    size : float
        The error is relative to this value, if it is larger than the function.

    Returns
    -------
    float or ndarray

    Raises
    ------
    ValueError
        If the function changes too fast to be resolved.

    Examples
    --------
    >>> round(float(gaussian_mean(lambda t: np.maximum(t, 0) ** 2)), 12)
    0.5
    """
    mean, std = np.asarray(mean, float), np.asarray(std, float)
    kinks = np.asarray(kinks, float)
    if mean.ndim == 0 and not (mean or kinks.any()):  # one mesh will do for all deviations
        smallest = math.log2(finest / max(float(std.max(initial=finest)), finest))
        mesh = _mesh_around_zero(math.floor(smallest))
        std = std[..., None, None]
        return _standard_mean(lambda z: function(std * z), mesh, size)
    mean, std = np.broadcast_arrays(mean[..., None], std[..., None])
    # From each kink, intervals grow: functions of activations change at a scale of about 1,
    # the density at that of std.
    reach = (
        FAR * std.max(initial=0) + np.abs(mean).max(initial=0) + np.abs(kinks).max(initial=0)
    )
    scales = [math.log2(scale) for scale in (finest, max(reach, 1.0))]
    steps = 2.0 ** np.arange(math.floor(scales[0]), scales[1] + 1)
    points = np.add.outer(kinks, np.concatenate([-steps, [0.0], steps])).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):  # where std is 0, any edges will do
        edges = np.clip(np.nan_to_num((points - mean) / std), -FAR, FAR)
    own = np.broadcast_to(_OF_THE_DENSITY, (*edges.shape[:-1], len(_OF_THE_DENSITY)))
    mesh = _mesh(np.sort(np.concatenate([edges, own], axis=-1), axis=-1))
    return _standard_mean(lambda z: function(mean[..., None] + std[..., None] * z), mesh, size)


def _mesh(edges):
    """Return the ends of intervals, nodes in them, and the nodes' masses.

    Parameters
    ----------
    edges : ndarray of shape (..., n_intervals + 1)
    """
    low, high = edges[..., :-1], edges[..., 1:]
    wide = (low < high).any(axis=tuple(range(edges.ndim - 1)))
    return _with_nodes(low[..., wide], high[..., wide])


def _with_nodes(low, high):
    half = (high - low)[..., None] / 2
    z = (high + low)[..., None] / 2 + half * _NODES
    return low, high, z, half * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


@lru_cache(maxsize=64)
def _mesh_around_zero(smallest):
    """Return the mesh whose intervals grow from 2**smallest at 0."""
    above = np.union1d(_OF_THE_DENSITY, 2.0 ** np.arange(smallest, 4))
    above = above[(above > 0) & (above <= FAR)]
    return _mesh(np.concatenate([-above[::-1], [0.0], above]))


def _standard_mean(function, mesh, size):
    """Return the mean of ``function(z)`` for z ~ N(0, 1).

    Parameters
    ----------
    function : callable
        Takes and returns an array of shape ``(..., n_intervals, POINTS)``.
    mesh : tuple of ndarray
        As `_mesh` returns it.
    size : float
        As for `gaussian_mean`.
    """
    found, total, tried = 0.0, None, 0
    while True:
        low, high, z, masses = mesh
        values = function(z) * masses
        with np.errstate(invalid="ignore"):  # infinite values give nan, and are kept
            doubt = np.abs(values @ _HIGHEST).sum(axis=-1)
        if total is None:
            total = (np.abs(values) @ _MASSES).sum(axis=-1, keepdims=True)
        rough = doubt > TOLERANCE * np.maximum(total, size)
        rough = rough.any(axis=tuple(range(rough.ndim - 1)))
        found = found + (values[..., ~rough, :] @ _MASSES).sum(axis=-1)
        if not rough.any():
            return found
        low, high = low[..., rough], high[..., rough]
        tried += low.shape[-1]
        if tried > MOST_INTERVALS:
            raise ValueError(
                "the function changes too fast for its mean over a normal to be found: it "
                "oscillates too often, or has corners that kinks= does not name"
            )
        middle = (low + high) / 2
        mesh = _with_nodes(
            np.concatenate([low, middle], -1), np.concatenate([middle, high], -1)
        )
