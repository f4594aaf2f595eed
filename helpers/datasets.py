"""Small data sets: ``(X, y)`` with samples as rows of `X`.

For two classes `y` has shape (n_samples, 1), like the output of a network with one output
unit; the digits have one integer label a sample.
"""

import numpy as np
from numpy.typing import NDArray

from helpers.validation import check_number, check_positive_int, check_rng

Dataset = tuple[NDArray, NDArray]  # samples in rows, and a target for each


def xor() -> Dataset:
    """Return the truth table of exclusive or.

    Returns
    -------
    X : ndarray of shape (4, 2)
        All pairs of 0 and 1, each followed by its opposite. So ordered, the sums over samples
        that are zero in theory are zero in floating point too.
    y : ndarray of shape (4, 1)
        1 where the two inputs differ.
    """
    X = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    return X, np.array([[0.0], [0.0], [1.0], [1.0]])


def two_moons(n: int, rng: np.random.Generator, *, noise: float = 0.1) -> Dataset:
    """Draw two interleaved half circles of radius 1.

    Parameters
    ----------
    n : int
        Number of samples, shared out evenly; class 1 has the odd one.
    rng : numpy.random.Generator
    noise : float
        Standard deviation of the normal noise added to each coordinate. At least 0.

    Returns
    -------
    X : ndarray of shape (n, 2)
    y : ndarray of shape (n, 1)
        0 for the upper moon, 1 for the lower, which is shifted by (1, 0.5) and opens upwards.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.
    """
    y, angle = _halves(n, rng), check_rng(rng).uniform(0, np.pi, n)
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X[y == 1] = [1.0, 0.5] - X[y == 1]
    return _noisy(X, rng, noise), y[:, None]


def circles(
    n: int, rng: np.random.Generator, *, noise: float = 0.1, inner: float = 0.5
) -> Dataset:
    """Draw two concentric circles.

    Parameters
    ----------
    n : int
        Number of samples, shared out evenly; class 1 has the odd one.
    rng : numpy.random.Generator
    noise : float
        Standard deviation of the normal noise added to each coordinate. At least 0.
    inner : float
        Radius of the inner circle, from 0 to 1; the outer one has radius 1.

    Returns
    -------
    X : ndarray of shape (n, 2)
    y : ndarray of shape (n, 1)
        0 for the outer circle, 1 for the inner.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.
    """
    inner = check_number("inner", inner, minimum=0, maximum=1)
    y, angle = _halves(n, rng), check_rng(rng).uniform(0, 2 * np.pi, n)
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X[y == 1] *= inner
    return _noisy(X, rng, noise), y[:, None]


def _halves(n, rng):
    return (np.arange(check_positive_int("n", n)) >= n // 2).astype(float)


def _noisy(X, rng, noise):
    return X + check_number("noise", noise, minimum=0) * rng.standard_normal(X.shape)


def digits() -> Dataset:
    """Return 1797 handwritten digits of 8 x 8 pixels, shipped with scikit-learn [1]_.

    Returns
    -------
    X : ndarray of shape (1797, 64)
        Pixels, shifted and scaled together to mean 0 and variance 1 over the whole data set.
    y : ndarray of int of shape (1797,)

    References
    ----------
    .. [1] E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits",
       UCI Machine Learning Repository, 1998, https://doi.org/10.24432/C50P49
    """
    from sklearn.datasets import load_digits  # slow, and only this needs it

    X, y = load_digits(return_X_y=True)
    return (X - X.mean()) / X.std(), y
