"""Checks of assignment 09: the first loss, and the last weights of a branch."""

import math

import numpy as np

from helpers.activations import ACTIVATIONS
from helpers.checks.attempt import exercise
from helpers.checks.verdicts import expect_value
from helpers.residual import attention, layer_norm

# Of the report: as wide as GPT-2 is not, with pre-activations like GPT-2's.
WIDTH, LAYERS, TOKENS = 96, 6, 64
STD = 0.02 * math.sqrt(768 / WIDTH)
FAULTY = 4


@exercise
def check_first_loss(student, rng):
    """Check ``first_loss(vocabulary, width, std)``; see `helpers.checks` for how."""
    for vocabulary, width, std in _models(rng):
        answer = student.number(vocabulary, width, std)
        right = _loss(vocabulary, width, std)
        expect_value(answer, right, student.call, _wrong_losses(vocabulary, width, std))
    student.refuses(ValueError, "there are at least two tokens to choose from", 1, 64, 0.0)
    student.refuses(ValueError, "a stream has at least one number", 1000, 0, 0.02)
    student.refuses(ValueError, "no deviation is negative", 1000, 64, -0.02)
    for none in (math.inf, math.nan):
        student.refuses(ValueError, "a deviation is a finite number", 1000, 64, none)
    why = "beyond twice the logarithm of the vocabulary the formula does not hold"
    student.refuses(ValueError, why, 1000, 64, 0.5)


def _models(rng):
    """Yield sizes and deviations: logits of little variance and of much, and of none."""
    for low, high in ((0.03, 0.05), (0.2, 0.3), (0.8, 0.95)):  # of the most there may be
        vocabulary, width = int(rng.integers(200, 60_000)), int(rng.integers(48, 250))
        most = 2 * math.log(vocabulary)
        std = math.sqrt(float(rng.uniform(low, high)) * most / width)
        yield vocabulary, width, round(std, 4)
    yield int(rng.integers(200, 60_000)), 64, 0.0


def _loss(vocabulary, width, std):
    return math.log(vocabulary) + width * std**2 / 2


def _wrong_losses(vocabulary, width, std):
    level, variance = math.log(vocabulary), width * std**2
    return {
        "the logits differ, and their spread is left out": level,
        "how large is the mean of e to the power of a normal number?": level + variance,
        "that is the variance of the logits, and of a deviation where a variance belongs": (
            level + math.sqrt(variance) / 2
        ),
        "one deviation of the logits is not what is added": level + math.sqrt(variance),
        "a logit adds up as many products as the stream has numbers": level + std**2 / 2,
        "std is a deviation, and its square adds up": level + width * std / 2,
        "what a spread does to the loss, it adds": level - variance / 2,
        "losses are in natural logarithms, and that is in bits": (
            _loss(vocabulary, width, std) / math.log(2)
        ),
        "ln V is in natural logarithms, and that is in bits": (
            math.log2(vocabulary) + variance / 2
        ),
        "ln V is in natural logarithms, and that is in powers of ten": (
            math.log10(vocabulary) + variance / 2
        ),
        "a loss is the logarithm of a probability, with the sign turned": (
            -_loss(vocabulary, width, std)
        ),
        "the logarithm is missing": vocabulary * math.exp(variance / 2),
        "the logarithm of the width is no part of it": (level + math.log(width) + variance / 2),
        "that is the entropy of what the model says, not its loss": level - variance,
        "the weights are normal, not uniform: there is no third": level + variance / 6,
    }


@exercise
def check_branch_std(student, rng):
    """Check ``branch_std(width, depth, growth)``; see `helpers.checks` for how."""
    for width, depth, growth in _streams(rng):
        answer = student.number(width, depth, growth)
        right = _std(4 * width, depth, growth)
        expect_value(answer, right, student.call, _wrong_stds(width, depth, growth))
    student.refuses(ValueError, "a stream has at least one number", 0, 12, 2.0)
    student.refuses(ValueError, "there is at least one branch", 64, 0, 2.0)
    student.refuses(ValueError, "what branches add is never negative", 64, 12, 0.5)
    for none in (math.inf, math.nan):
        student.refuses(ValueError, "a growth is a finite number", 64, 12, none)


def _streams(rng):
    """Yield streams: of few branches and of many, that grow little and much, or not at all.

    At a growth of 1.25 or 1.5, a factor of 4 or 2 would look like one that has none of it.
    """
    for (few, many), (low, high) in (((5, 9), (1.3, 1.45)), ((20, 60), (3.0, 9.0))):
        width, depth = int(rng.integers(24, 900)), int(rng.integers(few, many))
        yield width, depth, round(float(rng.uniform(low, high)), 2)
    yield 50, 1, 3.0
    yield 64, 12, 1.0


def _std(hidden, depth, growth):
    return math.sqrt((growth - 1) / (depth * hidden))


def _wrong_stds(width, depth, growth):
    right = _std(4 * width, depth, growth)
    return {
        "that is a variance, and a deviation is its root": right**2,
        "the stream starts with a mean square of 1, which no branch has to add": (
            math.sqrt(growth / (4 * width * depth))
        ),
        "the more the stream is to grow, the more each branch has to add": (
            math.sqrt(1 / (4 * width * depth))
        ),
        "the last layer adds up the hidden units, and there are 4 times as many as the width": (
            _std(width, depth, growth)
        ),
        "the hidden units are 4 times as many, not 16 times": _std(16 * width, depth, growth),
        "that does for one branch, and all of them add": _std(4 * width, 1, growth),
        "mean squares add up, not deviations: which root belongs to the depth?": (
            right / math.sqrt(depth)
        ),
        "with pre-norm a branch adds the same wherever it stands: nothing multiplies": (
            math.sqrt((growth ** (1 / depth) - 1) / (4 * width))
        ),
        "He's weights make the hidden units' mean square 1, ReLU counted in": (
            right * math.sqrt(2)
        ),
        "that adds a half of it: He's weights have made up for ReLU already": (
            right / math.sqrt(2)
        ),
        "a growth of mean squares is not one of deviations": (
            math.sqrt((growth**2 - 1) / (4 * width * depth))
        ),
        "the growth of the root is not the root of the growth": (
            (math.sqrt(growth) - 1) / math.sqrt(4 * width * depth)
        ),
        "the width of the stream is not what the last layer adds up": math.sqrt(
            (growth - 1) / (5 * width * depth)
        ),
        "what was divided belongs on the other side": 1 / right if right else math.inf,
    }


def faulty_report():
    """Print the report of a transformer with GPT-2's factor on a wrong matrix, in one layer.

    For each matrix its fans, the mean squares of what goes in and of what comes out, and the
    mean square of the stream after it. There is one text of 64 tokens.
    """
    rng, gelu = np.random.default_rng(9), ACTIVATIONS["gelu"]
    x = rng.normal(0, math.sqrt(2) * STD, (TOKENS, WIDTH))
    print("layer  matrix    fans            in      out  stream after")
    for layer in range(1, LAYERS + 1):
        factors = [1.0, 1 / math.sqrt(2 * LAYERS)]  # of the first and the last matrix
        up, down = factors[::-1] if layer == FAULTY else factors
        W_q, W_k, W_v, W_o = rng.normal(0, STD, (4, WIDTH, WIDTH))
        W_1 = up * rng.normal(0, STD, (WIDTH, 4 * WIDTH))
        W_2 = down * rng.normal(0, STD, (4 * WIDTH, WIDTH))
        read = layer_norm(x)[0]
        mixed, _ = attention(read, W_q, W_k, W_v, np.eye(WIDTH), causal=True)
        _print_row(layer, "q, k, v", read, np.hstack([W_q, W_k, W_v]))
        x = x + _print_row("", "attn out", mixed, factors[1] * W_o, x)
        read = layer_norm(x)[0]
        z = _print_row("", "mlp up", read, W_1)
        x = x + _print_row("", "mlp down", gelu(z), W_2, x)


def _print_row(layer, name, given, W, before=None):
    """Print a row, and return what comes out of a matrix."""
    out = given @ W
    fans = f"{W.shape[0]} → {W.shape[1]}"
    after = "" if before is None else f"{np.mean((before + out) ** 2):14.4f}"
    squares = f"{np.mean(given**2):8.4f} {np.mean(out**2):8.4f}"
    print(f"{layer!s:6} {name:9} {fans:9} {squares}{after}")
    return out
