"""Tests that the figure of lesson 1 puts every weight where it belongs."""

import numpy as np
import pytest

from helpers.figures import NetworkDiagram

SIZES = ([3, 4, 1], [1, 1, 1], [8, 2, 1, 4], [8, 8, 8, 4])


@pytest.fixture(params=SIZES, ids=str)
def weights(request):
    """Return weights that are all different: a mistake in their order shows."""
    shapes = list(zip(request.param[:-1], request.param[1:], strict=True))
    total = sum(fan_in * fan_out for fan_in, fan_out in shapes)
    values = np.random.default_rng(0).permutation(np.linspace(-2, 2, total))
    ends = np.cumsum([fan_in * fan_out for fan_in, fan_out in shapes])
    parts = np.split(values, ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


@pytest.fixture
def diagram(weights):
    figure = NetworkDiagram()
    figure.update(weights, "some scheme", 1)
    return figure


def test_a_line_joins_the_units_of_its_weight(diagram, weights):
    units = np.asarray(diagram._units.get_offsets())
    lines = {
        (tuple(start), tuple(end)): value
        for (start, end), value in zip(
            diagram._edges.get_segments(), diagram._edges.get_array(), strict=True
        )
    }
    first = 0
    for W in weights:
        for i, j in np.ndindex(W.shape):
            ends = tuple(units[first + i]), tuple(units[first + len(W) + j])
            assert lines[ends] == W[i, j]
        first += len(W)
    assert len(lines) == sum(W.size for W in weights)


def test_tiles_lie_as_the_weights_do_in_their_matrix(diagram, weights):
    corners = np.array([path.vertices[0] for path in diagram._tiles.get_paths()])
    values = np.asarray(diagram._tiles.get_array())
    first = 0
    for W in weights:
        x, y = corners[first : first + W.size].T
        order = np.lexsort((x.round(6), -y.round(6)))  # row by row, from the top
        np.testing.assert_array_equal(values[first : first + W.size][order], W.ravel())
        first += W.size


def test_numbers_are_those_of_their_tiles():
    W1, W2 = np.array([[0.25, -0.5], [1.75, -0.001]]), np.array([[1.0], [-2.5]])
    diagram = NetworkDiagram()
    diagram.update([W1, W2], "some scheme", 1)
    shown = [text.get_text() for text in diagram._numbers if text.get_text()]
    assert shown == ["0.25", "−0.50", "1.75", "0.00", "1.00", "−2.50"]


def test_matrices_do_not_overlap(diagram, weights):
    boxes = [path.get_extents() for path in diagram._tiles.get_paths()]
    first, right = 0, NetworkDiagram.MATRICES[0]
    for W in weights:
        mine = boxes[first : first + W.size]
        assert min(box.x0 for box in mine) >= right - 1e-9
        right = max(box.x1 for box in mine)
        first += W.size
    assert right <= NetworkDiagram.MATRICES[1] + 1e-9
