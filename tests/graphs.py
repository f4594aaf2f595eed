"""Graphs made by hand, for `helpers.inspection.judge`."""

import math

import numpy as np

from helpers.inspection.judge import judge
from helpers.inspection.layers import Graph

ADDED = 1e-3  # to the variance, by the normalization


def typed(remedy, layer):
    """Return a remedy in words."""
    return f"{remedy.action} {remedy.path}"


def judged_layer(
    weights,
    preactivation,
    before,
    activation,
    *,
    z=None,
    h=None,
    is_last=False,
    normalized=False,
    branch=False,
    bias=None,
    fans=None,
):
    """Return the row of a layer in a graph made for it.

    Parameters
    ----------
    weights : ndarray
    preactivation : ndarray
        What the weights gave, with the bias.
    before, activation : Activation or None
        With one before it, the layer is not the first.
    z : ndarray, optional
        What goes into the activation, if a normalization lies between.
    h : ndarray, optional
        What was multiplied.
    is_last, normalized, branch : bool
        Whether no layer follows; a normalization does; it ends a branch beside a shortcut.
    """
    graph = Graph()
    n_in, n_out = weights.shape
    one = np.ones((4, n_in))
    at = graph.add("input", shape=one.shape)
    at.measure(one)
    if before is not None:
        at = added(graph, at, np.eye(n_in), one, "before")
        function = graph.add(before.name, [at], at.shape)
        function.set_function(at, before)
        function.measure_function(one, None)
        at = function
    top = at
    layer = added(graph, at, weights, preactivation, "layer", fans, bias)
    z = preactivation if z is None else z
    at = layer
    if normalized:
        at = graph.add("norm", [at], at.shape)
        at.normalizes, at.usual = True, 1.0
        at.moment = layer.moment / (layer.moment + ADDED)
    if activation is not None:
        function = graph.add(activation.name, [at], at.shape)
        function.set_function(at, activation)
        with np.errstate(all="ignore"):
            function.measure_function(activation(z), activation.derivative(z))
        at = function
    if branch:
        at = graph.add("add", [at, top], at.shape)
    if not is_last:
        added(graph, at, np.eye(n_out), one, "after")
    for node in graph.nodes:
        node.gradient = 1.0
    for name in ("before", "layer", "after"):
        graph.gradients[name] = 1.0, 1.0
    rows, _, _ = judge(graph, typed)
    return next(row for row in rows if row.name == "layer")


def added(graph, source, weights, z, name, fans=None, bias=None):
    """Return the node of a layer that is added to a graph."""
    node = graph.add("linear", [source], z.shape)
    with np.errstate(all="ignore"):
        node.measure(z)
    if math.isnan(source.moment):
        source.measure(np.ones(source.shape))
    graph.layer(
        node,
        name=name,
        path=name,
        kind="linear",
        weights=weights,
        fan_in=(fans or weights.shape)[0],
        fan_out=(fans or weights.shape)[1],
        source=source,
        unbiased=node.moment if bias is None else float(np.mean((z - bias) ** 2)),
        bias=None if bias is None else np.full(weights.shape[1], float(bias)),
        bias_path="bias",
        parameters=(name,),
    )
    return node
