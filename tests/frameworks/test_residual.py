"""Branches, normalization and attention against PyTorch's automatic differentiation.

In double precision sums of a few numbers of size 1 err by some 1e-15; 1e-10 of the largest
entry is a wide margin for that, and far below what a mistake in an equation makes.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it
from torch import nn

from helpers.residual import attention, feed_forward, layer_norm, residual

TOLERANCE = 1e-10
ROWS, WIDTH, HIDDEN = 7, 6, 9


def arrays_of(*shapes):
    rng = np.random.default_rng(9)
    return [rng.standard_normal(shape) for shape in ((ROWS, WIDTH), *shapes)]


def in_torch(function, arrays, gradient):
    """Return an output and its gradients, by PyTorch."""
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    y = function(*tensors)
    y.backward(torch.tensor(gradient))
    return [y.detach().numpy(), *(tensor.grad.numpy() for tensor in tensors)]


def norm(x):
    return F.layer_norm(x, (WIDTH,))


def mlp(x, W_1, W_2):
    return F.relu(x @ W_1) @ W_2


def attends(x, W_q, W_k, W_v, W_o):
    return F.scaled_dot_product_attention(x @ W_q, x @ W_k, x @ W_v) @ W_o


def attends_back(x, W_q, W_k, W_v, W_o):
    return F.scaled_dot_product_attention(x @ W_q, x @ W_k, x @ W_v, is_causal=True) @ W_o


def block(where):
    return lambda x, *weights: residual(x, feed_forward, weights, norm=where)


SQUARE, MLP = [(WIDTH, WIDTH)] * 4, [(WIDTH, HIDDEN), (HIDDEN, WIDTH)]
CASES = {
    "layer_norm": (layer_norm, norm, []),
    "feed_forward": (feed_forward, mlp, MLP),
    "attention": (attention, attends, SQUARE),
    "causal": (lambda *a: attention(*a, causal=True), attends_back, SQUARE),
    "pre": (block("pre"), lambda x, *w: x + mlp(norm(x), *w), MLP),
    "post": (block("post"), lambda x, *w: norm(x + mlp(x, *w)), MLP),
}


@pytest.mark.parametrize("name", CASES)
def test_outputs_and_gradients_agree(name):
    ours, theirs, shapes = CASES[name]
    arrays = arrays_of(*shapes)
    y, backward = ours(*arrays)
    gradient = np.random.default_rng(10).standard_normal(y.shape)
    expected = in_torch(theirs, arrays, gradient)
    for found, peer in zip([y, *backward(gradient)], expected, strict=True):
        assert abs(found - peer).max() < TOLERANCE * abs(peer).max()


def test_a_block_of_pytorch_is_attention_and_a_branch_one_after_the_other():
    """`TransformerEncoderLayer`, with one head and no biases, is two of our blocks."""
    layer = nn.TransformerEncoderLayer(
        WIDTH, 1, HIDDEN, dropout=0.0, batch_first=True, norm_first=True, bias=False
    ).double()
    W_q, W_k, W_v = (W.detach().numpy().T for W in layer.self_attn.in_proj_weight.chunk(3))
    W_o, W_1, W_2 = (
        one.weight.detach().numpy().T
        for one in (layer.self_attn.out_proj, layer.linear1, layer.linear2)
    )
    (x,) = arrays_of()
    y, _ = residual(x, attention, (W_q, W_k, W_v, W_o), norm="pre")
    y, _ = residual(y, feed_forward, (W_1, W_2), norm="pre")
    theirs = layer(torch.tensor(x)[None])[0].detach().numpy()
    assert abs(y - theirs).max() < TOLERANCE
