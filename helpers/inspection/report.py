"""A model, looked into."""

import importlib
import json
import math
import sys
from html import escape

import numpy as np
from ipywidgets import HTML, VBox

from helpers import panels
from helpers.figures import ModelInDepth
from helpers.inspection.judge import FAULT, UNKNOWN, Finding, Row, judge
from helpers.inspection.layers import Graph, classes, mean_square
from helpers.network import MLP
from helpers.validation import check_callable
from helpers.words import count, number, percent

TURNS = 3  # in which `fix` follows remedies
WORSE = 1.0  # powers of ten by which a remedy may move a moment: it draws anew
COLUMNS = ("layer", "fans", "activation", "E[z²]", "E[h²]", "E[δ²]", "sat.", "off", "dead")


def inspect(model, x, *, loss=None, optimizer=None):
    """Send a batch through a model, and a gradient back, and judge the weights of each layer.

    The model is left as it was: parameters, gradients, buffers, hooks, modes, the attributes
    that its modules set, and the random states of Python, NumPy and the framework. What a
    model keeps elsewhere, such as entries of a list, is not looked after. Remedies are tried in
    a copy; where they make signal or gradient drift more, none is named.

    Parameters
    ----------
    model : torch.nn.Module, keras.Model or MLP
        A PyTorch model runs in the mode that it is in, best that of training; a Keras model
        always as in training, on the backend of JAX or PyTorch.
    x : array, tensor, or tuple or dict of them
        A batch as the model takes it, best a real one; a tuple is several arguments, a dict
        are arguments by name. What is no array goes in as it is.
    loss : callable, optional
        ``loss(output)`` is a number whose gradient is sent back, made with the framework's
        functions; for an `MLP` that number and its gradient, as the losses beside it return.
        By default it is what the model calls its loss, or else the gradient at the output is
        standard normal.
    optimizer : torch.optim.Optimizer, optional
        For the size of its next step beside that of the weights. It is left as it was.

    Returns
    -------
    Report
        Printed, a verdict, the findings, and a table; shown in a notebook, a picture too.

    Raises
    ------
    TypeError, ValueError
        If the model is none of these, has no layers with weights that could be seen, or does
        not take `x`.

    Examples
    --------
    >>> from helpers.activations import relu
    >>> from helpers.initializers import lecun_normal
    >>> rng = np.random.default_rng(0)
    >>> network = MLP([64, 64, 64, 10], relu, lecun_normal, rng)
    >>> inspect(network, rng.standard_normal((50, 64))).rows[1].verdict
    'too small for relu: 1 / fan_in, for 2'

    In a test of your own project, this holds a model to its start::

        def test_the_model_starts_well():
            assert inspect(model, batch, loss=loss).fits
    """
    if loss is not None:
        check_callable("loss", loss)
    front = _front(model)
    with np.errstate(over="ignore", invalid="ignore"):  # the table says where it happens
        graph = front.look(model, x, loss, optimizer, np.random.default_rng(0))
        rows, verdict, remedies = judge(graph, front.typed)

        def harms(remedies):
            """Try remedies in a copy; whether signal or gradient then range further."""
            if not remedies:
                return False
            try:
                copied = front.copied(model)
            except Exception:  # whatever a model raises that cannot be copied
                return False
            for seed, remedy in enumerate(remedies):
                front.apply(copied, remedy, (0, seed), graph.places)
            after = front.look(copied, x, loss, None, np.random.default_rng(0), tries=False)
            before, after = graph.spread(), after.spread()
            return any(b > a + WORSE for a, b in zip(before, after, strict=True))

        for refuted in ("scales", "all"):
            if harms(remedies):
                rows, verdict, remedies = judge(graph, front.typed, refuted)
    if not rows:
        inside = ", ".join(graph.unseen)
        raise ValueError(
            "model must have a dense or a convolutional layer"
            + (f"; it has {inside}, used inside functions, and" if inside else ";")
            + f" none was seen in {model!r}"
        )
    report = Report(rows, list(graph.unseen), verdict)
    report.remedies = remedies

    def again(other):
        return inspect(other, x, loss=loss)

    report._again, report._front, report._places = again, front, graph.places
    return report


def _front(model):
    """Return the module, or class, that looks into such a model."""
    if isinstance(model, MLP):
        return _Own
    keras, torch = sys.modules.get("keras"), sys.modules.get("torch")
    if keras and isinstance(model, keras.Model):
        return importlib.import_module("helpers.inspection.keras")
    of_keras = keras and isinstance(model, keras.Layer)  # on PyTorch it is a Module too
    if torch and isinstance(model, torch.nn.Module) and not of_keras:
        return importlib.import_module("helpers.inspection.pytorch")
    raise TypeError(
        "model must be a torch.nn.Module, a keras.Model or a helpers.network.MLP; got "
        f"{model!r}"
    )


class _Own:
    """Looks into networks of `helpers.network`."""

    @staticmethod
    def look(network, x, loss, optimizer, rng, tries=True):
        """Return the `Graph` of an `MLP`."""
        inputs = x if isinstance(x, tuple) else (x,)
        if network.weights[0].ndim != 2:
            raise ValueError(f"model must be a single network, not a stack; got {network!r}")
        if optimizer is not None:
            raise ValueError("optimizer must be None for a helpers.network.MLP")
        if len(inputs) != 1:
            raise ValueError(
                f"x must be one array for a helpers.network.MLP; got {len(inputs)}"
            )
        trace = network.forward(*inputs)
        output = trace.preactivations[-1]
        graph = Graph()
        if loss is None:
            gradient = rng.standard_normal(output.shape)
        else:
            value, gradient = _pair(loss(output))
            k = classes(output.shape[1:], lambda v: loss(np.full_like(output, v))[0])
            graph.loss = float(value), k
        gradients = network.backward(trace, gradient)
        h = graph.add("input", shape=np.shape(inputs[0]))
        h.measure(np.asarray(inputs[0]))
        last = len(network.weights) - 1
        for i, (W, b) in enumerate(zip(network.weights, network.biases, strict=True)):
            z = graph.add("linear", [h], trace.preactivations[i].shape)
            z.measure(trace.preactivations[i])
            z.gradient = mean_square(gradients.preactivations[i])
            path = f"weights[{i}]"
            graph.layer(
                z,
                name=f"layer {i + 1}",
                path=path,
                kind="linear",
                weights=W,
                fan_in=W.shape[0],
                fan_out=W.shape[1],
                source=h,
                unbiased=mean_square(trace.preactivations[i] - b),
                bias=b,
                bias_path=f"biases[{i}]",
                parameters=(path,),
            )
            moment = mean_square(gradients.weights[i])
            graph.gradients[path] = mean_square(W), moment
            if i < last:
                h = graph.add(network.activation.name, [z], z.shape)
                h.set_function(z, network.activation)
                slope = network.activation.derivative(trace.preactivations[i])
                h.measure_function(trace.activations[i + 1], slope)
                h.measure(trace.activations[i + 1])
                back = gradients.preactivations[i + 1] @ network.weights[i + 1].T
                h.gradient = mean_square(back)
        return graph

    @staticmethod
    def typed(remedy, layer):
        """Return the call that follows a remedy, with `model` and `rng`."""
        if remedy.action == "zeros":
            return f"model.{remedy.path}[:] = 0"
        where = f"model.{remedy.path}"
        if remedy.scheme:
            name, _, options = remedy.scheme.partition("(")
            options = f", {options.rstrip(')')}" if options else ""
            return f"{where}[:] = {name}({where}.shape, rng{options})"
        return f"{where}[:] = normal({where}.shape, rng, std={remedy.value:.3g})"

    @staticmethod
    def copied(network):
        """Return a copy of a network."""
        return network.copy()

    @staticmethod
    def apply(network, remedy, seed, _places):
        """Do to a network what a remedy says."""
        kind, _, place = remedy.path.rstrip("]").partition("[")
        array = getattr(network, kind)[int(place)]
        drawn = np.random.default_rng(seed).standard_normal(array.shape)
        array[:] = 0 if remedy.action == "zeros" else remedy.value * drawn


def _pair(result):
    """Return what the loss of an `MLP` returned, which must be a value and its gradient."""
    if not (isinstance(result, tuple) and len(result) == 2):
        raise TypeError(
            "loss must return its value and its gradient for a helpers.network.MLP, as the "
            f"losses there do; got {result!r}"
        )
    return result


class Report:
    """What `inspect` found.

    Parameters
    ----------
    rows : list of Row
        One for each layer with weights, in the order in which they ran.
    missed : list of str
        Names of weights that could not be looked into.
    verdict : list of Finding
        What is seen of the whole model.

    Attributes
    ----------
    remedies : list of helpers.inspection.judge.Remedy
        What `fix` does.
    """

    def __init__(self, rows, missed=(), verdict=()):
        self.rows = [Row(**row) if isinstance(row, dict) else Row(*row) for row in rows]
        self.rows = [_with_nan(row) for row in self.rows]
        self.missed = list(missed)
        self.verdict = [Finding(**f) if isinstance(f, dict) else Finding(*f) for f in verdict]
        self.remedies, self._again, self._front, self._places = [], None, None, {}

    @property
    def fits(self):
        """Whether all fits; None where nothing is wrong, but something was not judged."""
        if not all(row.fits is not False for row in self.rows):
            return False
        harms = [finding.harm for finding in self.verdict]
        if FAULT in harms:
            return False
        unknown = UNKNOWN in harms or self.missed or any(row.fits is None for row in self.rows)
        return None if unknown else True

    @property
    def summary(self):
        """The verdict in sentences: first of the model, then of its layers, the worst first."""
        groups = self._groups()
        wrong = [g for g in groups if g[0].fits is False]
        n = sum(len(g) for g in wrong)
        fits = self.fits
        if fits:
            first = f"All fits: {count(len(self.rows), 'layer')}."
        elif fits is None:
            first = "Nothing is seen to be wrong, but not all could be judged."
        elif n:
            first = (
                f"{n} of {count(len(self.rows), 'layer')} {'does' if n == 1 else 'do'} not fit."
            )
        else:
            first = "The weights of no single layer are at fault, but the model does not fit."
        order = sorted(self.verdict, key=lambda f: -f.harm)
        return [first, *(f.words for f in order), *(_sentence(group) for group in groups)]

    def _groups(self):
        """Return the rows in groups of those that are alike, the worst first."""
        groups = {}
        for row in self.rows:
            alike = "".join(c for c in row.verdict if not (c.isdigit() or c in ".^×-−"))
            key = alike, row.fits, row.fan_in, row.fan_out, row.activation, row.suits
            groups.setdefault(key, []).append(row)
        harm = {False: 0, None: 1, True: 2}
        return sorted(groups.values(), key=lambda group: harm[group[0].fits])

    def __str__(self):
        cells = [COLUMNS, *(_cells(group) for group in self._groups())]
        widths = [max(len(line[i]) for line in cells) for i in range(len(COLUMNS))]
        lines = [*self.summary, "", *(_aligned(line, widths) for line in cells)]
        if self.missed:
            lines += ["", f"Not looked into: {', '.join(self.missed)}."]
        return "\n".join(lines)

    def to_dict(self):
        """Return all as plain data; ``Report(**data)`` is the report again."""
        return {
            "rows": [row._asdict() for row in self.rows],
            "missed": list(self.missed),
            "verdict": [{"key": f.key, "harm": f.harm, "words": f.words} for f in self.verdict],
        }

    def to_json(self):
        """Return all as JSON; a number that is not finite becomes null."""
        return json.dumps({"fits": self.fits, **_plain(self.to_dict())}, indent=1)

    def to_frame(self):
        """Return the rows as a `pandas.DataFrame`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            pandas = importlib.import_module("pandas")
        except ImportError as error:
            raise ImportError(
                "to_frame needs pandas, which is missing here; to_dict()['rows'] holds the same"
            ) from error
        return pandas.DataFrame(self.to_dict()["rows"])

    def fix(self, model):
        """Follow all remedies in a copy of the model, and look into it again.

        Parameters
        ----------
        model
            The one of which this is the report.

        Returns
        -------
        Fixed
            Its `model` is the copy, its `report` what is seen there; shown in a notebook, a
            picture of both.

        Raises
        ------
        ValueError
            If the report was made of saved rows.
        """
        if self._front is None:
            raise ValueError("fix needs a report that inspect has made; this is of saved rows")
        fixed, report = self._front.copied(model), self
        for turn in range(TURNS):  # what was hidden before may be seen then
            for seed, remedy in enumerate(report.remedies):
                self._front.apply(fixed, remedy, (turn, seed), self._places)
            report = self._again(fixed)
            if not report.remedies:
                break
        return Fixed(fixed, self, report)

    def _repr_html_(self):
        fits = {True: "fits", False: "does not fit", None: "not judged in full"}[self.fits]
        items = "".join(f"<li>{escape(s)}</li>" for s in self.summary)
        head = "".join(f"<th>{escape(c)}</th>" for c in COLUMNS)
        lines = ""
        for group in self._groups():
            cells = "".join(f"<td>{escape(c)}</td>" for c in _cells(group))
            style = ' style="background: #D55E0022"' if group[0].fits is False else ""
            lines += f"<tr{style}>{cells}</tr>"
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
        return f"<p><b>inspect: {fits}.</b></p><ul>{items}</ul>{table}"

    def _repr_mimebundle_(self, **kwargs):
        return _shown(ModelInDepth(), self._repr_html_(), rows=self.rows, verdicts=self.summary)


class Fixed:
    """A model that follows the remedies, beside what it was.

    Attributes
    ----------
    model
    before, report : Report
    """

    def __init__(self, model, before, report):
        self.model, self.before, self.report = model, before, report

    def __str__(self):
        return f"Before: {self.before.summary[0]} After: {self.report.summary[0]}"

    def _repr_mimebundle_(self, **kwargs):
        return _shown(
            ModelInDepth(),
            f"<p>{escape(str(self))}</p>",
            rows=self.report.rows,
            verdicts=[str(self)],
            before=self.before.rows,
        )


def _shown(figure, html, **data):
    """Return a picture, and visible words above it."""
    found, metadata = panels.picture(figure, **data)._repr_mimebundle_()
    if "text/html" in found:  # of a deck
        return {**found, "text/html": html + found["text/html"]}, metadata
    style = 'style="max-width: 100%; height: auto"'
    address = f"data:image/png;base64,{found['image/png']}"
    image = f'<img {style} alt="{escape(found["text/plain"])}" src="{address}">'
    shown = VBox([HTML(html + image)])
    view = {"version_major": 2, "version_minor": 0, "model_id": shown.model_id}
    return {**found, "application/vnd.jupyter.widget-view+json": view}, metadata


def _plain(value):
    """Return data in which what JSON has no number for is None."""
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _with_nan(row):
    """Return a row of JSON with its numbers that were not finite as nan."""
    numbers = {f: math.nan for f in Row._fields if f != "fits" and getattr(row, f) is None}
    return row._replace(**numbers)


def _cells(group):
    first = group[0]
    numbers = [[getattr(row, f) for row in group] for f in Row._fields[4:7]]
    shares = [[getattr(row, f) for row in group] for f in Row._fields[7:10]]
    return (
        first.name if len(group) == 1 else f"{first.name} … {group[-1].name} ({len(group)})",
        f"{number(first.fan_in)} → {number(first.fan_out)}",
        first.activation or "–",
        *(_span(values, number) for values in numbers),
        *(_span(values, percent) for values in shares),
    )


def _span(values, words):
    first, last = words(values[0]), words(values[-1])
    return first if first == last else f"{first} to {last}"


def _aligned(line, widths):
    """Return a line of a table: names to the left, numbers to the right."""
    cells = [
        cell.ljust(width) if i < 3 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _sentence(group):
    row = group[0]
    names = (
        row.name if len(group) == 1 else f"{row.name} … {group[-1].name} ({len(group)} layers)"
    )
    take = f". Take {row.remedy or row.suits}" if row.remedy or row.suits else ""
    take += ", and so for the others" if take and len(group) > 1 else ""
    return f"{names}: {row.verdict}{take}."
