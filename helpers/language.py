"""What a language model does before it has learned: attention's entropy, and the first loss."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.network import softmax_cross_entropy
from helpers.residual import layer_norm, softmax
from helpers.validation import (
    check_number,
    check_positive_int,
    check_real_array,
    check_rng,
)


def entropy(shares: ArrayLike) -> NDArray:
    """Return the entropy of shares along the last axis, in natural logarithms.

    Its exponential is the number of tokens among which equal shares would have this entropy.

    Examples
    --------
    >>> round(float(np.exp(entropy([0.25, 0.25, 0.25, 0.25]))), 6)
    4.0
    """
    shares = check_real_array("shares", shares)
    positive = np.where(shares > 0, shares, 1.0)  # 0 log 0 is 0
    return -np.sum(shares * np.log(positive), axis=-1)


def normal_entropy(n_tokens: int, deviation: float, rng: np.random.Generator) -> float:
    """Return the mean entropy of a softmax over independent normal scores.

    For a deviation s that is not large it is near ``log(n_tokens) - s**2 / 2``. Here it is a
    mean over 1000 draws.

    Parameters
    ----------
    n_tokens : int
    deviation : float
        Of the scores, at least 0.
    rng : numpy.random.Generator

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.
    """
    n_tokens = check_positive_int("n_tokens", n_tokens)
    deviation = check_number("deviation", deviation, minimum=0)
    scores = deviation * check_rng(rng).standard_normal((1000, n_tokens))
    return float(entropy(softmax(scores)).mean())


def expected_first_loss(
    vocabulary: int, width: int, std: float, *, share: float = 0.0
) -> float:
    """Return the loss that is to be expected of a language model's start.

    The last layer normalization gives each logit the variance ``width * std**2``, so that the
    loss is ``log(vocabulary) + width * std**2 / 2``. Where the embedding is the output layer
    too, the logit of the token at the input is ``width * std * sqrt(share)``: as long as that
    token is not the one to be predicted, it adds to what the target is compared with.

    Parameters
    ----------
    vocabulary, width : int
    std : float
        Of the output layer's weights, at least 0. What is said holds for ``width * std**2``
        well below ``2 * log(vocabulary)``; beyond, few logits decide.
    share : float
        Of the token's own embedding in the mean square of the last stream, from 0 to 1, if the
        embedding is tied to the output layer; 0 otherwise.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.

    Examples
    --------
    >>> round(expected_first_loss(50257, 768, 0.02), 2)
    10.98
    """
    vocabulary = check_positive_int("vocabulary", vocabulary)
    width = check_positive_int("width", width)
    std = check_number("std", std, minimum=0)
    share = check_number("share", share, minimum=0, maximum=1)
    others = math.log(vocabulary) + width * std**2 / 2
    return float(np.logaddexp(others, width * std * math.sqrt(share))) if share else others


def first_losses(
    vocabulary: int,
    width: int,
    stds: ArrayLike,
    rng: np.random.Generator,
    *,
    share: float = 0.0,
    samples: int = 200,
    dtype: type = float,
) -> tuple[NDArray, NDArray]:
    """Measure the first loss, and how sure the model is of the token that it was given.

    The stream ends as a random token's embedding and noise, of mean squares `share` and
    ``1 - share``, normalized. The same random numbers serve at all `stds`.

    Parameters
    ----------
    vocabulary, width : int
    stds : array_like of shape (n_stds,)
        Of the embedding, which is the output layer.
    rng : numpy.random.Generator
    share : float
        From 0, as with an output layer of its own, to 1, with branches that add nothing.
    samples : int
        Tokens, each with a random target.
    dtype : type

    Returns
    -------
    losses, own : ndarray of shape (n_stds,)
        Means over the samples; `own` of the probability of the token at the input.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.
    """
    vocabulary = check_positive_int("vocabulary", vocabulary)
    width, samples = check_positive_int("width", width), check_positive_int("samples", samples)
    share, rng = check_number("share", share, minimum=0, maximum=1), check_rng(rng)
    embedding = rng.standard_normal((vocabulary, width), dtype)
    noise = rng.standard_normal((samples, width), dtype)
    tokens, targets = rng.integers(0, vocabulary, (2, samples))
    stream = math.sqrt(share) * embedding[tokens] + math.sqrt(1 - share) * noise
    logits = layer_norm(stream, epsilon=0)[0] @ embedding.T
    losses, own = [], []
    for std in np.ravel(check_real_array("stds", stds)).tolist():
        losses.append(softmax_cross_entropy(std * logits, targets)[0])
        own.append(softmax(std * logits)[np.arange(samples), tokens].mean())
    return np.array(losses, float), np.array(own, float)
