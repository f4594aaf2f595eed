"""Small data for each figure. No two arrays are alike, so that swapping two is seen."""

from itertools import pairwise

import numpy as np

from helpers import figures
from helpers.inspection.judge import Row

A = np.array
LANDMARKS = {"low mark": 0.25, "high mark": 0.75}


def _weights(*sizes):
    """Return matrices of weights from -1.7 to 1.7, all different."""
    shapes = list(pairwise(sizes))
    values = np.linspace(-1.7, 1.7, sum(a * b for a, b in shapes))
    ends = np.cumsum([a * b for a, b in shapes])[:-1]
    return [
        part.reshape(shape) for part, shape in zip(np.split(values, ends), shapes, strict=True)
    ]


UNITS_APART = A([[[0.1, 0.3], [0.5, 0.7]], [[-0.2, 1.9], [0.4, -0.6]]])
UNITS_TOGETHER = A([[[0.1] * 3, [0.5] * 3], [[-0.0, 1.9, 1.9], [0.4, -0.6, -0.6]]])


def _units(different, right, *, paths=UNITS_APART, by="", losses=(0.8, 0.5, 0.25), marked=1):
    """Return data of `HiddenUnits` for 2 recorded steps and 5 samples."""
    return {
        "units": {"paths": paths, "different": different, "by": by, "activation": "tanh"},
        "answers": {
            "probability": A([[0.1, 0.9], [0.3, 0.6]]),
            "extent": (-1.5, 2.5, -1.25, 2.75),
            "samples": A([[0.1, 0.2], [0.3, 0.4], [-0.5, 0.6], [0.7, -0.8], [0.9, 1.1]]),
            "labels": A([[1], [0], [0], [1], [0]]),
            "right": right,
        },
        "losses": {"steps": A([0, 50, 100]), "losses": A(losses), "now": 1},
        "landmarks": tuple(LANDMARKS)[:marked],
    }


def one_layer(activation="tanh", **changes):
    """Return data of `OneLayer`: 3 inputs, 2 units, 4 samples."""
    z = A([[-6.0, 1.0], [2.0, 5.0], [-1.0, 0.5], [3.0, -2.5]])
    h = {"tanh": np.tanh(z), "sigmoid": 1 / (1 + np.exp(-z)), "relu": np.maximum(z, 0)}
    data = {
        "weights": A([[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]]),
        "scale": 1.125,
        "z": z,
        "h": h[activation],
        "activation": activation,
        "deviation": 2.5,
        "saturated": 0.375,
        "saturated_theory": 0.0421,
        "saturated_from": {"tanh": 2.0, "sigmoid": 4.0, "relu": np.inf}[activation],
        "alike": 0.125,
    }
    return {**data, **changes}


def scale_in_depth(signal=1.0, gradient=1.0, **changes):
    """Return data of `ScaleInDepth` for 3 layers and 2 networks, and factors of the powers."""
    data = {
        "activation": "tanh",
        "signal": signal * A([[0.0, 0.1], [-1.0, -1.2], [-2.0, -2.3], [-4.0, -4.6]]),
        "signal_theory": signal * A([0.0, -1.1, -2.2, -4.3]),
        "gradient": gradient * A([[5.0, 5.5], [3.0, 3.3], [0.25, 0.5]]),
        "gradient_theory": gradient * A([5.2, 3.1, 0.3]),
        "saturated": A([[0.1, 0.2], [0.3, 0.5], [0.75, 0.6]]),
        "saturated_theory": A([0.15, 0.4, 0.7]),
    }
    return {**data, **changes}


def ridges_in_depth(activation="tanh", layers=(1, 3, 9), **changes):
    """Return data of `RidgesInDepth`; values of every layer have a shape of their own."""
    grid = np.linspace(-1, 1, 41)
    shapes = (np.sign(grid), grid, grid**3, grid**5)[: len(layers)]
    data = {
        "activation": activation,
        "layers": list(layers),
        "h": [0.9 * shape for shape in shapes],
        "delta": [shape[:-4] for shape in shapes],
        "signal": np.log10(0.81 * A([np.mean(shape**2) for shape in shapes])),
        "gradient": A([0.5, -1.0, -7.0, -9.0])[: len(layers)],
    }
    return {**data, **changes}


def networks_vote(networks=2, larger=1.1, theory=(0.25, 0.125, 0.0625), **changes):
    """Return data of `NetworksVote` for six votes, and one to three networks."""
    data = {
        "networks": networks,
        "larger": larger,
        "a": A([-1.5, -0.5, -1.25, -0.75, -1.0, -0.9]),
        "b": A([0.2, 0.9, 0.4, 0.6, 0.5, 0.45]),
        "mean_a": -0.95,
        "mean_b": 0.55,
        "deviation": 0.4,
        "counts": A([1, 2, 3]),
        "wrong": A([0.3, 0.11, 0.004]),
        "theory": A(theory),
    }
    return {**data, **changes}


def signal_in_depth(end=-1.0, rate=-0.3, **changes):
    """Return data of `SignalInDepth` for 3 layers, measured to end at a power of ten."""
    theory = rate * np.arange(4)
    data = {
        "measured": A([0.01, -0.25, -0.5, end]),
        "theory": theory,
        "low": theory - A([0.0, 0.1, 0.2, 0.35]),
        "high": theory + A([0.0, 0.15, 0.25, 0.4]),
        "gradient": A([2.1, 1.1, 0.05]) * rate,
        "gradient_theory": A([2.0, 1.0, 0.0]) * rate,
    }
    return {**data, **changes}


def rectifiers(cosine=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)):
    """Return data of `RectifiersInDepth` for 12 layers."""
    layers = np.arange(12)
    return {
        "inactive": 0.5 - 0.02 * layers,
        "dead": 0.01 + 0.03 * layers,
        "cosine": A(cosine),
        "predicted_cosine": 0.05 + 0.08 * layers,
    }


def fans(**changes):
    """Return data of `ForwardAndBackward`; no two of its eighty numbers are the same."""
    numbers = iter(1.02 ** np.arange(-40, 40))

    def moments():
        return {
            mode: tuple(A([next(numbers) for _ in range(5)]) for _ in range(2))
            for mode in ("fan_in", "fan_out", "fan_avg", "geometric")
        }

    data = {"sizes": (7, 6, 5, 4, 3, 2), "measured": moments(), "theory": moments()}
    return {**data, **changes}


LOSSES = A([[0.7, 0.8, 0.9], [0.5, 0.6, 0.0002], [0.2, 0.4, 0.03]])
LOST = A([[0.7, 0.8, 0.9], [1e9, np.nan, np.nan], [np.nan, np.nan, np.nan]])


def training(
    *, losses=LOSSES, at=(np.nan,) * 3, clipped=None, where="", before=None, **changes
):
    """Return data of `TrainingRun` for three networks at step 20 of 300."""
    answers = {
        "picture": A([[0.1, 0.8], [0.4, 0.6]]),
        "points": [A([[0.1, 0.2], [0.3, 0.4]]), A([[0.6, 0.7]])],
        "overflowed": False,
        "right": 41,
        "samples": 60,
    }
    layers = {"signal": A([2.0, 3.0, 40.0]), "gradient": A([1e-4, 1e-3, 0.02])}
    start = {"signal": A([1.0, 0.5, 0.25]), "gradient": A([1e-6, 1e-5, 0.3])}
    layers["start"] = changes.pop("start", start)
    return {
        "loss": {
            "steps": A([0, 10, 20]),
            "total": 300,
            "losses": losses,
            "guess": 0.6931,
            "guess_name": "ln 2",
            "clipped": clipped,
        },
        "overflow": {"at": A(at), "where": where},
        "answers": {**answers, **{k: v for k, v in changes.items() if k in answers}},
        "layers": {**layers, **{k: v for k, v in changes.items() if k in layers}},
        "before": before,
    }


def length_map(fixed=2.5, chi=1.3, upright=False, **changes):
    """Return data of `LengthMap` for 3 layers."""
    data = {
        "sigmas": (2.0, 0.25),
        "lengths": A([3.0, 1.0, 2.0, 2.4]),
        "curve": lambda q: 0.5 * q + 1,
        "fixed": fixed,
        "chi": chi,
        "critical": (A([1.5, 1.5 if upright else 2.5]), A([0.0, 1.0])),
        "measured": (A([3.1, 1.1, 2.1, 2.6]), A([8.0, 4.0, 1.01])),
        "theory": (A([3.0, 1.0, 2.0, 2.4]), A([chi**2, chi, 1.0])),
    }
    return {**data, **changes}


def correlation_map(**changes):
    """Return data of `CorrelationMap` for 3 layers, in which two inputs become alike."""
    data = {
        "sigma_w": 1.0,
        "curve": (A([0.0, 0.5, 1.0]), A([0.2, 0.6, 1.0])),
        "distances": A([0.5, 0.1, 0.02, 0.004]),
        "slope": 0.2,
        "fading": False,
        "rectifier": False,
        "measured": A([[0.52, 0.48], [0.11, 0.2], [0.03, 0.01], [0.005, 0.002]]),
        "critical": 1.5,
        "scales": ((A([0.5, 1.4]), A([0.5, 40.0])), (A([1.6, 3.0]), A([30.0, 2.0]))),
    }
    return {**data, **changes}


def spectra(depth=2, wide=True, least=1e-3):
    """Return data of `Spectra` for 4 units and 3 layers."""
    return {
        "depth": depth,
        "spectra": {"Gaussian": A([3.0, 0.5, 0.1, least]), "orthogonal": np.ones(4)},
        "wide": A([2.5, 0.6, 0.2, 1e-2]) if wide else None,
        "shares": {"Gaussian": A([1.0, 0.5, 0.25]), "orthogonal": np.ones(3)},
        "wide_shares": A([0.9, 0.5, 0.2]) if wide else None,
    }


def stream_in_depth(depth=3, factor=2.0, **changes):
    """Return data of `StreamInDepth`."""
    wide = factor ** np.arange(depth + 1.0)
    shares = np.linspace(1, 2, depth + 1)
    data = {
        "start": "plain",
        "measured": (1.1 * wide, 0.9 * wide[::-1]),
        "theory": (wide, wide[::-1]),
        "shares": shares / shares.sum(),
    }
    return {**data, **changes}


def first_step(factor=1.0, rule="gradient", **changes):
    """Return data of `FirstStep` for 3 depths: each start has a power of its own."""
    depths = A([4, 16, 64])
    starts = list(figures.residual.STEPPED)
    data = {
        "rule": rule,
        "depths": depths,
        "changes": {
            name: factor * 0.01 * (1 + i) * (depths / 4) ** (1 - 0.25 * i)
            for i, name in enumerate(starts)
        },
        "losses": {name: A([0.9, 0.8, 0.5]) * (1 + 0.1 * i) for i, name in enumerate(starts)},
    }
    return {**data, **changes}


def attention_and_first_loss(**changes):
    """Return data of `AttentionAndFirstLoss` for 4 tokens, and 4 deviations."""
    names = list(figures.residual.SCALED)
    data = {
        "d_k": 16,
        "scale": "1",
        "shares": A([0.7, 0.2, 0.1, 1e-9]),
        "entropy": 0.8,
        "entropies": (
            A([4, 16]),
            {name: A([1.2 - 0.1 * i, 0.8 + 0.3 * i]) for i, name in enumerate(names)},
        ),
        "expected": (
            A([4.0, 16.0, 64.0]),
            {name: A([1.3, 1.0, 0.1]) + 0.05 * i for i, name in enumerate(names)},
        ),
        "stds": A([0.01, 0.02, 0.0625, 1.0]),
        "losses": {"own": A([7.5, 7.7, 8.2, 57.0]), "tied": A([7.6, 7.9, 11.0, 181.0])},
        "formula": {
            "own": (A([0.01, 0.1]), A([7.55, 8.9])),
            "tied": (A([0.02, 0.05]), A([7.8, 10.0])),
        },
        "own": A([0.001, 0.03, 0.6, 1.0]),
    }
    return {**data, **changes}


def model(layers=3, **changes):
    """Return data of `ModelInDepth`; names from the third on are long."""
    rows = [
        Row(
            name=f"layer {i}" if i < 3 else f"a layer with a long name {i}",
            fan_in=3,
            fan_out=4,
            activation="relu",
            preactivation=2.0 * 10.0**i,
            activated=0.5 * 10.0**-i,
            gradient=3.0 * 4.0**-i,
            saturated=0.04 * i,
            inactive=0.5 - 0.01 * i,
            dead=0.02 * i,
            fits=True,
            verdict="fits",
            suits="",
        )._replace(**changes)
        for i in range(1, layers + 1)
    ]
    return {"rows": rows, "verdicts": ["The first fits.", "The second too."]}


def defaults(**changes):
    """Return data of `DefaultsInDepth` for 3 layers."""
    starts = {
        name: {
            "signal": 0.9 * A([1.0, 0.3, 0.1, 0.05]) ** k,
            "gradient": A([0.01, 0.2, 1.0]) ** k,
            "cosine": A([0.2, 0.4, 0.7]) / k,
        }
        for name, k in (("PyTorch", 2.0), ("Keras", 1.0), ("He", 0.5))
    }
    return {"activation": "gelu", "curves": {**starts, **changes}}


def worked_step(stage, **changes):
    """Return data of `WorkedStep` at a stage; it draws a network of 3, 4 and 1 units."""
    hidden = {"z1": [1.0, -2.0, 0.5, 0.0], "h1": [1.0, 0.0, 0.5, 0.0]}
    data = {
        **{"stage": stage, "stages": list("abcdefg"), "sample": 2},
        **{"x": A([1.0, -0.5, 0.0]), "y": 1.0, "z2": 1.25, "delta2": 0.25},
        **{name: A(values) for name, values in hidden.items()},
        **{"W1": np.linspace(-1.5, 1.5, 12).reshape(3, 4), "W2": A([[1], [-1], [0], [2.0]])},
        "delta1": A([0.25, 0.0, 0.0, -0.5]),
    }
    return {**data, **{name: np.resize(value, 4) for name, value in changes.items()}}


def along_gradient(rate, after, losses):
    """Return data of `LossAlongGradient`; the tangent falls by 8 a unit of the rate."""
    return {
        **{"rate": rate, "start": 0.5, "predicted": 8 * rate, "after": after},
        "losses": A(losses),
    }


def line(corners, answers, ends=((-0.6, -0.6), (1.6, 0.5))):
    """Return data of `LineThroughXor`."""
    rule = {"w1": 0.5, "w2": -1.5, "b": 0.0}
    return {
        **{"corners": corners, "line": np.reshape(ends, (-1, 2)), "answers": A(answers)},
        **rule,
    }


MADE = {name: getattr(figures, name) for name in figures.__all__}
MADE["LossAlongGradient"] = lambda: figures.LossAlongGradient(
    A([0.0, 0.1, 0.2]), A([0.5, 0.1, 0.9]), 8.0, 2
)
MADE["LineThroughXor"] = lambda: figures.LineThroughXor(
    A([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]),
    A([0.0, 0.0, 1.0, 1.0]),
    [A([[-0.6, 0.5], [1.6, 0.4]])],
    A([0.0, 0.2, 0.5, 0.3, 0.0]),
)
MADE["HiddenUnits"] = lambda: figures.HiddenUnits(LANDMARKS)

# Of each figure the data of some pictures, by name: every branch of the words, and of what
# moves, is taken by one of them.
DATA = {
    "SumOfInputs": {
        "one input": {
            **{"n": 1, "heights": A([1, 4, 2]), "edges": A([-3.0, -1.0, 1.0, 3.0])},
            **{"measured": 1.04, "predicted": 1.0},
        },
        "many": {
            **{"n": 400, "heights": A([3, 5, 4]), "edges": A([-60.0, -20.0, 20.0, 60.0])},
            **{"measured": 19.53, "predicted": 20.0},
        },
    },
    "NetworkDiagram": {
        "one hidden layer": {"weights": _weights(3, 4, 1), "scheme": "he_normal", "seed": 2},
        "two hidden layers": {"weights": _weights(2, 1, 3, 2), "scheme": "zeros", "seed": 3},
        "wide": {"weights": _weights(8, 8, 4), "scheme": "orthogonal", "seed": 1},
        "zeros": {"weights": [np.zeros((2, 2))] * 2, "scheme": "zeros", "seed": 1},
    },
    "WorkedStep": {
        **{f"stage {stage}": worked_step(stage) for stage in range(7)},
        "a unit off": worked_step(5, h1=A([1.0, 0.0]), delta1=A([-0.25, -0.0])),
    },
    "LossAlongGradient": {
        "falls": along_gradient(0.1, 0.1, [0.5, 0.1, 0.02]),
        "rises": along_gradient(0.2, 0.9, [0.5, 0.9, 1e-9]),
    },
    "LineThroughXor": {
        "three": line(A([[-0.6, -0.6], [1.6, -0.6], [1.6, 0.5]]), [0.0, 0.0, 0.0, 1.0]),
        "everywhere": line(
            A([[-0.6, -0.6], [1.6, -0.6], [1.6, 1.6], [-0.6, 1.6]]), [1.0] * 4, ends=[]
        ),
        "nowhere": line(np.zeros((0, 2)), [0.0] * 4, ends=[]),
    },
    "HiddenUnits": {
        "identical": _units(1, 3, marked=2),
        "apart": _units(2, 4),
        "two at one place": _units(3, 5, paths=UNITS_TOGETHER, marked=0),
        "of the same weights": _units(
            2, 1, paths=UNITS_APART[:, :, [1, 1]], by="biases", losses=(8.5, 3.0, 0.25)
        ),
    },
    "OneLayer": {
        "tanh": one_layer(),
        "sigmoid": one_layer("sigmoid", saturated=0.021, saturated_theory=0.29),
        "relu": one_layer("relu", alike=-0.001),
        "small": one_layer(
            weights=A([[0.0005, -0.0005]]),
            scale=0.0004,
            deviation=0.0125,
            z=A([[0.01, -0.02]]),
            h=A([[0.01, -0.02]]),
        ),
        "small sigmoid": one_layer(
            "sigmoid", deviation=0.125, z=A([[0.1, -0.2]]), h=A([[0.53, 0.45]])
        ),
    },
    "ScaleInDepth": {
        "vanishes and explodes": scale_in_depth(),
        "explodes and vanishes": scale_in_depth(-1.0, -1.0, saturated=A([[0.04, 0.2]] * 3)),
        "level": scale_in_depth(0.6, 0.5, activation="relu"),
        "a wide band": {
            **scale_in_depth(),
            "gradient": A([[2.0, -2.5], [1.0, -1.0], [0.0, 0.1]]),
        },
        "some": scale_in_depth(0.7, -0.55),
        "one layer": {
            **{"activation": "tanh", "signal": A([[0.0, 0.1], [-0.5, -0.4]])},
            **{"signal_theory": A([0.0, -0.45]), "gradient_theory": A([-0.1])},
            **{"gradient": A([[-0.1, -0.2]]), "saturated": A([[0.01, 0.02]])},
            "saturated_theory": A([0.015]),
        },
    },
    "RidgesInDepth": {
        "tanh": ridges_in_depth(),
        "relu": ridges_in_depth(
            "relu",
            (1, 2, 3, 5),
            h=[np.maximum(v, 0) for v in ridges_in_depth(layers=(1, 2, 3, 5))["h"]],
            signal=A([0.25, 1.0, 2.0, 9.0]),
        ),
        "sigmoid, one layer": ridges_in_depth("sigmoid", (1,), h=[np.linspace(0.3, 0.6, 40)]),
        "nothing left": ridges_in_depth(delta=[np.zeros(4)] * 3, gradient=A([-300.0] * 3)),
    },
    "NetworksVote": {
        "two": networks_vote(),
        "three, far apart": networks_vote(3, 1.3, (0.04, 0.01, 0.003)),
    },
    "ForwardAndBackward": {"made up": fans()},
    "SignalInDepth": {
        "inside": signal_in_depth(),
        "below": signal_in_depth(end=-1.4),
        "above, and rising": signal_in_depth(end=2.0, rate=0.4),
        "silent": signal_in_depth(measured=A([0.01, -0.3, -np.inf, -np.inf])),
        "overflow": signal_in_depth(measured=A([0.01, 30.0, 60.0, np.inf]), rate=20.0),
        "gradient lost": signal_in_depth(gradient=A([-np.inf, -2.0, 0.0])),
    },
    "RectifiersInDepth": {
        "usual": rectifiers(),
        "silent": rectifiers((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, *[np.nan] * 6)),
        "without theory": {**rectifiers(), "predicted_cosine": None},
    },
    "TrainingRun": {
        "all train": training(),
        "one overflows": training(
            losses=np.where([True, True, False], LOSSES, [[0.9], [np.nan], [np.nan]]),
            at=(np.nan, np.nan, 7),
            where="in layer 2 on the way back",
            clipped=0.125,
        ),
        "all overflow": training(
            losses=np.vstack([LOSSES[:1], [[np.nan] * 3] * 2]),
            at=(4, 3, 7),
            where="in layer 5 on the way forward",
            clipped=1.0,
            overflowed=True,
            right=0,
            signal=A([2.0, 1e30, np.inf]),
            gradient=A([np.nan, np.nan, 0.02]),
        ),
        "beyond the axes": training(
            losses=A([[1e8, 1e9, 1e30], [1e200, 0.5, 0.6], [1e300, np.nan, np.nan]]),
            at=(np.nan, 15, 12),
            signal=A([0.0, np.inf, 2.0]),
        ),
        "beside another": training(before=("scheme Xavier", training(losses=3 * LOSSES))),
        "beside one that is lost": training(
            before=("depth 30, update plain, seed 3, all of them", training(losses=LOST)),
        ),
        "digits, and layers of zeros": training(
            picture=np.linspace(0, 1, 12).reshape(2, 2, 3),
            points=[np.empty((0, 2))] * 2,
            signal=A([2.0, 0.0, 0.0]),
            gradient=A([0.0, 1e-3, 0.02]),
        ),
    },
    "LengthMap": {
        "chaotic": length_map(),
        "ordered": length_map(fixed=0.0, chi=0.64, lengths=A([3.0, 0.6, 0.2, 0.05])),
        "critical": length_map(chi=1.0002),
        "five layers": length_map(
            lengths=A([3.0, 1.0, 2.0, 2.4, 2.45, 2.5]),
            measured=(A([3.0, 1.0, 2.0, 2.4, 2.45, 2.5]), A([9.0, 5.0, 3.0, 2.0, 1.0])),
            theory=(A([3.0, 1.0, 2.0, 2.4, 2.45, 2.5]), A([9.0, 8.0, 7.0, 5.0, 1.0])),
        ),
        "without bound": length_map(
            fixed=np.inf, chi=2.0, upright=True, lengths=A([3.0, 6.0, 12.0, 24.0])
        ),
        "beyond the axes": length_map(
            fixed=20.0, chi=0.9996, lengths=A([1.0, 50.0, 90.0, 99.0])
        ),
    },
    "CorrelationMap": {
        "alike": correlation_map(),
        "apart": correlation_map(
            sigma_w=2.0,
            distances=A([0.01, 0.05, 0.2, 0.6]),
            slope=5.0,
            measured=A([[0.011, 0.009], [0.04, 0.07], [0.3, 0.1], [0.7, 0.5]]),
        ),
        "apart, from afar": correlation_map(distances=A([0.9, 0.8, 0.8, 0.8]), slope=5.0),
        "on the line": correlation_map(sigma_w=1.5, slope=1.001),
        "a rectifier": correlation_map(
            slope=1.0, rectifier=True, critical=None, scales=((A([]), A([])), (A([]), A([])))
        ),
        "silent": correlation_map(slope=1.0, fading=True, distances=np.full(4, 0.5)),
        "below the axis": correlation_map(distances=A([0.5, 1e-5, 1e-9, 0.0]), slope=1e-4),
    },
    "Spectra": {
        "linear": spectra(),
        "another activation": spectra(depth=3, wide=False),
        "nothing left": spectra(depth=1, least=0.0),
    },
    "StreamInDepth": {
        "doubles": stream_in_depth(),
        "level": stream_in_depth(
            measured=(np.full(4, 1.0), np.full(4, 1.0)),
            theory=(np.ones(4), np.ones(4)),
            start="post-norm",
        ),
    },
    "FirstStep": {
        "by gradient": first_step(),
        "by sign, too far": first_step(
            1e9, "sign", losses=dict.fromkeys(figures.residual.STEPPED, A([1.0, 3.0, 1e5]))
        ),
    },
    "AttentionAndFirstLoss": {
        "unscaled": attention_and_first_loss(),
        "scaled": attention_and_first_loss(scale="1/√d_k", d_k=64, entropy=1.1),
    },
    "ModelInDepth": {
        "few": model(),
        "names of 14 and 15 letters": {
            "rows": [
                row._replace(name=name)
                for row, name in zip(model(2)["rows"], ("a" * 14, "b" * 15), strict=True)
            ]
        },
        "upright": model(7),
        "many": model(17),
        "one, not finite": model(1, preactivation=np.inf, gradient=np.nan),
    },
    "DefaultsInDepth": {
        "three layers": defaults(),
        "one layer": defaults(
            **{
                name: {"signal": A([1.0, k]), "gradient": A([1.0]), "cosine": A([-0.001 * k])}
                for name, k in (("PyTorch", 1e-9), ("Keras", 0.5), ("He", 2.0))
            }
        ),
    },
}

SIZES = 10.0 ** np.arange(-1.95, 3, 0.15)  # so many that each limit of an axis is needed

# Of some figures data of all sizes, for the limits of axes that move.
GROWING = {
    "HiddenUnits": [_units(1, 3, paths=k * UNITS_APART) for k in SIZES]
    + [_units(1, 3, losses=(k, 0.5, 0.25)) for k in SIZES if k < 20],
    "OneLayer": [
        one_layer(activation, deviation=k / 10, z=(k / 10) * one_layer()["z"])
        for activation in ("tanh", "sigmoid", "relu")
        for k in 10 ** np.arange(-4.0, 4, 0.25)
    ]
    + [one_layer(scale=k / 10, weights=(k / 10) * one_layer()["weights"]) for k in SIZES[:-5]]
    + [one_layer(z=z * np.ones((n, 2)), h=z * np.ones((n, 2))) for z in (0, 1) for n in (1, 9)]
    + [one_layer(h=np.linspace(-1, 1, n)[:, None]) for n in range(1, 20)],
    "ScaleInDepth": [scale_in_depth(k, k) for k in SIZES]
    + [
        {
            **{"activation": "tanh", "signal": np.zeros((depth + 1, 2))},
            **{"signal_theory": np.zeros(depth + 1), "gradient_theory": np.zeros(depth)},
            **{"gradient": np.zeros((depth, 2)), "saturated": np.zeros((depth, 2))},
            "saturated_theory": np.zeros(depth),
        }
        for depth in range(1, 50, 2)
    ],
    "NetworksVote": [
        networks_vote(theory=(k, k / 2, k / 4)) for k in np.arange(0.01, 0.5, 0.03)
    ],
    "ForwardAndBackward": [
        {
            **fans(),
            "measured": {
                mode: tuple(values**k for values in pair)
                for mode, pair in fans()["measured"].items()
            },
        }
        for k in SIZES
    ],
    "SignalInDepth": [signal_in_depth(end=k) for k in SIZES[:-6]]
    + [
        {
            **{
                name: np.linspace(0, 1, depth + 1)
                for name in ("measured", "theory", "low", "high")
            },
            **{name: np.linspace(1, 0, depth) for name in ("gradient", "gradient_theory")},
        }
        for depth in range(1, 50, 2)
    ],
    "TrainingRun": [
        training(
            losses=10.0**k * LOSSES,
            at=(3, 9, 12),
            signal=10.0 ** (k * np.linspace(0, 1, depth)),
            gradient=10.0 ** (-1.3 * k * np.linspace(0, 1, depth)),
        )
        for k, depth in zip(SIZES[:-4], range(1, 30), strict=True)
    ],
    "LengthMap": [
        length_map(
            lengths=A([k, 0.1]),
            measured=(A([1.0, 10**k]), A([1.0, 1.1])),
            theory=(A([1.0, 1.1]), A([1.0, 1.0])),
        )
        for k in SIZES[:-10]
    ],
    "CorrelationMap": [
        correlation_map(distances=A([0.5, 10.0**-k]), measured=np.full((2, 2), 0.1))
        for k in SIZES[:-10]
    ],
    "Spectra": [
        {
            **spectra(),
            "spectra": {
                "Gaussian": A([10.0 ** (k / 4), 10.0**-k]),
                "orthogonal": A([1.0, 0.5]),
            },
        }
        for k in SIZES[:-12]
    ],
    "StreamInDepth": [
        stream_in_depth(depth=1, factor=2.0**k, shares=A([1 - 0.9 * k / SIZES[-1], 0.02]))
        for k in SIZES[:-3]
    ],
    "DefaultsInDepth": [
        defaults(
            **{
                name: {"signal": A([1.0, 10.0**-k]), "gradient": A([1.0]), "cosine": A([0.5])}
                for name in ("PyTorch", "Keras", "He")
            }
        )
        for k in SIZES[:-8]
    ],
}
