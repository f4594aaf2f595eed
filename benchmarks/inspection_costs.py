"""Times and memory of `inspect` and of a pass of one model: see `benchmarks.inspection`."""

import gc
import json
import sys
from pathlib import Path

import torch
from torch import nn

from benchmarks.report import Report
from helpers.inspection import inspect


class Sum(nn.Module):
    """What a body makes of its input, and what a shortcut does."""

    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = nn.Sequential(*body), nn.Sequential(*shortcut)

    def forward(self, x):  # noqa: D102
        return self.body(x) + self.shortcut(x)


def convolution(n_in, n_out, window, stride=1, groups=1):
    """Return a convolution, and its normalization."""
    options = {"padding": window // 2, "groups": groups, "bias": False}
    return [nn.Conv2d(n_in, n_out, window, stride, **options), nn.BatchNorm2d(n_out)]


def mlp(small):
    n, depth = (16, 3) if small else (512, 8)
    steps = [step for _ in range(depth) for step in (nn.Linear(n, n), nn.ReLU())]
    return nn.Sequential(*steps, nn.Linear(n, 10)), torch.randn(256, n)


def resnet18(small):
    """Return the network of He et al. (2016), and images of 112 pixels."""
    n = c = 4 if small else 64
    steps = [*convolution(3, c, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    for i in range(8):
        width, stride = c * 2 ** (i // 2), 2 if i in (2, 4, 6) else 1
        body = [*convolution(n, width, 3, stride), nn.ReLU(), *convolution(width, width, 3)]
        steps += [Sum(body, [] if n == width else convolution(n, width, 1, stride)), nn.ReLU()]
        n = width
    steps += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(n, 1000)]
    return nn.Sequential(*steps), torch.randn(8, 3, 32 if small else 112, 32 if small else 112)


def mobilenet(small):
    """Return the network of Sandler et al. (2018), and images of 112 pixels."""
    n, steps = 32, [*convolution(3, 32, 3, 2), nn.ReLU6()]
    table = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)]
    table += [] if small else [(6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    for expansion, width, repeats, stride in table:
        for i in range(repeats):
            inner = expansion * n
            body = [*convolution(n, inner, 1), nn.ReLU6()] if expansion > 1 else []
            body += convolution(inner, inner, 3, stride if i == 0 else 1, groups=inner)
            body += [nn.ReLU6(), *convolution(inner, width, 1)]
            steps += [Sum(body, [])] if i else body
            n = width
    steps += [*convolution(n, 1280, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    model = nn.Sequential(*steps, nn.Linear(1280, 1000))
    return model, torch.randn(8, 3, 32 if small else 112, 32 if small else 112)


def gpt2(small):
    """Return a small GPT-2, and a batch of tokens."""
    from transformers import GPT2Config, GPT2LMHeadModel

    d, layers = (16, 1) if small else (128, 4)
    sizes = {"n_embd": d, "n_layer": layers, "n_head": 4, "n_positions": 64}
    tokens = torch.randint(0, 1000, (8, 64))
    model = GPT2LMHeadModel(GPT2Config(vocab_size=1000, **sizes))
    return model, {"input_ids": tokens, "labels": tokens}


MODELS = {"MLP": mlp, "ResNet18": resnet18, "MobileNetV2": mobilenet, "GPT-2": gpt2}


def passed(model, batch):
    """Send a batch through a model, and a gradient back."""
    output = model(**batch) if isinstance(batch, dict) else model(batch)
    output = getattr(output, "loss", output)
    torch.autograd.grad(output, list(model.parameters()), torch.randn_like(output))


def peak(function):
    """Return by how many MB the memory of this process rises at most while a function runs."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest is now
    before = _memory("VmRSS")
    function()
    return (_memory("VmHWM") - before) / 1024


def _memory(name):
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name)))


def main(what, name, small, rounds):
    """Print times in milliseconds, or memory in MB, of a model as JSON."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model, batch = MODELS[name](bool(int(small)))
    sides = {"pass": lambda: passed(model, batch), "inspect": lambda: inspect(model, batch)}
    layers, report = len(inspect(model, batch).rows), Report()
    if what == "memory":
        found = {side: max(peak(function), 0.1) for side, function in sides.items()}
    else:
        found = report.medians(sides, int(rounds), of=name)
    print(json.dumps({"layers": layers, **found}))
    sys.exit(bool(report.failures))


if __name__ == "__main__":
    main(*sys.argv[1:])
