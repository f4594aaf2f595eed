"""Our initializers and those of PyTorch, Keras, JAX and scikit-learn follow the same laws.

`parity` is the table of what is compared, `laws` says why the samples are as large as they
are. A right initializer fails in one run of a million, all comparisons together.
"""

from functools import partial

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp

from helpers.initializers import (
    TRUNCATED_STD,
    fans,
    normal,
    orthogonal,
    variance_scaling,
    zeros,
)
from tests.frameworks import laws
from tests.frameworks.draws import ZEROS, in_torch, keras_layer
from tests.frameworks.laws import ALPHA, DEVIATIONS
from tests.frameworks.parity import CELLS, ROWS, SHAPES, finding, pooled, pooled_theirs

UNIFORM = [
    cell
    for cell in CELLS
    if ROWS[cell[0]].scheme.distribution == "uniform" and "biases" not in cell[0]
]
each_cell = pytest.mark.parametrize(("name", "framework", "shape"), CELLS)
each_uniform = pytest.mark.parametrize(("name", "framework", "shape"), UNIFORM)
each_shape = pytest.mark.parametrize("shape", SHAPES)
each_dense = pytest.mark.parametrize("shape", ["square", "tall", "wide"])
each_orthogonal = pytest.mark.parametrize("framework", ROWS["orthogonal"].theirs)


@each_cell
def test_ours_and_theirs_pass_for_draws_of_one_distribution(name, framework, shape):
    assert finding(name, framework, shape).p > ALPHA


@each_cell
def test_theirs_and_the_nearest_wrong_scheme_do_not(name, framework, shape):
    assert finding(name, framework, shape).p_of_wrong < ALPHA


@each_cell
def test_the_nearest_wrong_scheme_is_told_by_more_than_luck(name, framework, shape):
    """A standard normal is below -5 with this probability."""
    assert finding(name, framework, shape).chance_to_miss < 2.9e-7


@each_cell
def test_means_are_the_same(name, framework, shape):
    assert abs(finding(name, framework, shape).mean) < DEVIATIONS


@each_cell
def test_variances_are_the_same(name, framework, shape):
    assert abs(finding(name, framework, shape).variance) < DEVIATIONS


@each_cell
def test_supports_are_the_same(name, framework, shape):
    """The largest weights of both are where the law has them: at its end, if it has one."""
    found = finding(name, framework, shape)
    assert found.bounds[0] < min(found.largest) <= max(found.largest) < found.bounds[1]


def test_a_false_alarm_is_expected_in_one_run_of_a_million():
    comparisons = 5  # p, mean, variance and the largest weights of both
    assert comparisons * len(CELLS) * ALPHA < 1e-6


# The largest of n uniform weights is below its bound by a share of 1 / n; so is the square
# root of a fan that is read off it, above. With this n, a fan is half a unit off once in
# ``exp(n / (4 * fan))``: for 864, the largest here, 3e16.
MANY = 2**17


def fan_read_off(weights, scale=1):
    return round(3 * scale / np.abs(weights).max() ** 2)


@each_uniform
def test_fans_are_the_same(name, framework, shape):
    row, axes = ROWS[name], SHAPES[shape]
    weights = pooled_theirs(row.theirs[framework], axes, MANY)
    assert fan_read_off(weights, row.scheme.scale) == laws.fan(row.scheme.mode, axes)


@pytest.mark.parametrize("shape", ["tall", "wide", "convolution"])
def test_pytorch_finds_another_fan_in_a_shape_of_our_layout(shape):
    def draw(number):
        generator, tensor = torch.Generator().manual_seed(number), torch.empty(SHAPES[shape])
        fill = torch.nn.init.kaiming_uniform_
        return fill(tensor, nonlinearity="linear", generator=generator).numpy()

    assert fan_read_off(pooled(draw, MANY)) != fans(SHAPES[shape])[0]


# What PyTorch's trunc_normal_ leaves to its caller; a row of the table has it all done.
STD = 0.05
ASKED_FOR = partial(variance_scaling, scale=STD**2 * 256, distribution="truncated_normal")


def p_of_truncated(ours, **options):
    """Return the p of ours and of PyTorch's, told the standard deviation and `options`."""
    rng, draw = np.random.default_rng(0), in_torch("trunc_normal_", std=STD, **options)
    theirs = pooled_theirs(draw, SHAPES["square"], MANY)
    return ks_2samp(pooled(lambda _: ours((256, 256), rng), MANY), theirs).pvalue


def test_trunc_normal_cuts_nothing_off_unless_it_is_told_where():
    """Its bounds are -2 and 2 whatever the standard deviation: forty of them, here."""
    assert p_of_truncated(partial(normal, std=STD)) > ALPHA


def test_trunc_normal_corrects_nothing():
    corrected = partial(ASKED_FOR, scale=STD**2 * 256 * TRUNCATED_STD**2)
    assert p_of_truncated(corrected, a=-2 * STD, b=2 * STD) > ALPHA


@pytest.mark.parametrize("bounds", [{}, {"a": -2 * STD, "b": 2 * STD}])
def test_trunc_normal_is_not_ours_unless_it_is_told_bounds_and_correction(bounds):
    assert p_of_truncated(ASKED_FOR, **bounds) < ALPHA


# Orthogonal weights. The rounding of single precision, 6e-8, makes products of columns err by
# some 1e-6; those of normal weights err by some ``1 / sqrt(384)`` = 5e-2.
ROUNDING = 1e-5


def error_of_angles(weights):
    """Return how far the columns, or the rows if they are fewer, are from orthonormal."""
    matrix = weights.reshape(-1, weights.shape[-1])
    if matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    return np.abs(matrix.T @ matrix - np.eye(matrix.shape[1])).max()


@each_orthogonal
@each_shape
def test_columns_or_rows_are_orthonormal_in_our_layout(framework, shape):
    weights = ROWS["orthogonal"].theirs[framework](SHAPES[shape], 0)
    assert error_of_angles(weights) < ROUNDING


@each_orthogonal
@each_shape
def test_normal_weights_of_the_same_variance_are_not_orthonormal(framework, shape):
    weights = ROWS["lecun_normal"].theirs[framework](SHAPES[shape], 0)
    assert error_of_angles(weights) > 1000 * ROUNDING


# A matrix that a decomposition left with signs of its own is orthonormal too, and not random:
# its diagonal is negative. Laws of which one is half of the other lie 1/2 apart.
DIAGONALS = laws.sample_size(0.5)


def without_signs(shape, rng):
    """Return what the decomposition gives, which our `orthogonal` corrects."""
    q, _ = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    return q if shape[0] >= shape[1] else q.T


def p_of_diagonals(ours, framework, shape):
    rng, theirs = np.random.default_rng(0), ROWS["orthogonal"].theirs[framework]
    one = pooled(lambda _: np.diagonal(ours(shape, rng)), DIAGONALS)
    other = pooled(lambda i: np.diagonal(theirs(shape, i)), DIAGONALS)
    return ks_2samp(one, other, method="asymp").pvalue


@each_orthogonal
@each_dense
def test_orthogonal_weights_have_the_same_diagonals(framework, shape):
    assert p_of_diagonals(orthogonal, framework, SHAPES[shape]) > ALPHA


@each_orthogonal
@each_dense
def test_a_decomposition_whose_signs_stay_is_rejected(framework, shape):
    assert p_of_diagonals(without_signs, framework, SHAPES[shape]) < ALPHA


@pytest.mark.parametrize("framework", ZEROS)
@each_shape
def test_zeros_are_zeros(framework, shape):
    theirs = ZEROS[framework](SHAPES[shape], 0)
    np.testing.assert_array_equal(theirs, zeros(SHAPES[shape]))


@each_shape
def test_keras_starts_biases_at_zero(shape):
    biases = keras_layer("bias")(SHAPES[shape], 0)
    np.testing.assert_array_equal(biases, zeros(SHAPES[shape][-1:]))


@pytest.mark.parametrize(
    ("name", "framework"),
    [("Linear, Conv2d: biases", "PyTorch"), ("MLPClassifier: biases", "scikit-learn")],
)
def test_pytorch_and_scikit_learn_do_not(name, framework):
    assert ROWS[name].theirs[framework](SHAPES["tall"], 0).all()


@pytest.mark.parametrize(("name", "framework"), dict.fromkeys(cell[:2] for cell in CELLS))
def test_a_draw_depends_on_its_seed_alone(name, framework):
    draw = ROWS[name].theirs[framework]
    np.testing.assert_array_equal(draw((5, 3), 7), draw((5, 3), 7))
