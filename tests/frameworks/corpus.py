"""Models of strangers, rebuilt small, and planted faults: what an expert says of each.

The verdicts were written down before `inspect` was run on them. Each case makes a model, a
batch and a loss, all from a seed; `says` are words that must be in the report, `never` those
that must not. Numbers such as A3 and B13 are those of the review that asked for them.
"""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

W = 64


class Case(NamedTuple):
    """A model, and what an expert says of it."""

    name: str
    make: Callable  # returns a model, a batch, and a loss or None
    fits: bool | None
    says: tuple = ()
    never: tuple = ()
    law: bool = True  # whether a remedy is there to be followed


CASES: list[Case] = []


def misses(case, report):
    """Return what a report says otherwise than the expert, in words."""
    text = str(report)
    found = [] if report.fits is case.fits else [f"fits is {report.fits}"]
    found += [f"not said: {words}" for words in case.says if not re.search(words, text)]
    return found + [f"said: {words}" for words in case.never if re.search(words, text)]


def case(name, fits, *says, never=(), law=True):
    """Return a decorator that adds what a function makes to the cases."""

    def add(make):
        CASES.append(Case(name, make, fits, says, tuple(never), law))
        return make

    return add


def x(*shape):
    return torch.randn(*(shape or (64, W)))


def he(module, skip=()):
    """Draw all weights of a module from He's normal, by the right fan, and zero its biases."""
    for m in module.modules():
        if isinstance(m, nn.Linear | nn.Conv1d | nn.Conv2d) and m not in skip:
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            if m.bias is not None:
                nn.init.zeros_(m.bias)
    return module


class Fn(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *args):  # noqa: D102
        return self.function(*args)


def chain(function, depth=8, out=10, width=W, draw=he, norm=None):
    """Return dense layers with a function behind each, and a head."""
    steps = []
    for _ in range(depth):
        steps += [nn.Linear(width, width)]
        steps += [norm()] if norm else []
        steps += [function if isinstance(function, nn.Module) else Fn(function)]
    model = nn.Sequential(*steps, nn.Linear(width, out))
    return draw(model) if draw else model


class Res(nn.Module):
    """Branches beside a shortcut, without a normalization."""

    def __init__(
        self, blocks=20, width=W, last=None, first=None, function=functional.relu, norm=False
    ):
        super().__init__()
        self.stem = nn.Linear(width, width)
        self.a = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.b = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.norms = nn.ModuleList(
            nn.LayerNorm(width) if norm else nn.Identity() for _ in range(blocks)
        )
        self.head = nn.Linear(width, 10)
        self.function = function
        he(self)
        for layers, std in ((self.a, first), (self.b, last)):
            for layer in layers:
                if std is not None:
                    nn.init.normal_(layer.weight, std=std)

    def forward(self, x):  # noqa: D102
        x = self.stem(x)
        for a, b, norm in zip(self.a, self.b, self.norms, strict=True):
            x = x + b(self.function(a(norm(x))))
        return self.head(x)


# A: what was wrong.


@case("A1 uniform weights of mean 0.15", False, "mean 0.15", r"signal grows .*-fold a layer")
def _():
    model = chain(functional.relu)
    for p in model.parameters():
        if p.ndim > 1:
            nn.init.uniform_(p, 0, (6 / 64) ** 0.5)
    return model, x(), None


@case("A1 residual without normalization, He in the branches", False, "signal grows", "branch")
def _():
    return Res(20), x(), None


@case("A1 biases of 5", False, "biases of mean square 25", "zeros_")
def _():
    model = chain(functional.relu)
    for m in model[:-1]:
        if isinstance(m, nn.Linear):
            nn.init.constant_(m.bias, 5.0)
    return model, x(), None


@case("A1 biases from N(0, 1)", False, "biases of mean square")
def _():
    model = chain(functional.relu)
    for m in model[:-1]:
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.bias)
    return model, x(), None


@case("A1 inputs times 100", False, "input has mean square", law=False)
def _():
    return chain(functional.relu, 3), 100 * x(), None


@case("A1 relu squared, three layers of He's", False, "too large")
def _():
    return chain(lambda z: functional.relu(z) ** 2, 3), x(), None


class HandRNN(nn.Module):
    """A recurrent network as in a tutorial."""

    def __init__(self, gain, n_in=8):
        super().__init__()
        self.i, self.h, self.o = nn.Linear(n_in, W), nn.Linear(W, W), nn.Linear(W, 5)
        nn.init.orthogonal_(self.h.weight, gain)
        nn.init.xavier_normal_(self.i.weight)

    def forward(self, x):  # noqa: D102
        h = torch.zeros(x.shape[0], W)
        for t in range(x.shape[1]):
            h = torch.tanh(self.i(x[:, t]) + self.h(h))
        return self.o(h)


@case(
    "A2 hand-written RNN, recurrent gain 0.1",
    False,
    "gradient, going back, falls",
    "h: .*too small",
    never=("shortcut",),
)
def _():
    return HandRNN(0.1), x(16, 30, 8), None


@case("A2 hand-written RNN, orthogonal: no weight is to blame", True, "falls 1.8-fold")
def _():
    return HandRNN(1.0), x(16, 30, 8), None


@case("A2 hand-written RNN, orthogonal, four steps", True)
def _():
    return HandRNN(1.0), x(16, 4, 8), None


@case("A2 both layers of each branch zero", False, "No gradient comes to|no gradient comes to")
def _():
    model = Res(4, last=0.0, first=0.0)
    return model, x(), None


@case("A2 only the last layer of each branch zero", True)
def _():
    return Res(20, last=0.0), x(), None


@case("A2 branch weights N(0, 1e-8)", False, "a.0", "too small")
def _():
    return Res(6, last=1e-4, first=1e-4), x(), None


UNKNOWN = {
    "clamp": lambda z: z.clamp(min=0),
    "maximum": lambda z: torch.maximum(z, torch.zeros(())),
    "threshold": lambda z: functional.threshold(z, 0.0, 0.0),
    "where": lambda z: torch.where(z > 0, z, torch.zeros_like(z)),
    "relu by hand": lambda z: z * (z > 0),
}
for _name, _function in UNKNOWN.items():

    @case(f"A3 {_name} with He's weights", True, never=("lecun", "linear layer"))
    def _(function=_function):
        return chain(function, 12), x(), None


@case("A3 rrelu with He's weights", True)
def _():
    return chain(nn.RReLU(), 8), x(), None


class Sine(nn.Module):
    """SIREN with its own start (Sitzmann et al., 2020)."""

    def __init__(self, depth=4, n=W):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, n), *(nn.Linear(n, n) for _ in range(depth))])
        self.last = nn.Linear(n, 1)
        nn.init.uniform_(self.layers[0].weight, -1 / 2, 1 / 2)
        for m in (*self.layers[1:], self.last):
            nn.init.uniform_(m.weight, -math.sqrt(6 / n) / 30, math.sqrt(6 / n) / 30)

    def forward(self, x):  # noqa: D102
        for layer in self.layers:
            x = torch.sin(30 * layer(x))
        return self.last(x)


@case("A3 SIREN with its own start", True, never=("too small",))
def _():
    return Sine(), torch.rand(256, 2) * 2 - 1, None


@case("A3 z * sigmoid(z) by hand, weights for silu", True, "silu", never=("sigmoid lets",))
def _():
    model = chain(lambda z: z * torch.sigmoid(z), 6)
    for m in model[::2]:
        nn.init.normal_(m.weight, std=math.sqrt(2.8 / W))
    return model, x(), None


@case("A3 gelu by tanh, by hand", True, "gelu")
def _():
    def gelu(z):
        return 0.5 * z * (1 + torch.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z.pow(3))))

    return chain(gelu, 6), x(), None


@case("A4 relu goes to the first of two", True, never=("lecun",))
def _():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(W, W), nn.Linear(W, W)
            self.c, self.out = nn.Linear(2 * W, W), nn.Linear(W, 3)
            he(self)
            nn.init.kaiming_normal_(self.b.weight, nonlinearity="linear")

        def forward(self, x):
            h = self.a(x)
            g = self.b(x)
            return self.out(functional.relu(self.c(torch.cat([functional.relu(h), g], 1))))

    return Two(), x(), None


def wrapped(wrap, depth=3):
    model = chain(functional.relu, depth, draw=None)
    for i, m in enumerate(model):
        if isinstance(m, nn.Linear) and i < len(model) - 1:
            model[i] = wrap(m)
    return model


@case(
    "A5 weight_norm, three layers of PyTorch's default", False, "2.*too small for relu", "mul_"
)
def _():
    return wrapped(nn.utils.parametrizations.weight_norm), x(), None


@case("A5 old weight_norm", False, "too small for relu", law=True)
def _():
    return wrapped(nn.utils.weight_norm), x(), None


@case("A5 spectral_norm", False, "too small for relu", law=False)
def _():
    return wrapped(nn.utils.parametrizations.spectral_norm), x(), None


@case("A5 orthogonal parametrization before relu", False, "too small for relu", law=False)
def _():
    return wrapped(nn.utils.parametrizations.orthogonal), x(), None


@case("A5 einsum", False, "too small for relu")
def _():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.ParameterList(
                nn.Parameter(torch.randn(W, W) / W**0.5 / 2) for _ in range(3)
            )

        def forward(self, x):
            for w in self.w:
                x = functional.relu(torch.einsum("bi,io->bo", x, w))
            return x.sum(1)

    return Own(), x(), None


@case("A6 PPO: orthogonal, gain sqrt(2), tanh", True)
def _():
    model = nn.Sequential(
        nn.Linear(17, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 6)
    )
    for m, g in zip(model[::2], (2**0.5, 2**0.5, 0.01), strict=True):
        nn.init.orthogonal_(m.weight, g)
        nn.init.zeros_(m.bias)
    return model, x(64, 17), None


@case("A7 two rows repeated 32 times", False, "only 2 differ")
def _():
    model = chain(functional.relu, 4)
    with torch.no_grad():
        model[2].weight.copy_(model[2].weight[:2].repeat(32, 1))
    return model, x(), None


@case("A7 one matrix in six layers", False, "same weights as")
def _():
    model = chain(functional.relu, 6)
    with torch.no_grad():
        for m in model[2:-1:2]:
            m.weight.copy_(model[0].weight)
    return model, x(), None


@case("A7 nn.TransformerEncoder's copies", False, "same weights as")
def _():
    block = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    return nn.TransformerEncoder(block, 3, enable_nested_tensor=False), x(4, 9, 32), None


@case(
    "A8 one NaN", False, "1 of 4096 weights is NaN", "its input is not finite", never=("lecun",)
)
def _():
    model = chain(functional.relu, 5)
    with torch.no_grad():
        model[6].weight[3, 4] = float("nan")
    return model, x(), None


class Checkpointed(nn.Module):
    """Reentrant checkpointing of a part."""

    def __init__(self):
        super().__init__()
        self.first, self.inner, self.last = nn.Linear(W, W), nn.Linear(W, W), nn.Linear(W, 3)
        he(self)

    def forward(self, x):  # noqa: D102
        import torch.utils.checkpoint as c

        x = functional.relu(self.first(x))
        x = c.checkpoint(lambda x: functional.relu(self.inner(x)), x, use_reentrant=True)
        return self.last(x)


@case("A10 reentrant checkpointing", True, never=("no gradient",))
def _():
    return Checkpointed(), x(), None


# B: where a user would stumble.


class Dict(nn.Module):
    """Takes what a loader of Hugging Face yields."""

    def __init__(self):
        super().__init__()
        self.e, self.l, self.h = nn.Embedding(20, W), nn.Linear(W, W), nn.Linear(W, 20)
        nn.init.kaiming_normal_(self.l.weight, nonlinearity="linear")

    def forward(self, input_ids, attention_mask=None, labels=None, mode="plain"):  # noqa: D102
        assert (mode, labels) == ("plain", None)
        h = self.e(input_ids)
        if attention_mask is not None:
            h = h * attention_mask[..., None]
        return {"logits": self.h(functional.relu(self.l(h)))}["logits"]


@case("B11 a dict with None and a word", True)
def _():
    batch = {
        "input_ids": torch.randint(0, 20, (8, 7)).numpy(),
        "attention_mask": torch.ones(8, 7),
        "labels": None,
        "mode": "plain",
    }
    return Dict(), batch, None


class ActorCritic(nn.Module):
    """Two heads, one of them small."""

    def __init__(self, pi=0.01):
        super().__init__()
        self.a, self.b = nn.Linear(17, 64), nn.Linear(64, 64)
        self.pi, self.v = nn.Linear(64, 6), nn.Linear(64, 1)
        for m, g in ((self.a, 2**0.5), (self.b, 2**0.5), (self.pi, pi), (self.v, 1.0)):
            nn.init.orthogonal_(m.weight, g)
            nn.init.zeros_(m.bias)

    def forward(self, x):  # noqa: D102
        h = torch.tanh(self.b(torch.tanh(self.a(x))))
        return torch.cat([self.pi(h), self.v(h)], 1)


@case(
    "B13 actor-critic, policy head 0.01",
    True,
    r"pi: .*small last layer",
    never=("pi: too small",),
)
def _():
    return ActorCritic(), x(64, 17), None


@case("B14 one hidden sigmoid layer", True, never=("sigmoid lets",))
def _():
    model = nn.Sequential(nn.Linear(W, W), nn.Sigmoid(), nn.Linear(W, 3))
    nn.init.xavier_normal_(model[0].weight)
    return model, x(), None


@case("B14 eight sigmoid layers", False, "sigmoid lets too little")
def _():
    model = chain(nn.Sigmoid(), 8)
    for m in model[::2]:
        nn.init.xavier_normal_(m.weight)
    return model, x(), None


@case("B17 transposed convolution, too small", False, r"normal_\(.*std=")
def _():
    layers = [nn.ConvTranspose2d(c, c // 2, 4, 2, 1) for c in (64, 32, 16)]
    model = nn.Sequential(*(m for c in layers for m in (c, nn.ReLU())))
    return nn.Sequential(model, nn.Conv2d(8, 1, 1)), x(8, 64, 4, 4), None


@case("B17 depthwise convolutions by fan_out", False, "too small for relu")
def _():
    layers = [nn.Conv2d(32, 32, 3, padding=1, groups=32) for _ in range(4)]
    for m in layers:
        nn.init.kaiming_normal_(m.weight, mode="fan_out")
        nn.init.zeros_(m.bias)
    return nn.Sequential(*(s for m in layers for s in (m, nn.ReLU()))), x(8, 32, 8, 8), None


@case("B17 silu in PyTorch's default", False, r"normal_\(.*std=0\.2", "too small for silu")
def _():
    return chain(nn.SiLU(), 6, draw=None), x(), None


@case(
    "B18 embedding tied to the head, std 1", False, "loss starts at", "ln 50", "embedding|head"
)
def _():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.e, self.l = nn.Embedding(50, W), nn.Linear(W, W)
            nn.init.xavier_normal_(self.l.weight)
            self.norm = nn.LayerNorm(W)

        def forward(self, t):
            return functional.linear(self.norm(torch.tanh(self.l(self.e(t)))), self.e.weight)

    t = torch.randint(0, 50, (8, 7))
    return Tied(), t, lambda out: functional.cross_entropy(out.flatten(0, 1), t.flatten())


@case("B18 makemore: loss of 28 for 3.3", False, "loss starts at", "ln 27", "too large")
def _():
    class Makemore(nn.Module):
        def __init__(self):
            super().__init__()
            self.C = nn.Parameter(torch.randn(27, 10))
            self.W1, self.b1 = (
                nn.Parameter(torch.randn(30, 200)),
                nn.Parameter(torch.randn(200)),
            )
            self.W2, self.b2 = nn.Parameter(torch.randn(200, 27)), nn.Parameter(torch.randn(27))

        def forward(self, t):
            h = torch.tanh(self.C[t].flatten(1) @ self.W1 + self.b1)
            return h @ self.W2 + self.b2

    t, y = torch.randint(0, 27, (64, 3)), torch.randint(0, 27, (64,))
    return Makemore(), t, lambda out: functional.cross_entropy(out, y)


@case("B19 a Xavier-drawn layer of 1 to 4", True)
def _():
    model = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))
    nn.init.xavier_normal_(model[0].weight)
    nn.init.zeros_(model[0].bias)
    return model, x(64, 1), None


@case("B20 one weight, one row, one verdict", False, never=("i: fits .*\n.*i: too small",))
def _():
    model = HandRNN(0.1)
    model.i.reset_parameters()
    return model, x(16, 10, 8), None


# C: what the libraries' own models showed: sound ones were blamed, and remedies harmed.


def depthwise(c, expand, eps=1e-5, gate=None):
    """Return an inverted bottleneck as MobileNets have it, drawn by fan_out, as theirs are."""
    layers = [nn.Conv2d(c, expand * c, 1), nn.BatchNorm2d(expand * c, eps), nn.ReLU6()]
    layers += [nn.Conv2d(expand * c, expand * c, 3, padding=1, groups=expand * c)]
    layers += [nn.BatchNorm2d(expand * c, eps), nn.Hardswish()]
    layers += [Squeeze(expand * c, gate)] if gate else []
    layers += [nn.Conv2d(expand * c, c, 1), nn.BatchNorm2d(c, eps)]
    for m in layers:
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out")
    return layers


class Squeeze(nn.Module):
    """Squeeze and excitation (Hu et al., 2018), drawn by fan_out."""

    def __init__(self, c, gate):
        super().__init__()
        self.a, self.b, self.gate = nn.Conv2d(c, c // 16, 1), nn.Conv2d(c // 16, c, 1), gate
        for m in (self.a, self.b):
            nn.init.kaiming_normal_(m.weight, mode="fan_out")
            nn.init.zeros_(m.bias)

    def forward(self, x):  # noqa: D102
        h = functional.silu(self.a(x.mean((2, 3), keepdim=True)))
        return x * self.gate(self.b(h))


class End(nn.Module):
    """A pool, one layer without a normalization, and a small head, as MobileNetV3 ends."""

    def __init__(self, c):
        super().__init__()
        self.last, self.head = nn.Linear(c, 4 * c), nn.Linear(4 * c, 10)
        nn.init.normal_(self.last.weight, std=math.sqrt(0.5 / c))
        nn.init.normal_(self.head.weight, std=0.01)

    def forward(self, x):  # noqa: D102
        return self.head(functional.hardswish(self.last(x.mean((2, 3)))))


@case("C depthwise convolutions by fan_out, each normalized", True)
def _():
    return nn.Sequential(*depthwise(32, 4), *depthwise(32, 4), End(32)), x(4, 32, 8, 8), None


@case("C the same, where the normalization adds 0.001", True)
def _():
    layers = [*depthwise(64, 6, 1e-3, functional.hardsigmoid), *depthwise(64, 6, 1e-3), End(64)]
    return nn.Sequential(*layers), x(4, 64, 8, 8), None


@case("C gates opened by large weights, by fan_out", True, "opens and closes gates")
def _():
    layers = [*depthwise(32, 6, gate=torch.sigmoid), *depthwise(32, 6), End(32)]
    return nn.Sequential(*layers), x(4, 32, 8, 8), None


@case("C weights so small that a normalization does not bring them back", False, "too small")
def _():
    layers = [nn.BatchNorm1d(W), nn.ReLU()]
    model = nn.Sequential(*(s for _ in range(3) for s in (nn.Linear(W, W), *layers)))
    for m in model[::3]:
        nn.init.normal_(m.weight, std=1e-5)
    return nn.Sequential(model, chain(functional.relu, 3)), x(), None


class Stream(nn.Module):
    """A stream that a default convolution makes shorter, as in a U-Net with GroupNorm."""

    def __init__(self, c=32):
        super().__init__()
        self.stem, self.down = nn.Conv2d(3, c, 3, padding=1), nn.Conv2d(c, c, 3, 2, 1)
        self.norms = nn.ModuleList(nn.GroupNorm(4, c) for _ in range(3))
        self.convs = nn.ModuleList(nn.Conv2d(c, c, 3, padding=1) for _ in range(2))
        self.short, self.head = nn.Conv2d(c, c, 1), nn.Conv2d(c, 3, 3, padding=1)

    def forward(self, x):  # noqa: D102
        x = self.stem(x)
        x = self.down(x + self.convs[0](functional.silu(self.norms[0](x))))
        x = self.short(x) + self.convs[1](functional.silu(self.norms[1](x)))
        return self.head(functional.silu(self.norms[2](x)))


@case("C a default convolution in a stream that is normalized wherever it is taken", True)
def _():
    return Stream(), x(4, 3, 16, 16), None


class Graphs(nn.Module):
    """Layers of a graph of 40 nodes: what neighbours send is added, weighed or not."""

    def __init__(self, kind, depth=4, scale=1.0):
        super().__init__()
        self.kind = kind
        self.layers = nn.ModuleList(nn.Linear(W, W) for _ in range(depth))
        self.attention = nn.ParameterList(torch.randn(2, W) / W**0.5 for _ in range(depth))
        self.head = nn.Linear(W, 5)
        for m in self.layers:
            nn.init.normal_(m.weight, std=(scale / W) ** 0.5)
            nn.init.zeros_(m.bias)

    def forward(self, x, edges):  # noqa: D102
        start, end = edges
        zeros = x.new_zeros(len(x))
        degree = zeros.scatter_add(0, end, torch.ones(len(end))).clamp(min=1)
        for layer, a in zip(self.layers, self.attention, strict=True):
            h = layer(x)
            sent = h.index_select(0, start)
            if self.kind == "attention":
                score = functional.leaky_relu(h @ a[0], 0.2)[start] + (h @ a[1])[end]
                score = torch.exp(score - score.detach().max())
                total = zeros.scatter_add(0, end, score)[end]
                sent = (score / total).unsqueeze(-1) * sent
            elif self.kind == "mean":
                sent = (degree[start] * degree[end]).rsqrt().unsqueeze(-1) * sent
            gathered = x.new_zeros(x.shape)
            gathered = gathered.scatter_add(0, end.unsqueeze(-1).expand_as(sent), sent)
            x = functional.relu(gathered)
        return self.head(x)


def graph():
    loops = torch.arange(40).expand(2, 40)
    return x(40, W), torch.cat([torch.randint(0, 40, (2, 160)), loops], 1)


@case("C a graph convolution in Xavier's weights, before relu", False, "too small for relu")
def _():
    return Graphs("mean"), graph(), None


@case("C graph attention in Xavier's weights: a weight is no gate", False, never=("for mul",))
def _():
    return Graphs("attention"), graph(), None


@case("C sums over neighbours make up for small weights", True, "would drift more")
def _():
    return Graphs("sum", scale=0.4), graph(), None


@case("C one of eight layers is small, five times", True, "and once")
def _():
    model = chain(functional.relu, 8)
    with torch.no_grad():
        model[8].weight.mul_(0.2**0.5)
    return model, x(), None


@case(
    "C a head tied to an embedding that is right",
    False,
    "loss starts at",
    "head that is the embedding too",
    "kaiming_normal_",
)
def _():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.e = nn.Embedding(50, W)
            self.blocks = nn.ModuleList(nn.Linear(W, W) for _ in range(4))
            self.norm = nn.LayerNorm(W)

        def forward(self, t):
            h = self.e(t)
            for block in self.blocks:
                h = h + 0.5 * torch.tanh(block(functional.layer_norm(h, (W,))))
            return functional.linear(self.norm(h), self.e.weight)

    t, y = torch.randint(0, 50, (2, 8, 7))
    return Tied(), t, lambda out: functional.cross_entropy(out.flatten(0, 1), y.flatten())


class Reads(nn.Module):
    """Recurrent layers of PyTorch, of which a head reads the last step."""

    def __init__(self, kind, **options):
        super().__init__()
        self.cells = getattr(nn, kind)(8, W, batch_first=True, **options)
        self.head = nn.Linear((1 + self.cells.bidirectional) * W, 5)

    def forward(self, x):  # noqa: D102
        return self.head(self.cells(x)[0][:, -1])


for _kind, _fits in (("LSTM", True), ("GRU", True), ("RNN", False)):

    @case(
        f"C nn.{_kind} of 12 steps as PyTorch starts it",
        _fits,
        "weight_hh_l0",
        never=("not judged",),
    )
    def _(kind=_kind):
        return Reads(kind), x(16, 12, 8), None


@case(
    "C nn.LSTM with recurrent weights of N(0, 1)", False, "weight_hh_l0.*too large for a gate"
)
def _():
    model = Reads("LSTM")
    nn.init.normal_(model.cells.weight_hh_l0)
    return model, x(16, 12, 8), None


@case("C the last step of both ways: one has only begun", False, "reverse.*no grad", law=False)
def _():
    return Reads("LSTM", bidirectional=True), x(16, 12, 8), None


# Public reports, of which `tests/frameworks/reports.py` makes a table.


@case("pytorch 57109: the default is not He's", False, "too small for relu", "kaiming_normal_")
def _():
    return chain(functional.relu, 6, draw=None), x(), None


@case("mlx 4536: groups forgotten in the fan", False, "too small for relu", "kaiming_normal_")
def _():
    layers = [nn.Conv2d(32, 32, 3, padding=1, groups=8) for _ in range(4)]
    for m in layers:
        nn.init.normal_(m.weight, std=math.sqrt(2 / (32 * 9)))
        nn.init.zeros_(m.bias)
    return nn.Sequential(*(s for m in layers for s in (m, nn.ReLU()))), x(8, 32, 8, 8), None


@case("keras 11773: depthwise Glorot, no normalization", False, "too small for relu")
def _():
    layers = [nn.Conv2d(32, 32, 3, padding=1, groups=32) for _ in range(4)]
    for m in layers:
        nn.init.normal_(m.weight, std=math.sqrt(2 / (32 * 9 + 9)))
        nn.init.zeros_(m.bias)
    return nn.Sequential(*(s for m in layers for s in (m, nn.ReLU()))), x(8, 32, 8, 8), None


@case("FlowNetPytorch 19: a transposed convolution by the wrong fan", False, r"normal_\(.*std=")
def _():
    layers = [nn.ConvTranspose2d(c, c // 2, 4, 2, 1) for c in (128, 64, 32)]
    for m in layers:
        nn.init.kaiming_normal_(m.weight, 0.1, mode="fan_in")
        nn.init.zeros_(m.bias)
        m.weight.data *= 0.5
    steps = [s for m in layers for s in (m, nn.LeakyReLU(0.1))]
    return nn.Sequential(*steps, nn.Conv2d(16, 2, 3, padding=1)), x(4, 128, 4, 4), None


class Equalized(nn.Module):
    """A layer with weights of N(0, 1) that are scaled when it runs (pro_gan)."""

    def __init__(self, c, fan):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(c, c, 3, 3))
        self.scale = math.sqrt(2 / fan)

    def forward(self, x):  # noqa: D102
        return functional.conv2d(x, self.weight * self.scale, padding=1)


@case("pro_gan 44: equalized with the wrong fan", False, "too small for leaky_relu", "mul_")
def _():
    layers = [s for _ in range(4) for s in (Equalized(32, 32 * 9 * 4), nn.LeakyReLU(0.2))]
    return nn.Sequential(*layers, nn.Conv2d(32, 3, 1)), x(4, 32, 12, 12), None


@case("pro_gan 44: equalized with the right fan", True)
def _():
    layers = [s for _ in range(4) for s in (Equalized(32, 32 * 9), nn.LeakyReLU(0.2))]
    return nn.Sequential(*layers, nn.Conv2d(32, 3, 1)), x(4, 32, 12, 12), None


@case("pixel-cnn 31: weight norm with a large g", False, "too large for relu", "mul_")
def _():
    model = wrapped(nn.utils.parametrizations.weight_norm)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith("original0"):
                p.mul_(100)
    return model, x(), None


@case("transformers 26441: a head of std 1", False, "loss starts at", "too large", "ln 50")
def _():
    block = nn.TransformerEncoderLayer(W, 4, 128, batch_first=True, norm_first=True)
    head = nn.Linear(W, 50, bias=False)
    nn.init.normal_(head.weight)
    model = nn.Sequential(nn.Embedding(50, W), block, nn.LayerNorm(W), head)
    t = torch.randint(0, 50, (8, 9))
    return model, t, lambda out: functional.cross_entropy(out.flatten(0, 1), t.flatten())


@case("keras-hub 352: one initializer object for equal layers", False, "same weights as")
def _():
    model = chain(nn.Tanh(), 3)
    for m in model[::2]:
        nn.init.xavier_normal_(m.weight, generator=torch.Generator().manual_seed(1))
    return model, x(), None


@case("stable-baselines3 1559: orthogonal with gain 1 before relu", False, "too small for relu")
def _():
    model = chain(functional.relu, 6)
    for m in model[:-1:2]:
        nn.init.orthogonal_(m.weight)
    return model, x(), None


@case("minimal-stable-PPO 3: the policy head has gain 1", True, r"pi: fits|pi: .* small last")
def _():
    return ActorCritic(1.0), x(64, 17), None


@case(
    "build-nanogpt 18: positions of std 1 beside tokens of 0.02",
    False,
    "wte.*beside",
    r"wpe.*std=0\.02",
)
def _():
    class Embedded(nn.Module):
        def __init__(self):
            super().__init__()
            self.wte, self.wpe = nn.Embedding(50, W), nn.Embedding(16, W)
            nn.init.normal_(self.wte.weight, std=0.02)
            self.block = nn.TransformerEncoderLayer(
                W, 4, 128, batch_first=True, norm_first=True
            )
            self.norm, self.head = nn.LayerNorm(W), nn.Linear(W, 50, bias=False)

        def forward(self, t):
            z = self.wte(t) + self.wpe(torch.arange(t.shape[1]))
            return self.head(self.norm(self.block(z)))

    t = torch.randint(0, 50, (8, 12))
    return Embedded(), t, lambda out: functional.cross_entropy(out.flatten(0, 1), t.flatten())


@case("stats.SE 450100: relu on the output", False, "the output goes through relu", law=False)
def _():
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.ReLU())
    nn.init.kaiming_normal_(model[0].weight)
    nn.init.constant_(model[2].weight, -0.1)
    return model, x(64, 2), None
