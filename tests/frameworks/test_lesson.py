"""What lesson 8 says of the frameworks in words, without a cell that measures it.

Variances of n uniform weights are within 5 * sqrt(0.8 / n) of theirs, of normal ones within
5 * sqrt(2 / n).
"""

import math

import jax
import keras
import numpy as np
import pytest
import torch
from scipy.stats import truncnorm
from sklearn.neural_network import MLPClassifier
from torch import nn

from helpers.initializers import he_normal

LARGE = 64 * 64 * 9


@pytest.fixture(autouse=True)
def seeds():
    """Start each test from the same state of the frameworks' generators."""
    keras.utils.set_random_seed(8)
    with torch.random.fork_rng():
        torch.manual_seed(8)
        yield


def variance(weights):
    return float(np.var(np.asarray(weights)))


def test_a_convolution_of_pytorch_starts_as_its_linear_layer_does():
    layer = nn.Conv2d(64, 64, 3)
    found = variance(layer.weight.detach()) * 3 * 64 * 9
    assert found == pytest.approx(1, abs=5 * math.sqrt(0.8 / LARGE))
    assert 0.5 < layer.bias.abs().max().item() * math.sqrt(64 * 9) <= 1 + 1e-6


def test_a_convolution_of_keras_starts_from_xaviers_uniform():
    layer = keras.layers.Conv2D(64, 3)
    layer.build((None, 8, 8, 64))
    found = variance(layer.kernel) * 64 * 9
    assert found == pytest.approx(1, abs=5 * math.sqrt(0.8 / LARGE))


def test_embeddings_differ_most():
    ours = keras.layers.Embedding(1000, 64)
    ours.build()
    assert 0.0499 < np.abs(np.asarray(ours.embeddings)).max() <= 0.05
    found = variance(nn.Embedding(1000, 64).weight.detach())
    assert found == pytest.approx(1, abs=5 * math.sqrt(2 / 64_000))


def test_scikit_learn_draws_a_third_of_the_variance_before_a_logistic_function():
    found = {}
    for activation in ("relu", "logistic"):
        model = MLPClassifier((100,), activation=activation, random_state=8)
        model.set_params(learning_rate_init=1e-12)
        model.partial_fit(np.zeros((1, 256)), [0], classes=[0, 1])
        found[activation] = variance(model.coefs_[0])
    assert found["relu"] / found["logistic"] == pytest.approx(3, rel=1e-6)  # the same noise


def test_pytorch_has_five_thirds_for_tanh_and_nothing_for_gelu():
    assert nn.init.calculate_gain("tanh") == pytest.approx(5 / 3)
    with pytest.raises(ValueError, match="gelu"):
        nn.init.kaiming_normal_(torch.empty(4, 4), nonlinearity="gelu")


@pytest.mark.parametrize("name", ["HeNormal", "LecunNormal"])
def test_he_and_lecun_take_no_mode_in_keras_and_jax(name):
    with pytest.raises(TypeError, match="mode"):
        getattr(keras.initializers, name)(mode="fan_out")
    jax_name = {"HeNormal": "he_normal", "LecunNormal": "lecun_normal"}[name]
    with pytest.raises(TypeError, match="mode"):
        getattr(jax.nn.initializers, jax_name)(mode="fan_out")


def test_the_scale_of_jaxs_orthogonal_is_a_gain():
    W = jax.nn.initializers.orthogonal(scale=2.0)(jax.random.key(8), (8, 8))
    np.testing.assert_allclose(np.linalg.svd(W)[1], 2.0, rtol=1e-5)


def test_attention_of_keras_draws_queries_keys_and_values_apart():
    layer = keras.layers.MultiHeadAttention(4, 16)
    layer.build((None, 10, 64), (None, 10, 64))
    for kernel in (layer.query_dense.kernel, layer.key_dense.kernel, layer.value_dense.kernel):
        found = 64 * variance(kernel)
        assert found == pytest.approx(1, abs=5 * math.sqrt(0.8 / 4096) + 0.02)


def test_a_transformer_draws_each_block_anew_and_an_encoder_copies_one():
    model = nn.Transformer(16, 2, 2, 2, 32, batch_first=True)
    assert not torch.equal(*(b.linear1.weight for b in model.encoder.layers))
    block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    copies = nn.TransformerEncoder(block, 2, enable_nested_tensor=False).layers
    assert torch.equal(*(b.linear1.weight for b in copies))


def test_filling_a_computed_weight_changes_nothing():
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(64, 64))
    before = layer.weight.detach().clone()
    with torch.no_grad():
        nn.init.kaiming_normal_(layer.weight)
    assert torch.equal(layer.weight, before)
    assert not isinstance(layer.weight, nn.Parameter)


def test_a_model_within_a_model_has_layers_of_its_own():
    inner = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(4)])
    outer = keras.Sequential([keras.Input((4,)), inner])
    assert outer.layers == [inner]


def test_a_generator_of_keras_as_seed_draws_anew_each_time():
    draw = keras.initializers.HeNormal(seed=keras.random.SeedGenerator(8))
    first, second = (np.asarray(draw((4, 4))) for _ in range(2))
    assert not np.array_equal(first, second)


def test_what_is_drawn_in_our_layout_goes_into_pytorch_transposed():
    rng = np.random.default_rng(8)
    W, x = he_normal((400, 100), rng), rng.standard_normal((50, 400))
    layer = nn.Linear(400, 100, bias=False, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(W.T))
        np.testing.assert_allclose(layer(torch.tensor(x)).numpy(), x @ W, atol=1e-12)


def test_truncated_normal_of_jax_does_not_make_up_for_the_cut():
    W = np.asarray(jax.nn.initializers.truncated_normal(0.02)(jax.random.key(8), (500, 500)))
    left = truncnorm.var(-2, 2)
    assert W.var() / 0.02**2 == pytest.approx(left, rel=5 * math.sqrt(2 / 250_000))


def test_fans_of_groups_in_keras_are_those_of_the_shape():
    """As in PyTorch: fan_in is right, and with it He's."""
    layer = keras.layers.Conv2D(64, 3, groups=16, kernel_initializer="he_normal")
    layer.build((None, 8, 8, 64))
    assert tuple(layer.kernel.shape) == (3, 3, 4, 64)
    found = variance(layer.kernel) * 9 * 4 / 2
    assert found == pytest.approx(1, rel=5 * math.sqrt(1.3655 / (9 * 4 * 64)))


def test_with_a_stride_an_output_of_a_transposed_convolution_sums_fewer_numbers():
    layer = nn.ConvTranspose2d(16, 8, 4, stride=2, bias=False)
    with torch.no_grad():
        layer.weight.fill_(1.0)
        inside = layer(torch.ones(1, 16, 9, 9))[0, :, 4:-4, 4:-4]
    assert torch.all(inside == 16 * 4 * 4 / 2**2)


@pytest.mark.parametrize("padding", ["replicate", "reflect", "circular"])
def test_what_fills_the_frame_with_pixels_keeps_the_rim_bright(padding):
    layer = nn.Conv2d(1, 1, 3, padding=1, padding_mode=padding, bias=False)
    with torch.no_grad():
        layer.weight.fill_(1.0)
        assert torch.all(layer(torch.ones(1, 1, 8, 8)) == 9)


def test_gelu_is_drawn_with_a_scale_in_keras():
    W = keras.initializers.VarianceScaling(2.15, seed=8)((400, 300))
    assert variance(W) * 400 == pytest.approx(2.15, rel=5 * math.sqrt(1.3655 / 120_000))
