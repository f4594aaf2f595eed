"""The sweep behind the depth panel, beside the bare matrix products that it needs."""

from functools import partial

from threadpoolctl import threadpool_limits

from benchmarks.timing import medians, print_table, ratio
from helpers.panels import networks
from helpers.propagation import measure

TARGET = 1.5
ROUNDS = 101


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


def main():
    network = networks.first_layers(networks.deep_network(1, 256), 20, 1.41, 0.0)
    x = networks.inputs(128, 256)
    trace = network.forward(x)
    output_gradient = trace.activations[-1]
    gradients = network.backward(trace, output_gradient)
    with threadpool_limits(1, user_api="blas"):
        found = medians(
            {
                "forward": partial(measure, network, x),
                "its products": partial(products, network, trace),
                "forward and backward": partial(measure, network, x, output_gradient),
                "their products": partial(all_products, network, trace, gradients),
            },
            ROUNDS,
        )
    rows = []
    for name, peer in zip(*[iter(found)] * 2, strict=True):
        rows.append([name, found[name], found[peer], ratio(found[name], found[peer], TARGET)])
    title = "Measuring the depth panel's network, beside the matrix products alone"
    print_table(title, ["sweep", "ms", "products, ms", "ratio"], rows)


if __name__ == "__main__":
    main()
