"""The network against hand computation and finite differences, for single ones and stacks.

A central difference of step 1e-5 errs by ``h**2 / 6`` = 2e-11 times a third derivative, and by
roundings of the loss, ``1e-15 / h`` = 1e-10. Third derivatives are below 100 where gradients
are of size 1, and grow with them: 1e-8 and 1e-7 of the gradient leave a margin.
"""

import math
from functools import partial

import numpy as np
import pytest
from scipy.special import expit, log_expit, log_softmax

from helpers.activations import ACTIVATIONS
from helpers.initializers import he_normal, initialize_parameters, normal, zeros
from helpers.network import (
    MLP,
    binary_cross_entropy,
    exact_matmul,
    mean_squared_error,
    softmax_cross_entropy,
    stack,
)

TANH = ACTIVATIONS["tanh"]
SIZES = [3, 5, 4, 2]
N_SAMPLES = 6
RANDOM_BIAS = partial(normal, std=0.5)
LOSSES = (mean_squared_error, binary_cross_entropy, softmax_cross_entropy)

each_loss = pytest.mark.parametrize("loss", LOSSES)
each_activation = pytest.mark.parametrize("name", ACTIVATIONS)


def small_network(rng, activation=TANH, **options):
    return MLP(SIZES, activation, he_normal, rng, bias=RANDOM_BIAS, **options)


def target_for(loss, rng):
    if loss is softmax_cross_entropy:
        return rng.integers(0, SIZES[-1], N_SAMPLES)
    return rng.random((N_SAMPLES, SIZES[-1]))


def samples_clear_of_kinks(network, rng):
    """Return samples that give no hidden unit a pre-activation within 1e-3 of zero."""
    x = rng.standard_normal((100, SIZES[0]))
    z = np.concatenate(network.forward(x).preactivations[:-1], axis=-1)
    clear = (np.abs(z) > 1e-3).all(axis=-1)
    return x[clear.reshape(-1, len(x)).all(axis=0)][:N_SAMPLES]


def numeric_gradient(function, array, h=1e-5):
    """Return the gradient of ``function()`` as entries of `array` change in place."""
    gradient = np.empty_like(array)
    for i in np.ndindex(array.shape):
        value = array[i]
        array[i] = value + h
        above = function()
        array[i] = value - h
        below = function()
        array[i] = value
        gradient[i] = (above - below) / (2 * h)
    return gradient


def networks_for_gradients(kind, name, rng):
    networks = [small_network(rng, ACTIVATIONS[name]) for _ in range(2)]
    return stack(networks) if kind == "stack" else networks[0]


@each_activation
@each_loss
@pytest.mark.parametrize("kind", ["single", "stack"])
@pytest.mark.parametrize("part", ["weights", "biases"])
def test_gradients_of_parameters_against_finite_differences(part, kind, loss, name, rng):
    """The losses of a stack's networks are independent, so their sum has all gradients."""
    network = networks_for_gradients(kind, name, rng)
    x, target = samples_clear_of_kinks(network, rng), target_for(loss, rng)

    def total():
        return loss(network.forward(x).activations[-1], target)[0].sum()

    trace = network.forward(x)
    gradients = network.backward(trace, loss(trace.activations[-1], target)[1])
    numeric = [numeric_gradient(total, p) for p in getattr(network, part)]
    analytic = getattr(gradients, part)
    assert [g.shape for g in analytic] == [p.shape for p in getattr(network, part)]
    np.testing.assert_allclose(_flat(analytic), _flat(numeric), rtol=1e-7, atol=1e-8)


@each_activation
@each_loss
@pytest.mark.parametrize("kind", ["single", "stack"])
def test_gradients_of_preactivations_against_finite_differences(kind, loss, name, rng):
    network = networks_for_gradients(kind, name, rng)
    x, target = samples_clear_of_kinks(network, rng), target_for(loss, rng)

    def total_from(layer, z):
        for W, b in zip(network.weights[layer + 1 :], network.biases[layer + 1 :], strict=True):
            z = network.activation(z) @ W + b
        return loss(z, target)[0].sum()

    trace = network.forward(x)
    gradients = network.backward(trace, loss(trace.activations[-1], target)[1])
    numeric = [
        numeric_gradient(partial(total_from, layer, z), z)
        for layer, z in enumerate(trace.preactivations)
    ]
    np.testing.assert_allclose(
        _flat(gradients.preactivations), _flat(numeric), rtol=1e-7, atol=1e-8
    )


def _flat(arrays):
    return np.concatenate([a.ravel() for a in arrays])


@each_activation
def test_forward_is_the_equation_of_the_layers(name, rng):
    network = small_network(rng, ACTIVATIONS[name])
    x = rng.standard_normal((N_SAMPLES, 3))
    (W1, W2, W3), (b1, b2, b3) = network.weights, network.biases
    z1 = x @ W1 + b1
    h1 = network.activation(z1)
    z2 = h1 @ W2 + b2
    h2 = network.activation(z2)
    z3 = h2 @ W3 + b3
    trace = network.forward(x)
    for computed, expected in zip(trace.preactivations, [z1, z2, z3], strict=True):
        np.testing.assert_allclose(computed, expected, rtol=1e-12, atol=1e-14)
    for computed, expected in zip(trace.activations, [x, h1, h2, z3], strict=True):
        np.testing.assert_allclose(computed, expected, rtol=1e-12, atol=1e-14)


def test_forward_and_backward_change_nothing_that_they_are_given(rng):
    network = small_network(rng)
    x, gradient = rng.standard_normal((N_SAMPLES, 3)), rng.standard_normal((N_SAMPLES, 2))
    given = [x, gradient, *network.weights, *network.biases]
    before = [a.copy() for a in given]
    trace = network.forward(x)
    kept = _flat(trace.preactivations + trace.activations)
    network.backward(trace, gradient)
    np.testing.assert_array_equal(_flat(given), _flat(before))
    np.testing.assert_array_equal(_flat(trace.preactivations + trace.activations), kept)


def test_step_moves_every_parameter_against_its_gradient(rng):
    network = small_network(rng)
    before = [p.copy() for p in network.weights + network.biases]
    trace = network.forward(rng.standard_normal((N_SAMPLES, 3)))
    gradients = network.backward(trace, np.ones((N_SAMPLES, 2)))
    network.step(gradients, 0.1)
    moved = [
        p - 0.1 * g
        for p, g in zip(before, [*gradients.weights, *gradients.biases], strict=True)
    ]
    np.testing.assert_array_equal(_flat(network.weights + network.biases), _flat(moved))


def test_a_network_draws_what_initialize_parameters_draws():
    network = small_network(np.random.default_rng(5))
    pairs = initialize_parameters(SIZES, he_normal, np.random.default_rng(5), bias=RANDOM_BIAS)
    np.testing.assert_array_equal(_flat(network.weights), _flat([W for W, _ in pairs]))
    np.testing.assert_array_equal(_flat(network.biases), _flat([b for _, b in pairs]))


def test_biases_are_zero_unless_told(rng):
    network = MLP(SIZES, TANH, he_normal, rng)
    np.testing.assert_array_equal(_flat(network.biases), np.zeros(11))


def test_a_network_leaves_the_global_random_state_alone(rng):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    small_network(rng)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_float32_network_stays_float32(rng):
    network = MLP(SIZES, TANH, partial(he_normal, dtype=np.float32), rng)
    trace = network.forward(rng.standard_normal((N_SAMPLES, 3), np.float32))
    gradients = network.backward(trace, np.ones((N_SAMPLES, 2), np.float32))
    network.step(gradients, 0.1)
    arrays = [*trace.preactivations, *trace.activations, *network.weights, *network.biases]
    arrays += [*gradients.weights, *gradients.biases, *gradients.preactivations]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


def test_repr_shows_sizes_and_activation(rng):
    assert repr(small_network(rng)) == "MLP([3, 5, 4, 2], tanh)"
    assert repr(stack([small_network(rng)])) == "MLP([3, 5, 4, 2], tanh)"


def test_replace_exchanges_what_is_given_and_shares_the_rest(rng):
    network = small_network(rng, matmul=exact_matmul)
    weights = [2 * W for W in network.weights]
    other = network.replace(weights=weights, activation=ACTIVATIONS["relu"])
    assert other.weights[0] is weights[0]
    assert other.biases[0] is network.biases[0]
    assert other.activation is ACTIVATIONS["relu"]
    assert other.matmul is exact_matmul
    assert network.activation is TANH


@pytest.mark.parametrize("width", [33, 37, 57])
@pytest.mark.parametrize("axes", [(), (3,)])
def test_exact_matmul_gives_equal_columns_for_equal_columns(width, axes, rng):
    a, column = rng.standard_normal((*axes, 9, 31)), rng.standard_normal((*axes, 31, 1))
    product = exact_matmul(a, np.repeat(column, width, axis=-1))
    np.testing.assert_array_equal(product, np.repeat(product[..., :1], width, axis=-1))


@pytest.mark.parametrize("axes", [(), (3,)])
def test_exact_matmul_is_the_product(axes, rng):
    """Sums of 31 products of numbers of size 1: within 31 roundings."""
    a, b = rng.standard_normal((*axes, 9, 31)), rng.standard_normal((*axes, 31, 7))
    np.testing.assert_allclose(exact_matmul(a, b), a @ b, rtol=0, atol=1e-13)


@pytest.mark.parametrize("matmul", [np.matmul, exact_matmul])
@each_loss
def test_a_stack_computes_what_its_networks_compute_alone(matmul, loss, rng):
    networks = [small_network(rng, matmul=matmul) for _ in range(3)]
    together = stack(networks)
    x, target = rng.standard_normal((N_SAMPLES, 3)), target_for(loss, rng)
    stacked = together.forward(x)
    losses, output_gradients = loss(stacked.activations[-1], target)
    gradients = together.backward(stacked, output_gradients)
    assert losses.shape == (3,)
    for i, network in enumerate(networks):
        trace = network.forward(x)
        value, output_gradient = loss(trace.activations[-1], target)
        alone = network.backward(trace, output_gradient)
        assert losses[i] == pytest.approx(value, rel=1e-13)
        for part in ("weights", "biases", "preactivations"):
            found = [
                g[i].reshape(a.shape)
                for g, a in zip(getattr(gradients, part), getattr(alone, part), strict=True)
            ]
            np.testing.assert_allclose(_flat(found), _flat(getattr(alone, part)), atol=1e-14)


def test_training_a_stack_leaves_the_networks_it_was_made_of_alone(rng):
    networks = [small_network(rng) for _ in range(2)]
    before = _flat(networks[0].weights + networks[0].biases)
    together = stack(networks)
    trace = together.forward(rng.standard_normal((N_SAMPLES, 3)))
    together.step(together.backward(trace, np.ones((2, N_SAMPLES, 2))), 0.1)
    np.testing.assert_array_equal(_flat(networks[0].weights + networks[0].biases), before)


def test_mean_squared_error_by_hand():
    loss, gradient = mean_squared_error([[1.0, 2.0], [3.0, 5.0]], [[1, 0], [3, 1]])
    assert loss == (0 + 4 + 0 + 16) / 4
    np.testing.assert_array_equal(gradient, [[0, 1], [0, 2]])


def test_binary_cross_entropy_is_minus_the_log_probability(rng):
    logits, target = rng.standard_normal((7, 2)), rng.random((7, 2))
    expected = -target * log_expit(logits) - (1 - target) * log_expit(-logits)
    loss, gradient = binary_cross_entropy(logits, target)
    assert loss == pytest.approx(expected.mean(), rel=1e-13)
    np.testing.assert_allclose(gradient, (expit(logits) - target) / 14, atol=1e-15)


def test_softmax_cross_entropy_is_minus_the_log_probability(rng):
    logits, labels = 3 * rng.standard_normal((7, 4)), rng.integers(0, 4, 7)
    log_probability = log_softmax(logits, axis=1)
    loss, gradient = softmax_cross_entropy(logits, labels)
    assert loss == pytest.approx(-log_probability[np.arange(7), labels].mean(), rel=1e-13)
    expected = (np.exp(log_probability) - np.eye(4)[labels]) / 7
    np.testing.assert_allclose(gradient, expected, atol=1e-15)


@pytest.mark.parametrize(
    ("loss", "logits", "target", "value", "gradient"),
    [
        (binary_cross_entropy, [[1000.0]], [[0]], 1000, [[1]]),
        (binary_cross_entropy, [[1000.0]], [[1]], 0, [[0]]),
        (binary_cross_entropy, [[-1000.0]], [[0]], 0, [[0]]),
        (binary_cross_entropy, [[-1000.0]], [[1]], 1000, [[-1]]),
        (softmax_cross_entropy, [[1000.0, -1000.0]], [0], 0, [[0, 0]]),
        (softmax_cross_entropy, [[1000.0, -1000.0]], [1], 2000, [[1, -1]]),
        (softmax_cross_entropy, [[1000.0, 1000.0]], [1], math.log(2), [[0.5, -0.5]]),
    ],
)
def test_extreme_logits_give_finite_losses(loss, logits, target, value, gradient):
    found = loss(logits, target)
    assert found[0] == pytest.approx(value, rel=1e-15)
    np.testing.assert_array_equal(found[1], gradient)


@each_loss
def test_losses_leave_their_arguments_alone(loss, rng):
    output, target = rng.standard_normal((N_SAMPLES, 2)), target_for(loss, rng)
    before = output.copy(), target.copy()
    loss(output, target)
    np.testing.assert_array_equal(output, before[0])
    np.testing.assert_array_equal(target, before[1])


@pytest.mark.parametrize(
    ("loss", "output", "target", "error", "message"),
    [
        (
            mean_squared_error,
            np.ones((4, 1)),
            np.ones(4),
            ValueError,
            r"target and prediction .* \(n_samples, n_outputs\); got \(4,\) and \(4, 1\)",
        ),
        (
            mean_squared_error,
            np.ones(4),
            np.ones(4),
            ValueError,
            r"same shape .*; got \(4,\) and",
        ),
        (mean_squared_error, np.ones((2, 4, 1)), np.ones((3, 4, 1)), ValueError, "same shape"),
        (mean_squared_error, np.ones((4, 1)), "y", TypeError, "target must be .*; got 'y'"),
        (mean_squared_error, "z", np.ones((4, 1)), TypeError, "prediction must be .*; got 'z'"),
        (
            binary_cross_entropy,
            np.ones((4, 1)),
            np.ones((4, 2)),
            ValueError,
            r"target and logits .* got \(4, 2\) and \(4, 1\)",
        ),
        (
            binary_cross_entropy,
            [[0.0]],
            [[1.5]],
            ValueError,
            "target must be from 0 to 1; got 1.5",
        ),
        (
            binary_cross_entropy,
            [[0.0]],
            [[-1]],
            ValueError,
            "target must be from 0 to 1; got -1",
        ),
        (binary_cross_entropy, [[0.0]], [[math.nan]], ValueError, "target must .*; got nan"),
        (binary_cross_entropy, None, [[1.0]], TypeError, "logits must be .*; got None"),
        (
            softmax_cross_entropy,
            np.ones((2, 3)),
            [0.0, 1.0],
            TypeError,
            r"labels must be integers; got .*0\., 1\.",
        ),
        (
            softmax_cross_entropy,
            np.ones((2, 3)),
            [True, False],
            TypeError,
            "labels must be integers",
        ),
        (
            softmax_cross_entropy,
            np.ones((2, 3)),
            [0],
            ValueError,
            r"labels must have shape \(2,\).*; got \(1,\)",
        ),
        (
            softmax_cross_entropy,
            np.ones((2, 3)),
            [[0], [1]],
            ValueError,
            r"\(2,\).*; got \(2, 1\)",
        ),
        (
            softmax_cross_entropy,
            np.ones((2, 3)),
            [0, 3],
            ValueError,
            "labels must be from 0 to 2; got 0 to 3",
        ),
        (
            softmax_cross_entropy,
            np.ones((2, 3)),
            [-1, 1],
            ValueError,
            "from 0 to 2; got -1 to 1",
        ),
        (
            softmax_cross_entropy,
            np.ones(3),
            [0],
            ValueError,
            r"logits must have shape \(n_samples, n_classes\); got \(3,\)",
        ),
        (softmax_cross_entropy, [["a"]], [0], TypeError, r"logits must be .*; got \[\['a'\]\]"),
    ],
)
def test_losses_name_the_argument_what_is_allowed_and_what_was_given(
    loss, output, target, error, message
):
    with pytest.raises(error, match=message):
        loss(output, target)


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"layer_sizes": [3]},
            ValueError,
            r"layer_sizes .* at least 2 positive integers; got \(3,\)",
        ),
        ({"layer_sizes": 3}, TypeError, "layer_sizes .* at least 2 positive integers; got 3"),
        ({"layer_sizes": [3, 0]}, ValueError, r"layer_sizes\[1\] .* positive integer; got 0"),
        ({"layer_sizes": [-1, 3]}, ValueError, r"layer_sizes\[0\] .* positive integer; got -1"),
        (
            {"layer_sizes": [2.5, 3]},
            TypeError,
            r"layer_sizes\[0\] .* positive integer; got 2.5",
        ),
        (
            {"layer_sizes": [3, True]},
            TypeError,
            r"layer_sizes\[1\] .* positive integer; got True",
        ),
        (
            {"layer_sizes": [3, "3"]},
            TypeError,
            r"layer_sizes\[1\] .* positive integer; got '3'",
        ),
        (
            {"activation": np.tanh},
            TypeError,
            "activation must have a derivative, .*; got <ufunc",
        ),
        (
            {"activation": "tanh"},
            TypeError,
            "activation must have a derivative, .*; got 'tanh'",
        ),
        ({"initializer": "he"}, TypeError, "initializer must be callable; got 'he'"),
        (
            {"initializer": lambda shape, rng: np.ones(3)},
            ValueError,
            r"initializer must return an array of shape \(2, 3\); got \(3,\)",
        ),
        (
            {"initializer": lambda shape, rng: "W"},
            TypeError,
            r"initializer\(shape, rng\) must be .*; got 'W'",
        ),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator.*; got 0"),
        ({"bias": 0}, TypeError, "bias must be callable; got 0"),
        (
            {"bias": lambda shape, rng: zeros((1, 3))},
            ValueError,
            r"bias must return an array of shape \(3,\); got \(1, 3\)",
        ),
        ({"matmul": "@"}, TypeError, "matmul must be callable; got '@'"),
    ],
)
def test_a_network_names_the_argument_what_is_allowed_and_what_was_given(
    change, error, message
):
    arguments = {
        "layer_sizes": [2, 3],
        "activation": TANH,
        "initializer": he_normal,
        "rng": RNG,
    }
    with pytest.raises(error, match="^" + message):
        MLP(**(arguments | change))


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (
            np.ones((4, 2)),
            ValueError,
            r"x must have shape \(n_samples, 3\); got shape \(4, 2\)",
        ),
        (np.ones(3), ValueError, r"x must have shape \(n_samples, 3\); got shape \(3,\)"),
        ("x", TypeError, "x must be an array of real numbers; got 'x'"),
    ],
)
def test_forward_names_the_width_of_a_batch(x, error, message):
    with pytest.raises(error, match=message):
        small_network(RNG).forward(x)


@pytest.mark.parametrize(
    ("gradient", "error", "message"),
    [
        (np.ones((6, 1)), ValueError, r"output_gradient must have .* \(6, 2\); got \(6, 1\)"),
        (1.0, ValueError, r"output_gradient must have .* \(6, 2\); got \(\)"),
        (None, TypeError, "output_gradient must be an array of real numbers; got None"),
    ],
)
def test_backward_names_the_shape_of_the_output(gradient, error, message):
    network = small_network(RNG)
    with pytest.raises(error, match=message):
        network.backward(network.forward(np.ones((6, 3))), gradient)


@pytest.mark.parametrize("sizes", [[], [[2, 3, 1], [2, 4, 1]], [[2, 3, 1], [2, 3, 3, 1]]])
def test_a_stack_needs_networks_of_the_same_layer_sizes(sizes):
    networks = [MLP(s, TANH, he_normal, RNG) for s in sizes]
    message = (
        r"networks must be at least one single network, all of the same layer sizes, .*; got \["
    )
    with pytest.raises(ValueError, match=message):
        stack(networks)


def test_a_stack_needs_networks_of_the_same_activation():
    networks = [MLP([2, 3, 1], ACTIVATIONS[name], he_normal, RNG) for name in ("tanh", "relu")]
    with pytest.raises(ValueError, match=r"the same layer sizes, activation and matmul; got"):
        stack(networks)


@pytest.mark.parametrize("part", ["weights", "biases"])
def test_a_copy_has_arrays_of_its_own_and_what_replaces_has_lists_of_its_own(part):
    network = MLP([2, 3, 1], ACTIVATIONS["tanh"], he_normal, np.random.default_rng(0))
    copied, replaced = getattr(network.copy(), part), getattr(network.replace(), part)
    for ours, theirs in zip(getattr(network, part), copied, strict=True):
        assert not np.shares_memory(ours, theirs)
    assert replaced is not getattr(network, part)
