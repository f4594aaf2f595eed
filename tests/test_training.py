"""Training: what a state describes, what an update does, overflow, and clipping."""

import math
from functools import partial
from itertools import islice

import numpy as np
import pytest

from helpers.activations import ACTIVATIONS
from helpers.datasets import circles, xor
from helpers.initializers import constant, he_normal, normal
from helpers.network import (
    MLP,
    binary_cross_entropy,
    exact_matmul,
    mean_squared_error,
    softmax_cross_entropy,
    stack,
)
from helpers.training import Adam, clip_by_global_norm, clip_by_value, train, update_ratios

RELU, TANH = ACTIVATIONS["relu"], ACTIVATIONS["tanh"]


def xor_network(seed=0, **options):
    return MLP([2, 8, 1], TANH, he_normal, np.random.default_rng(seed), **options)


def parameters(network):
    return np.concatenate([p.ravel() for p in network.weights + network.biases])


def gradients_of(network, X, y, loss=binary_cross_entropy):
    trace = network.forward(X)
    value, output_gradient = loss(trace.activations[-1], y)
    gradients = network.backward(trace, output_gradient)
    return value, gradients.weights + gradients.biases


def train_xor(network, *, steps, learning_rate=0.5, **options):
    X, y = xor()
    options = {"learning_rate": learning_rate, "steps": steps} | options
    return train(network, X, y, binary_cross_entropy, **options)


def test_the_first_state_comes_before_any_update():
    network = xor_network()
    before = parameters(network)
    state = next(train_xor(network, steps=5))
    assert state.step == 0
    np.testing.assert_array_equal(parameters(network), before)


def test_a_state_describes_the_network_as_it_is():
    network = xor_network()
    *_, state = islice(train_xor(network, steps=5), 4)
    loss, gradients = gradients_of(network, *xor())
    norm = math.sqrt(sum((g**2).sum() for g in gradients))
    assert (state.step, state.loss) == (3, loss)
    assert state.gradient_norm == pytest.approx(norm, rel=1e-14)
    assert not state.overflowed


def test_n_steps_give_n_plus_one_states():
    assert [state.step for state in train_xor(xor_network(), steps=3)] == [0, 1, 2, 3]


def test_a_caller_that_stops_asking_stops_the_training():
    stopped, short = xor_network(), xor_network()
    list(islice(train_xor(stopped, steps=100), 3))
    list(train_xor(short, steps=2))
    np.testing.assert_array_equal(parameters(stopped), parameters(short))


@pytest.mark.parametrize("clip", [None, partial(clip_by_value, limit=0.01)])
def test_one_step_moves_against_the_gradient(clip):
    network = xor_network()
    before = network.weights + network.biases
    before = [p.copy() for p in before]
    _, gradients = gradients_of(network, *xor())
    list(train_xor(network, steps=1, learning_rate=0.3, clip=clip))
    clipped = gradients if clip is None else clip(gradients)
    for p, old, g in zip(network.weights + network.biases, before, clipped, strict=True):
        np.testing.assert_allclose(p, old - 0.3 * g, rtol=1e-15)


def test_the_norm_in_a_state_is_that_before_clipping():
    clipped, plain = (
        next(train_xor(xor_network(), steps=1, clip=clip)).gradient_norm
        for clip in (partial(clip_by_global_norm, max_norm=1e-3), None)
    )
    assert clipped == plain


def test_training_lowers_the_loss():
    first, *_, last = train_xor(xor_network(), steps=500)
    assert last.loss < 0.1 < first.loss


def batches_of(n, batch_size, n_batches, seed=0):
    """Return the targets that the loss is given, for samples whose target is their index."""
    seen = []

    def recording(output, target):
        seen.append(target)
        return mean_squared_error(output, target[:, None])

    X, y = np.arange(2.0 * n).reshape(n, 2), np.arange(n)
    network = MLP([2, 1], TANH, he_normal, np.random.default_rng(0))
    options = {"learning_rate": 1e-9, "steps": n_batches - 1}
    if batch_size is not None:
        options |= {"batch_size": batch_size, "rng": np.random.default_rng(seed)}
    states = train(network, X, y, recording, **options)
    seen.clear()
    list(states)
    return np.array(seen)


@pytest.mark.parametrize("batch_size", [1, 5, 10, 20])
def test_an_epoch_has_every_sample_once(batch_size):
    epochs = batches_of(20, batch_size, 3 * 20 // batch_size).reshape(3, 20)
    np.testing.assert_array_equal(np.sort(epochs, axis=1), [np.arange(20)] * 3)


def test_every_epoch_has_an_order_of_its_own():
    """20! orders: two epochs agree with probability 4e-19."""
    first, second = batches_of(20, 5, 8).reshape(2, 20)
    assert (first != second).any()


def test_batches_are_full_where_the_size_does_not_divide_the_samples():
    """Three batches of 6 an epoch; the two samples left over differ from epoch to epoch."""
    epochs = batches_of(20, 6, 30).reshape(10, 18)
    assert {len(set(epoch)) for epoch in epochs.tolist()} == {18}
    assert len(set(epochs.ravel().tolist())) == 20


def test_without_a_batch_size_every_batch_is_all_samples_in_order():
    np.testing.assert_array_equal(batches_of(20, None, 3), [np.arange(20)] * 3)


def test_a_batch_pairs_samples_with_their_targets():
    """Targets that a linear layer fits exactly: any wrong pair leaves a loss."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((12, 2))
    network = MLP([2, 1], TANH, he_normal, rng)
    y = network.forward(X).activations[-1]
    states = train(
        network, X, y, mean_squared_error, learning_rate=0.1, steps=6, batch_size=4, rng=rng
    )
    assert max(state.loss for state in states) < 1e-30


def test_same_seed_same_run():
    X, y = circles(40, np.random.default_rng(0))
    options = {"learning_rate": 0.1, "steps": 20, "batch_size": 8}
    networks = [xor_network(), xor_network()]
    for network in networks:
        rng = np.random.default_rng(1)
        list(train(network, X, y, binary_cross_entropy, rng=rng, **options))
    np.testing.assert_array_equal(*(parameters(network) for network in networks))


def test_samples_and_the_global_random_state_are_left_alone():
    X, y = xor()
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    rng = np.random.default_rng(0)
    options = {"learning_rate": 0.1, "steps": 5, "batch_size": 2, "rng": rng}
    list(train(xor_network(), X, y, binary_cross_entropy, **options))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.testing.assert_array_equal(np.hstack([X, y]), np.hstack(xor()))


@pytest.mark.parametrize("learning_rate", [1e10, 1e100, 1e200, 1e300])
def test_overflow_ends_the_training_and_leaves_finite_parameters(learning_rate):
    network = MLP([2, 8, 1], RELU, he_normal, np.random.default_rng(0))
    states = list(
        train(network, *xor(), mean_squared_error, learning_rate=learning_rate, steps=100)
    )
    assert [state.overflowed for state in states] == [False] * (len(states) - 1) + [True]
    assert len(states) < 30
    assert np.isfinite(parameters(network)).all()


def test_an_update_that_would_overflow_is_not_made():
    """Gradients near 10 times a learning rate near the largest number."""
    network = MLP([1, 1], TANH, partial(constant, value=0), np.random.default_rng(0))
    X, y = np.ones((1, 1)), np.full((1, 1), -10.0)
    *_, last = train(network, X, y, mean_squared_error, learning_rate=1e308, steps=5)
    assert last.overflowed
    assert np.isfinite(parameters(network)).all()


def test_a_network_that_overflows_from_the_start_has_one_state():
    network = MLP([2, 8, 1], RELU, partial(normal, std=1e200), np.random.default_rng(0))
    X, y = np.ones((4, 2)), np.ones((4, 1))
    (state,) = train(network, X, y, mean_squared_error, learning_rate=0.1, steps=100)
    assert state.overflowed


def networks_of_which_the_second_diverges():
    networks = [xor_network(seed) for seed in range(3)]
    networks[1].weights[0] *= 1e4  # every unit saturated, so that the loss is a parabola
    networks[1].weights[1] *= 1e100
    return networks


def train_by_squares(network, steps):
    """Train XOR on a loss whose gradient grows with the error, unlike a logistic one."""
    return train(network, *xor(), mean_squared_error, learning_rate=0.2, steps=steps)


def test_an_overflow_does_not_disturb_the_rest_of_a_stack():
    together = stack(networks_of_which_the_second_diverges())
    *_, state = train_by_squares(together, 200)
    np.testing.assert_array_equal(state.overflowed, [False, True, False])
    for i in (0, 2):
        alone = xor_network(i)
        *_, last = train_by_squares(alone, 200)
        parts = [p[i].ravel() for p in together.weights + together.biases]
        np.testing.assert_allclose(np.concatenate(parts), parameters(alone), atol=1e-12)
        assert state.loss[i] == pytest.approx(last.loss, rel=1e-12)
        assert state.gradient_norm[i] == pytest.approx(last.gradient_norm, rel=1e-10)


def test_an_overflowed_network_of_a_stack_stays_as_it_was():
    together = stack(networks_of_which_the_second_diverges())
    states = train_by_squares(together, 200)
    next(state for state in states if state.overflowed[1])
    before = [p[1].copy() for p in together.weights + together.biases]
    list(states)
    after = [p[1] for p in together.weights + together.biases]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
        assert np.isfinite(new).all()


def test_once_overflowed_always_overflowed():
    """The second network overflows on one sample and would not on the other."""
    networks = [
        MLP([1, 1], TANH, partial(constant, value=value), np.random.default_rng(0))
        for value in (1.0, 1e200)
    ]
    X, y = np.array([[0.0], [1.0]]), np.zeros((2, 1))
    options = {"batch_size": 1, "rng": np.random.default_rng(0)}
    states = train(
        stack(networks), X, y, mean_squared_error, learning_rate=0.1, steps=20, **options
    )
    flags = [bool(state.overflowed[1]) for state in states]
    assert flags == sorted(flags)
    assert sum(flags) >= 19


@pytest.mark.parametrize("width", [33, 37, 57])
def test_identical_units_stay_identical_with_the_exact_product(width):
    """These widths are no multiple of a vector register, so BLAS treats some units apart."""
    initializer = partial(constant, value=0.5)
    network = MLP(
        [2, width, 1], TANH, initializer, np.random.default_rng(0), matmul=exact_matmul
    )
    before = parameters(network)
    list(train_xor(network, steps=500))
    (W1, W2), (b1, _) = network.weights, network.biases
    np.testing.assert_array_equal(W1, np.repeat(W1[:, :1], width, axis=1))
    np.testing.assert_array_equal(W2, np.repeat(W2[:1], width, axis=0))
    np.testing.assert_array_equal(b1, np.repeat(b1[:1], width))
    assert np.abs(parameters(network) - before).max() > 0.01


def test_a_stack_with_the_exact_product_trains_as_its_networks_do_alone():
    """500 steps magnify roundings of 1e-16 a little: within 1e-12."""
    networks = [xor_network(seed, matmul=exact_matmul) for seed in range(3)]
    together = stack(networks)
    *_, state = train_xor(together, steps=500)
    for i, network in enumerate(networks):
        *_, last = train_xor(network, steps=500)
        assert state.loss[i] == pytest.approx(last.loss, rel=1e-12)


@pytest.mark.parametrize(
    "clip", [partial(clip_by_value, limit=0.01), partial(clip_by_global_norm, max_norm=0.05)]
)
def test_each_network_of_a_stack_is_clipped_by_itself(clip):
    """Their gradients differ in size, so that one norm for all would clip them otherwise."""
    networks = [xor_network(seed, matmul=exact_matmul) for seed in range(3)]
    networks[1].weights[1] *= 20
    together = stack(networks)
    *_, state = train_xor(together, steps=50, clip=clip)
    for i, network in enumerate(networks):
        *_, last = train_xor(network, steps=50, clip=clip)
        assert state.loss[i] == pytest.approx(last.loss, rel=1e-12)


def test_a_network_that_has_overflowed_does_not_keep_others_from_being_clipped():
    together = stack(networks_of_which_the_second_diverges())
    together.weights[1][1] *= 1e200
    clip = partial(clip_by_global_norm, max_norm=1.0)
    options = {"learning_rate": 0.2, "steps": 200, "clip": clip}
    *_, last = train(together, *xor(), mean_squared_error, **options)
    np.testing.assert_array_equal(last.overflowed, [False, True, False])
    assert last.loss[[0, 2]].max() < 0.1


@pytest.mark.parametrize("size", [1e160, 1e300])
def test_a_norm_whose_square_overflows_is_no_overflow(size):
    """A weight and a bias, whose gradients are both `size`."""
    network = MLP([1, 1], TANH, partial(constant, value=0), np.random.default_rng(0))

    def linear(output, target):
        return output.mean(axis=(-2, -1)), np.full_like(output, size)

    X, y = np.ones((1, 1)), np.zeros((1, 1))
    state = next(train(network, X, y, linear, learning_rate=1.0, steps=1))
    assert state.gradient_norm == pytest.approx(math.sqrt(2) * size, rel=1e-14)
    assert not state.overflowed


def test_a_network_without_a_gradient_does_not_overflow_beside_one_that_does():
    networks = [
        MLP([1, 1], TANH, partial(constant, value=value), np.random.default_rng(0))
        for value in (0, 1e200)
    ]
    X, y = np.ones((1, 1)), np.zeros((1, 1))
    states = train(stack(networks), X, y, mean_squared_error, learning_rate=1.0, steps=1)
    state = next(states)
    np.testing.assert_array_equal(state.overflowed, [False, True])
    assert state.gradient_norm[0] == 0


def test_clipping_tames_a_gradient_whose_square_overflows():
    network = MLP([1, 1], TANH, partial(constant, value=1e155), np.random.default_rng(0))
    clip = partial(clip_by_global_norm, max_norm=1.0)
    X, y = np.ones((1, 1)), np.zeros((1, 1))

    def distance(output, target):
        return np.abs(output).mean(axis=(-2, -1)), 1e160 * np.sign(output)

    options = {"learning_rate": 1.0, "steps": 3, "clip": clip}
    *_, last = train(network, X, y, distance, **options)
    assert (last.step, last.overflowed) == (3, False)


def test_labels_are_targets_too(rng):
    """Two steps of softmax regression: targets without a second axis."""
    network = MLP([2, 3], TANH, he_normal, rng)
    X, labels = np.eye(2), np.array([0, 2])
    first, _, last = train(
        network, X, labels, softmax_cross_entropy, learning_rate=0.1, steps=2
    )
    assert last.loss < first.loss


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": np.ones(4)}, ValueError, r"X must have shape .* got \(4,\) and \(4, 1\)"),
        ({"X": np.ones((0, 2)), "y": np.ones((0, 1))}, ValueError, r"X must .* got \(0, 2\)"),
        (
            {"X": np.ones((4, 3))},
            ValueError,
            r"x must have shape \(n_samples, 2\); got .*\(1, 3\)",
        ),
        ({"X": "X"}, TypeError, "X must be an array of real numbers; got 'X'"),
        (
            {"y": np.ones((3, 1))},
            ValueError,
            r"X must .* y as many entries; got \(4, 2\) and \(3, 1\)",
        ),
        ({"y": 1.0}, ValueError, r"X must .* y as many entries; got \(4, 2\) and \(\)"),
        ({"y": np.ones((4, 2))}, ValueError, r"target and prediction must .* got \(1, 2\)"),
        ({"y": np.ones(4)}, ValueError, r"target and prediction must .* got \(1,\)"),
        ({"loss": "mse"}, TypeError, "loss must be callable; got 'mse'"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be a number above 0; got 0"),
        ({"learning_rate": -1}, ValueError, "learning_rate must be a number above 0; got -1"),
        ({"learning_rate": math.nan}, ValueError, "learning_rate must be a finite .*; got nan"),
        ({"learning_rate": "1"}, TypeError, "learning_rate must be a finite .*; got '1'"),
        ({"steps": 0}, ValueError, "steps must be a positive integer; got 0"),
        ({"steps": 2.5}, TypeError, "steps must be a positive integer; got 2.5"),
        (
            {"batch_size": 5, "rng": RNG},
            ValueError,
            "batch_size must be at most the 4 .* got 5",
        ),
        ({"batch_size": 0, "rng": RNG}, ValueError, "batch_size must be a positive .*; got 0"),
        (
            {"batch_size": 2.0, "rng": RNG},
            TypeError,
            "batch_size must be a positive .*; got 2.0",
        ),
        ({"batch_size": 2}, TypeError, "rng must be a numpy.random.Generator.*; got None"),
        ({"clip": 1.0}, TypeError, "clip must be callable; got 1.0"),
    ],
)
def test_errors_are_raised_at_the_call(change, error, message):
    X, y = xor()
    arguments = {"network": xor_network(), "X": X, "y": y, "loss": mean_squared_error}
    arguments |= {"learning_rate": 0.1, "steps": 3}
    with pytest.raises(error, match="^" + message):
        train(**(arguments | change))


@pytest.mark.parametrize(
    ("limit", "given", "expected"),
    [
        (1, [3, 4], [1, 1]),
        (1, [-3, 0.5], [-1, 0.5]),
        (5, [3, 4], [3, 4]),
        (1, [1e300, 0], [1, 0]),
    ],
)
def test_clipping_by_value_bounds_every_entry(limit, given, expected):
    np.testing.assert_array_equal(clip_by_value([np.array(given)], limit), [expected])


@pytest.mark.parametrize(
    ("max_norm", "given", "expected"),
    [
        (1, [[3.0, 4.0]], [[0.6, 0.8]]),
        (1, [[3.0], [0.0, -4.0]], [[0.6], [0.0, -0.8]]),
        (5, [[3.0, 4.0]], [[3.0, 4.0]]),
        (6, [[3.0, 4.0]], [[3.0, 4.0]]),
        (1, [[0.0, 0.0]], [[0.0, 0.0]]),
        (1, [[], [2.0]], [[], [1.0]]),
        (5, [[3e200, 4e200]], [[3.0, 4.0]]),
        (5, [[3e-200, 4e-200]], [[3e-200, 4e-200]]),
        (1e-200, [[3.0, 4.0]], [[0.6e-200, 0.8e-200]]),
        (1, [[1e308] * 4], [[0.5] * 4]),
        (1, [[1e-320] * 4], [[1e-320] * 4]),
    ],
)
def test_clipping_by_global_norm_scales_all_entries_alike(max_norm, given, expected):
    clipped = clip_by_global_norm([np.array(g) for g in given], max_norm)
    for found, wanted in zip(clipped, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-14)


CLIPS = [partial(clip_by_value, limit=1), partial(clip_by_global_norm, max_norm=1)]
each_clip = pytest.mark.parametrize("clip", CLIPS)


def test_clipping_of_float32_at_the_end_of_its_range():
    """The scale is then subnormal in float32 and has 15 bits left: 3e-5."""
    (clipped,) = clip_by_global_norm([np.full(4, 3e38, np.float32)], 1.0)
    np.testing.assert_allclose(clipped, [0.5] * 4, rtol=1e-4)


@each_clip
@pytest.mark.parametrize("size", [0.0, 0.1, 10.0])
def test_clipping_leaves_its_argument_alone(clip, size):
    gradients = [np.full((2, 3), size), np.full(2, -size)]
    before = [g.copy() for g in gradients]
    clipped = clip(gradients)
    for new, old, copy in zip(clipped, gradients, before, strict=True):
        np.testing.assert_array_equal(old, copy)
        assert not np.shares_memory(new, old)


@each_clip
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clipping_keeps_the_dtype(clip, dtype):
    assert clip([np.ones(4, dtype)])[0].dtype == dtype


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: clip_by_value([RNG.random(2)], 0),
            ValueError,
            "limit must be .* above 0; got 0",
        ),
        (
            lambda: clip_by_value([RNG.random(2)], math.nan),
            ValueError,
            "limit must be .*; got nan",
        ),
        (lambda: clip_by_value([RNG.random(2)], "1"), TypeError, "limit must be .*; got '1'"),
        (
            lambda: clip_by_value(np.ones(2), 1),
            TypeError,
            "gradients must be a list .*; got array",
        ),
        (lambda: clip_by_value(["g"], 1), TypeError, r"gradients\[0\] must be .*; got 'g'"),
        (
            lambda: clip_by_global_norm([1.0], -1),
            ValueError,
            "max_norm must .* above 0; got -1",
        ),
        (lambda: clip_by_global_norm([1.0], None), TypeError, "max_norm must .*; got None"),
        (
            lambda: clip_by_global_norm(None, 1),
            TypeError,
            "gradients must be a list .*; got None",
        ),
        (lambda: clip_by_global_norm([1, math.inf], 1), ValueError, "gradients must be finite"),
        (lambda: clip_by_global_norm([1, math.nan], 1), ValueError, "gradients must be finite"),
        (
            lambda: clip_by_global_norm([1, "g"], 1),
            TypeError,
            r"gradients\[1\] must .*; got 'g'",
        ),
    ],
)
def test_clipping_names_the_argument_what_is_allowed_and_what_was_given(call, error, message):
    with pytest.raises(error, match="^" + message):
        call()


# Adam


def quadratic(scale):
    """Return a network of one weight, and targets at which its gradient is `scale`."""
    network = MLP([1, 1], TANH, partial(constant, value=0.5), np.random.default_rng(0))
    X = np.ones((1, 1))
    return network, X, np.array([[0.5 - scale / 2]])


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_the_first_step_of_adam_does_not_depend_on_the_gradient(scale):
    """It is the learning rate long; epsilon takes 1e-8 / gradient of it away."""
    network, X, y = quadratic(scale)
    list(train(network, X, y, mean_squared_error, steps=1, optimizer=Adam(0.01)))
    assert network.weights[0].item() == pytest.approx(
        0.5 - 0.01, abs=1e-15 + 0.01 * 1.1e-8 / scale
    )


def test_adam_by_hand():
    """Two steps of algorithm 1 of the paper, for gradients of 2 and then -1."""
    update = Adam(0.1, beta1=0.5, beta2=0.75, epsilon=1e-8).start()
    assert update(np.array([2.0])) == pytest.approx(-0.1)
    # m = 0.5 * 1 - 0.5 = 0, v = 0.75 * 1 + 0.25 = 1: it stays where it is.
    assert update(np.array([-1.0])) == pytest.approx(0, abs=1e-15)
    # m = -0.5 -> / 0.875; v = 0.75 + 0.25 = 1 -> / (1 - 0.75**3)
    expected = 0.1 * 0.5 / 0.875 / np.sqrt(1 / (1 - 0.75**3))
    assert update(np.array([-1.0])) == pytest.approx(expected)


def test_defaults_of_adam_are_those_of_the_paper():
    assert Adam() == Adam(1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8)


def test_an_optimizer_starts_anew_with_each_training():
    adam, losses = Adam(0.1), []
    for _ in range(2):
        network, X, y = quadratic(1.0)
        losses.append(
            [s.loss for s in train(network, X, y, mean_squared_error, steps=5, optimizer=adam)]
        )
    assert losses[0] == losses[1]


def test_a_square_that_overflows_is_told():
    network, X, y = quadratic(1e200)
    *_, last = train(network, X, y, mean_squared_error, steps=3, optimizer=Adam())
    assert (last.step, bool(last.overflowed)) == (0, True)
    assert network.weights[0].item() == 0.5


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"learning_rate": 0}, ValueError, "learning_rate must be a number above 0; got 0"),
        ({"epsilon": 0}, ValueError, "epsilon must be a number above 0; got 0"),
        ({"beta1": 1}, ValueError, "beta1 must be below 1; got 1"),
        ({"beta2": -0.1}, ValueError, "beta2 must be .* at least 0; got -0.1"),
        ({"beta2": "b"}, TypeError, "beta2 must be .*; got 'b'"),
    ],
)
def test_options_of_adam_are_checked(options, error, message):
    with pytest.raises(error, match=message):
        Adam(**options)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, TypeError, "learning_rate must be a finite number; got None"),
        (
            {"learning_rate": 0.1, "optimizer": Adam()},
            ValueError,
            "learning_rate must be left out where an optimizer is given.*; got 0.1",
        ),
        (
            {"optimizer": Adam},
            TypeError,
            r"must be an object like Adam\(\); got <class",
        ),
        ({"optimizer": "adam"}, TypeError, r"optimizer must be .* Adam\(\); got 'adam'"),
    ],
)
def test_one_of_learning_rate_and_optimizer_is_given(options, error, message):
    network, X, y = quadratic(1.0)
    with pytest.raises(error, match=message):
        train(network, X, y, mean_squared_error, steps=1, **options)


def test_ratios_of_one_step_by_hand():
    before = MLP([2, 2, 1], TANH, partial(constant, value=2.0), np.random.default_rng(0))
    after = before.copy()
    after.weights[0] += [[0.03, 0], [0, 0.04]]  # norm 0.05, beside 4
    after.biases[0] += 7
    np.testing.assert_allclose(update_ratios(before, after), [0.05 / 4, 0], rtol=1e-12)
    together = update_ratios(stack([before, before]), stack([before, after]))
    np.testing.assert_allclose(together, [[0, 0], [0.05 / 4, 0]], rtol=1e-12)


def test_ratios_are_found_where_squares_overflow_in_single_precision():
    draw = partial(constant, value=1e30, dtype=np.float32)
    before = MLP([2, 2, 1], TANH, draw, np.random.default_rng(0))
    after = before.replace(weights=[np.float32(1.5) * W for W in before.weights])
    np.testing.assert_allclose(update_ratios(before, after), [0.5, 0.5], rtol=1e-6)


def test_adam_computes_in_the_type_of_the_gradient():
    assert Adam().start()(np.ones(2, np.float32)).dtype == np.float32


def test_ratios_of_weights_that_were_zero():
    before = MLP([2, 2, 1], TANH, partial(constant, value=0), np.random.default_rng(0))
    after = before.copy()
    after.weights[0] += 1
    np.testing.assert_array_equal(update_ratios(before, after), [np.inf, np.nan])


def test_ratios_of_adam_and_of_gradient_descent():
    """Adam's first step moves each of n weights by the rate: a ratio of rate / rms(W)."""
    network, X, y = (
        MLP([4, 6, 1], TANH, he_normal, np.random.default_rng(0)),
        np.eye(4),
        np.ones((4, 1)),
    )
    states = train(network, X, y, mean_squared_error, steps=3, optimizer=Adam(1e-3))
    next(states)
    before = network.copy()
    next(states)
    expected = [1e-3 / np.sqrt(np.mean(W**2)) for W in before.weights]
    np.testing.assert_allclose(update_ratios(before, network), expected, rtol=1e-4)


def test_networks_of_different_sizes_have_no_ratio():
    networks = [MLP([2, n, 1], TANH, he_normal, np.random.default_rng(0)) for n in (3, 4)]
    with pytest.raises(ValueError, match="before and after must have the same layer sizes"):
        update_ratios(*networks)


def told(gradient, **options):
    """Return whether the first state says overflow, of a finite loss with such a gradient."""
    network = MLP([1, 2], TANH, he_normal, np.random.default_rng(0))

    def loss(output, target):
        return 0.0, np.array([gradient])

    X, y = np.ones((1, 1)), np.ones((1, 2))
    return next(train(network, X, y, loss, steps=1, **options)).overflowed


def test_a_gradient_that_overflows_is_told_although_it_is_clipped():
    clip = partial(clip_by_value, limit=0.1)
    assert told([np.inf, 0.0], learning_rate=0.1, clip=clip)
    assert not told([1e300, 0.0], learning_rate=0.1, clip=clip)


def test_a_single_parameter_that_overflows_is_told():
    assert told([1e300, 0.0], learning_rate=1e10)
    assert not told([1e300, 0.0], learning_rate=1.0)


def test_a_square_of_adam_that_overflows_is_told():
    """Its root would be infinite, and the parameter would stay for good."""
    assert told([1e200, 0.0], optimizer=Adam())
    assert not told([1e100, 0.0], optimizer=Adam())


def test_overflow_is_that_of_the_type_of_each_parameter():
    """A second layer in single precision below a first in double: 1e40 is too large for it."""
    network = MLP([1, 1, 1], TANH, he_normal, np.random.default_rng(0))
    one = np.ones((1, 1))
    network = network.replace(weights=[one, one.astype(np.float32)])

    def loss(output, target):
        return 0.0, np.full(output.shape, 1e30)

    first = next(train(network, one, one, loss, steps=1, learning_rate=1e10))
    assert first.overflowed
