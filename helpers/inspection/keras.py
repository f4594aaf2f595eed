"""The layers of a Keras model, seen through its layers' calls.

Layers and activations are wrapped while a forward pass runs. Each result of a layer with
weights gets a zero added, a *tap*: the gradient at the tap is the gradient at the result.
"""

from contextlib import ExitStack, contextmanager
from math import prod

import keras
import numpy as np

from helpers.activations import Activation
from helpers.inspection.layers import Recording

ACTIVATIONS = (
    *(keras.layers.Activation, keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU),
    keras.layers.ELU,
)
WEIGHTED = (
    *(keras.layers.Dense, keras.layers.EinsumDense),
    *(keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D),
    *(keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D),
    *(keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose),
)
NORMALIZATIONS = (
    *(keras.layers.BatchNormalization, keras.layers.LayerNormalization),
    *(keras.layers.GroupNormalization, keras.layers.RMSNormalization),
)


def layers(model, inputs, loss, rng):
    """Return what each layer of a Keras model did; see `helpers.inspection.inspect`."""
    if keras.backend.backend() not in ("jax", "torch"):
        raise ValueError(
            "model must be one of Keras on the backend jax or torch (the environment variable "
            f"KERAS_BACKEND); got the backend {keras.backend.backend()}"
        )
    inputs = keras.tree.map_structure(keras.ops.convert_to_tensor, inputs)
    if not model.built:
        model(*inputs)
    variables = [[v.value for v in group] for group in _variables(model)]

    def run(taps):
        watch = _Watch(taps)
        with watch.on(model):
            output, _ = model.stateless_call(*variables, *inputs, training=True)
        return (output if loss is None else loss(output)), watch

    output, watch = run(None)
    taps = [keras.ops.zeros_like(z) for z, _ in watch.seen]
    if loss is None:
        weights = keras.ops.convert_to_tensor(rng.standard_normal(output.shape), output.dtype)
    else:
        weights = keras.ops.ones_like(output)
    gradients = _pull_back(lambda taps: run(taps)[0], taps, weights)
    for (_, axis), layer, gradient in zip(
        watch.seen, watch.recording.layers, gradients, strict=True
    ):
        layer.gradient = _array(gradient, axis)
    return watch.recording.layers, watch.missed(model)


def _variables(model):
    return model.trainable_variables, model.non_trainable_variables


def _pull_back(function, inputs, weights):
    """Return the gradients of ``sum(weights * function(inputs))`` for a list of tensors."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.vjp(function, inputs)[1](weights)[0]
    import torch

    with torch.enable_grad():
        leaves = [x.detach().requires_grad_() for x in inputs]
        return torch.autograd.grad(
            function(leaves), leaves, weights, allow_unused=True, materialize_grads=True
        )


class _Watch:
    """Notes each call of a layer that matters, and adds the taps."""

    def __init__(self, taps):
        self.taps, self.recording, self.seen, self._found = taps, Recording(), [], set()

    def missed(self, model):
        """Return the paths of the weights that no layer used in a way that is known."""
        return [
            v.path
            for v in model.trainable_variables
            if len(v.shape) > 1 and v.name != "bias" and id(v) not in self._found
        ]

    @contextmanager
    def on(self, model):
        """Return a context in which the layers of the model are watched."""
        with ExitStack() as stack:
            for layer in _leaves(model):
                if isinstance(layer, WEIGHTED):
                    stack.enter_context(_replaced(layer, "activation", self._dense(layer)))
                elif isinstance(layer, ACTIVATIONS):
                    stack.enter_context(_replaced(layer, "call", self._elementwise(layer)))
                stack.enter_context(_replaced(layer, "call", self._called(layer)))
            yield

    def _called(self, layer):
        call = layer.call

        def watched(*args, **kwargs):
            if isinstance(layer, NORMALIZATIONS):
                self.recording.normalization()
            elif isinstance(layer, keras.layers.Add):
                self.recording.sum(args[0])
            result = call(*args, **kwargs)
            self.recording.result(result)
            return result

        return watched

    def _elementwise(self, layer):
        call = layer.call

        def watched(z):
            axis = self.seen[-1][1] if self.seen else -1
            self._activation(layer.name, call, z, axis)
            return call(z)

        return watched

    def _dense(self, layer):
        activation = layer.activation

        def watched(z):
            if self.taps is not None:
                z = z + self.taps[len(self.seen)]
            channels_first = getattr(layer, "data_format", None) == "channels_first"
            axis = 1 if channels_first else -1
            self._found.add(id(layer.kernel))
            if self.taps is None:
                self.recording.layer(layer.name, *_matrix(layer), _array(z, axis))
            self.seen.append((z, axis))
            if activation is not None and activation is not keras.activations.linear:
                self._activation(activation.__name__, activation, z, axis)
            return z if activation is None else activation(z)

        return watched

    def _activation(self, name, function, z, axis):
        if self.taps is not None:  # the numbers are known from the first run
            return

        def formula(array):
            result = function(keras.ops.convert_to_tensor(array, z.dtype))
            return keras.ops.convert_to_numpy(result).astype(array.dtype)

        def slope(array):
            start = keras.ops.convert_to_tensor(array, z.dtype)
            ones = keras.ops.ones_like(start)
            (found,) = _pull_back(lambda inputs: function(inputs[0]), [start], ones)
            return keras.ops.convert_to_numpy(found).astype(array.dtype)

        self.recording.activation(Activation(name, formula, slope), _array(z, axis))


def _leaves(layer):
    """Yield the layers of a model that have no parts; a recurrent layer counts as one."""
    for part in layer._flatten_layers(include_self=False, recursive=False):
        if isinstance(part, keras.layers.RNN | keras.layers.Bidirectional):
            yield part
        elif list(part._flatten_layers(include_self=False)):
            yield from _leaves(part)
        else:
            yield part


@contextmanager
def _replaced(layer, name, value):
    """Return a context in which an attribute of a layer is another."""
    own = name in vars(layer)
    before = getattr(layer, name)
    object.__setattr__(layer, name, value)
    try:
        yield
    finally:
        if own:
            object.__setattr__(layer, name, before)
        else:
            object.__delattr__(layer, name)


def _matrix(layer):
    """Return weights with a column for each unit, and their fans."""
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    if isinstance(layer, keras.layers.EinsumDense):
        operands, output = layer.equation.split("->")
        letters = operands.split(",")[1]
        sizes = dict(zip(letters, kernel.shape, strict=True))
        summed = [letter for letter in letters if letter not in output]
        kept = [letter for letter in letters if letter in output]
        order = [letters.index(letter) for letter in (*summed, *kept)]
        fans = prod(sizes[a] for a in summed), prod(sizes[a] for a in kept)
        return kernel.transpose(order).reshape(fans), fans
    *window, n_in, n_out = kernel.shape
    size, step = prod(window), prod(getattr(layer, "strides", (1,)))
    if isinstance(layer, keras.layers.DepthwiseConv1D | keras.layers.DepthwiseConv2D):
        return kernel.reshape(size, n_in * n_out), (size, size * n_out / step)
    if isinstance(layer, keras.layers.Conv1DTranspose | keras.layers.Conv2DTranspose):
        n_in, n_out = n_out, n_in  # (window, outputs, inputs)
        matrix = np.moveaxis(kernel, -1, -2).reshape(-1, n_out)
        return matrix, (size * n_in / step, size * n_out)
    return kernel.reshape(-1, n_out), (size * n_in, size * n_out / step)


def _array(tensor, axis):
    """Return a tensor as an array with its units last."""
    return np.moveaxis(keras.ops.convert_to_numpy(tensor), axis, -1)
