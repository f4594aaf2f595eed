"""What the numbers of a forward and a backward pass say, and what would help.

`FINDINGS` is the table: what is seen of a layer, what that means, and a remedy. A layer may
have several. `of_model` says what is seen of the whole.
"""

import math
from typing import NamedTuple

import numpy as np

from helpers.inspection.evidence import (
    MUCH_SATURATED,
    Remedy,
    Whole,
    back,
    closes,
    drift,
    drowning,
    is_bounded,
    is_fed,
    points,
    wanted,
    wanted_slope,
)
from helpers.inspection.layers import mean_square
from helpers.words import number, percent

# Where samples are alike, as deep layers make them, half of a rectifier's units are off for
# all. That more are than this happens to a layer of 32 units once in a thousand times.
MANY_DEAD = 0.75
NORMALIZED_DRIFT = 8.0  # of the gradient, where most layers are normalized: 1.47**50
ALIKE = 0.99  # a cosine between samples
TINY, HUGE = 1e-5, 50.0  # beyond which the mean square of an input is told
CERTAIN = 0.9  # the mean of the largest weight of attention
LITTLE = 1e-6  # what a function may leave of a mean square
MANY = 6  # layers
ONCE = 100.0  # a factor that counts only once may be this far off
FAULT, UNKNOWN, NOTE, FINE = 3, 2, 1, 0  # harm


class Finding(NamedTuple):
    """What is seen of a layer, or of a model."""

    key: str
    harm: int
    words: str
    remedies: tuple = ()


class Row(NamedTuple):
    """The numbers of a layer; second moments are means of squares, shares are from 0 to 1."""

    name: str
    fan_in: float
    fan_out: float
    activation: str  # "" if there is none
    preactivation: float  # second moment of z
    activated: float  # second moment of what leaves the activation
    gradient: float  # second moment of the loss's gradient at z
    saturated: float  # share of (sample, unit) pairs
    inactive: float  # share of (sample, unit) pairs
    dead: float  # share of units, inactive on the whole batch
    fits: bool | None  # None: not judged
    verdict: str
    suits: str = ""  # the initializer to take instead, or ""
    remedy: str = ""  # the framework's call that does so
    cosine: float = math.nan  # of two samples, as they come in
    factor: float = math.nan  # second moment of z over that of what comes in
    weight_gradient: float = math.nan  # second moment of the loss's gradient at the weights
    calls: int = 1


# What is seen of one layer: each function returns a `Finding`, or None.


def _nan_weights(e):
    layer = e.layer
    for kind, array in (("weights", layer.weights), ("biases", layer.bias)):
        bad = 0 if array is None else int(array.size - np.isfinite(array).sum())
        if bad:
            are = "is" if bad == 1 else "are"
            words = f"{bad} of {array.size} {kind} {are} NaN or infinite"
            drawn = e.redrawn() if layer.plain else ()
            remedies = drawn if kind == "weights" else e.zeroed()
            return Finding("nan weights", FAULT, words, remedies)
    return None


def _not_finite(e):
    if np.isfinite(e.layer.node.moment):
        return None
    if not np.isfinite(e.layer.source.moment):
        words = "its input is not finite; look at what made it"
        return Finding("nan input", FAULT, words)
    if e.fits_in_scale:
        return Finding("nan", FAULT, "its signal is not finite, though input and weights are")
    return Finding("overflow", FAULT, "its signal is no longer finite", e.redrawn())


def _zero(e):
    if e.scale != 0:
        return None
    learns = any(g > 0 for _, g in e.gradients.values()) or not e.gradients
    if e.head and learns:
        words = "zero, as the last layer may be; no gradient passes it at the first step"
        return Finding("zero head", FINE, words)
    if learns and (e.joined or e.last):
        return Finding(
            "zero branch", FINE, "zero, in a branch: the block starts as its shortcut"
        )
    if e.blocked and e.layer.source.moment > 0:
        words = f"zero; no gradient comes yet, until {e.blocked} is no longer zero"
        return Finding("waits", FINE, words)
    if not learns:
        words = "zero, and no gradient comes to its weights"
        words += ": its branch stays as it is" if e.branch is not None else ""
        return Finding("stuck", FAULT, words, e.redrawn())
    return Finding("zero", FAULT, "all weights are zero: only biases can learn", e.redrawn())


def _equal_units(e):
    W = e.layer.weights
    if e.scale == 0 or W.shape[1] < 2 or e.layer.kind == "embedding" or e.layer.grouped:
        return None
    if (W[:, :1] == W).all():
        words = "all units have the same weights, and stay alike"
        return Finding("equal units", FAULT, words, e.redrawn())
    if W.shape[0] < 4:
        return None
    columns = W.T[W.any(0)]
    for rows in (4, None):  # four numbers tell most units apart
        distinct = len({column.tobytes() for column in np.ascontiguousarray(columns[:, :rows])})
        if distinct == len(columns):
            break
    else:
        words = (
            f"of {len(columns)} units only {distinct} differ: the others stay copies of them"
        )
        return Finding("copied units", FAULT, words, e.redrawn())
    return None


def _equal_layers(e):
    if e.equal:
        others = ", ".join(e.equal[:3]) + (" and others" if len(e.equal) > 3 else "")
        words = f"starts with the same weights as {others}: draw each anew"
        return Finding("equal layers", FAULT, words, e.redrawn())
    return None


def _mean(e):
    W = e.layer.weights
    mean, units = float(W.mean()), W.shape[1]
    spread = mean_square(W) - mean**2
    if e.scale == 0 or units < 2 or not math.isfinite(mean) or e.layer.kind == "embedding":
        return None
    aside = e.layer.fan_in * mean**2 / max(spread, 1e-300)  # beside 1 / units, by chance
    if spread > 0 and aside > 1 and aside * units > 25 and not e.layer.grouped:
        factor = e.layer.unbiased / e.layer.source.moment if e.layer.source.moment else 0
        grows = f"; the signal grows {number(factor, 2)}-fold" if factor > 2 * e.high else ""
        return Finding(
            "mean", FAULT, f"weights have mean {number(mean, 2)}{grows}", e.redrawn()
        )
    return None


def _bias(e):
    bias, layer = e.layer.bias, e.layer
    if bias is None or e.head or e.normalized or e.scale == 0 or e.gate or e.joined:
        return None
    size = mean_square(bias)
    if size > max(0.25 * min(layer.unbiased, e.whole.level), 2 / layer.fan_in):
        given = f"{number(layer.unbiased, 2)} of what the weights give"
        words = f"biases of mean square {number(size, 2)}, beside {given}"
        return Finding("bias", FAULT, words, e.zeroed())
    return None


def _flat(e):
    if e.function is None or e.head or e.gate or wanted(e.function)[2]:
        return None
    if wanted_slope(e.function) >= 0.5:
        return None
    if e.whole.sigmoids < 3:
        return None
    words = f"{e.function.name} lets too little of the gradient through, whatever the weights"
    return Finding("flat", FAULT, f"{words}: {e.whole.sigmoids} layers do so in a row")


def _forgotten(e):
    """Two layers with nothing between them are one, unless fewer units lie between.

    A network in which no layer has a function is meant to be linear.
    """
    layer, other = e.layer, e.lone
    meant = len(e.whole.layers) < 4 or not e.whole.curved
    if other is None or meant or layer.grouped or other.grouped or e.normalized:
        return None
    units, ends = layer.weights.shape[1], other.weights.shape[1]
    windows = [max(1, x.usual[1] // x.weights.shape[1]) for x in (layer, other)]
    if (windows[0] > 1) != (windows[1] > 1) or units < min(
        len(layer.weights) // windows[0], ends
    ):
        return None
    words = f"no function lies between it and {other.name}: the two are as one linear layer"
    return Finding("forgotten", FAULT, words)


def _off(e):
    saturated, inactive, dead = e.shares
    if e.head:
        if e.function and e.function.flat and inactive > 0:
            off = f"which is off for {percent(inactive)}: take it away"
            words = f"the output goes through {e.function.name}, {off}"
            return Finding("head off", FAULT if dead > MANY_DEAD else NOTE, words)
        return None
    large = e.scale > e.high * e.tolerance and not e.normalized
    biased = e.layer.bias is not None and mean_square(e.layer.bias) > 0.25 * e.layer.unbiased
    zeros = e.zeroed() if biased else ()
    if dead > MANY_DEAD and not large and e.scale:
        words = f"{percent(dead)} of its units are dead; look at biases and inputs"
        return Finding("dead", FAULT, words, zeros)
    if saturated > MUCH_SATURATED and not large and not e.gate:
        words = f"{percent(saturated)} of its outputs are saturated; look at biases and inputs"
        return Finding("saturated", FAULT, words, zeros)
    return None


def _no_gradient(e):
    if not e.bare or e.scale == 0 or not e.whole.finite:
        return None
    if e.blocked:
        return Finding("waits", FINE, f"no gradient yet, until {e.blocked} is no longer zero")
    if e.alone:
        words = "no gradient comes to its weights: attention has one position to choose from"
        return Finding("alone", FINE, words)
    if e.layer.node.gradient == 0 or e.shares[2] == 1:
        return Finding("no gradient", FAULT, "no gradient comes to its weights")
    return Finding("no gradient", FAULT, "no gradient comes to its weights: its input is zero")


def _scale(e):
    if e.scale == 0 or not math.isfinite(e.scale):
        return None
    fan, scale = e.drawn_by()
    here = f"{_rounded(scale)} / {fan}"
    if e.layer.kind == "embedding":
        return _embedding(e)
    if e.evaluated and not e.fits_in_scale:
        words = f"{here}; not judged: a normalization follows in evaluation mode: model.train()"
        return Finding("evaluated", UNKNOWN, words)
    if e.normalized:
        words = f"{here}; a normalization follows, so the scale cancels"
        return Finding("cancels", FINE, words)
    if e.gate and scale <= e.high * e.tolerance:
        return Finding("gate", FINE, f"{here}, for a gate")
    if e.fits_in_scale or fan != "fan_in":
        own = wanted(e.function) if e.function and not e.head else None
        if e.first and own and scale < own[0] / e.tolerance:
            return Finding("fits", FINE, f"fits where no {e.told} comes before: {here}")
        return Finding("fits", FINE, f"fits {e.told}: {here}")
    if e.gates and not closes(e.layer.node):
        return Finding("gates", FINE, f"{here}: it only opens and closes gates")
    added = e.scale * e.added_up
    if e.low / e.tolerance <= added <= e.high * e.tolerance:
        words = f"{here}; what is added up then is as with {_rounded(added)}: fits {e.told}"
        return Finding("added up", FINE, words)
    return _large(e, here) if scale > e.high else _small(e, here)


def _large(e, here):
    saturated = e.shares[0]
    if e.first and e.function and saturated < 0.05 and is_bounded(e.function):
        words = f"{here}: large, for a first layer whose function is bounded, which is no harm"
        return Finding("first", FINE, words)
    harm = f"; {percent(saturated)} saturated" if saturated > 0.05 else ""
    words = f"too large for {e.told}: {here}, for {_range(e.low, e.high)}{harm}"
    return Finding("large", FAULT, words, e.redrawn())


# Why weights that are small do no harm: whether it is so, and what is said then.
EXCUSES = (
    (lambda e: e.branch and e.heard, "a weak branch beside a shortcut, which is no harm"),
    (lambda e: e.alone, "small, in attention without a choice"),
    (lambda e: e.blocked and _is_near(e), "small, but no gradient comes to it yet"),
    (lambda e: e.head, "a small last layer, whose factor counts only once"),
    (
        lambda e: e.rested and _is_near(e),
        "small, once, between a normalization and the last layer",
    ),
    (lambda e: e.faded, "small, but a normalization follows"),
    (lambda e: e.below, "small, but what it adds to is normalized wherever it is taken"),
    (lambda e: e.beside, "small, beside what it is put side by side with"),
    (lambda e: e.term, "one of the terms of a sum, small"),
)


def _is_near(e):
    return e.scale > e.low / ONCE


def _small(e, here):
    if e.head and e.function and 0 < e.activated < LITTLE * e.layer.node.moment:
        words = f"{here}: so small that {e.function.name} leaves next to nothing of it"
        return Finding("small", FAULT, words, e.redrawn("small"))
    for is_so, words in EXCUSES:
        if is_so(e):
            return Finding("small, no harm", FINE, f"{here}: {words}")
    words = f"too small for {e.told}: {here}, for {_range(e.low, e.high)}"
    return Finding("small", FAULT, words, e.redrawn("small"))


def _embedding(e):
    moment = e.layer.node.moment
    if e.head or e.normalized or 1e-3 <= moment <= 4:
        return Finding("embedding", FINE, f"embedding of mean square {number(moment, 2)}")
    if moment < 1e-3:
        return Finding(
            "embedding", NOTE, f"embedding of mean square {number(moment, 2)}: small"
        )
    words = f"embedding of mean square {number(moment, 2)}, for at most 1"
    return Finding("embedding", FAULT, words, (Remedy("normal", e.layer.path, 1.0),))


def _drowned(e):
    other = drowning(e.layer)
    if other is None:
        return None
    sizes = [number(layer.node.moment, 2) for layer in (e.layer, other)]
    words = (
        f"embedding of mean square {sizes[0]}, beside {sizes[1]} of {other.name}, to which it "
        "is added: it is not heard"
    )
    remedy = Remedy("normal", other.path, math.sqrt(e.layer.node.moment))
    return Finding("drowned", FAULT, words, (remedy,) if other.plain else ())


def _share_of_drift(e):
    """Blame the last layer of a branch where the sums grow."""
    n = len(e.whole.ends)
    if not (e.whole.drift > 0 and e.last and e.scale > 0) or e.normalized:
        return None
    words = f"its branch adds to the shortcut, and the sums of {n} branches grow"
    path = e.layer.path if e.layer.plain else e.layer.scalable
    less = (Remedy("scale", path, 1 / math.sqrt(n)),) if path else ()
    return Finding("branch", FAULT, f"{words}: let it start small, or at zero", less)


SCALES = ("small", "large")
FINDINGS = (
    *(_nan_weights, _not_finite, _zero, _equal_units, _equal_layers, _mean, _bias),
    *(_flat, _forgotten, _drowned, _off, _no_gradient, _share_of_drift, _scale),
)


def _rounded(scale):
    return number(scale, digits=2)


def _range(low, high):
    return _rounded(low) if high / low < 1.01 else f"{_rounded(low)} to {_rounded(high)}"


# The whole model.


def of_model(whole, judged):
    """Return what is seen of the whole model, and of nothing less."""
    graph, found = whole.graph, []
    at = points(graph)
    blamed = [e for e, findings in judged.items() if any(f.harm == FAULT for f in findings)]
    names = _names([e.layer.name for e in blamed])
    for what, word, ways in (
        ("moment", "signal", ("grows", "falls")),
        ("gradient", "gradient, going back,", ("grows", "falls")),
    ):
        nodes = at if what == "moment" else at[::-1]
        total, layer = drift(nodes, what, whole.width)
        if total:
            way = ways[total < 0]
            words = (
                f"The {word} {way} {number(10 ** abs(layer), 2)}-fold a layer, "
                f"{_power(abs(total))} over all{f': look at {names}' if names else ''}."
            )
            # From step to step of a recurrent cell some of the gradient goes, as it does.
            again = not blamed and any(len(e.calls) > 2 for e in judged)
            harm = NOTE if again and what == "gradient" else FAULT
            # With normalizations, a relu lets it grow by pi / (pi - 1) a layer (Yang et al.,
            # 2019), and what is trained does so over some fifty.
            normalized = sum(e.normalized for e in judged) > len(judged) / 2
            if what == "gradient" and normalized and 0 < total < NORMALIZED_DRIFT:
                harm = NOTE if layer < math.log10(1.5) else harm
            harm = UNKNOWN if any(e.evaluated for e in judged) else harm
            found.append(Finding(f"drift of {what}", harm, words))
    found += _inputs(judged) + _loss(graph) + _samples(at, graph)
    found += _gradients(graph, judged) if whole.finite else []
    found += _updates(graph) + _attention(graph)
    for name, op in list(graph.unseen.items())[:20]:
        found.append(Finding("unseen", UNKNOWN, f"{name}: not judged, it is used inside {op}."))
    return found


def _power(powers):
    return number(10**powers, 2) if powers < 4 else f"10^{round(powers)}-fold"


def _names(names):
    names = list(dict.fromkeys(names))
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _inputs(judged):
    for e in judged:
        moment = e.layer.source.moment
        usual = TINY < moment < HUGE or math.isnan(moment)
        if e.first and not (e.normalized or usual or e.layer.kind == "embedding"):
            words = f"The input has mean square {number(moment, 2)}: bring it to about 1."
            return [Finding("input", FAULT, words)]
    return []


def _loss(graph):
    if graph.loss is None:
        return []
    value, k = graph.loss
    words = f"The loss starts at {number(value)}"
    if k < 2:
        return [Finding("loss", FAULT if not math.isfinite(value) else NOTE, f"{words}.")]
    guess = math.log(k)
    far = not value <= 2 * guess + 1
    words += f"; a guess among {k} classes costs ln {k} = {number(guess)}"
    if far:
        words += ": the last layer's outputs are too large"
    return [Finding("loss", FAULT if far else NOTE, f"{words}.")]


def _gradients(graph, judged):
    excused = {
        name
        for e in judged
        if (e.bare and (e.blocked or e.scale == 0 or e.alone)) or e.opens
        for name in (*e.gradients, e.layer.bias_path)
    }
    bad = [n for n, (_, g) in graph.gradients.items() if g == math.inf]
    if bad:
        words = f"The gradient that comes to {_names(bad)} is not finite, though the signal is."
        return [Finding("nan gradient", FAULT, words)]
    zero = [n for n, (_, g) in graph.gradients.items() if g == 0 and n not in excused]
    told = {name for e in judged for name in e.layer.parameters}
    weights = [name for name in zero if name in told]
    if weights and len(weights) == len(zero):
        return [Finding("zero gradients", FAULT, f"No gradient comes to {_names(weights)}.")]
    if zero and (weights or not any(e.blocked for e in judged)):
        harm = FAULT if weights else NOTE
        return [Finding("zero gradients", harm, f"No gradient comes to {_names(zero)}.")]
    return []


def _samples(at, graph):
    inputs = [n.cosine for n in (layer.source for layer in graph.layers) if not is_fed(n)]
    start = next((c for c in inputs if c == c), math.nan)
    for node in at:
        if node.cosine > ALIKE and not start > 0.9:
            place = next(layer.name for layer in graph.layers if layer.source is node)
            where = f"where they enter {place} their mean cosine is {node.cosine:.3f}"
            return [Finding("alike", NOTE, f"Samples become alike: {where}.")]
    return []


def _attention(graph):
    """Say where attention, or what chooses among experts, is all but certain of one."""
    for node in graph.nodes:
        if node.choices > 3 and node.certain > CERTAIN:
            before = back([node], lambda at: at.layer is not None).values()
            names = _names(sorted(at.layer.name for at in before if at.layer))
            words = (
                f"The largest weight of a softmax is {node.certain:.2f} on average, so that "
                f"little gradient comes through: look at {names}."
            )
            return [Finding("certain", FAULT, words)]
    return []


def _updates(graph):
    if not graph.updates:
        return []
    ratios = {n: r for n, r in graph.updates.items() if math.isfinite(r)}
    if not ratios:
        return []
    low, high = min(ratios, key=ratios.get), max(ratios, key=ratios.get)
    ends = [f"{number(ratios[name], 2)} ({name})" for name in (low, high)]
    words = f"A step changes weights by this share of their size: {' to '.join(ends)}"
    large = ratios[high] > 0.1
    return [Finding("updates", NOTE, f"{words}{': a tenth is much' if large else ''}.")]


def judge(graph, typed, refuted=""):
    """Return a `Row` for each layer, the findings of the model, and all remedies.

    Parameters
    ----------
    graph : Graph
    typed : callable
        ``typed(remedy, layer)`` is the call of the framework that does it.
    refuted : str
        Whose remedies were tried and made it worse: "", those of "scales", or "all". What a
        formula said of a scale is then no more than a note, and the remedies are not named.
    """
    for layer in graph.layers:  # what was seen in a product, and then in a derivative of it
        for name in layer.parameters:
            graph.unseen.pop(name, None)
    with np.errstate(all="ignore"):
        whole, judged = Whole(graph), {}
        for e in whole.layers:
            findings = [found for finding in FINDINGS if (found := finding(e)) is not None]
            findings = [_taken_back(f, refuted) for f in findings]
            judged[e] = sorted(findings, key=lambda f: -f.harm)
        if not whole.drift:
            _count_once(judged)
        rows = [_row(e, findings, graph, typed) for e, findings in judged.items()]
        of_all = of_model(whole, judged)
    remedies = [r for findings in judged.values() for f in findings for r in f.remedies]
    return rows, of_all, list(dict.fromkeys(remedies))


def _taken_back(finding, refuted):
    """Return a finding without its remedy, if that was tried and made it worse."""
    formula = finding.key in SCALES
    if not (finding.remedies and refuted and (formula or refuted == "all")):
        return finding
    harm = NOTE if formula else finding.harm
    words = f"{finding.words}; drawn anew, signal or gradient would drift more"
    return Finding(finding.key, harm, words)


def _count_once(judged):
    """Make it a note that a single layer of many is small, once."""
    blamed = [e for e, found in judged.items() if any(f.harm == FAULT for f in found)]
    if len(blamed) == 1 and len(judged) >= MANY:
        (e,) = blamed
        small = [f for f in judged[e] if f.key == "small"]
        if small and len(e.calls) == 1 and e.scale > e.low / 10:
            words = f"{small[0].words}; the only one of {len(judged)} layers, and once"
            judged[e] = [Finding("once", NOTE, words)]


def _row(e, findings, graph, typed):
    layer = e.layer
    worst = findings[0].harm if findings else FINE
    said = [f for f in findings if f.harm == worst] or findings
    if worst < FAULT:
        said = said[:1] if worst == FINE else said
    remedies = [(r, typed(r, layer)) for f in said for r in f.remedies]
    remedies = list(dict(remedies).items())
    nodes = [call.node for call in e.calls]
    return Row(
        layer.name,
        layer.fan_in,
        layer.fan_out,
        e.function.name if e.function else "",
        float(np.mean([node.moment for node in nodes])),
        e.activated,
        float(np.mean([node.gradient for node in nodes])),
        *e.shares,
        {FAULT: False, UNKNOWN: None}.get(worst, True),
        "; ".join(f.words for f in said),
        next((r.scheme for r, _ in remedies if r.scheme), ""),
        "; ".join(dict.fromkeys(text for _, text in remedies)),
        layer.source.cosine,
        layer.node.moment / layer.source.moment if layer.source.moment else math.nan,
        next((g for _, g in e.gradients.values()), math.nan),
        len(e.calls),
    )
