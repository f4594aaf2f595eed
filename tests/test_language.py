"""Tests of attention's entropy and of a language model's first loss."""

import math

import numpy as np
import pytest

from helpers.language import entropy, expected_first_loss, first_losses, normal_entropy


def test_the_entropy_of_equal_shares_is_the_logarithm_of_their_number():
    np.testing.assert_allclose(entropy(np.full((2, 8), 1 / 8)), math.log(8))


def test_one_share_alone_has_no_entropy():
    np.testing.assert_array_equal(entropy([[1.0, 0.0, 0.0]]), 0)


@pytest.mark.parametrize("deviation", [0.0, 0.5, 1.0])
def test_normal_scores_have_the_entropy_of_theory(deviation, rng):
    """Ln n − s²/2, up to (e + 1)/n for s of 1; a mean of 1000 draws errs by less than 0.01."""
    found = normal_entropy(1000, deviation, rng)
    assert found == pytest.approx(math.log(1000) - deviation**2 / 2, abs=0.015)


def test_very_different_scores_leave_one_token(rng):
    assert normal_entropy(10, 1000.0, rng) < 0.05


@pytest.mark.parametrize(
    ("share", "loss"),
    [
        (0.0, math.log(10_000) + 768 * 0.0004 / 2),
        (1.0, math.log(10_000 * math.exp(768 * 0.0004 / 2) + math.exp(15.36))),
        (0.25, math.log(10_000 * math.exp(768 * 0.0004 / 2) + math.exp(7.68))),
    ],
)
def test_the_expected_loss_is_that_of_its_formula(share, loss):
    assert expected_first_loss(10_000, 768, 0.02, share=share) == pytest.approx(loss)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_first_loss_is_what_is_expected(share, rng):
    stds = [0.0, 0.01, 0.05]
    losses, own = first_losses(3000, 300, stds, rng, share=share, samples=300)
    assert losses[0] == pytest.approx(math.log(3000))
    assert own[0] == pytest.approx(1 / 3000)
    for std, loss in zip(stds[1:], losses[1:], strict=True):
        expected = expected_first_loss(3000, 300, std, share=share)
        # The target's logit, and that of the token itself, whose row has its own length.
        error = 5 * math.sqrt((300 * std**2 + share * 300 * std**2 / 2) / 300)
        assert loss == pytest.approx(expected, abs=error + 0.03)


def test_a_tied_model_is_sure_of_its_input_and_another_is_not(rng):
    _, sure = first_losses(500, 400, [0.05], rng, share=1.0)
    _, unsure = first_losses(500, 400, [0.05], rng)
    assert sure[0] > 0.99
    assert unsure[0] < 0.02


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda rng: entropy("ab"), TypeError, "shares must be an array of real numbers"),
        (lambda rng: normal_entropy(0, 1.0, rng), ValueError, "n_tokens must be a positive"),
        (lambda rng: normal_entropy(3, -1.0, rng), ValueError, "deviation must be a finite"),
        (lambda rng: normal_entropy(3, 1.0, 7), TypeError, "rng must be a numpy.random"),
        (lambda rng: expected_first_loss(0, 3, 0.1), ValueError, "vocabulary must be a pos"),
        (lambda rng: expected_first_loss(3, 3, -0.1), ValueError, "std must be a finite"),
        (
            lambda rng: expected_first_loss(3, 3, 0.1, share=1.5),
            ValueError,
            "share must be a finite number from 0 to 1; got 1.5",
        ),
        (
            lambda rng: first_losses(3, 3, ["a"], rng),
            TypeError,
            "stds must be an array of real numbers",
        ),
        (
            lambda rng: first_losses(3, 3, [1.0], rng, samples=0),
            ValueError,
            "samples must be a positive integer",
        ),
    ],
)
def test_bad_input_is_named(call, error, words, rng):
    with pytest.raises(error, match=words):
        call(rng)
