"""What is compared with the frameworks, and what comes out.

A *cell* is a row of the table, a framework and a shape. In each, ours and theirs go through a
two-sample Kolmogorov-Smirnov test, and so do theirs and the nearest wrong scheme; means,
variances and largest weights are compared too. `laws` works out how many weights that takes.

``python -m tests.frameworks.parity`` prints what came out.
"""

import functools
import itertools
import math
import os
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.stats import ks_2samp

from helpers.initializers import (
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    orthogonal,
    variance_scaling,
    xavier_normal,
    xavier_uniform,
)
from tests.frameworks import laws
from tests.frameworks.draws import (
    in_jax,
    in_keras,
    in_torch,
    keras_layer,
    sklearn_layer,
    torch_layer,
    truncated_in_torch,
)
from tests.frameworks.laws import ALPHA, DEVIATIONS, Scheme, Wrong, nearest_wrong

SEED = int(os.environ.get("TEST_SEED", "0"))
# In our layout, (..., fan_in, fan_out). Fans that differ do so by a third or more.
SHAPES = {
    "square": (256, 256),
    "tall": (384, 128),
    "wide": (128, 384),
    "convolution": (3, 3, 32, 96),
}


class Row(NamedTuple):
    """A scheme, and who draws from it."""

    scheme: Scheme
    ours: Callable  # (shape, rng) -> array
    theirs: dict  # draws by framework


def scaled(distribution, scale, mode):
    """Return our `variance_scaling` with its arguments filled in."""
    return partial(variance_scaling, scale=scale, mode=mode, distribution=distribution)


def row(distribution, scale, mode, ours, in_pytorch, name=None):
    """Return a row; Keras and JAX scale the variance, but for what both have by a name."""
    in_words = {"normal": "untruncated_normal"}.get(distribution, distribution)
    theirs = {"PyTorch": in_pytorch}
    if name:
        theirs |= {"Keras": in_keras(name), "JAX": in_jax(name)}
    else:
        theirs |= {
            "Keras": in_keras("VarianceScaling", scale=scale, mode=mode, distribution=in_words),
            "JAX": in_jax("variance_scaling", scale, mode, distribution),
        }
    return Row(Scheme(distribution, scale, mode), ours, theirs)


def truncated(scale, mode, name=None):
    """Return a row of truncated normals."""
    scheme = ("truncated_normal", scale, mode)
    return row(*scheme, scaled(*scheme), truncated_in_torch(scale, mode), name)


def biases(distribution, scale, mode):
    """Return an initializer of biases by the law of their layer's weights."""

    def draw(shape, rng):
        variance = scale / laws.fan(mode, shape)
        return scaled(distribution, variance, "fan_in")((1, shape[-1]), rng)

    return draw


def default(scheme, ours, framework, draw):
    """Return a row for what a framework's layer starts with, if it is told nothing."""
    return Row(Scheme(*scheme), ours(*scheme), {framework: draw})


LINEAR = {"nonlinearity": "linear"}
LEAKY = {"nonlinearity": "leaky_relu", "a": 0.5}
XAVIER = ("uniform", 1, "fan_avg")
LOGISTIC = ("uniform", 1 / 3, "fan_avg")  # scikit-learn's 2 where Xavier has 6
TORCH = ("uniform", 1 / 3, "fan_in")  # U(-1 / sqrt(fan_in), 1 / sqrt(fan_in))

ROWS = {
    "lecun_normal": row(
        "normal", 1, "fan_in", lecun_normal, in_torch("kaiming_normal_", **LINEAR)
    ),
    "lecun_uniform": row(
        *("uniform", 1, "fan_in", lecun_uniform),
        *(in_torch("kaiming_uniform_", **LINEAR), "lecun_uniform"),
    ),
    "lecun, truncated": truncated(1, "fan_in", "lecun_normal"),
    "xavier_normal": row("normal", 1, "fan_avg", xavier_normal, in_torch("xavier_normal_")),
    "xavier_uniform": row(
        *XAVIER, xavier_uniform, in_torch("xavier_uniform_"), "glorot_uniform"
    ),
    "xavier, truncated": truncated(1, "fan_avg", "glorot_normal"),
    "he_normal": row("normal", 2, "fan_in", he_normal, in_torch("kaiming_normal_")),
    "he_uniform": row(
        "uniform", 2, "fan_in", he_uniform, in_torch("kaiming_uniform_"), "he_uniform"
    ),
    "he, truncated": truncated(2, "fan_in", "he_normal"),
    "he_normal, leak 0.5": row(
        *("normal", 1.6, "fan_in", partial(he_normal, leak=0.5)),
        in_torch("kaiming_normal_", **LEAKY),
    ),
    "he_uniform, leak 0.5": row(
        *("uniform", 1.6, "fan_in", partial(he_uniform, leak=0.5)),
        in_torch("kaiming_uniform_", **LEAKY),
    ),
    "fan_out, normal": row(
        *("normal", 2, "fan_out", scaled("normal", 2, "fan_out")),
        in_torch("kaiming_normal_", mode="fan_out"),
    ),
    "fan_out, uniform": row(
        *("uniform", 2, "fan_out", scaled("uniform", 2, "fan_out")),
        in_torch("kaiming_uniform_", mode="fan_out"),
    ),
    "fan_out, truncated": truncated(2, "fan_out"),
    "orthogonal": row(  # of its entries; `test_parity` looks at the angles of its columns
        "orthogonal", 1, "larger side", orthogonal, in_torch("orthogonal_"), "orthogonal"
    ),
    "Linear, Conv2d: weights": default(TORCH, scaled, "PyTorch", torch_layer("weight")),
    "Linear, Conv2d: biases": default(TORCH, biases, "PyTorch", torch_layer("bias")),
    "Dense, Conv2D: weights": default(XAVIER, scaled, "Keras", keras_layer("kernel")),
    "MLPClassifier: weights": default(XAVIER, scaled, "scikit-learn", sklearn_layer("coefs_")),
    "MLPClassifier: biases": default(
        XAVIER, biases, "scikit-learn", sklearn_layer("intercepts_")
    ),
    "MLPClassifier, logistic": default(
        LOGISTIC, scaled, "scikit-learn", sklearn_layer("coefs_", "logistic")
    ),
}
FRAMEWORKS = ("PyTorch", "Keras", "JAX", "scikit-learn")
CELLS = [
    (name, framework, shape)
    for name, row_ in ROWS.items()
    for framework in row_.theirs
    for shape, axes in SHAPES.items()
    if len(axes) == 2 or framework != "scikit-learn"  # which has no convolutions
]


class Finding(NamedTuple):
    """How ours, theirs and the nearest wrong scheme compare in a cell."""

    size: int  # weights in the smaller sample
    p: float  # of ours and theirs
    mean: float  # difference of their means, in its standard deviations
    variance: float  # likewise
    largest: tuple  # weight of ours and of theirs
    bounds: tuple  # of the largest weight, but for one time in 1 / ALPHA
    wrong: Wrong
    p_of_wrong: float  # of the wrong scheme and theirs
    chance_to_miss: float  # at most, that the test takes the wrong scheme for the right one

    @property
    def agrees(self):
        """Say whether nothing tells theirs from ours."""
        low, high = self.bounds
        return (
            self.p > ALPHA
            and max(abs(self.mean), abs(self.variance)) < DEVIATIONS
            and low < min(self.largest) <= max(self.largest) < high
        )


@functools.cache
def finding(name, framework, shape):
    """Return the `Finding` in a cell."""
    row_, axes = ROWS[name], SHAPES[shape]
    wrong, right = nearest_wrong(row_.scheme, axes), row_.scheme.law(axes)
    size = laws.sample_size(wrong.distance)
    rng = np.random.default_rng([SEED, CELLS.index((name, framework, shape))])
    ours = pooled(lambda _: row_.ours(axes, rng), size)
    theirs = pooled_theirs(row_.theirs[framework], axes, size)
    false = scaled(wrong.distribution, wrong.variance, "fan_in")((1, ours.size), rng).ravel()
    sizes = ours.size, theirs.size
    noise = math.sqrt(sum(right.var() / n for n in sizes))
    noise_of_variance = noise * math.sqrt((right.stats("k") + 2) * right.var())
    return Finding(
        size=min(sizes),
        p=ks_2samp(ours, theirs, method="asymp").pvalue,
        mean=(theirs.mean() - ours.mean()) / noise,
        variance=(theirs.var() - ours.var()) / noise_of_variance,
        largest=(np.abs(ours).max(), np.abs(theirs).max()),
        bounds=laws.bounds_of_largest(right, sizes),
        wrong=wrong,
        p_of_wrong=ks_2samp(false, theirs, method="asymp").pvalue,
        chance_to_miss=laws.chance_to_miss(right, wrong.law, sizes),
    )


def pooled(draw, size):
    """Return the values of several draws, ``draw(0)``, ``draw(1)``, ...: `size` at least."""
    first = draw(0).ravel()
    more = [draw(i).ravel() for i in range(1, math.ceil(size / first.size))]
    return np.concatenate([first, *more]).astype(float)


def pooled_theirs(draw, shape, size):
    """Return the values of several draws of a framework."""
    return pooled(lambda i: draw(shape, 100_000 * SEED + i), size)


def main():
    """Print a row for each scheme; what is said of a framework is the worst of all shapes."""
    header = ["initializer", "nearest wrong scheme", "distance", "weights", *FRAMEWORKS]
    lines = [header, ["---"] * len(header), *map(_line, ROWS)]
    print("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _line(name):
    found = {
        framework: [finding(*cell) for cell in CELLS if cell[:2] == (name, framework)]
        for framework in ROWS[name].theirs
    }
    nearest = min(itertools.chain(*found.values()), key=lambda f: f.wrong.distance)
    verdicts = [_verdict(found[name]) if name in found else "" for name in FRAMEWORKS]
    wrong = nearest.wrong
    return [name, wrong.mistake, f"{wrong.distance:.4f}", f"{nearest.size:,}", *verdicts]


def _verdict(findings):
    p, p_of_wrong = min(f.p for f in findings), max(f.p_of_wrong for f in findings)
    agrees = "agrees" if all(f.agrees for f in findings) else "DIFFERS"
    rejected = "wrong one rejected" if p_of_wrong < ALPHA else "WRONG ONE PASSES"
    return f"{agrees}, p ≥ {p:.2g}; {rejected}, p ≤ {p_of_wrong:.0e}"


if __name__ == "__main__":
    main()
