"""What `inspect` says of Keras models, on the backends of JAX and PyTorch.

Keras computes in 32 bits: second moments agree to 1e-4 of their size with those of our network
and of PyTorch on the same weights.
"""

import functools
import random
import subprocess
import sys

import keras
import numpy as np
import pytest
import torch
from keras import layers
from torch import nn

from helpers.activations import ACTIVATIONS
from helpers.initializers import he_normal
from helpers.inspection import inspect
from helpers.network import MLP
from tests.frameworks.states import random_states_kept

# Keras hands its variables, and PyTorch its tensors, to NumPy in a way that NumPy 2 is to drop.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

BATCH, WIDTH = 64, 32
BACKEND = keras.backend.backend()


def test_the_other_backend():
    """A backend is fixed when Keras is imported, so another process imports it."""
    other = {"jax": "torch", "torch": "jax"}[BACKEND]
    code = (
        f"import os; os.environ['KERAS_BACKEND'] = {other!r}; import keras, pytest, sys; "
        f"sys.exit(pytest.main(['-q', '-x', {__file__!r}, '-k', 'not other_backend']))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:]


def on_pytorch(test):
    """Leave a test to the backend of PyTorch: JAX compiles all that it runs, for each shape."""
    return test if BACKEND == "torch" else None


@pytest.fixture(autouse=True)
def _seeded():
    """Seed Python's generator, from which initializers that have no seed take one."""
    state = random.getstate()
    random.seed(0)
    yield
    random.setstate(state)


@pytest.fixture
def x(rng):
    return rng.standard_normal((BATCH, WIDTH)).astype("float32")


@pytest.fixture
def sequences(rng):
    return rng.standard_normal((8, 7, 32)).astype("float32")


@pytest.fixture
def images(rng):
    return rng.standard_normal((8, 9, 9, 3)).astype("float32")


def chain(*steps, shape=(WIDTH,)):
    return keras.Sequential([keras.Input(shape), *steps])


def functional(make_output, *shapes):
    inputs = [keras.Input(shape) for shape in shapes or ((WIDTH,),)]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], make_output(*inputs))


def dense(activation=None, units=WIDTH, **options):
    return layers.Dense(units, activation=activation, **options)


def hidden(step):
    """Return a model of two dense layers with one step between."""
    return chain(dense(), step, dense(units=5))


def moments(report):
    return [[r.preactivation, r.activated, r.gradient] for r in report.rows]


def verdicts(model, x, **options):
    return [r.verdict for r in inspect(model, x, **options).rows]


# The numbers.


@pytest.mark.parametrize("name", ["relu", "tanh", "elu", "selu", "softplus", "sigmoid"])
def test_moments_are_those_of_our_network_on_the_same_weights(name, x, rng):
    ours = MLP([WIDTH, 24, 16, 5], ACTIVATIONS[name], he_normal, rng)
    theirs = chain(dense(name, 24), dense(name, 16), dense(units=5))
    theirs.set_weights(
        [a for pair in zip(ours.weights, ours.biases, strict=True) for a in pair]
    )
    found, expected = inspect(theirs, x), inspect(ours, x)
    for row, other in zip(found.rows, expected.rows, strict=True):
        assert (row.activation, row.verdict) == (other.activation, other.verdict)
        assert row[4:10] == pytest.approx(other[4:10], rel=1e-4)


@on_pytorch
def test_a_convolutional_model_rebuilt_in_pytorch_gives_the_same_table(images):
    """With a normalization, and a shortcut, and the weights of one copied to the other."""

    def output(x):
        x = layers.Conv2D(8, 3, strides=2)(x)
        x = layers.ReLU()(layers.BatchNormalization(epsilon=1e-5)(x))
        y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
        y = layers.Conv2D(8, 3, padding="same", groups=2)(y)
        x = layers.ReLU()(layers.Add()([x, y]))
        return layers.Dense(5)(layers.GlobalAveragePooling2D()(x))

    class Torch(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolutions = nn.ModuleList(
                [
                    *(nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 8, 3, padding=1)),
                    nn.Conv2d(8, 8, 3, padding=1, groups=2),
                ]
            )
            self.norm, self.head = nn.BatchNorm2d(8), nn.Linear(8, 5)

        def forward(self, x):
            first, second, third = self.convolutions
            x = torch.relu(self.norm(first(x)))
            x = torch.relu(x + third(torch.relu(second(x))))
            return self.head(x.mean((2, 3)))

    theirs, torchs = functional(output, (9, 9, 3)), Torch()
    products = [step for step in theirs.layers if hasattr(step, "kernel")]
    for step, module in zip(products, [*torchs.convolutions, torchs.head], strict=True):
        kernel, bias = (torch.tensor(a) for a in step.get_weights())
        axes = (3, 2, 0, 1) if kernel.ndim == 4 else (1, 0)
        module.weight.data, module.bias.data = kernel.permute(axes), bias
    found, expected = inspect(theirs, images), inspect(torchs, images.transpose(0, 3, 1, 2))
    for row, other in zip(found.rows, expected.rows, strict=True):
        assert (*row[1:4], row.verdict) == (*other[1:4], other.verdict)
        assert row[4:10] == pytest.approx(other[4:10], rel=1e-4)


@on_pytorch
def test_channels_first(images):
    """The rows are those of the same model with its channels last."""
    first, last = (
        chain(
            layers.Conv2D(4, 3, data_format=f"channels_{order}", activation="relu"),
            layers.GlobalAveragePooling2D(data_format=f"channels_{order}"),
            dense(units=2),
            shape=shape,
        )
        for order, shape in (("first", (3, 9, 9)), ("last", (9, 9, 3)))
    )
    first.set_weights(last.get_weights())
    first.layers[0].bias.assign([0, -100, 0, 0])
    last.layers[0].bias.assign([0, -100, 0, 0])
    found, expected = inspect(first, images.transpose(0, 3, 1, 2)), inspect(last, images)
    assert found.rows[0].dead == 0.25
    np.testing.assert_allclose(moments(found), moments(expected), rtol=1e-4)


def test_gradient_is_of_the_loss_that_is_given(x):
    model = chain(dense(units=3))
    found = inspect(model, x, loss=lambda z: keras.ops.mean(keras.ops.square(z))).rows[0]
    expected = 4 * found.preactivation / (BATCH * 3) ** 2
    assert found.gradient == pytest.approx(expected, rel=1e-4)


def test_dropout_drops_the_same_going_forward_and_backward(x):
    """Half the square of the output has the output for its gradient."""
    model = chain(layers.Dropout(0.5), dense(units=3))
    found = inspect(model, x, loss=lambda z: keras.ops.sum(z**2) / 2).rows[0]
    assert found.gradient == pytest.approx(found.preactivation, rel=1e-5)


# Fans, counted: an identity matrix of inputs shows which outputs each of them enters.


def counts(layer, shape):
    """Return which inputs matter to which outputs, of shape (*inputs, *outputs)."""
    n = int(np.prod(shape))
    layer.build((None, *shape))
    layer.set_weights([np.ones_like(w) * (i == 0) for i, w in enumerate(layer.get_weights())])
    outputs = layer(np.eye(n, dtype="float32").reshape(n, *shape))
    outputs = keras.ops.convert_to_numpy(outputs)
    return (outputs != 0).reshape(*shape, *outputs.shape[1:])


def fans(layer, rng, shape):
    found = inspect(chain(layer, shape=shape), rng.standard_normal((2, *shape))).rows[0]
    return found.fan_in, found.fan_out


CONVOLUTIONS = {
    "plain": lambda: layers.Conv1D(8, 3),
    "stride": lambda: layers.Conv1D(8, 3, strides=2),
    "groups": lambda: layers.Conv1D(8, 3, groups=2),
    "dilation": lambda: layers.Conv1D(8, 3, dilation_rate=2),
    "depthwise": lambda: layers.DepthwiseConv1D(3, depth_multiplier=2),
    "depthwise, stride": lambda: layers.DepthwiseConv1D(4, strides=2),
    "transposed": lambda: layers.Conv1DTranspose(8, 3),
    "transposed, stride": lambda: layers.Conv1DTranspose(8, 4, strides=2),
}


@on_pytorch
@pytest.mark.parametrize("make", CONVOLUTIONS.values(), ids=CONVOLUTIONS)
def test_fans_of_a_convolution(make, rng):
    """In the middle: at the edges fewer windows overlap. An even number of steps is a cycle."""
    layer, shape = make(), (20, 4)
    seen = counts(layer, shape).astype(float)
    middle_in = seen[8:12].sum((2, 3)).mean()
    middle = seen.shape[2] // 2
    middle_out = seen[:, :, middle - 2 : middle + 2].sum((0, 1)).mean()
    assert fans(layer, rng, shape) == (middle_out, middle_in)


EINSUMS = {
    "heads from features": ("abc,cde->abde", (None, 3, 2), (5, 4)),
    "features from heads": ("abcd,cde->abe", (None, 2), (5, 3, 4)),
    "weights of each step": ("abc,bcd->abd", (5, 2), (5, 4)),
    "any axes before": ("...c,cd->...d", (2,), (5, 4)),
}


@on_pytorch
@pytest.mark.parametrize(("equation", "output", "shape"), EINSUMS.values(), ids=EINSUMS)
def test_fans_of_an_einsum(equation, output, shape, rng):
    layer = layers.EinsumDense(equation, output)
    seen = counts(layer, shape).astype(float)
    n = len(shape)
    outputs = seen.sum(tuple(range(n)))
    inputs = seen.sum(tuple(range(n, seen.ndim)))
    assert fans(layer, rng, shape) == (outputs.mean(), inputs.mean())


# Activations, however they are written.

WAYS = {
    "argument": lambda: chain(dense("leaky_relu"), dense(units=5)),
    "layer as argument": lambda: chain(dense(layers.LeakyReLU(0.2)), dense(units=5)),
    "partial": lambda: chain(
        dense(functools.partial(keras.activations.leaky_relu, negative_slope=0.2)),
        dense(units=5),
    ),
    "layer": lambda: hidden(layers.LeakyReLU(negative_slope=0.2)),
    "Activation": lambda: hidden(layers.Activation("leaky_relu")),
}


@on_pytorch
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_all_ways_to_write_an_activation_give_the_same(way, x):
    model, like = way(), WAYS["layer"]()
    like.set_weights(model.get_weights())
    assert inspect(model, x).rows[0][1:] == pytest.approx(inspect(like, x).rows[0][1:])


@on_pytorch
@pytest.mark.parametrize("function", [keras.ops.relu, keras.activations.tanh, keras.ops.gelu])
def test_functions_in_a_functional_model_are_activations(function, x):
    model = functional(lambda x: dense(units=5)(function(dense()(x))))
    assert inspect(model, x).rows[0].activation == function.__name__


def test_prelu_with_a_slope_for_each_unit(x):
    slopes = keras.initializers.Constant(0.25)
    model, like = hidden(layers.PReLU(alpha_initializer=slopes)), hidden(layers.LeakyReLU(0.25))
    weights = model.get_weights()
    like.set_weights(weights[:2] + weights[-2:])
    found, expected = inspect(model, x), inspect(like, x)
    assert found.rows[0].activation == "rectifier(0.25)"
    np.testing.assert_allclose(moments(found), moments(expected), rtol=1e-4)


@on_pytorch
@pytest.mark.parametrize(
    "end",
    [
        lambda: [dense("softmax", 5)],
        lambda: [dense(units=5), layers.Softmax()],
        lambda: [dense(units=5), layers.Activation("softmax")],
    ],
    ids=["argument", "Softmax", "Activation"],
)
def test_a_softmax_on_the_output_is_no_activation(end, x):
    found = inspect(chain(dense("relu"), *end()), x).rows[-1]
    assert (found.activation, found.fits) == ("", True)


# Kinds of models.


@on_pytorch
def test_a_model_that_is_not_built_yet(x):
    model = keras.Sequential([dense("relu"), layers.BatchNormalization(), dense(units=5)])
    assert [r.fan_in for r in inspect(model, x).rows] == [WIDTH, WIDTH]


@on_pytorch
def test_a_layer_in_nested_models_has_one_row_that_counts_its_uses(x):
    shared = dense("relu", name="shared")
    inner, outer = chain(shared), chain(shared, dense(units=WIDTH, name="own"))
    model = functional(lambda x: dense(units=2, name="head")(outer(inner(x))))
    found = [(r.name, r.calls) for r in inspect(model, x).rows]
    assert found == [("shared", 2), ("own", 1), ("head", 1)]


@on_pytorch
def test_a_model_with_a_call_of_its_own(x):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.last = dense("relu"), dense(units=2)

        def call(self, x):
            return self.last(self.first(x))

    assert [r.activation for r in inspect(Own(), x).rows] == ["relu", ""]


def two_inputs():
    return functional(
        lambda a, b: dense(units=2)(layers.Concatenate()([dense("relu")(a), dense("relu")(b)])),
        (WIDTH,),
        (4,),
    )


@on_pytorch
@pytest.mark.parametrize("kind", [tuple, list])
def test_several_inputs_are_a_tuple_or_a_list(kind, x):
    rows = inspect(two_inputs(), kind([x, x[:, :4]])).rows
    assert sorted(r.fan_in for r in rows) == [4, WIDTH, 2 * WIDTH]


@on_pytorch
def test_time_distributed_layers_have_one_row(sequences):
    """It is that of the layer on all steps."""
    model = chain(
        layers.TimeDistributed(dense("relu", 16)), dense(units=4), shape=sequences.shape[1:]
    )
    plain = chain(dense("relu", 16), dense(units=4), shape=sequences.shape[1:])
    plain.set_weights(model.get_weights())
    np.testing.assert_allclose(
        moments(inspect(model, sequences)), moments(inspect(plain, sequences)), rtol=1e-4
    )


@on_pytorch
def test_cells_of_recurrent_layers_are_seen_step_by_step(rng):
    model = chain(
        layers.Embedding(20, 8, name="embedding"),
        layers.LSTM(8, return_sequences=True, name="lstm"),
        layers.Bidirectional(layers.GRU(8), name="both"),
        dense(units=4, name="head"),
        shape=(7,),
    )
    report = inspect(model, rng.integers(0, 20, (8, 7)))
    calls = {r.name: r.calls for r in report.rows}
    assert calls["lstm_cell/recurrent_kernel"] == 6  # all but the first, which has no state
    assert not any("lstm" in name for name in report.missed)


def test_weights_in_16_bits(x):
    """Bfloat16 has 8 bits: a relative error of 1 / 256, in sums and in squares."""
    model = hidden(layers.ReLU())
    half = chain(dense("relu", dtype="mixed_bfloat16"), dense(units=5, dtype="mixed_bfloat16"))
    half.set_weights(model.get_weights())
    np.testing.assert_allclose(moments(inspect(half, x)), moments(inspect(model, x)), rtol=0.1)


@on_pytorch
def test_attention(sequences):
    def output(x):
        normal = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(4, 8)(normal, normal)])
        y = dense("gelu", 64)(layers.LayerNormalization()(x))
        return layers.Add()([x, dense(units=32)(y)])

    rows = inspect(functional(output, sequences.shape[1:]), sequences).rows
    assert [r.name for r in rows][:4] == ["query", "key", "value", "attention_output"]
    assert all(r.fits for r in rows)


# Verdicts.


def weak():
    return keras.initializers.RandomNormal(stddev=1e-2)


WEAK = "a weak branch beside a shortcut, which is no harm"
SHORTCUTS = {
    "Add": lambda x, y: layers.Add()([x, y]),
    "add": lambda x, y: layers.add([y, x]),
    "+": lambda x, y: x + y,
    "after an operation": lambda x, y: layers.Add()([x * 1.0, y]),
}


@on_pytorch
@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("add", SHORTCUTS.values(), ids=SHORTCUTS)
def test_a_branch_beside_a_shortcut_may_start_small(add, kind, x):
    def output(x):
        return dense(units=5)(add(x, dense("relu", kernel_initializer=weak())(x)))

    assert verdicts(functional(output), x.astype(kind))[0].endswith(WEAK)


def test_the_layers_before_a_shortcut_are_no_branch(x):
    def output(x):
        x = dense("relu", kernel_initializer=weak())(x)
        return dense(units=5)(x + dense("relu")(x))

    assert verdicts(functional(output), x)[0].startswith("too small for relu")


@on_pytorch
@pytest.mark.parametrize(
    "steps",
    [
        lambda: [layers.BatchNormalization(), layers.ReLU()],
        lambda: [layers.ReLU(), layers.BatchNormalization()],
        lambda: [layers.LayerNormalization(), layers.Activation("tanh")],
    ],
    ids=["before", "after relu", "before tanh"],
)
def test_a_normalization_takes_the_scale_away(steps, x):
    assert verdicts(chain(dense(), *steps(), dense(units=5)), x)[0].endswith("scale cancels")


@on_pytorch
def test_kerass_default_is_too_small_for_relu_by_two(x):
    found = inspect(chain(*(dense("relu") for _ in range(3)), dense(units=5)), x)
    assert [r.fits for r in found.rows] == [True, False, False, True]
    assert found.rows[1].suits == "he_normal"


@on_pytorch
@pytest.mark.parametrize(
    ("activation", "initializer"),
    [("tanh", "glorot_uniform"), ("relu", "he_normal"), ("selu", "lecun_normal")],
)
def test_weights_that_fit(activation, initializer, x):
    steps = [dense(activation, kernel_initializer=initializer) for _ in range(3)]
    assert inspect(chain(*steps, dense(units=5)), x).fits


@on_pytorch
def test_a_sigmoid_on_the_output_is_no_fault(x):
    assert inspect(chain(dense("tanh"), dense("sigmoid", 1)), x).fits


def test_weights_that_are_nan_are_told(x):
    model = hidden(layers.ReLU())
    model.layers[0].kernel.assign(np.full((WIDTH, WIDTH), np.nan))
    report = inspect(model, x)
    assert report.rows[0].verdict.startswith("1024 of 1024 weights are NaN or infinite")
    assert "nan" in str(report)


# The model is left as it was.

MODELS = {
    "batch norm": lambda: hidden(layers.BatchNormalization()),
    "dropout": lambda: hidden(layers.Dropout(0.5)),
    "activation": lambda: hidden(layers.PReLU()),
}
each_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


@each_model
def test_variables_are_left_alone(make, x):
    """Running means among them, and the states of random layers."""
    model = make()
    before = [keras.ops.convert_to_numpy(v).copy() for v in model.variables]
    inspect(model, x)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), value)


@each_model
def test_calls_are_put_back(make, x):
    model = make()
    before = [(sorted(vars(s)), getattr(s, "activation", None), s.call) for s in model.layers]
    inspect(model, x)
    after = [(sorted(vars(s)), getattr(s, "activation", None), s.call) for s in model.layers]
    assert after == before


@each_model
def test_global_random_states_are_left_alone(make, x):
    model = make()
    with random_states_kept():
        inspect(model, x)


def test_a_frozen_model_shows_gradients(x):
    model = hidden(layers.ReLU())
    expected = inspect(model, x).rows
    model.trainable = False
    assert inspect(model, x).rows == expected


# What cannot be looked into.


def test_several_outputs_need_a_loss(x):
    model = functional(lambda x: [dense(units=2)(x), dense(units=3)(x)])
    with pytest.raises(TypeError, match=r"loss must be given, .* no tensor; got a list"):
        inspect(model, x)
    assert len(inspect(model, x, loss=lambda outputs: keras.ops.sum(outputs[0])).rows) == 2


def test_a_model_without_layers_of_weights_is_refused(x):
    with pytest.raises(ValueError, match="model must have a dense or a convolutional layer"):
        inspect(chain(layers.ReLU()), x)


def test_a_layer_is_no_model(x):
    with pytest.raises(TypeError, match=r"model must be a torch\.nn\.Module, a keras\.Model"):
        inspect(dense(), x)


def test_a_backend_without_gradients_is_refused_and_the_others_are_named(x, monkeypatch):
    model = keras.Sequential([keras.Input((WIDTH,)), layers.Dense(3)])
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    with pytest.raises(ValueError, match=r"\['jax', 'torch'\].* got the .*'numpy'"):
        inspect(model, x)
