"""What lesson 8 says under its panel, of GELU and of speed, at what a reader can reach.

``python -m tests.test_sentences_frameworks`` tries the panel at every depth, width and seed.
"""

import math
from itertools import product

import numpy as np
import pytest

from helpers import frameworks, panels
from helpers.activations import gain, gelu
from helpers.panels.panel import _values
from helpers.propagation import gradient_map, length_map
from helpers.recorded import recorded

PANEL = panels.defaults_panel()
ENDS = list(product((2, 20, 30), (32, 128, 256), (1, 7, 20)))


def shown(**settings):
    return PANEL.compute(**{**PANEL.settings, **settings})["curves"]


def factors_follow(depth, width, seed):
    """With ReLU a layer passes 1/6, 1/2 and all of the gradient on, as far as widths allow."""
    for name, factor in (("PyTorch", 1 / 6), ("Keras", 1 / 2), ("He", 1.0)):
        gradient = shown(depth=depth, width=width, seed=seed)[name]["gradient"]
        passed = depth - 1
        off = math.log(gradient[0]) - passed * math.log(factor)
        # Lesson 5: the log strays by sqrt(5 L / n), about a mean of -5 L / (2 n).
        assert abs(off) < 5 * math.sqrt(5 * passed / width) + 2.5 * passed / width


def keras_cosines_are_those_of_he(depth, width, seed):
    curves = shown(depth=depth, width=width, seed=seed)
    rounding = 64 * (depth + 1) * 2.0**-24  # of single precision
    assert curves["Keras"]["cosine"] == pytest.approx(curves["He"]["cosine"], abs=rounding)


def pytorchs_biases_make_all_samples_alike(width, seed):
    curve = shown(depth=30, width=width, seed=seed)["PyTorch"]
    assert curve["cosine"][9:].min() > 0.98
    # The biases alone leave q = q / 6 + 1 / (3 n), of which ReLU passes half on.
    settled = np.log(curve["signal"][10:] / (0.2 / width))
    assert abs(settled.mean()) < 5 * math.sqrt(2 / width)


@pytest.mark.parametrize(("depth", "width", "seed"), ENDS)
def test_what_a_layer_loses(depth, width, seed):
    factors_follow(depth, width, seed)
    keras_cosines_are_those_of_he(depth, width, seed)


@pytest.mark.parametrize(("width", "seed"), [*product((32, 128, 256), (1, 7, 20))])
def test_what_is_left_of_pytorchs_signal(width, seed):
    pytorchs_biases_make_all_samples_alike(width, seed)


@pytest.mark.parametrize("seed", [1, 7, 20])
def test_with_tanh_the_cosines_are_nearly_one_and_with_gelu_they_part(seed):
    apart = {}
    for activation in ("tanh", "gelu"):
        curves = shown(activation=activation, depth=20, seed=seed)
        apart[activation] = abs(curves["Keras"]["cosine"] - curves["He"]["cosine"]).max()
    assert apart["tanh"] < 0.02 < apart["gelu"]


@pytest.mark.parametrize("seed", [1, 7, 20])
def test_with_gelu_none_is_level_and_he_comes_nearest(seed):
    curves = shown(activation="gelu", depth=30, width=256, seed=seed)
    ends = [curves[name]["signal"][-1] for name in ("PyTorch", "Keras", "He")]
    assert ends[1] < ends[2] < 0.5
    assert curves["PyTorch"]["cosine"][-1] > 0.99
    gradients = [curves[name]["gradient"][0] for name in ("PyTorch", "Keras", "He")]
    assert gradients == sorted(gradients)
    assert gradients[2] < 0.5


def depth_until(scale, factor):
    """Return the first layer of a wide GELU network whose length is off by a factor."""
    q, layer = scale, 1
    while abs(math.log(q / scale)) < math.log(factor) and layer < 100:
        q, layer = float(length_map(q, gelu, math.sqrt(scale))), layer + 1
    return layer


def test_how_deep_each_variance_carries_gelu():
    """He's for ten layers, 2.15 for twenty; the gain of lesson 5 is 2.35."""
    assert gain(gelu) ** 2 == pytest.approx(2.35, abs=0.005)
    assert depth_until(2.0, 4) > 10
    assert depth_until(2.0, 10) < 15
    assert depth_until(2.35, 4) <= 13
    assert depth_until(2.15, 1.5) > 20
    assert math.sqrt(2.15) == pytest.approx(1.466, abs=5e-4)


def test_the_gradient_follows():
    slopes, q = [], 2.0
    for _ in range(29):
        slopes.append(float(gradient_map(q, gelu, math.sqrt(2))))
        q = float(length_map(q, gelu, math.sqrt(2)))
    assert 0.4 < np.prod(slopes[:9]) < 0.6
    assert np.prod(slopes) < 1e-5


@pytest.fixture
def times():
    return recorded("training_step")["threads"]["1"]


def test_ours_is_ahead_of_pytorch_and_scikit_learn_at_every_width(times):
    for peer in ("PyTorch", "scikit-learn"):
        assert np.all(np.divide(times[peer], times["ours"]) > 1)


def test_jax_is_faster_once_compiled_and_over_400_steps_beyond_a_width_of_256(times):
    ours, jax, compiles = (np.array(times[k]) for k in ("ours", "JAX", "JAX compiles"))
    assert np.all(jax < ours)
    assert np.all((compiles > 250) & (compiles < 420)), "about a third of a second"
    ahead = 400 * ours < compiles + 400 * jax
    assert ahead.tolist() == [width <= 256 for width in times["widths"]]


def test_of_draws_pytorchs_normals_alone_are_faster():
    draws = recorded("training_step")["draws"]["1"]["float32"]
    ratios = {name: found["PyTorch"] / found["ours"] for name, found in draws.items()}
    assert ratios.pop("He, normal") == pytest.approx(0.5, abs=0.05)
    assert min(ratios.values()) > 1
    assert draws["He, normal"]["ours"] == pytest.approx(130, abs=5)


def test_a_variance_and_a_kurtosis_are_those_of_known_laws(rng):
    W = rng.uniform(-1, 1, 100_000)
    assert frameworks.variance(W, 6) == pytest.approx(2, rel=5 * math.sqrt(0.8 / 100_000))
    assert frameworks.kurtosis(W) == pytest.approx(1.8, abs=0.02)


if __name__ == "__main__":
    depths, widths, seeds = (
        _values(PANEL.controls[k], ...) for k in ("depth", "width", "seed")
    )
    for width, seed in product(widths, seeds):
        pytorchs_biases_make_all_samples_alike(width, seed)
        for depth in depths:
            factors_follow(depth, width, seed)
            keras_cosines_are_those_of_he(depth, width, seed)
    print(f"{len(depths) * len(widths) * len(seeds)} settings: all as the lesson says")
