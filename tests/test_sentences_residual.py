"""What lesson 9 says under its panels and in its answers, at settings within reach."""

import math
from functools import cache
from itertools import product

import numpy as np
import pytest

from helpers import panels
from helpers.figures.residual import STEPPED, exponent
from helpers.language import entropy, expected_first_loss
from helpers.panels import residual
from helpers.panels.residual import SHOWN

SEEDS = (1, 10, 20)
STREAM, STEP, ATTENTION = (
    panels.stream_panel,
    panels.first_step_panel,
    panels.attention_panel,
)


@cache
def made(make):
    return make()


def of(make, **settings):
    panel = made(make)
    return panel.compute(**{**panel.settings, **settings})


@pytest.mark.parametrize(("depth", "seed"), list(product((2, 24, 100), SEEDS)))
def test_some_starts_keep_signal_and_gradient_within_e_and_others_do_not(depth, seed):
    for start in SHOWN:
        found = of(STREAM, start=start, depth=depth, seed=seed)
        reach = [wide.max() for wide in found["theory"]]
        if start == "plain":
            assert reach == [2.0**depth] * 2
        elif start == "pre-norm":
            assert reach == [1 + depth] * 2
        else:
            assert max(reach) < math.e
            # Networks of 64 units, 16 inputs: five deviations of √(4 / 64) in the logarithm.
            assert max(m.max() for m in found["measured"]) < math.e * math.exp(5 / 4)


@pytest.mark.parametrize(("depth", "gain"), list(product((2, 24, 100), (0.25, 1.0, 2.0))))
@pytest.mark.parametrize("start", SHOWN)
def test_a_network_follows_its_theory(start, depth, gain):
    """A log strays by √(11/4 L / 64) where branches double, before a post-norm too."""
    found = of(STREAM, start=start, depth=depth, gain=gain)
    for measured, wide in zip(found["measured"], found["theory"], strict=True):
        off = np.log(measured / wide)
        every = start in ("plain", "post-norm")  # branches as large as the stream
        allowed = 5 * math.sqrt(11 / 4 * depth / 64) if every else 1.5
        assert abs(off).max() < allowed + 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_who_makes_the_end_of_the_stream(seed):
    for depth in (12, 24, 100):
        plain = of(STREAM, depth=depth, seed=seed)["shares"]
        assert plain[0] < 0.02
        assert plain[-4:].sum() > 0.8
        kept = of(STREAM, depth=depth, seed=seed, start="last layer 0")["shares"]
        assert kept[0] == pytest.approx(1)
        even = of(STREAM, depth=depth, seed=seed, start="pre-norm")["shares"]
        assert even.max() < 5 / depth
        for shares in (plain, kept, even):
            assert shares.sum() == pytest.approx(1)


def test_a_gain_of_a_half_multiplies_by_one_and_a_quarter():
    wide = of(STREAM, gain=0.5)["theory"][0]
    np.testing.assert_allclose(wide[1:] / wide[:-1], 1.25)


@pytest.mark.parametrize("seed", SEEDS)
def test_starts_are_sorted_by_how_a_step_grows(seed):
    """Means over eight networks of 32 units: an exponent strays by 0.15, by 0.2 post-norm."""
    found = {rule: of(STEP, rule=rule, seed=seed) for rule in ("gradient", "sign")}
    powers = {
        rule: {n: exponent(one["depths"], one["changes"][n]) for n in STEPPED}
        for rule, one in found.items()
    }
    for name in ("1/√L in the weights", "last layer 0", "post-norm"):
        assert powers["gradient"][name] > 0.65
        assert powers["sign"][name] > 0.7
    for name in ("Fixup", "DeepNorm"):
        assert abs(powers["gradient"][name]) < 0.15
        assert powers["sign"][name] == pytest.approx(0.5, abs=0.15)
    assert powers["gradient"]["1/√L in front"] < 0.6
    assert powers["sign"]["1/√L in front"] < 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_whose_loss_rises_first(seed):
    losses = of(STEP, rate=0.01, seed=seed)["losses"]
    assert losses["1/√L in the weights"][-1] > 1
    for name in ("Fixup", "DeepNorm"):
        assert (losses[name] < 1).all()
        assert (of(STEP, rate=0.1, seed=seed)["losses"][name] < 1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_factor_one_token_takes_more_and_more(seed):
    found = {d: residual.softmax(residual._scores(seed, d)) for d in (4, 28, 52, 256)}
    largest = {d: float(np.median(p.max(axis=1))) for d, p in found.items()}
    assert largest[4] < 0.45
    assert largest[28] == pytest.approx(0.6, abs=0.15)
    assert largest[256] > 0.85
    assert np.exp(entropy(found[52]).mean()) == pytest.approx(2, abs=0.35)


@pytest.mark.parametrize(("seed", "d_k"), list(product(SEEDS, (4, 64, 256))))
def test_with_the_root_the_entropy_stays_and_with_1_over_d_k_all_tokens_are_alike(seed, d_k):
    found = {
        scale: of(ATTENTION, scale=scale, d_k=d_k, seed=seed)["entropy"]
        for scale in ("1/√d_k", "1/d_k")
    }
    assert found["1/√d_k"] == pytest.approx(3.7, abs=0.12)
    assert found["1/d_k"] > 3.9
    if d_k == 256:
        assert found["1/d_k"] == pytest.approx(math.log(64), abs=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_loss_at_the_three_marks(seed):
    found = of(ATTENTION, seed=seed, share=0.5)
    small, root, one = found["losses"]["own"][-3:]
    # 200 targets, logits of deviation 0.32, 1 and 16.
    assert small == pytest.approx(math.log(2000), abs=0.05 + 5 * 0.32 / math.sqrt(200))
    assert root - math.log(2000) == pytest.approx(0.5, abs=5 / math.sqrt(200))
    assert one == pytest.approx(57, abs=6)
    tied = {s: of(ATTENTION, seed=seed, share=s)["losses"]["tied"] for s in (0.0, 0.5, 1.0)}
    assert (tied[1.0][-3:] > tied[0.5][-3:]).all()
    assert tied[0.5][-3] - tied[0.0][-3] < 0.25


def test_what_the_answers_to_the_questions_say():
    assert expected_first_loss(10_000, 256, 0.02) == pytest.approx(9.3, abs=0.05)
    assert pytest.approx(15.4, abs=0.05) == 768 * 0.02
    assert expected_first_loss(50_257, 768, 0.02, share=1.0) == pytest.approx(15.4, abs=0.05)
    assert expected_first_loss(50_257, 768, 0.02) == pytest.approx(11.0, abs=0.05)
    # The largest of 10 000 normal numbers: where as many as one are beyond.
    assert math.erfc(3.72 / math.sqrt(2)) / 2 * 10_000 == pytest.approx(1, rel=0.05)
    assert math.exp(-0.5) == pytest.approx(0.6, abs=0.01)
    assert (64 + 1) / 2 > 24  # dozens of times: `by_gradient` in lesson 9, for 64 branches
