"""What `inspect` says of PyTorch models, beside hooks, Jacobians, and what is known of them.

Sums in float64 are taken in another order, so moments agree to 1e-10 of their size.
"""

import math
import random
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from helpers.activations import relu
from helpers.inspection import inspect
from helpers.network import MLP
from tests.frameworks.states import random_states_kept

BATCH, WIDTH = 64, 32


@pytest.fixture(autouse=True)
def _seeded():
    """Seed PyTorch's global generator, from which alone its layers draw."""
    with torch.random.fork_rng():
        torch.manual_seed(int(np.random.default_rng(0).integers(1000)))
        yield


@pytest.fixture
def x(rng):
    return rng.standard_normal((BATCH, WIDTH))


def he_(model):
    """Draw all weights from He's normal and return the model."""
    for p in model.parameters():
        if p.ndim > 1:
            nn.init.kaiming_normal_(p)
    return model


def mlp(make_activation, depth=3, *, between=()):
    """Return a network of dense layers; `between` makes what stands before the activation."""
    layers = []
    for _ in range(depth):
        layers += [nn.Linear(WIDTH, WIDTH), *(make() for make in between), make_activation()]
    return nn.Sequential(*layers, nn.Linear(WIDTH, 10))


class Calls(nn.Module):
    """Two layers, and a function between them."""

    def __init__(self, function):
        super().__init__()
        self.first, self.last = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 10)
        self.function = function

    def forward(self, x):  # noqa: D102
        return self.last(self.function(self.first(x)))


class Block(nn.Module):
    """A basic block of a residual network."""

    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(n_out), nn.BatchNorm2d(n_out)
        self.relu = nn.ReLU(inplace=True)
        self.down = None
        if stride > 1:
            self.down = nn.Conv2d(n_in, n_out, 1, stride, bias=False)

    def forward(self, x):  # noqa: D102
        y = self.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        y += x if self.down is None else self.down(x)
        return self.relu(y)


def resnet():
    stem = [nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True)]
    blocks = [Block(8, 8, 1), Block(8, 16, 2)]
    return nn.Sequential(
        *stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 5)
    )


def images(rng):
    return rng.standard_normal((8, 3, 12, 12))


def hooked(model, *inputs):
    """Return second moments of z and of the gradient there, as the layers' hooks see them."""
    seen = []

    def hook(module, args, z):
        before_changes = z.clone()
        before_changes.retain_grad()
        seen.append(before_changes)
        return before_changes.clone()  # which a function may change in place

    kinds = nn.Linear | nn.Conv2d
    handles = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, kinds)]
    output = model(*(torch.tensor(x) for x in inputs))
    gradient = np.random.default_rng(0).standard_normal(output.shape)
    output.backward(torch.tensor(gradient))
    for handle in handles:
        handle.remove()
    return [[float(t.detach().square().mean()) for t in (z, z.grad)] for z in seen]


def moments(report):
    return [[r.preactivation, r.gradient] for r in report.rows]


# The numbers.


@pytest.mark.parametrize(
    "make",
    [nn.ReLU, nn.Tanh, nn.GELU, nn.PReLU, lambda: nn.ReLU(inplace=True), nn.Hardswish],
)
def test_moments_of_a_network_are_those_that_hooks_see(make, x):
    model = mlp(make).double()
    np.testing.assert_allclose(moments(inspect(model, x)), hooked(model, x), rtol=1e-10)


def test_moments_of_a_residual_network_are_those_that_hooks_see(rng):
    model, x = resnet().double(), images(rng)
    np.testing.assert_allclose(moments(inspect(model, x)), hooked(model, x), rtol=1e-10)


def test_a_model_of_ours_rebuilt_gives_the_same_table(x, rng):
    """But for names, and for sums in another order."""
    ours = MLP([WIDTH, 24, 16, 5], relu, lambda s, rng: rng.standard_normal(s) / 4, rng)
    sizes = [(WIDTH, 24), (24, 16), (16, 5)]
    theirs = nn.Sequential(*(m for s in sizes for m in (nn.Linear(*s), nn.ReLU())))[:-1]
    for layer, W in zip(theirs[::2], ours.weights, strict=True):
        layer.weight.data, layer.bias.data = torch.tensor(W.T), torch.zeros(W.shape[1])
    found, expected = inspect(theirs.double(), x), inspect(ours, x)
    for row, other in zip(found.rows, expected.rows, strict=True):
        assert (row.activation, row.verdict) == (other.activation, other.verdict)
        assert row[4:10] == pytest.approx(other[4:10], rel=1e-10)


def test_attention_gives_what_its_equations_give(rng):
    """The products are inside one function, where no hook sees them."""
    attention = nn.MultiheadAttention(8, 2, batch_first=True).double()
    x = torch.tensor(rng.standard_normal((4, 5, 8)))
    z = functional.linear(x, attention.in_proj_weight).detach().requires_grad_()
    q, k, v = (t.unflatten(-1, (2, 4)).transpose(1, 2) for t in z.chunk(3, -1))
    mixed = torch.softmax(q @ k.transpose(-1, -2) / 2, -1) @ v
    out = attention.out_proj(mixed.transpose(1, 2).flatten(-2))
    out.square().sum().backward()
    found = inspect(attention, (x, x, x), loss=lambda output: output[0].square().sum()).rows
    expected = [float(t.detach().square().mean()) for t in (z, z.grad, out)]
    numbers = [found[0].preactivation, found[0].gradient, found[1].preactivation]
    np.testing.assert_allclose(numbers, expected, rtol=1e-10)


def test_the_same_input_given_twice_is_one(rng):
    """Attention to itself projects by all weights at once, attention to another by parts."""
    x, y = rng.standard_normal((2, 4, 5, 8))
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    itself, other = (
        inspect(attention, inputs, loss=lambda output: output[0].sum()).rows
        for inputs in ((x, x, x), (x, y, y))
    )
    assert [r.fan_out for r in itself] == [24, 8]
    assert [r.fan_out for r in other] == [8, 16, 8]


WAYS = {
    "nn.ReLU": nn.ReLU(),
    "nn.ReLU, in place": nn.ReLU(inplace=True),
    "functional": functional.relu,
    "functional, in place": lambda z: functional.relu(z, inplace=True),
    "torch": torch.relu,
    "method": lambda z: z.relu(),
    "method, in place": lambda z: z.relu_(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_all_ways_to_call_relu_give_the_same(way, x):
    model, like = Calls(way), Calls(nn.ReLU())
    like.load_state_dict(model.state_dict())
    assert inspect(model, x).rows == inspect(like, x).rows


def test_gradient_is_zero_where_nothing_comes_back(x):
    rows = inspect(Calls(torch.Tensor.detach), x).rows
    assert rows[0].gradient == 0 < rows[1].gradient


def test_a_function_of_one_half_is_measured_where_the_other_goes_into_a_layer(x):
    class Halves(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(32, 32), nn.Linear(16, 16)

        def forward(self, x):
            first, second = self.a(x).chunk(2, -1)
            return self.b(first) * torch.tanh(second)

    assert [row.name for row in inspect(Halves(), x).rows] == ["a", "b"]


def test_gradient_is_of_the_loss_that_is_given(x):
    model = nn.Linear(WIDTH, 3).double()
    found = inspect(model, x, loss=lambda output: output.square().mean()).rows[0]
    assert found.gradient == pytest.approx(4 * found.preactivation / (BATCH * 3) ** 2)


def test_channels_are_the_units_of_a_convolution(rng):
    """A channel that is off at all positions is a dead unit: one of four."""
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 2))
    nn.init.zeros_(model[0].bias)
    model[0].bias.data[1] = -100
    assert inspect(model, images(rng)).rows[0].dead == 0.25


@pytest.mark.parametrize("slopes", [1, WIDTH])
def test_prelu_with_one_slope_or_many(slopes, x):
    found = inspect(Calls(nn.PReLU(slopes)), x).rows[0]
    assert (found.activation, found.suits) == ("prelu", "he_normal(leak=0.25)")


# Fans, counted: how many entries of the Jacobian are not zero.


def jacobian(layer, shape):
    """Return which inputs matter to which outputs, as a matrix (outputs, inputs)."""
    nn.init.ones_(layer.weight)
    x = torch.rand(1, *shape)
    J = torch.autograd.functional.jacobian(layer, x)
    return (J.reshape(-1, x.numel()) != 0).double()


CONVOLUTIONS = {
    "plain": {},
    "stride": {"stride": 2},
    "groups": {"groups": 2},
    "depthwise, twofold": {"groups": 4},
    "dilation": {"dilation": 2},
    "stride and groups": {"stride": 2, "groups": 2},
}


@pytest.mark.parametrize("options", CONVOLUTIONS.values(), ids=CONVOLUTIONS)
@pytest.mark.parametrize("kind", [nn.Conv1d, nn.Conv2d])
def test_fans_of_a_convolution(kind, options, rng):
    """On a ring there are no edges: each input is in as many windows as the next but one."""
    layer = kind(
        4, 8, 3, padding=options.get("dilation", 1), padding_mode="circular", **options
    )
    shape = (4, 6) if kind is nn.Conv1d else (4, 6, 6)
    counts = jacobian(layer, shape)
    found = inspect(layer, rng.standard_normal((2, *shape))).rows[0]
    expected = float(counts.sum(1).mean()), float(counts.sum(0).mean())
    assert (found.fan_in, found.fan_out) == expected


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
def test_fans_of_a_transposed_convolution(stride, groups, rng):
    """Outputs at an edge add up fewer inputs; these are 8 in the middle, of each channel."""
    layer = nn.ConvTranspose1d(4, 8, 4, stride, groups=groups)
    counts = jacobian(layer, (4, 16))
    length = counts.shape[0] // 8
    middle = counts.reshape(8, length, -1)[:, length // 2 - 4 : length // 2 + 4]
    found = inspect(layer, rng.standard_normal((2, 4, 16))).rows[0]
    expected = float(middle.sum(2).mean()), float(counts.sum(0).mean())
    assert (found.fan_in, found.fan_out) == expected


@pytest.mark.parametrize(
    "product",
    [
        lambda x, W: x @ W,
        lambda x, W: torch.addmm(torch.zeros(W.shape[1]), x, W),
        lambda x, W: functional.linear(x, weight=W.T),
    ],
    ids=["@", "addmm", "weight by name"],
)
def test_fans_of_a_product_with_weights_of_ones_own(product, x):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.W = nn.Parameter(torch.randn(WIDTH, 5))

        def forward(self, x):
            return product(x, self.W)

    found = inspect(Own(), x).rows[0]
    assert (found.name, found.fan_in, found.fan_out) == ("W", WIDTH, 5)


def test_options_of_a_convolution_by_name(rng):
    class Own(nn.Conv1d):
        def forward(self, x):
            return functional.conv1d(x, self.weight, stride=2, groups=2)

    found = inspect(Own(4, 8, 3, groups=2), rng.standard_normal((2, 4, 9))).rows[0]
    assert (found.fan_in, found.fan_out) == (6, 6)


# The model is left as it was.


class Counter(nn.Module):
    """Replaces one buffer at each call, and changes another in place."""

    def __init__(self):
        super().__init__()
        self.register_buffer("replaced", torch.zeros(1))
        self.register_buffer("changed", torch.zeros(1))
        self.linear = nn.Linear(WIDTH, 2)

    def forward(self, x):  # noqa: D102
        self.replaced = self.replaced + 1
        self.changed += 1
        return self.linear(x)


MODELS = {
    "batch norm": lambda: mlp(nn.ReLU, between=[lambda: nn.BatchNorm1d(WIDTH)]),
    "dropout": lambda: mlp(lambda: nn.Dropout(0.5)),
    "frozen": lambda: mlp(nn.ReLU).requires_grad_(False),
    "evaluated": lambda: mlp(nn.ReLU).eval(),
    "buffers": Counter,
}
each_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


@each_model
def test_parameters_and_buffers_are_left_alone(make, x):
    model = make()
    before = {name: t.clone() for name, t in model.state_dict().items()}
    inspect(model, x)
    after = model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)


@each_model
def test_gradients_and_flags_are_left_alone(make, x):
    model = make()

    def state():
        parameters = [(p.requires_grad, p.grad) for p in model.parameters()]
        return parameters, [m.training for m in model.modules()]

    before = state()
    inspect(model, x)
    assert state() == before
    assert all(p.grad is None for p in model.parameters())


@each_model
def test_global_random_states_are_left_alone(make, x):
    model = make()
    with random_states_kept():
        inspect(model, x)


def test_a_failing_model_is_left_as_it_was(x):
    model = nn.Sequential(nn.Linear(WIDTH, 4), nn.BatchNorm1d(4), nn.Linear(5, 1))
    model.requires_grad_(False)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        inspect(model, x)
    assert torch.equal(model[1].running_mean, torch.zeros(4))
    assert not any(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize("kind", [np.asarray, torch.tensor])
def test_a_batch_that_the_model_changes_in_place_is_left_alone(kind, x):
    given = kind(x)
    inspect(nn.Sequential(nn.ReLU(inplace=True), nn.Linear(WIDTH, 2)).double(), given)
    np.testing.assert_array_equal(np.asarray(given), x)


def test_functions_of_pytorch_are_put_back(rng):
    before = functional.linear
    x = rng.standard_normal((4, 5, 8))
    inspect(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), x)
    assert functional.linear is before


class Draws(nn.Module):
    """Draws from the generators of NumPy and Python, counts its calls, and keeps a result."""

    def __init__(self):
        super().__init__()
        self.linear, self.steps, self.kept = nn.Linear(WIDTH, 2), 0, None

    def forward(self, x):  # noqa: D102
        self.steps += 1
        self.kept = self.linear(x + np.random.rand() + random.random())  # noqa: NPY002
        return self.kept


def test_generators_of_numpy_and_python_and_attributes_are_put_back(x):
    model = Draws()
    with random_states_kept():
        inspect(model, x)
    assert (model.steps, model.kept) == (0, None)


def test_hooks_are_left_alone(x):
    model, seen = mlp(nn.ReLU), []
    model[0].register_forward_hook(lambda *_: seen.append(1))
    before = [dict(m._forward_hooks) for m in model.modules()]
    inspect(model, x)
    assert [dict(m._forward_hooks) for m in model.modules()] == before
    assert set(seen) == {1}  # once for each pass: remedies are tried
    assert functional.relu(torch.ones(1)) == 1


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
def test_an_optimizer_is_left_as_it_was_and_its_step_told(kind, x):
    """Adam's first step is its rate, whatever the gradient."""
    model = he_(mlp(nn.ReLU))
    optimizer = kind(model.parameters(), lr=1e-3)
    before = [p.detach().clone() for p in model.parameters()]
    text = str(inspect(model, x, loss=lambda out: out.square().mean(), optimizer=optimizer))
    assert all(torch.equal(p, kept) for p, kept in zip(model.parameters(), before, strict=True))
    assert all(p.grad is None for p in model.parameters())
    assert not optimizer.state
    share = 1e-3 / math.sqrt(2 / WIDTH)
    found = float(re.search(r"A step changes weights .*: (\S+) ", text)[1])
    assert found == pytest.approx(share, rel=0.1) or kind is torch.optim.SGD


# Verdicts on models that were not written for this course.


def verdicts(model, x, **options):
    return {r.name: r.verdict for r in inspect(model, x, **options).rows}


@pytest.mark.parametrize("make", [nn.ReLU, nn.Tanh])
def test_pytorchs_default_is_too_small(make, x):
    rows = inspect(mlp(make), x).rows
    assert all(r.verdict.startswith("too small for") for r in rows[:-1])
    assert rows[-1].verdict.endswith("a small last layer, whose factor counts only once")


def test_he_fits_relu(x):
    assert inspect(he_(mlp(nn.ReLU)), x).fits


def test_batch_norm_takes_the_scale_away(x):
    found = verdicts(mlp(nn.ReLU, between=[lambda: nn.BatchNorm1d(WIDTH)]), x)
    assert sum(v.endswith("so the scale cancels") for v in found.values()) == 3


def test_a_residual_network_fits(rng):
    report = inspect(resnet(), images(rng))
    assert report.fits
    assert report.missed == []


def test_the_convolutions_of_a_residual_network_are_normalized(rng):
    found = verdicts(resnet(), images(rng))
    normalized = [name for name, v in found.items() if v.endswith("so the scale cancels")]
    blocks = [f"{block}.conv{i}" for block in (3, 4) for i in (1, 2)]
    assert normalized == ["0 (Conv2d)", *blocks]


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_transformer_block_is_made_of_branches(norm_first, rng):
    block = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, norm_first=norm_first)
    found = verdicts(block, rng.standard_normal((8, 7, 32)))
    weak = "a weak branch beside a shortcut, which is no harm"
    assert [name for name, v in found.items() if v.endswith(weak)] == [
        *("self_attn.out_proj", "linear1", "linear2")
    ]
    assert found["self_attn.in_proj_weight"].endswith("/ fan_avg")  # Xavier's


def test_a_decoder_attends_with_two_parts_of_a_weight(rng):
    x = rng.standard_normal((8, 7, 32))
    block = nn.TransformerDecoderLayer(32, 4, 64, batch_first=True)
    rows = inspect(block, (x, x)).rows
    fans = [(r.fan_in, r.fan_out) for r in rows if r.name == "multihead_attn.in_proj_weight"]
    assert fans == [(32, 32), (32, 64)]


def test_keys_and_values_of_another_width(rng):
    q, k = rng.standard_normal((8, 7, 32)), rng.standard_normal((8, 7, 16))
    attention = nn.MultiheadAttention(32, 4, kdim=16, vdim=16, batch_first=True)
    names = [*("q_proj_weight", "k_proj_weight", "v_proj_weight"), "out_proj"]
    assert list(verdicts(attention, (q, k, k), loss=lambda o: o[0].sum())) == names


def test_a_part_of_a_tuple_is_no_shortcut_from_the_start(x):
    class Halves(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH // 2, 2)

        def forward(self, x):
            a, b = self.first(x).chunk(2, -1)
            return self.last(a + b)

    assert verdicts(Halves(), x)["first"].startswith("too small for a linear layer")


class Language(nn.Module):
    """Tokens, positions, a layer used twice, and the embedding's weights for the output."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, WIDTH)
        self.position = nn.Parameter(torch.randn(7, WIDTH))
        self.layer = nn.Linear(WIDTH, WIDTH)
        self.head = nn.Linear(WIDTH, 20, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, tokens):  # noqa: D102
        h = self.embedding(tokens) + self.position
        return self.head(torch.tanh(self.layer(torch.tanh(self.layer(h)))))


@pytest.fixture
def tokens(rng):
    return rng.integers(0, 20, (8, 7))


def test_a_layer_that_is_used_twice_has_one_row_that_says_so(tokens):
    found = [(r.name, r.calls) for r in inspect(Language(), tokens).rows]
    assert found == [("embedding", 1), ("layer", 2), ("embedding", 1)]


def test_tied_weights_are_judged_where_they_multiply(tokens):
    found = inspect(Language(), tokens).rows[-1]
    assert (found.fan_in, found.fan_out) == (WIDTH, 20)
    # Of variance 1, with 32 inputs.
    assert found.verdict.startswith("too large for a head that is the embedding too: ")


def test_positions_that_are_added_are_no_layer(tokens):
    report = inspect(Language(), tokens)
    assert "position" not in [r.name for r in report.rows]
    assert report.missed == []


def test_a_frozen_model_of_tokens_shows_gradients(tokens):
    model = Language()
    expected = moments(inspect(model, tokens))
    assert moments(inspect(model.requires_grad_(False), tokens)) == expected


class Recurrent(nn.Module):
    """Recurrent layers of tokens, and a head."""

    def __init__(self, kind, packed=False, **options):
        super().__init__()
        self.embedding, self.packed = nn.Embedding(20, 8), packed
        self.cells = kind(8, 16, **options)
        self.head = nn.Linear(32 if options.get("bidirectional") else 16, 3)

    def forward(self, tokens):  # noqa: D102
        x = self.embedding(tokens)
        if isinstance(self.cells, nn.RNNCellBase):
            state = None
            for t in range(x.shape[1]):
                state = self.cells(x[:, t], state)
            return self.head(state[0] if isinstance(state, tuple) else state)
        if self.packed:
            lengths = torch.arange(len(x)) % (x.shape[1] - 1) + 1
            x = nn.utils.rnn.pack_padded_sequence(
                x, lengths, batch_first=self.cells.batch_first, enforce_sorted=False
            )
        output, state = self.cells(x)
        final = state[0] if isinstance(state, tuple) else state
        return self.head(output.data if self.packed else output).sum() + final.sum()


CELLS = [
    *((kind, {"batch_first": True}) for kind in (nn.LSTM, nn.GRU, nn.RNN)),
    *((kind, {"bidirectional": True, "num_layers": 2}) for kind in (nn.LSTM, nn.GRU)),
    (nn.RNN, {"nonlinearity": "relu", "bias": False}),
    (nn.LSTM, {"packed": True, "batch_first": True, "bidirectional": True, "num_layers": 2}),
    *((kind, {"packed": True, "batch_first": True}) for kind in (nn.GRU, nn.RNN)),
    *((kind, {}) for kind in (nn.LSTMCell, nn.GRUCell, nn.RNNCell)),
]


@pytest.mark.parametrize(("kind", "options"), CELLS)
def test_recurrent_layers_step_by_step_give_what_they_give(kind, options, tokens):
    model, seen, tokens = Recurrent(kind, **options), [], torch.as_tensor(tokens)

    def loss(output):
        seen.append(output.detach())
        return output.square().sum()

    report = inspect(model, tokens, loss=loss)
    assert torch.allclose(seen[0], model(tokens), atol=1e-5)
    assert not report.missed
    loss(model(tokens)).backward()
    rows = [r for r in report.rows if r.name.startswith("cells.weight_hh")]
    for row in rows:
        parameter = model.get_parameter(row.name.partition("[")[0].partition(" ")[0])
        expected = float(parameter.grad.square().mean())
        assert row.weight_gradient == pytest.approx(expected, rel=1e-3)


def test_the_gates_of_a_cell_are_judged_alone(tokens):
    model = Recurrent(nn.LSTM, batch_first=True)
    with torch.no_grad():
        model.cells.weight_hh_l0[16:32] *= 20
    report = inspect(model, tokens)
    (wrong,) = [r for r in report.rows if r.fits is False]
    assert wrong.name == "cells.weight_hh_l0[16:32] (forget)"
    assert 'get_submodule("cells").weight_hh_l0[16:32]' in wrong.remedy
    fixed = report.fix(model).model.cells.weight_hh_l0
    changed = (fixed != model.cells.weight_hh_l0).any(1)
    assert changed.tolist() == [False] * 16 + [True] * 16 + [False] * 32


def test_a_recurrent_layer_of_very_many_steps_is_not_looked_into():
    model = nn.Sequential(nn.Linear(4, 4), nn.LSTM(4, 5))
    report = inspect(model, torch.randn(100, 2, 4), loss=lambda out: out[0].square().mean())
    assert report.missed == ["1.weight_ih_l0", "1.weight_hh_l0"]
    assert report.fits is not True
    assert "1.weight_hh_l0: not judged, it is used inside lstm" in str(report)


class Attends(nn.Module):
    """Attention, fused or by hand, with a mask."""

    def __init__(self, way, mask):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(3))
        self.head, self.way, self.mask = nn.Linear(WIDTH, 3), way, mask
        with torch.no_grad():
            self.q.weight *= 12

    def forward(self, x):  # noqa: D102
        q, k, v = self.q(x), self.k(x), self.v(x)
        n, causal = x.shape[1], self.mask == "causal"
        allowed = torch.ones(n, n, dtype=torch.bool).tril(0 if causal else 4)
        if self.way == "fused":
            mask = None if causal else allowed
            h = functional.scaled_dot_product_attention(q, k, v, mask, is_causal=causal)
        else:
            scores = q @ k.transpose(1, 2) / WIDTH**0.5
            h = scores.masked_fill(~allowed, -torch.inf).softmax(-1) @ v
        return self.head(h)


@pytest.mark.parametrize("mask", ["causal", "given"])
def test_attention_that_is_certain_is_told_alike_where_it_is_fused(mask, rng):
    x, words = 10 * rng.standard_normal((1, 9, WIDTH)), []
    for way in ("fused", "by hand"):
        torch.manual_seed(0)
        report = inspect(Attends(way, mask), x)
        words += [f.words for f in report.verdict if f.key == "certain"]
    assert len(words) == 2
    assert re.match(r"The largest weight of a softmax is (\S+)", words[0])[0] in words[1]


def test_several_inputs_are_a_tuple(rng):
    model = nn.Bilinear(3, 4, 5), nn.Linear(5, 2)

    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.both, self.head = model

        def forward(self, a, b):
            return self.head(self.both(a, b))

    report = inspect(Two(), (rng.standard_normal((6, 3)), rng.standard_normal((6, 4))))
    fans = [(r.name, r.fan_in, r.fan_out) for r in report.rows]
    assert fans == [("both", 3 * 4, 5), ("head", 5, 2)]
    assert report.missed == []


def test_a_sigmoid_on_the_output_is_no_fault(x):
    assert inspect(he_(nn.Sequential(mlp(nn.ReLU), nn.Sigmoid())), x).fits


def test_a_softmax_on_the_output_is_no_activation(x):
    found = inspect(nn.Sequential(mlp(nn.ReLU), nn.Softmax(-1)), x).rows[-1]
    assert (found.activation, found.fits) == ("", True)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_models_of_other_floats(dtype, x):
    """Bfloat16 has 8 bits: a relative error of 1 / 256, in sums and in squares."""
    model = mlp(nn.ReLU)
    expected = moments(inspect(model, x))
    found = moments(inspect(model.to(dtype), x))
    np.testing.assert_allclose(found, expected, rtol=0.1)


def test_a_layer_alone_has_the_name_of_its_kind(x):
    assert inspect(nn.Linear(WIDTH, 2), x).rows[0].name == "Linear"


def test_weights_that_are_nan_are_told(x):
    model = mlp(nn.ReLU)
    nn.init.constant_(model[2].weight, float("nan"))
    report = inspect(model, x)
    assert [r.fits for r in report.rows] == [False] * 4
    assert report.rows[1].verdict.startswith("1024 of 1024 weights are NaN or infinite")
    assert report.rows[2].verdict.startswith("its input is not finite")
    assert "nan" in str(report)


# What cannot be looked into.


@pytest.mark.parametrize(
    ("loss", "kind"), [(None, "tuple"), (lambda output: output, "tuple"), (id, "int")]
)
def test_an_output_that_is_no_tensor_needs_a_loss(loss, kind, rng):
    x = rng.standard_normal((4, 5, 8))
    with pytest.raises(TypeError, match=f"loss must be given, .* no tensor; got a {kind}"):
        inspect(nn.MultiheadAttention(8, 2), (x, x, x), loss=loss)


@pytest.mark.parametrize("model", [nn.ReLU(), nn.BatchNorm1d(WIDTH)])
def test_a_model_without_layers_of_weights_is_refused(model, x):
    with pytest.raises(ValueError, match=r"model must have a dense or .*; none was seen in"):
        inspect(model, x)


def test_what_cannot_run_backward_is_refused_with_a_reason(x):
    with pytest.raises(ValueError, match=r"on the device 'meta', which holds none: call"):
        inspect(nn.Linear(WIDTH, 2, device="meta"), x)
    with torch.inference_mode():
        model = nn.Linear(WIDTH, 2)
    with pytest.raises(ValueError, match=r"it was made in torch\.inference_mode\(\)"):
        inspect(model, x)
    with pytest.raises(TypeError, match=r"must be the module before torch\.jit"):
        inspect(torch.jit.script(nn.Linear(WIDTH, 2)), x)


def test_lazy_layers_are_refused(x):
    with pytest.raises(ValueError, match="model must have weights; lazy layers get theirs"):
        inspect(nn.Sequential(nn.Linear(WIDTH, 4), nn.LazyLinear(2)), x)
