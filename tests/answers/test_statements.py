"""Numbers that statements, hints and marking schemes of the exercises give are measured here.

Model solutions give the by-hand examples; the wrong code of assignment 08 gives the symptoms
that its stories tell. A comment says where a tolerance comes from.
"""

import math
import re
from functools import partial

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.stats import norm

from helpers import checks
from helpers.activations import relu, tanh
from helpers.datasets import xor
from helpers.initializers import constant, he_normal, normal
from helpers.network import MLP, binary_cross_entropy, stack
from helpers.propagation import chi, measure
from helpers.training import train
from tests.answers.judge import MASTERS, model, sources


def statement(name):
    """Return the text of an exercise's statement."""
    (text,) = [cells[key] for cells in sources() if (key := f"{name}_statement") in cells]
    return text


def code_of_the_story(name):
    """Return the function that a statement shows, and that is wrong."""
    (source,) = re.findall(r"```python\n(.*?)```", statement(name), re.DOTALL)
    names = {"np": np}
    exec(source, names)
    return names[name]


def test_the_examples_by_hand_of_exact_functions():
    loss, at = (
        (lambda arrays: float(arrays[0] ** 3 + arrays[1][0])),
        [np.array(2.0), np.ones(1)],
    )
    assert [float(g.sum()) for g in model("numerical_gradient")(loss, at, 1)] == [13, 1]
    one = [np.zeros((1, 1)), np.zeros(1), np.full((1, 1), 2.0), np.zeros(1)]
    gradients = model("backward_two_layer")(np.ones((1, 1)), np.ones((1, 1)), one)
    assert [float(g.sum()) for g in gradients] == [-1, -1, 0, -0.5]
    right = [np.array([1.0, 2.0]), np.array([3.0, -2.0])]
    find = model("find_wrong_gradient")
    assert find([right[0], np.array([6.0, -4.0])], right) == (1, 2.0)
    assert find([right[0], np.array([6.0, -2.0])], right) == (1, None)
    units = np.array([[0.5, 0.5], [-1.0, -1.0]]), np.zeros(2), np.array([[2.0], [2.3]])
    assert model("units_identical")(*units, 0.4)
    assert not model("units_identical")(*units, 0.1)
    assert round(math.tanh(1), 4) == 0.7616
    assert round(model("predicted_saturation")(100, 0.1, 0.7616), 4) == 0.3173
    assert model("std_for_depth")([4, 9, 1], 2.25) == pytest.approx(0.5)
    assert round(model("first_loss")(100, 400, 0.05), 3) == 5.105
    assert model("branch_std")(4, 3, 4.0) == pytest.approx(0.25)
    variances = {"fan_in": [1 / 2, 1 / 6], "fan_out": [1 / 6, 1 / 4], "fan_avg": [1 / 4, 1 / 5]}
    for mode, expected in variances.items():
        assert model("layer_variances")([2, 6, 4], mode) == pytest.approx(expected)
    assert model("gain")(lambda z: 3 * z) == pytest.approx(1 / 3)
    activations = np.array([[0, 1, 0, 0, 3], [0, 0, 2, 0, 1], [0, 0, 0, 0, 2]])
    assert model("dead_fraction")(activations) == pytest.approx(2 / 5)
    assert np.count_nonzero(activations == 0) == 10
    assert model("length_map")(4, lambda z: z + 1, 2, 3) == pytest.approx(29)
    report = [(100, 50, 1.0, 2.1), (50, 200, 1.0, 0.52), (200, 10, 0.25, 0.5)]
    assert model("wrong_layer")(report) == (2, "fan")
    report = [("oihw", (30, 16, 3, 3), 0.014), ("oihw", (50, 30, 3, 3), 0.066)]
    assert model("unfit_layer")([*report, ("oi", (10, 50), 0.04)]) == (2, "window")
    for shape, layout in (((3, 3, 16, 32), "hwio"), ((32, 16, 3, 3), "oihw")):
        assert model("fans")(shape, layout) == (144, 288)


def test_the_example_by_hand_of_clipping():
    gradients = [np.array([1.0, 2]), np.array([[2.0, 6]]), np.array([0.0, 2])]
    clipped = model("clip_by_global_norm")(gradients, 3.5)
    assert [g.tolist() for g in clipped] == [[0.5, 1], [[1, 3]], [0, 1]]
    same = model("clip_by_global_norm")(gradients, 10.0)
    assert [g.tolist() for g in same] == [g.tolist() for g in gradients]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high", "digits"),
    [(2, 4, 0.15, 0.85, 2), (0, 10, 0, 0.2775, 4), (3, 3, 0.44, 1, 2), (2, 3, 0.21, 0.94, 2)],
)
def test_the_intervals_that_are_given(successes, trials, low, high, digits):
    _, *ends = model("solve_rate")(successes, trials)
    assert [round(end, digits) for end in ends] == [low, high]


@pytest.mark.parametrize(
    ("name", "arguments", "variance"),
    [
        ("initialize_parameters", ([4, 90_000],), 1 / 4),
        ("break_symmetry", (np.ones((2, 4)), np.ones(4), np.ones((4, 90_000))), 1 / 4),
        ("xavier_normal", ((5, 3),), 1 / 4),
        ("xavier_uniform", ((5, 3),), 1 / 4),
        ("he_normal", ((8, 9_000),), 1 / 4),
        ("linear_he", ((9_000, 8),), 1 / 4),
        ("conv_he", ((7, 4, 1, 2),), 1 / 4),
        ("truncated_lecun", ((4, 9_000),), 1 / 4),
    ],
)
def test_the_variances_by_hand(name, arguments, variance, rng):
    """Five standard errors of a normal's variance, which is the least certain."""
    draw = {
        "initialize_parameters": lambda answer: answer[0][0],
        "break_symmetry": lambda answer: answer[2],
    }.get(name, lambda answer: answer)
    function = model(name)
    squares = np.zeros(0)
    while squares.size < 30_000:
        drawn = draw(function(*arguments, rng))
        squares = np.append(squares, drawn**2)
    assert abs(squares.mean() / variance - 1) < 5 * math.sqrt(2 / squares.size)


def test_a_dense_layer_of_the_story_has_six_times_the_mean_square(rng):
    """A hundred outputs, 1000 samples: about five per cent at five standard errors."""
    weights = code_of_the_story("linear_he")((100, 300), rng)
    z = rng.standard_normal((1000, 300)) @ weights.T
    assert abs(np.mean(z**2) / 6.0 - 1) < 5 * math.sqrt(2 / (100 * 300)) + 0.01
    example = code_of_the_story("linear_he")((2, 30_000), rng)  # "draws them with variance 1"
    assert abs(example.var() - 1) < 5 * math.sqrt(2 / example.size)


def test_the_convolutions_of_the_story_multiply_by_almost_nine(rng):
    """Nine inside and less at the rim: (3 - 2/n)**2 on average, for n x n pixels.

    The log of a factor strays by about 0.05 between means of eight networks.
    """
    draw, channels, logs = code_of_the_story("conv_he"), 16, []
    for _ in range(8):
        signal, sizes = rng.standard_normal((channels, 24, 24)), []
        for _ in range(8):
            kernel = draw((channels, channels, 3, 3), rng)
            around = sliding_window_view(np.pad(signal, ((0, 0), (1, 1), (1, 1))), (1, 3, 3))
            z = np.tensordot(kernel, around[:, :, :, 0], ([1, 2, 3], [0, 3, 4]))
            sizes.append(np.mean(z**2))
            signal = relu(z)
        logs.append(math.log(sizes[-1] / sizes[0]))
    factor = math.exp(np.mean(logs) / 7)
    assert abs(math.log(factor / (3 - 2 / 24) ** 2)) < 5 * 0.05
    assert factor**7 > 1e6


def test_the_truncated_layers_of_the_story_leave_about_eight_per_cent(rng):
    """Twenty products of ten layers; of each the log has the deviation sqrt(2 * 10 / 256)."""
    draw, logs = code_of_the_story("truncated_lecun"), []
    for _ in range(20):
        signal = rng.standard_normal((64, 256))
        start = np.mean(signal**2)
        for _ in range(10):
            signal = signal @ draw((256, 256), rng)
        logs.append(math.log(np.mean(signal**2) / start))
    assert round(0.77374**10, 3) == 0.077
    assert abs(np.mean(logs) - math.log(0.077)) < 5 * math.sqrt(20 / 256 / 20)
    example = draw((4, 50_000), rng)  # "cuts it at ±1; what is left has variance 0.19"
    assert np.abs(example).max() <= 1
    assert round(float(example.var()), 2) == 0.19


@pytest.mark.parametrize(("deviation", "share"), [(10, 0.83), (10 / math.sqrt(3), 0.72)])
def test_saturated_shares_of_the_wide_layer(deviation, share):
    """Of tanh units whose sums have this deviation: beyond 0.97, on either side."""
    assert round(2 * norm.sf(math.atanh(0.97) / deviation), 2) == share
    assert round(10 / math.sqrt(3), 1) == 5.8
    assert round(0.01 * math.sqrt(3), 3) == 0.017


def test_the_gradient_of_tanh_with_three_times_the_variance_grows():
    assert round(chi(tanh, math.sqrt(3)), 2) == 1.24


def test_the_first_program_against_xavier_depends_on_the_shape():
    assert round((1 / 300) / (2 / 400), 2) == 0.67


def test_what_defaults_leave_of_a_relu_signal():
    assert pytest.approx(1 / 1000, rel=0.03) == 0.5**10
    assert f"{6.0**-10:.0e}" == "2e-08"


def test_about_half_of_the_networks_from_small_weights_stay_near_ln_2(rng):
    """The friend's start on XOR: 200 networks, five standard errors of their share."""
    small = partial(constant, value=0.01)
    networks = [MLP([2, 4, 1], tanh, small, rng) for _ in range(200)]
    started = [
        network.replace(
            weights=network.weights,
            biases=[normal(b.shape, rng, std=1.0) for b in network.biases],
        )
        for network in networks
    ]
    X, y = xor()
    states = train(stack(started), X, y, binary_cross_entropy, learning_rate=0.5, steps=5000)
    *_, last = states
    near = np.mean(last.loss > 0.9 * math.log(2))
    assert abs(near - 0.5) < 5 * math.sqrt(0.25 / 200)


def experiment(name, **changes):
    """Return the names that an experiment binds, with parts of its cells changed."""
    (cells,) = [
        cells for path, cells in zip(MASTERS, sources(), strict=True) if path.stem == name
    ]
    names = {}
    for key in ("setup", "experiment_tools", "experiment"):
        source = cells.get(key, "")
        for old, new in changes.items():
            source = re.sub(rf"^{old} = .*?(?=  #)", f"{old} = {new}", source, flags=re.M)
        source = source.replace("[X, *sums][", "inputs[") if changes.get("mended") else source
        source = source.replace("== 6 else", "== 0 else") if changes.get("mend_6") else source
        exec(source, names)
    return names


def test_the_planted_gradient_is_found_as_the_marking_scheme_says():
    ran = experiment("01_one_step")
    X, y, start = ran["X"], ran["y"], ran["start"]
    numerical = model("numerical_gradient")(
        lambda moved: ran["friends_loss"](X, y, moved), start, 1e-5
    )
    assert model("find_wrong_gradient")(ran["gradients"], numerical) == (2, None)
    mended = experiment("01_one_step", mended=True)["gradients"]
    with pytest.raises(ValueError, match="no gradient is wrong"):
        model("find_wrong_gradient")(mended, numerical)


def test_the_fall_of_the_loss_shows_the_planted_gradient():
    """The smaller the rate the less the loss bends: at 1e-6 the mended fall is as promised."""
    ran = experiment("01_one_step")
    assert ran["rates"].tolist() == [0.001, 0.01, 0.1, 1]
    assert ran["shares"][-1] < 0 < ran["shares"][-2]  # "at a rate of 1", "and at 0.1"
    for longest in (1e-2, 1e-3, 1e-5):
        assert max(experiment("01_one_step", longest=longest)["shares"]) < 0.75
    mended = experiment("01_one_step", mended=True)["shares"]
    assert mended[-1] < 0
    assert experiment("01_one_step", mended=True, longest=1e-3)["shares"][0] > 0.999


def test_networks_of_equal_weights_and_random_biases_part_in_about_half():
    """Of fifteen, each as likely as not: 7.5 with a standard error of 1.9."""
    ran = experiment("02_zero")
    assert 3 <= ran["parted"] <= 12
    ends = ran["losses"][-1]
    assert np.sum(ends < 0.477) == ran["parted"]
    usual = experiment("02_zero", **{"weight, weight_std, bias_std": "0.0, 1.0, 0.0"})
    assert np.sum(usual["losses"][-1] < 0.477) >= 14
    equal = experiment("02_zero", **{"weight, weight_std, bias_std": "0.5, 0.0, 0.0"})
    assert equal["parted"] == 0


@pytest.mark.parametrize(
    ("setting", "deviation", "share"),
    [
        ("100, 0.1, False", 1, 0.04),
        ("10_000, 0.1, False", 10, 0.83),
        ("10_000, 0.1, True", 10 / math.sqrt(3), 0.72),
        ("10_000, 0.01, False", 1, 0.04),
    ],
)
def test_the_experiment_shows_what_the_marking_scheme_says(setting, deviation, share):
    """A hundred units that see a hundred samples: the sums vary by a hundredth or two."""
    ran = experiment("03_random", **{"fan_in, std, uniform": setting})
    assert abs(ran["z"].std() / deviation - 1) < 0.05
    assert abs(ran["share"] - share) < 0.02
    predicted = model("predicted_saturation")(100, deviation / 10, 0.97)
    assert abs(predicted - share) < 0.006


def test_nearly_half_of_the_units_of_layer_fifty_may_be_dead(rng):
    """On a batch of 100, at two widths; four networks' mean varies by about 0.03."""
    for width in (64, 256):
        dead = []
        for _ in range(4):
            network = MLP([width] * 51 + [1], relu, he_normal, rng)
            dead.append(measure(network, rng.standard_normal((100, width))).dead[49])
        assert 0.3 < np.mean(dead) < 0.55


def test_the_layer_of_the_friend_is_where_both_curves_step_and_the_count_says_so():
    """Networks ended at 1.0 to 1.4, mended at 0.4 to 0.6: none of them near 0.8."""
    ran = experiment("06_training")
    steps = {name: np.abs(np.diff(np.log10(m[:-1]))) for name, m in ran["moments"].items()}
    assert [int(np.argmax(step)) for step in steps.values()] == [4, 4]  # between 5 and 6
    assert min(np.max(step) for step in steps.values()) > 2
    assert ran["below"] == 0
    assert ran["title"].endswith("below 0.8"), "as the statement says"
    assert experiment("06_training", steps=400)["below"] == 5
    assert experiment("06_training", mend_6=True)["below"] == 5
    assert round(2 / 64 / 0.01**2, 0) == 312
    assert round(math.sqrt(2 / 64), 3) == 0.177
    assert round(model("solve_rate")(5, 5)[1], 2) == 0.57


def test_the_report_of_assignment_09_shows_what_its_marking_scheme_says(capsys):
    """Layer 4 has its factor on `up`: a twelfth comes out, and `down` makes up for it."""
    checks.faulty_report()
    lines = capsys.readouterr().out.splitlines()[1:]
    rows = [re.search(r"(mlp up|mlp down).*?→ \d+ +([\d.]+) +([\d.]+)", line) for line in lines]
    found = {"mlp up": [], "mlp down": []}
    for row in filter(None, rows):
        found[row[1]].append((float(row[2]), float(row[3])))
    up, down = (np.array(found[name]) for name in ("mlp up", "mlp down"))
    wrong = np.arange(1, 7) == 4
    # 96 · 384 weights, one matrix for a layer: five of √(2/96).
    factor = up[:, 1] / up[:, 0]
    assert factor[~wrong] == pytest.approx(96 * 0.02**2 * 8, rel=0.15)
    assert factor[wrong] == pytest.approx(96 * 0.02**2 * 8 / 12, rel=0.2)
    assert [round(float(v), 3) for v in up[wrong, 1]] == [0.025]
    passed = down[:, 1] / down[:, 0]
    assert passed[~wrong] == pytest.approx(0.1, abs=0.02)
    assert passed[wrong] == pytest.approx(1.2, abs=0.15)
    assert down[wrong, 1] == pytest.approx(0.0075, abs=5e-5)
    assert down[~wrong, 1] == pytest.approx(0.011, abs=1e-3)
