"""Tests of how residual networks start, and of what a first step does."""

import math

import numpy as np
import pytest

from helpers.residual import layer_norm
from helpers.starts import STARTS, draw_branches, first_step, send

WIDTH = 12


@pytest.fixture
def branches(rng):
    return draw_branches(6, WIDTH, rng)


def test_branches_have_he_weights_and_lecun_weights(rng):
    drawn = draw_branches(20, 50, rng)
    for i, expected in ((0, 2 / 50), (1, 1 / 50)):
        found = np.mean([weights[i] ** 2 for weights in drawn])
        # 50 000 weights, kurtosis 3.
        assert found / expected == pytest.approx(1, abs=5 * math.sqrt(2 / 50_000))


def test_a_stack_of_networks_has_weights_of_its_own(rng):
    (W_1, W_2), *_ = draw_branches(2, 4, rng, networks=3, dtype=np.float32)
    assert W_1.shape == W_2.shape == (3, 4, 4)
    assert W_1.dtype == np.float32
    assert len(np.unique(np.stack([W_1, W_2]))) == 96


# What the papers say, for 6 branches: factors of the first and last weights, in front, and of
# what goes past; Fixup's L^(-1/(2m - 2)) for m = 2, DeepNorm's for N = 3 layers of 2 branches.
SAID = {
    "plain": (1, 1, 1, 1),
    "1/√L in the weights": (1, 6**-0.5, 1, 1),
    "1/√L in front": (1, 1, 6**-0.5, 1),
    "last layer 0": (1, 0, 1, 1),
    "Fixup": (6**-0.5, 0, 1, 1),
    "pre-norm": (1, 1, 1, 1),
    "pre-norm, 1/√L": (1, 6**-0.5, 1, 1),
    "post-norm": (1, 1, 1, 1),
    "DeepNorm": (24**-0.25, 24**-0.25, 1, 6**0.25),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_start_computes_what_its_paper_says(name, branches, rng):
    first, last, scale, skip = SAID[name]
    x = rng.standard_normal((5, WIDTH))
    expected = x
    for W_1, W_2 in branches:
        read = layer_norm(expected)[0] if name.startswith("pre") else expected
        added = np.maximum(read @ (first * W_1), 0) @ (last * W_2)
        expected = skip * expected + scale * added
        if name in ("post-norm", "DeepNorm"):
            expected = layer_norm(expected)[0]
    places, _ = send(name, branches, x)
    assert len(places) == 7
    np.testing.assert_allclose(places[-1], expected, rtol=1e-10)


@pytest.mark.parametrize("name", STARTS)
def test_single_precision_stays_single(name, rng):
    branches = draw_branches(3, 4, rng, dtype=np.float32)
    places, backward = send(name, branches, rng.standard_normal((2, 4), np.float32))
    gradients, moved = backward(np.ones((2, 4), np.float32))
    arrays = [*places, *gradients, *(dW for weights in moved for dW in weights)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def problem(rng):
    return (
        rng.standard_normal((5, WIDTH)),
        rng.standard_normal((WIDTH, 1)),
        rng.standard_normal((5, 1)),
    )


@pytest.mark.parametrize("name", STARTS)
def test_a_step_of_gradient_descent_lowers_the_loss_by_the_square_of_the_gradient(
    name, branches, rng
):
    """By a central difference in the rate; the loss is half a mean square."""
    x, readout, target = problem(rng)
    output, after = first_step(name, branches, x, readout, target)
    np.testing.assert_allclose(after(0.0), output)

    def loss(rate):
        return np.mean((after(rate) - target) ** 2) / 2

    _, backward = send(name, branches, x)
    _, moved = backward((output - target) / 5 @ readout.T)
    squares = sum(np.sum(dW**2) for weights in moved for dW in weights)
    rate = 1e-6 / max(squares, 1)
    assert (loss(-rate) - loss(rate)) / (2 * rate) == pytest.approx(squares, rel=1e-3)


def test_a_step_by_the_sign_moves_every_weight_by_the_rate(branches, rng):
    x, readout, target = problem(rng)
    output, after = first_step("plain", branches, x, readout, target, rule="sign")
    _, backward = send("plain", branches, x)
    _, moved = backward((output - target) / 5 @ readout.T)
    stepped = [
        tuple(W - 1e-3 * np.sign(dW) for W, dW in zip(weights, dweights, strict=True))
        for weights, dweights in zip(branches, moved, strict=True)
    ]
    expected = send("plain", stepped, x)[0][-1] @ readout
    np.testing.assert_allclose(after(1e-3), expected)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda rng, b: draw_branches(0, 4, rng), ValueError, "depth must be a positive"),
        (lambda rng, b: draw_branches(2, 1.5, rng), TypeError, "width must be a positive"),
        (lambda rng, b: draw_branches(2, 4, 0), TypeError, "rng must be a numpy.random"),
        (
            lambda rng, b: draw_branches(2, 4, rng, networks=0),
            ValueError,
            "networks must be a positive integer",
        ),
        (lambda rng, b: send("he", b, np.ones((2, WIDTH))), ValueError, "start must be one of"),
        (
            lambda rng, b: first_step("plain", b, *problem(rng), rule="Adam"),
            ValueError,
            r"rule must be one of \['gradient', 'sign'\]; got 'Adam'",
        ),
        (
            lambda rng, b: first_step("plain", b, np.ones((2, 3)), np.ones((3, 1)), [[0.0]]),
            ValueError,
            "W_1 must have 3 rows",
        ),
    ],
)
def test_bad_input_is_named(call, error, words, branches, rng):
    with pytest.raises(error, match=words):
        call(rng, branches)
