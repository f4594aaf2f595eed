"""Activation functions, each with its derivative, and the gain that suits each.

``relu(z)`` applies one, ``relu.derivative(z)`` is its slope, `ACTIVATIONS` lists all by
name, and `gain` says by how much to scale the weights that feed it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.gaussian import gaussian_mean
from helpers.validation import check_callable, check_number, check_real_array


@dataclass(frozen=True)
class Activation:
    """An elementwise function of the pre-activation, and its derivative.

    Parameters
    ----------
    name : str
    formula, slope : callable
        Take and return a float array of any shape, in its own dtype.
    flat : bool
        Whether there is an interval in which the slope is exactly 0, as there is for a
        rectifier without a leak. Only there can a unit be inactive: elsewhere a slope of 0
        is one that rounding has left of a small one.
    """

    name: str
    formula: Callable[[NDArray], NDArray] = field(repr=False)
    slope: Callable[[NDArray], NDArray] = field(repr=False)
    flat: bool = field(default=False, repr=False)

    def __call__(self, z: ArrayLike) -> NDArray:
        """Return the function's value at every pre-activation in `z`."""
        return self.formula(check_real_array("z", z))

    def derivative(self, z: ArrayLike) -> NDArray:
        """Return the function's slope at every pre-activation in `z`."""
        return self.slope(check_real_array("z", z))


def flat_part(slope: Callable[[NDArray], NDArray]) -> bool:
    """Return whether a slope is exactly 0 on an interval between -8 and 8.

    Further out, the slope of a tanh in single precision may be rounded to 0.

    Parameters
    ----------
    slope : callable
        As for `Activation`.
    """
    zero = slope(np.linspace(-8.0, 8.0, 321)) == 0
    return bool((zero[1:] & zero[:-1]).any())


def rectifier(leak: float = 0.0, name: str | None = None) -> Activation:
    """Return the rectifier with slope `leak` below zero: ``max(z, 0) + leak * min(z, 0)``.

    Its slope at zero itself is taken from the left.

    Parameters
    ----------
    leak : float
        From 0 (ReLU) to 1 (identity).
    name : str, optional

    Raises
    ------
    TypeError, ValueError
        If `leak` is not a number from 0 to 1.

    References
    ----------
    A. Maas et al., "Rectifier nonlinearities improve neural network acoustic models",
    ICML 2013, https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf
    """
    leak = check_number("leak", leak, minimum=0, maximum=1)
    name = name or f"rectifier({leak:g})"
    if leak == 0:  # no product, so no 0 * inf
        return Activation(
            name,
            lambda z: np.maximum(z, 0),
            lambda z: (z > 0).astype(z.dtype),
            flat=True,
        )
    return Activation(
        name,
        lambda z: np.maximum(z, leak * z),
        lambda z: np.where(z > 0, z.dtype.type(1), z.dtype.type(leak)),
    )


def _exponential(name, alpha, scale):
    """Return ``scale * (max(z, 0) + alpha * (exp(min(z, 0)) - 1))``: ELU and SELU."""
    return Activation(
        name,
        lambda z: scale * (np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0))),
        lambda z: scale * np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0))),
    )


def _sigmoid(z):
    with np.errstate(over="ignore"):  # 1 / inf is 0, and right
        return 1 / (1 + np.exp(-z))


def _sigmoid_slope(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def _tanh_slope(z):
    e = np.exp(-np.abs(z))
    e = e * e  # exp(-2 |z|); 1 - tanh(z)**2 has lost all digits at |z| = 19
    return 4 * e / (1 + e) ** 2


def _gelu(z):
    return np.maximum(z, -_GELU_ENDS) * _normal_cdf(z)


def _gelu_slope(z):
    near = np.clip(z, -_GELU_ENDS, _GELU_ENDS)
    return _normal_cdf(z) + near * np.exp(-(near**2) / 2) / math.sqrt(2 * math.pi)


_GELU_ENDS = 40.0  # beyond, a normal density is 0 in double precision


def _normal_cdf(z):
    from scipy.special import ndtr  # NumPy has no error function

    return ndtr(z)


identity = Activation("identity", np.positive, np.ones_like)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_slope)
tanh = Activation("tanh", np.tanh, _tanh_slope)
relu = rectifier(name="relu")
leaky_relu = rectifier(0.01, name="leaky_relu")
elu = _exponential("elu", alpha=1.0, scale=1.0)  # Clevert et al., arXiv:1511.07289
selu = _exponential(  # Klambauer et al., arXiv:1706.02515, eq. 14
    "selu", alpha=1.6732632423543772, scale=1.0507009873554805
)
gelu = Activation("gelu", _gelu, _gelu_slope)  # arXiv:1606.08415
softplus = Activation("softplus", lambda z: np.logaddexp(z, 0), _sigmoid)

ACTIVATIONS = {
    a.name: a
    for a in (
        *(identity, sigmoid, tanh, relu, leaky_relu),
        *(elu, selu, gelu, softplus),
    )
}


def gain(activation: Callable[[NDArray], NDArray]) -> float:
    """Return the weight gain that keeps a unit second moment through `activation`.

    With pre-activations z ~ N(0, 1) it is ``1 / sqrt(E[activation(z)**2])``: weights of
    variance ``gain**2 / fan_in`` then give the next layer pre-activations of second
    moment 1 again. For ReLU this is sqrt(2), He's factor [1]_.

    Parameters
    ----------
    activation : callable
        Elementwise; smooth, but for a possible corner at zero.

    Returns
    -------
    float

    Raises
    ------
    TypeError
        If `activation` is not callable.
    ValueError
        If its second moment is zero or not finite: no weights keep such a signal.

    References
    ----------
    .. [1] K. He et al., "Delving deep into rectifiers", ICCV 2015,
       https://arxiv.org/abs/1502.01852, eq. 10.

    Examples
    --------
    >>> round(gain(relu) ** 2, 12), round(gain(tanh), 4)
    (2.0, 1.5925)
    """
    check_callable("activation", activation)
    second_moment = float(gaussian_mean(lambda z: activation(z) ** 2))
    if not 0 < second_moment < math.inf:
        raise ValueError(
            "activation must have a positive, finite second moment over a standard "
            f"normal; got {second_moment}"
        )
    return 1 / math.sqrt(second_moment)
