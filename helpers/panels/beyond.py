"""The panels of lesson 7."""

import math
from functools import cache, lru_cache, partial

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.activations import ACTIVATIONS
from helpers.initializers import normal, orthogonal
from helpers.network import MLP
from helpers.panels.networks import DEEPEST, inputs
from helpers.panels.panel import Panel, seed_slider
from helpers.propagation import (
    LONGEST,
    SHORTEST,
    chi,
    fixed_point,
    gradient_map,
    length_map,
    measure,
    pair_distances,
    product_spectrum,
)

DEPTH, WIDTH, SAMPLES = 20, 256, 16


def length_panel(**opening):
    """Follow the length map of an activation, and a network that should obey it (lesson 7).

    Weights have variance ``sigma_w**2 / 256``, biases ``sigma_b**2``; both are drawn once for
    every seed and scaled. Layer 0 is a normal pre-activation of the length at which the map
    starts. The gradient at layer 20 has second moment 1.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(sigma_w, sigma_b, start, activation, seed):
        phi = ACTIVATIONS[activation]
        curve = partial(length_map, activation=phi, sigma_w=sigma_w, sigma_b=sigma_b)
        lengths = [start]
        for _ in range(DEPTH):
            lengths.append(float(curve(lengths[-1])))
        lengths = np.array(lengths)
        factors = gradient_map(lengths[1:-1], phi, sigma_w)
        gradient = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
        fixed, factor = _settled(activation, sigma_w, sigma_b)
        return {
            "sigmas": (sigma_w, sigma_b),
            "lengths": lengths,
            "curve": curve,
            "fixed": fixed,
            "chi": factor,
            "critical": _critical_line(activation),
            "measured": _measured(phi, sigma_w, sigma_b, start, seed),
            "theory": (lengths, gradient),
        }

    controls = {
        "sigma_w": widgets.FloatSlider(2.0, min=0.5, max=5, step=0.05, description="σ_w"),
        "sigma_b": widgets.FloatSlider(0.0, min=0, max=1, step=0.05, description="σ_b"),
        "start": widgets.FloatSlider(3.0, min=0.1, max=4, step=0.1, description="first length"),
        "activation": widgets.ToggleButtons(options=["tanh", "relu"]),
        "seed": seed_slider(),
    }
    bake = {
        # Both sides of the black lines: of relu at 1.41, of tanh with biases of 0.5 at 1.55.
        "sigma_w": ...,
        "sigma_b": (0.0, 0.5),
        "start": (0.1, 3.0),
        "activation": ("tanh", "relu"),
    }
    return Panel(figures.LengthMap(), compute, controls, bake, opening)


@lru_cache(maxsize=256)
def _settled(activation, sigma_w, sigma_b):
    phi = ACTIVATIONS[activation]
    q = fixed_point(phi, sigma_w, sigma_b)
    return q, chi(phi, sigma_w, sigma_b, q=q)


@cache
def _critical_line(activation):
    """Return sigma_w and sigma_b where chi is 1, for sigma_b from 0 to 1.

    A length q at the fixed point gives both: sigma_w**2 = 1 / E[phi'(z)**2], since chi is 1,
    and then sigma_b**2 = q - sigma_w**2 E[phi(z)**2]. Of a rectifier the first is the same for
    all lengths.
    """
    phi = ACTIVATIONS[activation]
    if activation == "relu":
        return np.full(2, math.sqrt(2)), np.array([0.0, 1.0])
    q = np.linspace(0, 2, 200) ** 2  # to a sigma_b above 1
    sigma_w = 1 / np.sqrt(gradient_map(q, phi, 1.0))
    left = q - length_map(q, phi, 1.0) * sigma_w**2
    sigma_b = np.sqrt(np.maximum(left, 0))  # at q = 0 rounding may leave less than 0
    shown = np.linspace(0, 1, 60)
    return np.interp(shown, sigma_b, sigma_w), shown


@lru_cache(maxsize=4)
def _network(seed):
    """Return layers with weights of variance 1 / 256 and standard normal biases."""
    return MLP(
        [WIDTH] * (DEPTH + 1),
        ACTIVATIONS["tanh"],
        partial(normal, std=1 / math.sqrt(WIDTH), dtype=np.float32),
        np.random.default_rng(seed),
        bias=partial(normal, std=1.0, dtype=np.float32),
    )


def _measured(phi, sigma_w, sigma_b, start, seed):
    drawn = _network(seed)
    network = drawn.replace(
        weights=[W * np.float32(sigma_w) for W in drawn.weights],
        biases=[b * np.float32(sigma_b) for b in drawn.biases],
        activation=phi,
    )
    z = inputs(SAMPLES, WIDTH)
    first = z * np.float32(math.sqrt(start))
    output_gradient = z / np.float32(math.sqrt(np.vdot(z, z) / z.size))
    found = measure(network, phi(first), output_gradient)
    return np.append(np.vdot(first, first) / first.size, found.preactivation), found.gradient


PAIRS = 10  # networks, each with two inputs


def correlation_panel(**opening):
    """Follow two inputs by the correlation map, and in ten networks (lesson 7).

    The lengths have settled; where they fall to 0 or grow without bound, they have done so
    too. The networks have 256 units, and the same random numbers serve at all settings.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(sigma_w, sigma_b, correlation, activation, seed):
        pair = Pair(activation, sigma_w, sigma_b)
        critical, *scales = _depth_scales(activation, sigma_b)
        return {
            "sigma_w": sigma_w,
            "curve": pair.map(),
            "distances": pair.distances(1 - correlation),
            "slope": pair.slope,
            "fading": _settled(activation, sigma_w, sigma_b)[0] == 0,
            "rectifier": activation == "relu",
            "measured": pair_distances(
                *(pair.phi, sigma_w, sigma_b),
                **{"q": pair.q, "c": correlation, "depth": DEEPEST, "width": WIDTH},
                **{"networks": PAIRS, "rng": np.random.default_rng(seed)},
            ),
            "critical": critical,
            "scales": scales,
        }

    controls = {
        "sigma_w": widgets.FloatSlider(1.0, min=0.5, max=3, step=0.05, description="σ_w"),
        "sigma_b": widgets.FloatSlider(0.3, min=0, max=1, step=0.05, description="σ_b"),
        "correlation": widgets.FloatSlider(
            0.5, min=0, max=0.99, step=0.01, description="first correlation"
        ),
        "activation": widgets.ToggleButtons(options=["tanh", "relu"]),
        "seed": seed_slider(),
    }
    bake = {
        # Of tanh with biases of 0.5 the line is at 1.55, of relu without any He is all over.
        "sigma_w": ...,
        "sigma_b": (0.0, 0.3, 0.5),
        "correlation": (0.5, 0.99),
        "activation": ("tanh", "relu"),
    }
    return Panel(figures.CorrelationMap(), compute, controls, bake, opening)


class Pair:
    """Two inputs of one length, in wide layers where the length has settled."""

    _x, _y = np.meshgrid(np.arange(-6, 6.1, 0.15), np.arange(0, 6.1, 0.15))
    _mass = np.exp(-(_x**2 + _y**2) / 2) * np.where(_y == 0, 1, 2)
    _mass /= _mass.sum()

    def __init__(self, activation, sigma_w, sigma_b):
        self.phi = ACTIVATIONS[activation]
        q, factor = _settled(activation, sigma_w, sigma_b)
        self.q = min(max(q, SHORTEST), LONGEST)
        self._ratio = self.q / float(length_map(self.q, self.phi, sigma_w, sigma_b))
        self._weight = sigma_w**2 * self._ratio
        self.slope = factor * self._ratio  # of the map at c = 1

    def after(self, distance):
        """Return what becomes of a distance 1 - c in one layer.

        E[(phi(u) - phi(v))**2] / 2 loses no digits where the two are nearly equal.
        """
        if self.phi.name == "relu":  # in closed form (Cho and Saul 2009)
            kept = self._weight / 2
            return kept * distance - kept * _bend(distance)
        if distance < 1e-12:  # u and v would hardly differ in 64 bits
            return self.slope * distance
        near, apart = math.sqrt(1 - distance / 2), math.sqrt(distance / 2)
        root = math.sqrt(self.q)
        u, v = (self.phi(root * (near * self._x + sign * apart * self._y)) for sign in (1, -1))
        return self._weight * float(np.vdot(self._mass, (u - v) ** 2)) / (2 * self.q)

    def map(self):
        """Return correlations from 0 to 1, and the next layer's."""
        c = np.linspace(0, 1, 41)
        return c, np.array([1 - self.after(1 - one) for one in c])

    def distances(self, first):
        """Return 1 - c of layers 0 to 50."""
        found = [first]
        for _ in range(DEEPEST):
            found.append(self.after(found[-1]))
        return np.array(found)


def _bend(distance):
    """Return by how much ReLU's map of 1 - c lies below a straight line, times pi."""
    c = 1 - distance
    angle = math.acos(c) if distance > 1e-4 else math.sqrt(2 * distance * (1 + distance / 6))
    if angle < 0.02:  # sin(t) - t cos(t), of which nothing but rounding would be left
        return angle**3 / (3 * math.pi) * (1 - angle**2 / 10)
    return (math.sin(angle) - angle * c) / math.pi


@lru_cache(maxsize=64)
def _depth_scales(activation, sigma_b):
    """Return sigma_w of the critical line, and depth scales below and above it.

    A length q at the fixed point gives sigma_w, and with it chi. Each of the curves is a pair
    of sigma_w and 1 / abs(log(chi)); without one, it is empty.
    """
    phi, none = ACTIVATIONS[activation], (np.empty(0), np.empty(0))
    if activation == "relu":
        sigma_w = math.sqrt(2) - np.geomspace(1.1, 1e-4, 80)
        if not sigma_b:  # then it has no fixed point but at the line, or no signal
            return None, none, none
        return math.sqrt(2), (sigma_w, -1 / np.log(sigma_w**2 / 2)), none
    from scipy.optimize import brentq

    def off(q):
        return _chi_at(phi, q, sigma_b)[1] - 1

    # Fine around the length at which the line is, where the scale has its pole.
    own = brentq(off, sigma_b**2 + 1e-9, 25) if sigma_b else 1e-4
    rest = own - sigma_b**2
    factors = 1 - np.geomspace(0.999, 1e-3, 80), 1 + np.geomspace(1e-3, 25 / rest, 80)
    both = (_chi_at(phi, sigma_b**2 + rest * factor, sigma_b) for factor in factors)
    below, above = ((sigma_w, 1 / np.abs(np.log(chi))) for sigma_w, chi in both)
    return float(_chi_at(phi, own, sigma_b)[0]), below if sigma_b else none, above


def _chi_at(phi, q, sigma_b):
    """Return sigma_w and chi of a fixed point at length q."""
    sigma_w = np.sqrt((q - sigma_b**2) / length_map(q, phi, 1.0))
    return sigma_w, gradient_map(q, phi, 1.0) * sigma_w**2


# Activation, gain, and the length at which a signal enters.
KINDS = {
    "linear": ("identity", 1.0, 1.0),
    "tanh, gain 1, short": ("tanh", 1.0, 0.02),
    "tanh, gain 5/3": ("tanh", 5 / 3, 1.1785),
    "relu, gain √2": ("relu", math.sqrt(2), 1.0),
}
DIRECTIONS = 64  # units


def spectrum_panel(**opening):
    """See the singular values of a network's Jacobian, Gaussian and orthogonal (lesson 7).

    Layers of 64 units; the depth takes more of the same layers. Singular values below a
    hundred-billionth of the largest are not shown: 64 bits do not hold them.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(depth, kind, seed):
        found = _spectra(kind, seed)
        wide = _wide_spectra() if kind == "linear" else None
        return {
            "depth": depth,
            "spectra": {weights: values[depth - 1] for weights, values in found.items()},
            "wide": None if wide is None else wide[depth - 1],
            "shares": {weights: _above_a_tenth(values) for weights, values in found.items()},
            "wide_shares": None if wide is None else _above_a_tenth(wide),
        }

    controls = {
        "depth": widgets.IntSlider(20, 1, DEEPEST, description="layers"),
        "kind": widgets.ToggleButtons(options=list(KINDS), description="activation"),
        "seed": seed_slider(),
    }
    bake = {"depth": ..., "kind": tuple(KINDS)}
    return Panel(figures.Spectra(), compute, controls, bake, opening)


@lru_cache(maxsize=8)
def _spectra(kind, seed):
    """Return singular values of the Jacobians of 1 to 50 layers, by the kind of weights."""
    name, gain, length = KINDS[kind]
    phi, shape = ACTIVATIONS[name], (DIRECTIONS, DIRECTIONS)
    rng = np.random.default_rng(seed)
    start = phi(math.sqrt(length) * rng.standard_normal(DIRECTIONS))
    draws = {
        "Gaussian": partial(normal, std=gain / math.sqrt(DIRECTIONS)),
        "orthogonal": partial(orthogonal, gain=gain),
    }
    found = {}
    for weights, draw in draws.items():
        h, jacobian, jacobians = start, np.eye(DIRECTIONS), []
        for _ in range(DEEPEST):
            W = draw(shape, rng)
            z = h @ W
            jacobian = jacobian @ W * phi.derivative(z)
            h = phi(z)
            jacobians.append(jacobian)
        found[weights] = np.linalg.svd(np.array(jacobians), compute_uv=False)
    return found


@cache
def _wide_spectra():
    """Return what wide layers with Gaussian weights and no activation have."""
    shares = (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    return np.array([product_spectrum(depth, shares) for depth in range(1, DEEPEST + 1)])


def _above_a_tenth(values):
    """Return for each spectrum the share of singular values above a tenth of the largest."""
    return np.mean(values > 0.1 * values[:, :1], axis=1)
