"""What the panel of lesson 6 says of an overflow, and how it draws digits."""

import numpy as np
import pytest

from helpers.activations import relu
from helpers.network import MLP
from helpers.panels.training import DIGITS, PAPER, Task, _digits_on_paper, _where_it_overflows

X = np.array([[1.0, 2.0], [3.0, 4.0]])


def constant_network(*values):
    """Return a network of 2 units in each layer, whose weights are one value in each."""
    network = MLP([2] * (len(values) + 1), relu, lambda shape, rng: np.ones(shape), RNG)
    return network.replace(
        weights=[v * W for v, W in zip(values, network.weights, strict=True)]
    )


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("values", "gradient", "where"),
    [
        ((1e308, 1.0, 1.0), 1.0, "in layer 1 on the way forward"),
        ((1.0, 1e160, 1e160), 1.0, "in layer 3 on the way forward"),
        ((1.0, 1.0, 1.0), np.inf, "in layer 3 on the way back"),
        ((1e-200, 1.0, 1e200), 1e200, "in layer 2 on the way back"),
        ((1e200, 1e-200, 1.0), 1e200, "in a gradient of the weights"),
    ],
)
def test_an_overflow_is_where_a_number_is_not_finite_first(values, gradient, where):
    def loss(output, target):
        return 0.0, np.full(output.shape, gradient)

    task = Task(X, np.zeros((2, 2)), loss, (2, 2, 2), (0.0, ""), {}, {})
    assert _where_it_overflows(task, constant_network(*values)) == where


def test_digits_are_black_on_the_paper_that_says_whether_the_answer_is_right():
    """A square of tiles in rows, each with a white frame."""
    ink = np.zeros((DIGITS**2, 64))
    ink[9, 10] = 1.0  # of the tenth digit: row 1, column 2 of its 8 x 8 pixels
    right = np.ones(DIGITS**2, bool)
    right[8] = False
    picture = _digits_on_paper(5 * ink - 2, right)
    tiles = picture.reshape(DIGITS, 10, DIGITS, 10, 3).swapaxes(1, 2)
    assert (tiles[..., 0, :, :] == 1).all()
    np.testing.assert_allclose(tiles[0, 0, 1, 1], PAPER[True])
    np.testing.assert_allclose(tiles[1, 0, 1, 1], PAPER[False])
    np.testing.assert_allclose(tiles[1, 1, 2, 3], 0)  # ninth and tenth are in the second row
    np.testing.assert_allclose(tiles[1, 1, 3, 2], PAPER[True])
