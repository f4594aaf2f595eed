"""The layers of a PyTorch model, seen through the functions that its forward pass calls.

Watching functions rather than modules sees ``relu(x)`` and ``nn.ReLU()`` alike. Each tensor is
held weakly; what is known of it is in the `Node` of its result.
"""

import copy
import functools
import math
import random
import weakref
from collections.abc import Mapping
from contextlib import contextmanager

import numpy as np
import torch
import torch.utils.checkpoint
from torch.autograd.graph import get_gradient_edge
from torch.nn import functional
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

from helpers.inspection.layers import ADDS, Graph, Node, between, classes, finite

# Functions that multiply by weights: where their input and their weights stand.
PRODUCTS = {"linear": (0, 1), "addmm": (1, 2), "baddbmm": (1, 2), "embedding": (1, 0)} | {
    f"conv{kind}{n}d": (0, 1) for kind in ("", "_transpose") for n in (1, 2, 3)
}
EITHER = {"matmul", "mm", "bmm", "einsum", "rmatmul"}  # the weights may come first
BIASES = {"linear": 2, "addmm": 0} | {name: 2 for name in PRODUCTS if name.startswith("conv")}
GATES = {
    "lstm": ("input", "forget", "cell", "output"),
    "gru": ("reset", "update", "new"),
    "rnn_tanh": ("",),
    "rnn_relu": ("",),
}  # in the order in which a weight holds them
ATTENDS = {"softmax", "scaled_dot_product_attention"}
MOST_QUERIES = 64  # of fused attention, whose weights are computed once more
MOST_STEPS = 64  # of a recurrent layer, that are looked into
UNSEEN = "compiled code, or an autograd function"


def look(model, x, loss, optimizer, rng, tries=True):
    """Return the `Graph` of a PyTorch model; see `helpers.inspection.inspect`."""
    _check(model)
    args = x if isinstance(x, tuple) else () if isinstance(x, Mapping) else (x,)
    kwargs, copies = x if isinstance(x, Mapping) else {}, {}
    args, kwargs = _mapped(
        (tuple(map(_array_of, args)), {k: _array_of(v) for k, v in kwargs.items()}),
        lambda leaf: _tensor(leaf, model, copies),
    )
    names = dict(model.named_parameters())
    frozen = [name for name, p in names.items() if not p.requires_grad]
    with _restored(model), torch.inference_mode(False):
        buffers = list(model.buffers())
        graph = watch(
            lambda: model(*args, **kwargs), names, buffers, copies.values(), loss, rng, tries
        )
        if optimizer is not None:
            graph.updates = _updates(names, optimizer, graph)
    graph.no_need(frozen)
    for layer in graph.layers:
        layer.name = _label(model, layer.path) + layer.name.removeprefix(layer.path)
    return graph


def _check(model):
    """Raise an error that says so where a model cannot be run backward."""
    tensors = [*model.parameters(), *model.buffers()]
    if any(is_lazy(p) for p in tensors):
        raise ValueError("model must have weights; lazy layers get theirs when it is run once")
    if any(p.is_meta for p in tensors):
        raise ValueError(
            "model must have weights; its tensors are on the device 'meta', which holds none: "
            "call model.to_empty(device='cpu') and draw them"
        )
    if any(p.is_inference() for p in tensors):
        raise ValueError(
            "model must let gradients through; it was made in torch.inference_mode(): make it "
            "outside"
        )
    if isinstance(model, torch.jit.ScriptModule):
        raise TypeError(
            "model must be the module before torch.jit.script or torch.jit.trace: a compiled "
            f"one does not show its functions; got {type(model).__name__}"
        )


def watch(run, names, buffers, inputs, loss, rng, tries=True):
    """Return the `Graph` of what a function did, forward and backward.

    Parameters
    ----------
    run : callable
        Calls the model and returns its output.
    names : dict of str to torch.Tensor
        The parameters.
    buffers, inputs : iterable of torch.Tensor
    loss : callable or None
    rng : numpy.random.Generator
    tries : bool
        Whether functions between products are looked into.
    """
    recorder = _Recorder(names, buffers, tries)
    for tensor in inputs:
        recorder.note(tensor, Node("input", shape=tensor.shape))
    with torch.enable_grad(), _transparent():
        with recorder:
            output = run()
        recorder.finish()
        given = output
        output, weights = _sent_back(given, loss, rng, recorder.graph)
        recorder.backward(output, weights, _ends(given, output))
    return recorder.graph


def _array_of(x):
    """Return a list of numbers as an array, and all else as it is."""
    numbers = isinstance(x, list) and all(isinstance(v, int | float) for v in _leaves(x))
    return np.asarray(x) if numbers else x


def _tensor(x, model, copies):
    """Return a copy of `x`, in which the model may work, as a tensor beside its parameters.

    What is neither a tensor nor an array is left as it is.
    """
    if not isinstance(x, torch.Tensor | np.ndarray):
        return x
    if id(x) not in copies:  # attention may get one three times
        like = next((p for p in model.parameters() if p.is_floating_point()), torch.empty(0))
        tensor = x.detach() if isinstance(x, torch.Tensor) else torch.as_tensor(np.asarray(x))
        dtype = like.dtype if tensor.is_floating_point() else tensor.dtype
        copies[id(x)] = tensor.to(like.device, dtype, copy=True)
    return copies[id(x)]


def _mapped(tree, change):
    """Return nested tuples, lists and dicts with each leaf changed."""
    if isinstance(tree, Mapping):
        return {key: _mapped(value, change) for key, value in tree.items()}
    if type(tree) in (tuple, list):
        return type(tree)([_mapped(value, change) for value in tree])
    return change(tree)


def _leaves(tree):
    """Yield what nested tuples, lists and dicts hold."""
    if isinstance(tree, Mapping | tuple | list):
        for value in tree.values() if isinstance(tree, Mapping) else tree:
            yield from _leaves(value)
    else:
        yield tree


def _tensors(tree):
    return (leaf for leaf in _leaves(tree) if isinstance(leaf, torch.Tensor))


def _sent_back(output, loss, rng, graph):
    """Return what is sent back from, and the gradient there; note the loss."""
    given = output
    if loss is not None:
        output = loss(output)
    elif not isinstance(output, torch.Tensor):  # as Hugging Face's models return
        for name in ("loss", "logits", "last_hidden_state", "sample"):
            found = getattr(output, name, None)
            if isinstance(found, torch.Tensor):
                output = found
                break
    if not isinstance(output, torch.Tensor):
        raise TypeError(
            "loss must be given, a function of the model's output to a tensor, where that is "
            f"no tensor; got a {type(output).__name__}"
        )
    if output.ndim == 0 and output is not given:
        graph.loss = float(output.detach()), _classes(given, loss)
    if loss is not None or output.ndim == 0:
        return output, torch.ones_like(output)
    return output, torch.as_tensor(rng.standard_normal(output.shape)).to(output)


def _ends(given, output):
    """Return those tensors of a model's output that what is sent back is made of."""
    ends = [t for t in _tensors(given) if t.requires_grad]
    if any(t is output for t in ends) or not (ends and output.requires_grad):
        return [output]
    ahead = torch.ones_like(output)
    found = torch.autograd.grad(output, ends, ahead, retain_graph=True, allow_unused=True)
    return [t for t, gradient in zip(ends, found, strict=True) if gradient is not None]


def _classes(output, loss):
    """Return among how many classes a loss, or that of a model itself, chooses, or 0."""
    logits = getattr(output, "logits", output)
    if loss is None:
        return logits.shape[-1] if isinstance(logits, torch.Tensor) and logits.ndim else 0
    if not (isinstance(output, torch.Tensor) and output.ndim > 1):
        return 0
    sizes = {output.shape[-1], output.shape[1]}
    return classes(sizes, lambda value: loss(torch.full_like(output.detach(), value)))


@contextmanager
def _restored(model):
    """Return a context in which frozen parameters are free, and after which all is as before.

    A gradient reaches each layer then. Running means and counts are buffers; what a module
    counts or keeps in attributes is put back too, and so are all three random states.
    """
    frozen = [p for p in model.parameters() if p.is_floating_point() and not p.requires_grad]
    kept = [
        (module, name, buffer, buffer.clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    attributes = [(module, dict(vars(module))) for module in model.modules()]
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 (the global one)
    for parameter in frozen:
        parameter.requires_grad_()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        for module, before in attributes:
            vars(module).clear()
            vars(module).update(before)
        for parameter in frozen:
            parameter.requires_grad_(False)
        for module, name, buffer, before in kept:
            module._buffers[name] = buffer
            if not torch.equal(buffer, before):
                with torch.no_grad():
                    buffer.copy_(before)


class _Unchecked:
    """Runs at once what a reentrant checkpoint would hide from autograd, and run twice."""

    @staticmethod
    def apply(function, _preserve, *args):
        """Return what the function returns."""
        return function(*args)


@contextmanager
def _transparent():
    """Return a context in which functions made of functions show those they are made of."""
    names = ["has_torch_function", "has_torch_function_unary", "has_torch_function_variadic"]
    changes = [(functional, name, lambda *_: False) for name in names]
    changes.append((torch.utils.checkpoint, "CheckpointFunction", _Unchecked))
    before = [getattr(where, name) for where, name, _ in changes]
    try:
        for change in changes:
            setattr(*change)
        yield
    finally:
        for (where, name, _), value in zip(changes, before, strict=True):
            setattr(where, name, value)


class _Ref:
    """Stands for a result in the arguments that are kept of a call."""

    def __init__(self, node):
        self.node = node


class _Recorder(TorchFunctionMode):
    """Notes the result of each function, and what it was made from."""

    def __init__(self, names, buffers=(), tries=True):
        self.graph, self._names = Graph(tries), names
        self._nodes, self._pending, self._origins, self._hooked = {}, {}, {}, set()
        self._factors = []  # results of a product, entry by entry, and the parameters in it
        self._sends = False  # a gradient from the end
        self._parts = {}  # of weights: what to add to their path, and to their name
        self._parameters = {
            id(p): Node("parameter", shape=p.shape, signal=False, weights={name})
            for name, p in names.items()
        } | {id(b): Node("buffer", shape=b.shape, signal=False) for b in buffers}

    def note(self, tensor, node, axis=-1):
        """Remember the node of a tensor, which may be freed."""
        node.axis, node.still = axis, not (tensor.is_floating_point() or tensor.is_complex())
        self._nodes[id(tensor)] = weakref.ref(tensor), node
        node.tensor, node.edge = weakref.ref(tensor), None
        if tensor.requires_grad and (tensor.grad_fn is not None or tensor.is_leaf):
            try:
                node.edge = get_gradient_edge(tensor)
            except AssertionError:  # a view of a parameter, made where no gradients are
                return node
            self._origins[node.edge.node] = node
        return node

    def node(self, tensor):
        """Return the node of a tensor, or None for a constant."""
        if id(tensor) in self._parameters:
            return self._parameters[id(tensor)]
        reference, node = self._nodes.get(id(tensor), (None, None))
        if reference is not None and reference() is tensor:
            return node
        if tensor.grad_fn is None:
            return None
        # A function of somebody's own, or compiled code, made it: autograd knows from what.
        found, stack, done = {}, [tensor.grad_fn], set()
        while stack:
            step = stack.pop()
            if step in done or step is None:
                continue
            done.add(step)
            origin = self._origins.get(step)
            if origin is None and hasattr(step, "variable"):
                origin = self._parameters.get(id(step.variable))
            if origin is not None:
                found[id(origin)] = origin
            else:
                stack.extend(before for before, _ in step.next_functions)
        for origin in found.values():
            if not origin.signal and len(origin.shape) > 1:
                self.graph.unseen.update(dict.fromkeys(origin.weights, UNSEEN))
        return self._add(tensor, tensor.grad_fn.name(), list(found.values()))

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "").strip("_")
        cell = GATES.get(name.removesuffix("_cell"))
        if cell and _is_cell(args, len(cell)):
            with self:
                return self._recurrent(name, args, cell)
        if name == "bilinear":
            with self:
                a, b, weights, *bias = args
                pairs = (a.unsqueeze(-1) * b.unsqueeze(-2)).flatten(-2)
                return functional.linear(pairs, weights.flatten(1), *bias)
        before = [(t, self.node(t)) for t in _tensors((args, kwargs))]
        versions = [t._version for t, _ in before] if before else []
        changes = name == "setitem" or getattr(function, "__name__", "").endswith("_")
        call = None
        if any(node is not None and node.signal for _, node in before):
            call = function, *_mapped((args, kwargs), self._referred)
        if changes and args and isinstance(args[0], torch.Tensor):
            self._measure(self.node(args[0]), args[0])
        result = function(*args, **kwargs)
        results = [args[0]] if name == "setitem" else list(_tensors(result))
        known = {id(t): version for (t, _), version in zip(before, versions, strict=True)}
        for index, tensor in enumerate(results):
            if known.get(id(tensor), -1) != tensor._version:  # not handed through
                self._result(name, tensor, before, call, args, kwargs, index)
        return result

    def _referred(self, leaf):
        """Return a reference to the node of a signal, so that its tensor may be freed."""
        node = self.node(leaf) if isinstance(leaf, torch.Tensor) else None
        return leaf if node is None or not node.signal else _Ref(node)

    def _result(self, name, tensor, before, call, args, kwargs, index):
        nodes = list({id(n): n for _, n in before if n is not None}.values())
        product = self._product(name, args, kwargs)
        if product is not None:
            self._layer(name, tensor, product, args, kwargs)
            return
        node = self._add(tensor, name, nodes)
        cut = not tensor.requires_grad and any(t.requires_grad for t, _ in before)
        node.still |= cut  # such as zeros of the same shape
        if not node.signal or not tensor.is_floating_point():
            node.call = call and (*call, index)
            if not node.signal:
                return
        node.call = call and (*call, index)
        if tensor.is_floating_point() and not self._bias(node, tensor, before):
            self.graph.try_function(node, self._replay)
            node.normalizes |= name == "cosine_similarity"  # of other shape than what it takes
            if node.is_told:
                node.measure(_numpy(tensor))
                self._hook(tensor, node)
            training = _argument(args, kwargs, 5, "training", True)
            node.evaluated = name == "batch_norm" and not training
            carried = {id(p.root) for p in node.carriers if p.function} if node.function else ()
            for given, parent in before:
                if parent is not None and parent.function and id(parent.root) not in carried:
                    self._measure(parent, given)
            if name in ATTENDS:
                node.choices, node.certain = _certain(name, tensor, args, kwargs)
            if not (node.function or node.normalizes or node.random or name in ADDS):
                mask = _argument(args, kwargs, 3, "attn_mask") if name in ATTENDS else None
                self._opaque(
                    name, node, tensor, [pair for pair in before if pair[0] is not mask]
                )
        if node.function:
            self._pending[id(node)] = node

    def _add(self, tensor, name, nodes):
        signal = any(node.signal for node in nodes)
        weights = frozenset().union(*(node.weights for node in nodes)) if not signal else ()
        node = self.graph.add(name, nodes, tensor.shape, signal=signal, weights=weights)
        if signal and all(parent.made for parent in node.signals):
            node.made = frozenset().union(*(p.made or p.weights for p in nodes))
        same = [p for p in nodes if p.signal and len(p.shape) == len(node.shape)]
        axis = same[0].axis if same else -1
        return self.note(tensor, node, axis)

    def _bias(self, node, tensor, before):
        """Take a sum of a product with a parameter for the product, with its bias."""
        others = [(t, n) for t, n in before if n is not None and not n.signal and n.weights]
        if node.op not in ("add", "iadd") or len(node.carriers) != 1 or len(others) != 1:
            return False
        bias, made = others[0]
        names = list(made.weights)
        if self.graph.add_bias(node, _numpy(bias), names[0]) is None:
            return False
        node.measure(_numpy(tensor))
        self._hook(tensor, node)
        return True

    def _opaque(self, name, node, tensor, before):
        """Note weights that a function used which is no product that is known.

        What is only added is none; factors of entries are where the products are added up.
        """
        used = [(t, n) for t, n in before if n is not None and not n.signal and n.weights]
        sizes = sum(t.numel() for t, _ in before)
        for given, parent in used:
            if given.ndim > 1 and (sizes != tensor.numel() or name in GATES):
                names = dict.fromkeys(sorted(parent.weights), name)
                if node.multiplies:
                    self._factors.append((node, names))
                else:
                    self.graph.unseen.update(names)

    def _product(self, name, args, kwargs):
        """Return input and weights, if a function multiplies by weights of the model."""
        if name in ("getitem", "index_select") and args and isinstance(args[-1], torch.Tensor):
            index = self.node(args[-1])
            known = self._is_weights(args[0]) and index is not None and index.signal
            return (args[-1], args[0], 1) if known else None
        if name in PRODUCTS:
            places = PRODUCTS[name]
        elif name in EITHER:
            places = (0, 1)
        else:
            return None
        if name == "einsum":
            equation, *args = args
            args = args[0] if len(args) == 1 and isinstance(args[0], tuple | list) else args
            if len(args) != 2 or not isinstance(equation, str):
                return None
        inputs = "indices" if name == "embedding" else "input"
        pair = [_argument(args, kwargs, places[i], n) for i, n in enumerate((inputs, "weight"))]
        if not all(isinstance(t, torch.Tensor) for t in pair):
            return None
        x, weights = pair
        fixed = [(n := self.node(t)) is not None and not n.signal for t in (x, weights)]
        if name in EITHER and self._is_weights(x) and not fixed[1]:
            return weights, x, 0
        if self._is_weights(weights) and (name in PRODUCTS or not fixed[0]):
            return x, weights, 1
        made = self.node(weights)
        if name in PRODUCTS and made is not None and made.made:
            self._compute(made)
            return x, weights, 1
        return None

    def _is_weights(self, tensor):
        node = self.node(tensor)
        return node is not None and not node.signal and bool(node.weights) and tensor.ndim > 1

    def _compute(self, made):
        """Take a result that no input went into for weights, and not for a signal."""
        before, stack = set(), [made]
        while stack:
            at = stack.pop()
            at.signal, at.weights = False, at.weights | made.made
            before.add(id(at.layer))
            stack.extend(parent for parent in at.parents if parent.signal)
        self.graph.layers = [e for e in self.graph.layers if id(e) not in before]

    def _layer(self, name, result, product, args, kwargs):
        """Note the result of a product with weights."""
        x, weights, place = product
        source = self.node(x)
        if source is None or not source.signal:
            made_of = source.weights if source else ()
            source = self.note(x, self.graph.add("data", shape=x.shape))
            source.made = frozenset(made_of)
        made = self.node(weights)
        node = self._add(result, name, [source])
        node.made = source.made and source.made | made.weights
        axis = 1 - weights.ndim if name.startswith("conv") else -1
        if name == "matmul" and place == 0:
            axis = -2
        node.axis = axis
        self._measure(source, x)
        if math.isnan(source.moment):
            source.measure(_numpy(x))
        z = result.detach()
        node.measure(_numpy(z))
        name = "embedding" if name in ("getitem", "index_select") else name
        matrix, fans = _matrix(name, weights, args, kwargs, place)
        sources = sorted(made.weights)
        path = sources[0] if made.op == "parameter" else self._stem(sources)
        parameter, (part, label) = self._names.get(path), self._parts.get(id(weights), ("", ""))
        bias = _argument(args, kwargs, BIASES[name], "bias") if name in BIASES else None
        unbiased, bias_path = node.moment, ""
        if isinstance(bias, torch.Tensor):
            shape = (-1, *[1] * (-1 - axis)) if name.startswith("conv") else (-1,)
            unbiased = _mean_square(z - bias.detach().reshape(shape))
            owner = self.node(bias)
            bias_path = next(iter(owner.weights), "") + part if owner else ""
        groups = _argument(args, kwargs, 6, "groups", 1) if "conv" in name else 1
        self.graph.layer(
            node,
            name=path + part + label,
            path=path + part,
            kind=name,
            weights=matrix,
            fan_in=fans[0],
            fan_out=fans[1],
            source=source,
            plain=made.op == "parameter" or _is_view(weights, parameter),
            unbiased=unbiased,
            bias=None if bias is None else _numpy(bias),
            bias_path=bias_path,
            parameters=sources,
            scalable=self._scalable(weights, sources),
            grouped=groups > 1,
            usual=_usual_fans(weights if part else parameter),
        )
        for tensor, of in ((result, node), (x, source)):
            self._hook(tensor, of)

    def _recurrent(self, name, args, gates):
        """Do what recurrent layers do, step by step and gate by gate."""
        if name.endswith("_cell"):
            x, state, *weights = args
            states = self._step(name, gates, self._by_gate(weights, gates), x, state)
            return states if name.startswith("lstm") else states[0]
        packed = isinstance(args[3], list | tuple)
        if packed:
            x, sizes, state, weights, biased, depth, dropout, training, both = args
            steps = x.split(sizes.tolist())
        else:
            x, state, weights, biased, depth, dropout, training, both, batch_first = args
            steps = x.unbind(int(batch_first))
        start = state if name == "lstm" else (state,)
        size, ends = 4 if biased else 2, []
        for level in range(depth):
            ways = []
            for at in range(level * (1 + both), (level + 1) * (1 + both)):
                parts = self._by_gate(weights[size * at : size * (at + 1)], gates)
                step = functools.partial(self._step, name, gates, parts)
                made, states = _one_way(step, steps, [s[at] for s in start], at % (1 + both))
                ways.append(made)
                ends.append(states)
            steps = [
                torch.cat(pair, -1) if both else pair[0] for pair in zip(*ways, strict=True)
            ]
            if dropout and training and level < depth - 1:
                steps = [functional.dropout(h, dropout) for h in steps]
        ends = [torch.stack(s) for s in zip(*ends, strict=True)]
        return (torch.cat(steps) if packed else torch.stack(steps, int(batch_first)), *ends)

    def _by_gate(self, weights, gates):
        """Return for each gate the parts of weights and biases that are its own."""
        size = len(weights[0]) // len(gates)
        parts = []
        for i, gate in enumerate(gates):
            rows = slice(i * size, (i + 1) * size)
            parts.append([w[rows] if w is not None and gate else w for w in weights])
            if gate:
                told = f"[{rows.start}:{rows.stop}]", f" ({gate})"
                self._parts.update({id(w): told for w in parts[-1]})
        return parts

    def _step(self, name, gates, parts, x, states):
        """Return the states after one step of a cell."""
        h = states if isinstance(states, torch.Tensor) else states[0]
        pairs = [
            (functional.linear(x, w, *b[:1]), functional.linear(h, u, *b[1:]))
            for w, u, *b in parts
        ]
        if len(gates) == 1:
            z = sum(pairs[0])
            return (torch.relu(z) if "relu" in name else torch.tanh(z),)
        if len(gates) == 3:
            reset, update = (torch.sigmoid(a + b) for a, b in pairs[:2])
            new = torch.tanh(pairs[2][0] + reset * pairs[2][1])
            return ((1 - update) * new + update * h,)
        opened, forget, cell, out = (a + b for a, b in pairs)
        c = torch.sigmoid(forget) * states[1] + torch.sigmoid(opened) * torch.tanh(cell)
        return torch.sigmoid(out) * torch.tanh(c), c

    def _scalable(self, weights, sources):
        """Return the parameter that the weights are proportional to, if there is one.

        By Euler, the derivative along it is then the weights themselves.
        """
        for name in sources:
            parameter = self._names[name]
            if weights is parameter:
                return name
            if weights.requires_grad and parameter.requires_grad:
                ahead = torch.randn_like(weights)
                (back,) = torch.autograd.grad(
                    weights, parameter, ahead, retain_graph=True, allow_unused=True
                )
                if back is None:
                    continue
                pair = (
                    (a.double() * b.double()).sum()
                    for a, b in ((back, parameter), (ahead, weights))
                )
                if torch.isclose(*pair, rtol=1e-2):
                    return name
        return ""

    def _stem(self, names):
        """Return what to call weights that are computed from several parameters."""
        for name in names:
            if ".parametrizations." in f".{name}":
                path, _, rest = f".{name}".partition(".parametrizations.")
                return f"{path}.{rest.partition('.')[0]}".lstrip(".")
        for name in names:
            if name.endswith(("_g", "_v", "_orig")):
                return name.rpartition("_")[0]
        return max(names, key=lambda name: self._names[name].numel())

    def _hook(self, tensor, node):
        if tensor.requires_grad and node not in self._hooked:
            self._hooked.add(node)
            node.gradient = 0.0  # until something comes back

            def hook(gradient):
                if self._sends and gradient is not None:  # not while slopes are measured
                    node.gradient = finite(_mean_square(gradient))

            tensor.register_hook(hook)

    def _measure(self, node, tensor):
        """Measure a function of entries, once, from what it gave and its slopes there."""
        if node is None or self._pending.pop(id(node), None) is None:
            return
        edge, slope = node.root.edge, None
        if tensor.requires_grad and edge is not None:
            (slope,) = torch.autograd.grad(
                tensor, [edge], torch.ones_like(tensor), retain_graph=True, allow_unused=True
            )
        axis = node.axis if tensor.ndim + node.axis >= 0 else -1
        slope = None if slope is None else _array(slope, axis)
        node.measure_function(_array(tensor, axis), slope)

    def finish(self):
        """Measure what nothing followed, while it is there."""
        for node in list(self._pending.values()):
            tensor = node.tensor()
            if tensor is not None:
                self._measure(node, tensor)
        for node in self.graph.nodes:
            node.call = None
        for node, names in self._factors:
            if any(child.op in ("sum", "mean") for child in node.children):
                self.graph.unseen.update(names)

    def backward(self, output, weights, ends):
        """Send a gradient back, and note it at each layer and parameter.

        It is zero at parameters of layers that lead to the output but to which none comes, as
        where a result was detached.
        """
        leads = self.graph.leading_to([n for t in ends if (n := self.node(t)) is not None])
        names = [name for name, p in self._names.items() if p.requires_grad]
        found = [None] * len(names)
        self._sends = True
        if names and output.requires_grad:
            tensors = [self._names[name] for name in names]
            found = torch.autograd.grad(output, tensors, weights, allow_unused=True)
        for name, gradient in zip(names, found, strict=True):
            size = _mean_square(self._names[name])
            moment = 0.0 if name in leads else math.nan
            if gradient is not None:
                gradient = gradient.to_dense() if gradient.is_sparse else gradient
                moment = finite(_mean_square(gradient))
            self.graph.gradients[name] = size, moment
        self.graph.found = dict(zip(names, found, strict=True))

    def _replay(self, root, node):
        """Return a key for what led from a result to another, and what does it again."""
        steps = between(root, node)
        steps.sort(key=lambda step: step.number)
        calls = [step.call for step in steps]
        if None in calls:
            return None
        tensor = root.tensor()
        dtype = tensor.dtype if tensor is not None else torch.float32
        device = tensor.device if tensor is not None else "cpu"
        if not dtype.is_floating_point:
            return None
        places = {id(step): i for i, step in enumerate(steps)}

        def described(leaf):
            if isinstance(leaf, _Ref):
                return f"result {places.get(id(leaf.node), -1)}"
            return f"tensor {id(leaf)}" if isinstance(leaf, torch.Tensor) else leaf

        key = (root.shape[1:], dtype, *(repr(_mapped(call, described)) for call in calls))

        def run(array, seed, slope=False):
            with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(slope):
                torch.default_generator.manual_seed(seed)  # that of all devices is slow
                start = torch.tensor(array).to(device, dtype)
                if slope:
                    start.requires_grad_()
                values = {id(root): start}

                def filled(leaf):  # with a copy, since the function may work in place
                    return values[id(leaf.node)].clone() if isinstance(leaf, _Ref) else leaf

                for step, (function, args, kwargs, index) in zip(steps, calls, strict=True):
                    args, kwargs = _mapped((args, kwargs), filled)
                    result = function(*args, **kwargs)
                    if function is torch.Tensor.__setitem__:
                        result = args[0]
                    elif not isinstance(result, torch.Tensor):
                        result = list(_tensors(result))[index]
                    values[id(step)] = result
                result = values[id(node)]
                if slope and not result.requires_grad:
                    result = torch.zeros_like(result)
                elif slope:
                    (result,) = torch.autograd.grad(result.sum(), start)
                return _numpy(result).astype(np.float64)

        return key, run


def _certain(name, result, args, kwargs):
    """Return among how many attention, or a softmax, chooses, and its mean largest weight."""
    if name == "softmax":
        weights, dim = result, _argument(args, kwargs, 1, "dim", -1)
    else:  # some queries of the first sample
        q, k = (
            _argument(args, kwargs, i, n)[:1].detach() for i, n in ((0, "query"), (1, "key"))
        )
        if q.shape[:-2] != k.shape[:-2]:  # heads share their keys
            return k.shape[-2], math.nan
        scale = kwargs.get("scale") or q.shape[-1] ** -0.5
        scores, dim = q[..., -MOST_QUERIES:, :] @ k.transpose(-1, -2) * scale, -1
        mask = _argument(args, kwargs, 3, "attn_mask")
        if _argument(args, kwargs, 5, "is_causal", False):
            mask = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril()
        if mask is not None:
            mask = mask[:1] if mask.ndim == q.ndim else mask
            mask = mask[..., -scores.shape[-2] :, :]
            some = mask.dtype == torch.bool
            scores = scores.masked_fill(~mask, -torch.inf) if some else scores + mask
        weights = scores.softmax(-1)
    return weights.shape[dim], float(weights.detach().amax(dim).mean())


def _one_way(step, xs, start, backward):
    """Return what a cell gives at each step, and its states where each sequence ends.

    Packed sequences are sorted: the longest come first, and a step has those that last so long.
    """
    states, ended, made = [s[: len(xs[-backward])] for s in start], [], []
    for x in xs[::-1] if backward else xs:
        n, before = len(x), len(states[0])
        if n < before:
            ended.append([s[n:] for s in states])
            states = [s[:n] for s in states]
        elif n > before:
            more = [s[before:n] for s in start]
            states = [torch.cat(pair) for pair in zip(states, more, strict=True)]
        states = step(x, states)
        made.append(states[0])
    ends = [
        torch.cat(parts) if ended else parts[0]
        for parts in zip(states, *ended[::-1], strict=True)
    ]
    return made[::-1] if backward else made, ends


def _is_cell(args, gates):
    """Whether arguments are those of a recurrent layer that can be done step by step."""
    if len(args) == 9:
        packed = isinstance(args[3], list | tuple)
        weights, biased, depth, *_ = args[2 + packed :]
        both, steps = args[7 + packed], len(args[1]) if packed else args[0].shape[args[8]]
        n = (4 if biased else 2) * depth * (1 + both)  # not where projections follow
        return len(weights) == n and steps <= MOST_STEPS
    return len(args) in (4, 6) and all(w is not None for w in args[2:])


def _label(model, name):
    """Return a layer's name, with its kind where the name is a number only."""
    path, _, parameter = name.rpartition(".")
    if parameter != "weight":  # a layer with several
        return name
    kind = type(model.get_submodule(path)).__name__.removeprefix("Parametrized")
    return f"{path} ({kind})" if path.rpartition(".")[-1].isdigit() else path or kind


def typed(remedy, layer):
    """Return the call that follows a remedy, with `model` and `nn` of PyTorch."""
    path, _, name = remedy.path.rpartition(".")
    where = f'model.get_submodule("{path}").{name}' if path else f"model.{name}"
    if name.isdigit():  # in a list of parameters
        where = f'model.get_parameter("{remedy.path}")'
    if remedy.action == "zeros":
        return f"nn.init.zeros_({where})"
    if remedy.action == "scale":
        return f"{where}.data.mul_({remedy.value:.3g})"
    scheme, (fan_in, fan_out) = remedy.scheme, layer.usual
    right = fan_in == layer.fan_in and layer.kind != "embedding"
    if scheme == "xavier_normal" and right and fan_out == layer.fan_out:
        return f"nn.init.xavier_normal_({where})"
    if scheme == "lecun_normal" and right:
        return f'nn.init.kaiming_normal_({where}, nonlinearity="linear")'
    if scheme == "he_normal" and right:
        return f'nn.init.kaiming_normal_({where}, nonlinearity="relu")'
    if scheme.startswith("he_normal(") and right:
        leak = scheme.partition("=")[2].rstrip(")")
        return f'nn.init.kaiming_normal_({where}, a={leak}, nonlinearity="leaky_relu")'
    return f"nn.init.normal_({where}, std={remedy.value:.3g})"


def copied(model):
    """Return a copy of a model; weights that were computed before are no leaves of a graph."""
    tensors = (t for m in model.modules() for t in vars(m).values())
    computed = {
        id(t): t.detach().clone()
        for t in tensors
        if isinstance(t, torch.Tensor) and not t.is_leaf
    }
    return copy.deepcopy(model, computed)


def apply(model, remedy, seed, _places):
    """Do to a model what a remedy says."""
    generator = torch.Generator().manual_seed(1000 * seed[0] + seed[1])
    path, _, part = remedy.path.rstrip("]").partition("[")
    parameter = model.get_parameter(path)
    with torch.no_grad():
        if part:
            parameter = parameter[slice(*map(int, part.split(":")))]
        if remedy.action == "zeros":
            parameter.zero_()
        elif remedy.action == "scale":
            parameter.mul_(remedy.value)
        else:
            drawn = torch.randn(parameter.shape, generator=generator) * remedy.value
            parameter.copy_(drawn)


def _updates(names, optimizer, graph):
    """Return the size of a step of an optimizer beside that of parameters; undo the step."""
    before = {name: (p.detach().clone(), p.grad) for name, p in names.items()}
    state = copy.deepcopy(optimizer.state_dict())
    try:
        for name, p in names.items():
            p.grad = graph.found.get(name)
        optimizer.step()
        return {
            name: float((p.detach() - before[name][0]).norm() / before[name][0].norm())
            for name, p in names.items()
            if p.ndim > 1
        }
    finally:
        with torch.no_grad():
            for name, p in names.items():
                p.copy_(before[name][0])
                p.grad = before[name][1]
        optimizer.load_state_dict(state)


def _is_view(weights, parameter):
    return parameter is not None and weights._base is parameter


def _argument(args, kwargs, place, name, default=None):
    return args[place] if len(args) > place else kwargs.get(name, default)


def _usual_fans(parameter):
    """Return the fans that `torch.nn.init` computes, which are not always right."""
    if parameter is None or parameter.ndim < 2:
        return (0, 0)
    window = math.prod(parameter.shape[2:])
    return parameter.shape[1] * window, parameter.shape[0] * window


def _matrix(name, weights, args, kwargs, place):
    """Return weights with a column for each unit, and their fans."""
    array = _numpy(weights)
    if name == "embedding":
        return array, (1, array.shape[-1])
    if name == "linear":  # (outputs, inputs)
        return array.T, array.shape[::-1]
    if name == "einsum":
        operands, _, output = args[0].replace(" ", "").replace("...", "").partition("->")
        letters = operands.split(",")[place]
        return einsum_matrix(array, letters, operands.split(",")[1 - place], output)
    if not name.startswith("conv"):  # x @ W
        if place == 0:
            array = np.swapaxes(array, -1, -2)
        return array.reshape(-1, array.shape[-1]), array.shape[-2:]
    stride = _argument(args, kwargs, 3, "stride", 1)
    groups = _argument(args, kwargs, 6, "groups", 1)
    if name.startswith("conv_transpose"):
        groups = _argument(args, kwargs, 6, "groups", 1)
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


def einsum_matrix(array, letters, others, output):
    """Return weights of an einsum with a column for each unit, and their fans."""
    sizes = dict(zip(letters, array.shape, strict=True))
    summed = [letter for letter in letters if letter not in output]
    kept = [letter for letter in letters if letter in output]
    fan_in, units = (math.prod(sizes[a] for a in part) for part in (summed, kept))
    fan_out = math.prod(sizes[a] for a in kept if a not in others)
    order = [letters.index(letter) for letter in (*summed, *kept)]
    return array.transpose(order).reshape(fan_in, units), (fan_in, fan_out)


def _positions(stride, weights):
    """Return how many pixels a window moves over at a time."""
    return stride ** (weights.ndim - 2) if isinstance(stride, int) else math.prod(stride)


def _mean_square(tensor):
    norm = float(torch.linalg.vector_norm(tensor.detach(), dtype=torch.float64))
    return norm * norm / max(tensor.numel(), 1)


def _array(tensor, axis):
    """Return a tensor as an array with its units last."""
    return np.moveaxis(_numpy(tensor), axis, -1)


def _numpy(tensor):
    """Return a tensor as an array, which has no 16-bit floats of all kinds."""
    tensor = tensor.detach().cpu()
    half = tensor.dtype in (torch.bfloat16, torch.float16)
    return (tensor.float() if half else tensor).numpy()
