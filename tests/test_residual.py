"""Tests of residual branches, layer normalization and attention: gradients by differences.

A central difference with a step of 1e-6 errs by some 1e-10 of rounding and 1e-12 of curvature;
any mistake in an equation is larger than the 1e-7 that are allowed.
"""

import math
from functools import partial
from itertools import product

import numpy as np
import pytest

from helpers.activations import gelu, tanh
from helpers.residual import attention, feed_forward, layer_norm, residual, softmax, stream

STEP, ALLOWED = 1e-6, 1e-7
ROWS, WIDTH = 5, 4
SHAPES = {  # of weights
    "layer_norm": [],
    "feed_forward": [(WIDTH, 6), (6, WIDTH)],
    "attention": [(WIDTH, 3), (WIDTH, 3), (WIDTH, 6), (6, WIDTH)],
}
smooth = partial(feed_forward, activation=tanh)
PIECES = {
    "layer_norm": layer_norm,
    "feed_forward": smooth,
    "attention": attention,
    "attention, causal": partial(attention, causal=True),
    "attention, unscaled": partial(attention, scale=1.0),
}
BRANCHES = {"feed_forward": smooth, "attention": attention}
FACTORS = ({}, {"skip": 1.5, "scale": 0.7})


def arrays_for(piece, rng, stack=()):
    """Return an input and weights."""
    shapes = [(ROWS, WIDTH), *SHAPES[piece.split(",")[0]]]
    return [rng.standard_normal((*stack, *shape)) for shape in shapes]


def expect_gradients(piece, arrays, rng):
    """Expect what `backward` returns to be slopes of sum(gradient * output)."""
    y, backward = piece(*arrays)
    gradient = rng.standard_normal(y.shape)
    found = backward(gradient)
    assert len(found) == len(arrays)
    for i, (array, slopes) in enumerate(zip(arrays, found, strict=True)):
        assert slopes.shape == array.shape
        for place in np.ndindex(array.shape):
            ends = []
            for sign in (1, -1):
                moved = [a.copy() for a in arrays]
                moved[i][place] += sign * STEP
                ends.append(np.sum(gradient * piece(*moved)[0]))
            assert (ends[0] - ends[1]) / (2 * STEP) == pytest.approx(slopes[place], abs=ALLOWED)


@pytest.mark.parametrize("name", PIECES)
def test_gradients_of_a_piece_are_slopes(name, rng):
    expect_gradients(PIECES[name], arrays_for(name, rng), rng)


@pytest.mark.parametrize(
    ("name", "norm", "factors"),
    list(product(BRANCHES, ("none", "pre", "post"), FACTORS)),
)
def test_gradients_of_a_residual_block_are_slopes(name, norm, factors, rng):
    def block(x, *weights):
        return residual(x, BRANCHES[name], weights, norm=norm, **factors)

    expect_gradients(block, arrays_for(name, rng), rng)


@pytest.mark.parametrize("norm", ["none", "pre", "post"])
def test_gradients_of_a_stream_are_slopes_at_every_place(norm, rng):
    """Of what lies between the blocks too: the rest of the stream is a stream."""
    x, *first = arrays_for("feed_forward", rng)
    blocks = [(smooth, first), (attention, arrays_for("attention", rng)[1:])]
    places, backward = stream(x, blocks, norm=norm)
    assert [place.shape for place in places] == [x.shape] * 3
    gradient = rng.standard_normal(x.shape)
    at, moved = backward(gradient)
    assert [len(weights) for weights in moved] == [2, 4]
    _, after_first = stream(places[1], blocks[1:], norm=norm)
    below, last = after_first(gradient)
    for found, expected in zip([*at[1:], *moved[1]], [*below, *last[0]], strict=True):
        np.testing.assert_array_equal(found, expected)

    def whole(x, *weights):
        places, backward = stream(x, [(smooth, weights), blocks[1]], norm=norm)

        def back(gradient):
            at, moved = backward(gradient)
            return at[0], *moved[0]

        return places[-1], back

    expect_gradients(whole, [x, *first], rng)


@pytest.mark.parametrize("name", PIECES)
def test_a_stack_of_networks_is_computed_one_by_one(name, rng):
    arrays = arrays_for(name, rng, stack=(3,))
    y, backward = PIECES[name](*arrays)
    found = backward(y)
    for i in range(3):
        one, back = PIECES[name](*(array[i] for array in arrays))
        np.testing.assert_allclose(y[i], one, atol=1e-12)
        for all_of_them, single in zip(found, back(one), strict=True):
            np.testing.assert_allclose(all_of_them[i], single, atol=1e-12)


@pytest.mark.parametrize("name", PIECES)
def test_single_precision_stays_single(name, rng):
    arrays = [array.astype(np.float32) for array in arrays_for(name, rng)]
    y, backward = PIECES[name](*arrays)
    assert y.dtype == np.float32
    assert {slopes.dtype for slopes in backward(np.ones(y.shape))} == {np.dtype(np.float32)}


def test_a_normalized_row_has_mean_0_and_mean_square_1(rng):
    y, _ = layer_norm(7 + 3 * rng.standard_normal((20, 50)), epsilon=0)
    np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(np.mean(y**2, axis=1), 1)


def test_epsilon_is_added_to_the_variance():
    y, _ = layer_norm([[1.0, 3.0]], epsilon=3.0)
    np.testing.assert_allclose(y, [[-0.5, 0.5]])
    np.testing.assert_array_equal(layer_norm([[2.0, 2.0]])[0], 0)


def test_attention_of_equal_scores_is_a_mean(rng):
    x = rng.standard_normal((6, 4))
    none, one = np.zeros((4, 2)), np.eye(4)
    y, _ = attention(x, none, none, one, one)
    np.testing.assert_allclose(y, np.tile(x.mean(axis=0), (6, 1)), atol=1e-12)
    y, _ = attention(x, none, none, one, one, causal=True)
    means = np.cumsum(x, axis=0) / np.arange(1, 7)[:, None]
    np.testing.assert_allclose(y, means, atol=1e-12)


def test_scores_are_divided_by_the_root_of_d_k(rng):
    arrays = arrays_for("attention", rng)
    y, _ = attention(*arrays)
    np.testing.assert_array_equal(y, attention(*arrays, scale=1 / math.sqrt(3))[0])
    x, W_q, W_k, *rest = arrays
    np.testing.assert_allclose(y, attention(x, W_q / math.sqrt(3), W_k, *rest, scale=1.0)[0])


def test_softmax_holds_for_large_scores():
    np.testing.assert_allclose(softmax([[1e4, 1e4, -1e4]]), [[0.5, 0.5, 0]])


def test_a_feed_forward_branch_takes_any_activation(rng):
    x, W_1, W_2 = arrays_for("feed_forward", rng)
    np.testing.assert_array_equal(
        feed_forward(x, W_1, W_2, activation=gelu)[0], gelu(x @ W_1) @ W_2
    )
    np.testing.assert_array_equal(feed_forward(x, W_1, W_2)[0], np.maximum(x @ W_1, 0) @ W_2)


def test_a_residual_block_adds_with_its_factors(rng):
    x, *weights = arrays_for("feed_forward", rng)
    y, _ = residual(x, feed_forward, weights, skip=2.0, scale=0.5)
    np.testing.assert_allclose(y, 2 * x + feed_forward(x, *weights)[0] / 2)
    pre, _ = residual(x, feed_forward, weights, norm="pre")
    np.testing.assert_allclose(pre, x + feed_forward(layer_norm(x)[0], *weights)[0])
    post, _ = residual(x, feed_forward, weights, norm="post")
    np.testing.assert_allclose(post, layer_norm(x + feed_forward(x, *weights)[0])[0])


X = np.ones((ROWS, WIDTH))
GOOD = [np.ones(shape) for shape in SHAPES["attention"]]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: layer_norm(["a"]), TypeError, "x must be an array of real numbers"),
        (lambda: layer_norm([1.0]), ValueError, r"x must have shape \(n_samples, width\)"),
        (lambda: layer_norm(X, epsilon=-1), ValueError, "epsilon must be a finite number"),
        (lambda: layer_norm(X)[1](X[:2]), ValueError, r"gradient must have shape \(5, 4\)"),
        (
            lambda: feed_forward(X, X, X),
            ValueError,
            r"W_1 must have 4 rows; got shape \(5, 4\)",
        ),
        (lambda: feed_forward(X, X.T, X[:3]), ValueError, "W_2 must have 5 rows"),
        (
            lambda: feed_forward(X, X.T, X, activation=abs),
            TypeError,
            "activation must have a derivative",
        ),
        (lambda: attention(X, *GOOD[:3], X), ValueError, "W_o must have 6 rows"),
        (
            lambda: attention(X, GOOD[0], GOOD[2], *GOOD[2:]),
            ValueError,
            "W_k must have as many columns as W_q, 3",
        ),
        (lambda: attention(X, *GOOD, scale="1"), TypeError, "scale must be a finite number"),
        (lambda: residual(X, None, []), TypeError, "branch must be callable"),
        (
            lambda: residual(X, attention, GOOD, norm="both"),
            ValueError,
            r"norm must be one of \['none', 'pre', 'post'\]; got 'both'",
        ),
        (
            lambda: residual(X, feed_forward, [X.T, np.ones((5, 3))]),
            ValueError,
            r"a branch must return the shape of what goes past it, \(5, 4\); got \(5, 3\)",
        ),
        (lambda: stream([1.0], []), ValueError, "x must have shape"),
        (lambda: softmax("ab"), TypeError, "scores must be an array of real numbers"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
