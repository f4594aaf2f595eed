# ruff: noqa: E501 (a row of a table is a line)
"""Public reports of models that did not train, and what `inspect` says of each, rebuilt small.

``python -m tests.frameworks.reports`` writes `reports.md`. A report is *found* where the verdict
is the expert's and all words are said that the case asks for, *half found* where only the
verdict is right.
"""

import re
from pathlib import Path
from typing import NamedTuple

import torch

from helpers.inspection import inspect
from tests.frameworks.corpus import CASES, misses

TABLE = Path(__file__).with_suffix(".md")


class PublicReport(NamedTuple):
    """Who saw what, and the case in the corpus."""

    source: str
    saw: str
    case: str


REPORTS = [
    PublicReport("pytorch #57109", "the default is not He's", "pytorch 57109: the default is not He's"),
    PublicReport("pytorch #23854, timm #84", "depthwise convolutions by fan_out", "B17 depthwise convolutions by fan_out"),
    PublicReport("mlx #4536, mmdetection #5622", "groups forgotten in the fan", "mlx 4536: groups forgotten in the fan"),
    PublicReport("keras #11773, tfjs #8568", "Glorot's fan of a depthwise convolution", "keras 11773: depthwise Glorot, no normalization"),
    PublicReport("FlowNetPytorch #19", "which fan a transposed convolution has", "FlowNetPytorch 19: a transposed convolution by the wrong fan"),
    PublicReport("pro_gan #44, #52", "the fan of an equalized layer", "pro_gan 44: equalized with the wrong fan"),
    PublicReport("pixel-cnn #31", "a loss of 7000 with weight norm", "pixel-cnn 31: weight norm with a large g"),
    PublicReport("transformers #26441, t5x #1477, nanoT5 #25", "a loss of 110, the head has std 1", "transformers 26441: a head of std 1"),
    PublicReport("nanoGPT, tied, std 1", "a loss of 61 for 6.9", "B18 embedding tied to the head, std 1"),
    PublicReport("build-nanogpt #18", "the std of position embeddings", "build-nanogpt 18: positions of std 1 beside tokens of 0.02"),
    PublicReport("pytorch #86274, #72253", "an encoder's layers are copies", "A7 nn.TransformerEncoder's copies"),
    PublicReport("keras-hub #352, lc0 #1883", "one initializer, equal layers", "keras-hub 352: one initializer object for equal layers"),
    PublicReport("stable-baselines3 #1559", "gains for tanh and relu", "stable-baselines3 1559: orthogonal with gain 1 before relu"),
    PublicReport("minimal-stable-PPO #3", "the policy head never gets its 0.01", "minimal-stable-PPO 3: the policy head has gain 1"),
    PublicReport("community.deeplearning.ai 324182, stats.SE 450100", "relu on the output, a constant loss", "stats.SE 450100: relu on the output"),
    PublicReport("makemore, the \"hockey stick\"", "a loss of 26 for 3.3", "B18 makemore: loss of 28 for 3.3"),
]  # fmt: skip


def main():
    """Rebuild all, and write the table."""
    cases, lines = {case.name: case for case in CASES}, []
    lines = ["| source | what they saw | `inspect` says | |", "|---|---|---|---|"]
    found = 0
    for report in REPORTS:
        case = cases[report.case]
        torch.manual_seed(0)
        model, batch, loss = case.make()
        seen = inspect(model, batch, loss=loss)
        missed = misses(case, seen)
        word = "found" if not missed else "half" if seen.fits is case.fits else "missed"
        found += not missed
        told = [s for s in seen.summary if any(re.search(w, s) for w in case.says)]
        words = " ".join(told[:2] or seen.summary[:2])[:260].replace("|", "/")
        lines.append(f"| {report.source} | {report.saw} | {words} | {word} |")
    head = f"Made by `python -m tests.frameworks.reports`: {found} of {len(REPORTS)} found.\n"
    TABLE.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    print(TABLE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
