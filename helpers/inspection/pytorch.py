"""The layers of a PyTorch model, seen through the functions that its forward pass calls.

Watching functions rather than modules sees ``relu(x)`` and ``nn.ReLU()`` alike.
"""

import math
from contextlib import contextmanager

import numpy as np
import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from helpers.activations import Activation
from helpers.inspection.layers import Recording

ELEMENTWISE = {
    *("relu", "leaky_relu", "prelu", "elu", "celu", "selu", "gelu", "silu", "mish"),
    *("tanh", "sigmoid", "softplus", "softsign", "hardtanh", "relu6", "hardswish"),
}
NORMALIZATIONS = {"batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm"}
SUMS = {"add", "__add__", "__radd__", "__iadd__"}


def layers(model, inputs, loss, rng):
    """Return what each layer of a PyTorch model did; see `helpers.inspection.inspect`."""
    inputs = tuple(_tensor(x, model) for x in inputs)
    recorder = _Recorder(model)
    for x in inputs:
        recorder.recording.result(x)
    with torch.enable_grad(), torch.random.fork_rng(), _restored(model):
        with recorder:
            output = model(*inputs)
        if loss is not None:
            output = loss(output)
            weights = torch.ones_like(output)
        elif isinstance(output, torch.Tensor):
            weights = torch.as_tensor(rng.standard_normal(output.shape)).to(output)
        else:
            raise TypeError(
                "loss must be given, a function of the model's output, where that is no "
                f"tensor; got a {type(output).__name__}"
            )
        if output.requires_grad:
            found = [z for z, _ in recorder.seen]
            gradients = torch.autograd.grad(output, found, weights, allow_unused=True)
            for (_, axis), layer, gradient in zip(
                recorder.seen, recorder.recording.layers, gradients, strict=True
            ):
                if gradient is not None:
                    layer.gradient = _array(gradient, axis)
    return recorder.recording.layers, recorder.missed()


def _tensor(x, model):
    """Return `x` as a tensor beside the model's parameters; numbers lead to gradients."""
    like = next(model.parameters(), torch.empty(0))
    if isinstance(x, torch.Tensor):
        x = x.detach().to(like.device)
    else:
        x = torch.as_tensor(np.asarray(x), device=like.device)
    if x.is_floating_point():
        return x.to(like.dtype).requires_grad_()  # else a frozen model would show no gradient
    return x


@contextmanager
def _restored(model):
    """Return a context after which the model's buffers are as before: running means, counts."""
    kept = [(buffer, buffer.clone()) for buffer in model.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, before in kept:
                buffer.copy_(before)


class _Recorder(TorchFunctionMode):
    """Notes each call of a function that matters."""

    def __init__(self, model):
        self.recording, self.seen = Recording(), []
        self._names = {id(p): name for name, p in model.named_parameters() if p.ndim > 1}
        self._labels = {key: _label(model, name) for key, name in self._names.items()}
        self._found = set()

    def missed(self):
        """Return the names of the weights that no layer used in a way that is known."""
        return [name for key, name in self._names.items() if key not in self._found]

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "").removesuffix("_")
        if name in ELEMENTWISE and args:
            self._activation(name, function, args, kwargs)
        elif name in NORMALIZATIONS:
            self.recording.normalization()
        elif name in SUMS and _is_sum(args):
            self.recording.sum(args[:2])
        if function is functional.multi_head_attention_forward:
            result = self._attention(args, kwargs)
        else:
            result = function(*args, **kwargs)
            self._layer(name, args, result)
        if isinstance(result, torch.Tensor):
            self.recording.result(result)
        return result

    def _activation(self, name, function, args, kwargs):
        z, *rest = args

        def formula(array):
            with torch.no_grad():
                copy = torch.tensor(array).to(z)  # the function may work in place
                return function(copy, *rest, **kwargs).cpu().numpy().astype(array.dtype)

        def slope(array):
            with torch.enable_grad():
                start = torch.tensor(array).to(z).requires_grad_()
                result = function(start.clone(), *rest, **kwargs)
                (found,) = torch.autograd.grad(result.sum(), start)
            return found.cpu().numpy().astype(array.dtype)

        axis = self.seen[-1][1] if self.seen else -1
        axis = axis if z.ndim + axis >= 0 else -1
        self.recording.activation(Activation(name, formula, slope), _array(z, axis))

    def _layer(self, name, args, result):
        """Note the call of a function if it multiplies its input by weights of the model."""
        if len(args) < 2 or not isinstance(result, torch.Tensor):
            return
        weights = self._known(args[1])
        if weights is None or not result.is_floating_point() or name == "embedding":
            return
        self._found.add(id(weights))
        axis = 1 - weights.ndim if name.startswith("conv") else -1
        label = self._labels[id(weights)]
        self.recording.layer(label, *_matrix(name, args), _array(result, axis))
        self.seen.append((result, axis))

    def _known(self, weights):
        """Return the parameter that `weights` is, or is a part of."""
        while isinstance(weights, torch.Tensor):
            if id(weights) in self._names:
                return weights
            weights = weights._base
        return None

    def _attention(self, args, kwargs):
        """Run attention, whose products are inside one function, and note them."""
        original = functional.linear

        def linear(*inner):
            result = original(*inner)
            self._layer("linear", inner, result)
            return result

        functional.linear = linear
        try:
            return functional.multi_head_attention_forward(*args, **kwargs)
        finally:
            functional.linear = original


def _label(model, name):
    """Return a layer's name, with its kind where the name is a number only."""
    path, _, parameter = name.rpartition(".")
    if parameter != "weight":  # a layer with several
        return name
    kind = type(model.get_submodule(path)).__name__
    return f"{path} ({kind})" if path.rpartition(".")[-1].isdigit() else path or kind


def _is_sum(args):
    return (
        all(isinstance(a, torch.Tensor) and a.ndim > 1 for a in args[:2])
        and args[0].shape == args[1].shape
    )


def _matrix(name, args):
    """Return weights with a column for each unit, and their fans."""
    array = args[1].detach().cpu().numpy()
    if name == "linear":  # (outputs, inputs)
        return array.T, array.shape[::-1]
    if not name.startswith("conv"):  # x @ W
        return array.reshape(-1, array.shape[-1]), array.shape[-2:]
    stride, groups = (args[3] if len(args) > 3 else 1), (args[6] if len(args) > 6 else 1)
    window = array[0, 0].size
    if name.startswith("conv_transpose"):  # (inputs, outputs / groups, window)
        n_in, n_out = array.shape[0] // groups, array.shape[1]
        by_group = array.reshape(groups, n_in, n_out, window)
        matrix = by_group.transpose(1, 3, 0, 2).reshape(n_in * window, groups * n_out)
        return matrix, (window * n_in / _positions(stride, array), window * n_out)
    # (outputs, inputs / groups, window); with a stride, an input meets fewer windows
    n_out = array.shape[0] // groups
    fans = window * array.shape[1], window * n_out / _positions(stride, array)
    return array.reshape(len(array), -1).T, fans


def _positions(stride, weights):
    """Return how many pixels a window moves over at a time."""
    return stride ** (weights.ndim - 2) if isinstance(stride, int) else math.prod(stride)


def _array(tensor, axis):
    """Return a copy of a tensor as an array with its units last."""
    return np.moveaxis(tensor.detach().cpu().numpy().copy(), axis, -1)
