"""The sweep behind the depth panel, beside the bare matrix products that it needs."""

import math
from functools import partial

from threadpoolctl import threadpool_limits

from benchmarks.report import command, ratio
from helpers.panels import networks
from helpers.propagation import measure

TARGET = 1.5
ROUNDS = 101
SMALLEST = {"rounds": 0}
PEERS = {"forward": "its products", "forward and backward": "their products"}


def products(network, trace):
    """Return the products of a forward sweep."""
    return [h @ W for h, W in zip(trace.activations, network.weights, strict=False)]


def all_products(network, trace, gradients):
    """Return the products of a forward and a backward sweep."""
    dz = gradients.preactivations
    forward = products(network, trace)
    at_inputs = [d @ W.T for W, d in zip(network.weights[1:], dz[1:], strict=True)]
    at_weights = [h.T @ d for h, d in zip(trace.activations, dz, strict=False)]
    return forward, at_inputs, at_weights


def main(report, *, rounds=ROUNDS):
    """Print a row for the forward sweep, and one for both sweeps."""
    network = networks.first_layers(networks.deep_network(1, 256), 20, 1.41, 0.0)
    x = networks.inputs(128, 256)
    trace = network.forward(x)
    output_gradient = trace.activations[-1]
    gradients = network.backward(trace, output_gradient)
    functions = {
        "forward": partial(measure, network, x),
        "its products": partial(products, network, trace),
        "forward and backward": partial(measure, network, x, output_gradient),
        "their products": partial(all_products, network, trace, gradients),
    }
    title = "Measuring the depth panel's network, beside the matrix products alone"
    with (
        report.part(title, len(functions) * (rounds + 1)),
        threadpool_limits(1, user_api="blas"),
    ):
        found = report.medians(functions, rounds)
    rows = []
    for name, peer in PEERS.items():
        if name in found:
            alone = found.get(peer, math.nan)
            rows.append([name, found[name], alone, ratio(found[name], alone, TARGET)])
    report.table(title, ["sweep", "ms", "products, ms", "ratio"], rows)


if __name__ == "__main__":
    command(main, SMALLEST)
