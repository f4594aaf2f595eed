"""What figures say of made-up data: each phrase that they have, and the texts inside pictures.

A row is a figure, one of its data in `made_up.py`, and phrases that are said. All numbers are
read off the data.
"""

from functools import cache

import numpy as np
import pytest

from helpers import words
from helpers.figures.random import _share, _way
from helpers.figures.training import _short
from tests.made_up import DATA, MADE

SAID = {
    ("SumOfInputs", "one input"): [
        "Histogram of 2000 weighted sums of 1 input. Their standard deviation is 1.0;",
        "the square root of 1 is 1.0.",
    ],
    ("SumOfInputs", "many"): ["of 400 inputs.", "is 19.5; the square root of 400 is 20.0."],
    ("NetworkDiagram", "one hidden layer"): [
        "A network with layers of 3, 4 and 1 units has 21 parameters: weights of shapes (3, 4) "
        "and (4, 1), biases of shapes (4,) and (1,). Its 16 weights go from -1.7 to 1.7,",
        "; the biases are 0.",
    ],
    ("NetworkDiagram", "two hidden layers"): ["layers of 2, 1, 3 and 2 units has 17 param"],
    ("NetworkDiagram", "zeros"): ["Its 8 weights are all 0; the biases are 0."],
    ("WorkedStep", "stage 0"): [
        "The network 3, 4, 1 with sample 2, a: the inputs are 1, −0.5, 0.",
    ],
    ("WorkedStep", "stage 1"): ["b: z1 is 1, −2, 0.5, 0 and h1 1, 0, 0.5, 0."],
    ("WorkedStep", "stage 2"): ["c: the output is 1.25, the target 1."],
    ("WorkedStep", "stage 3"): ["d: delta 2 is 0.25."],
    ("WorkedStep", "stage 4"): [
        "e: this sample's share of the gradient of W2 is 0.25, 0, 0.125, 0."
    ],
    ("WorkedStep", "a unit off"): ["f: delta 1 is −0.25, 0, −0.25, 0."],
    ("WorkedStep", "stage 6"): [
        "g: its share of the gradient of W1 is, row by row, 0.25, 0, 0, −0.5, −0.125, 0, 0, "
        "0.25, 0, 0, 0, 0.",
    ],
    ("LossAlongGradient", "falls"): [
        "With learning rate 0.1 the loss falls in one step from 0.500 to 0.100; its tangent "
        "predicts a fall of 0.8000. After 2 steps it is 0.02.",
    ],
    ("LossAlongGradient", "rises"): [
        "the loss rises in one step from 0.500 to 0.900;",
        "After 2 steps it is below 10^-6.",
    ],
    ("LineThroughXor", "three"): [
        "Your line answers 0, 0, 0, 1 to four points whose classes are 0, 0, 1, 1: 3 of them "
        "right. Of 10 000 random lines, the best get 3 right, which 30 % of them do.",
    ],
    ("LineThroughXor", "everywhere"): ["answers 1, 1, 1, 1 to", ": 2 of them right."],
    ("HiddenUnits", "identical"): [
        "After 50 training steps all 2 hidden units are identical, the first with weights "
        "-0.20 "
        "and 0.40. The loss is 0.5000 and 3 of the 5 inputs are classified correctly.",
    ],
    ("HiddenUnits", "apart"): [
        "After 50 training steps the 2 hidden units are of 2 different kinds, the first with",
        "and 4 of the 5 inputs are classified correctly.",
    ],
    ("HiddenUnits", "two at one place"): [
        "the 3 hidden units are of 3 different kinds, the first with weights 0.00 and 0.40."
    ],
    ("HiddenUnits", "of the same weights"): [
        "the 2 hidden units are of 2 different kinds, by biases, the first with weights 1.90"
    ],
    ("OneLayer", "tanh"): [
        "With 3 inputs the pre-activations have standard deviation 3.2, theory 2.5.",
        "38 % of the activations are saturated, theory 4.2 %.",
        "the mean correlation between two units is 0.12.",
    ],
    ("OneLayer", "sigmoid"): ["2.1 % of the activations are saturated, theory 29 %."],
    ("OneLayer", "relu"): [
        "38 % of the activations are off, at 0, and none is saturated.",
        "between two units is 0.00.",
    ],
    ("OneLayer", "small"): ["With 1 input the pre-activations have standard deviation 0.015,"],
    ("ScaleInDepth", "vanishes and explodes"): [
        # The change of the median: 10^-4.3 over three layers, and 10^4.875 over two.
        "Over 3 layers the mean square of the activations goes from 1 to 1.00 × 10^-4: the "
        "signal vanishes, × 0.0355 a layer. In ten networks it ends between 2.51 × 10^-5 and "
        "1.00 × 10^-4, in wide layers at 5.01 × 10^-5.",
        "From the last layer back to the first, the mean square of the gradient goes from 1.78 "
        "to 100000: the gradient explodes, × 274 a layer. In the last layer 75 % of the units "
        "are saturated.",
    ],
    ("ScaleInDepth", "explodes and vanishes"): [
        "goes from 1 to 10000: the signal explodes, × 28.2 a layer. In ten networks it ends "
        "between 10000 and 39800, in",
        "goes from 0.562 to 1.00 × 10^-5: the gradient vanishes, × 0.00365 a layer.",
        "In the last layer 4.0 % of the units are saturated.",
    ],
    ("ScaleInDepth", "level"): [
        "the signal stays within a factor of 1000, ×",
        "the gradient stays within a factor of 1000, ×",
    ],
    ("ScaleInDepth", "a wide band"): ["the gradient differs by 10^5 between networks."],
    ("ScaleInDepth", "some"): ["the signal vanishes in some networks, ×"],
    ("ScaleInDepth", "one layer"): ["the gradient has one layer only."],
    ("RidgesInDepth", "tanh"): [
        "Histograms of the activations of 3 layers. In layer 1 they are spread out, with mean "
        "square 0.79; in layer 9 they",
        "in layer 9 they lie in one peak, with mean square 1.0 × 10^-7.",
    ],
    ("RidgesInDepth", "relu"): [
        "of the activations of 4 layers. In layer 1 they lie in one peak, with mean square 1.8;"
    ],
    ("RidgesInDepth", "sigmoid, one layer"): [
        "Histograms of the activations of 1 layer. In layer 1 they are spread out, with mean "
        "square",
    ],
    ("NetworksVote", "two"): [
        "A vote of 2 networks of A and as many of B, whose variance is 1.1 times that of A.",
        "is -0.98 for A and 0.51 for B, theory -0.95 and 0.55, each with deviation 0.32, "
        "theory 0.4. B ends below A in 11 % of 1000 votes, theory 12 %.",
    ],
    ("NetworksVote", "three, far apart"): ["in 0.4 % of 1000 votes, theory 0.3 %."],
    ("SignalInDepth", "inside"): [
        "Over 3 layers the second moment of the activations goes from 1.02 to 0.1. Theory "
        "multiplies it by 0.501 a layer, to 0.126; the measurement ends inside the band for "
        "networks of this width, 0.0562 to 0.316. From the last layer back to the first, that "
        "of the gradient goes from 0.966 to 0.234; theory: 0.251.",
    ],
    ("SignalInDepth", "gradient lost"): ["goes from 1 to no number; theory: 0.251."],
    ("SignalInDepth", "below"): ["to 0.0398. Theory", "the measurement ends outside the band"],
    ("SignalInDepth", "above, and rising"): ["the measurement ends outside the band for"],
    ("SignalInDepth", "silent"): [
        "goes from 1.02 to 0, from layer 2 on. Theory multiplies it by 0.501 a layer, to 0.126."
    ],
    ("SignalInDepth", "overflow"): ["goes from 1.02 to overflow, from layer 3 on. Theory"],
    ("RectifiersInDepth", "usual"): [
        "At layers 1, 10 and 12, 50 %, 32 % and 28 % of the units are inactive on a sample, "
        "and "
        "1 %, 28 % and 34 % are dead on the whole batch. The mean cosine between samples goes "
        "from 0.10 to 0.95.",
    ],
    ("RectifiersInDepth", "silent"): [
        "From layer 7 on fewer than two samples have a signal left."
    ],
    ("TrainingRun", "all train"): [
        "After 20 of 300 steps the median loss is 0.2 (0.03 to 0.4; guessing has 0.693). "
        "None of "
        "the 3 networks overflowed. The first network classifies 41 of 60 samples correctly. "
        "In "
        "its first and last layer the second moment of the signal is 2 and 40, that of the "
        "gradient 1.00 × 10^-4 and 0.02; at step 0 they were 1 and 0.25, and 1.00 × 10^-6 and "
        "0.3.",
    ],
    ("TrainingRun", "beside another"): [
        "None of the 3 networks overflowed. Grey is the run before, with scheme Xavier: it has "
        "a median loss of 0.6. The",
    ],
    ("TrainingRun", "beside one that is lost"): [
        "the run before, with depth 30, update plain, seed 3, all of them: it has no network "
        "left. The",
    ],
    ("TrainingRun", "one overflows"): [
        "the median loss of the other 2 is 0.3 (0.2 to 0.4; guessing has 0.693), and 12 % of "
        "the "
        "updates were clipped. 1 of 3 networks overflowed, the first at step 7, in layer 2 on "
        "the way back. The",
    ],
    ("TrainingRun", "all overflow"): [
        "After 20 of 300 steps no network is left, and 100 % of the updates were clipped. 3 "
        "of 3 "
        "networks overflowed, the first at step 3, in layer 5 on the way forward. The first "
        "network classifies 0 of 60 samples correctly.",
        "the signal is 2 and overflow, that of the gradient overflow and 0.02; at",
    ],
    ("LengthMap", "chaotic"): [
        "From 3, the lengths settle at 2.5. After 3 layers the map gives 2.4, the network 2.6. "
        "In the long run χ₁ is 1.3, chaotic: the gradient grows. In the network the mean "
        "square "
        "of the gradient is 8 times as large in layer 1 as in layer 3; wide layers would "
        "give 1.69.",
    ],
    ("LengthMap", "ordered"): [
        "From 3, the lengths fall to 0.",
        "χ₁ is 0.64, ordered: the gradient shrinks.",
    ],
    ("LengthMap", "critical"): ["χ₁ is 1, critical: between the two."],
    ("LengthMap", "without bound"): [
        "From 3, the lengths grow without bound.",
        "χ₁ is 2, gradient and length grow.",
    ],
    ("LengthMap", "five layers"): [
        "Until the length has settled, a layer's factor is another: 1.12 in the first, 5 in ",
    ],
    ("CorrelationMap", "alike"): [
        "Two inputs with correlation 0.50 become alike. In layer 3 1 − c is 0.004 by the map, "
        "0.005 in a network, and from 0.002 to 0.005 in ten. The slope of the map at c = 1 is "
        "0.2; the depth scale is 0.621 layers.",
    ],
    ("CorrelationMap", "apart"): [
        "with correlation 0.99 keep a difference.",
        "is 5; the depth scale is 0.621 layers.",
    ],
    ("CorrelationMap", "on the line"): [
        "become alike.",
        "is 1; on the critical line: 1 − c falls like 1/l.",
    ],
    ("CorrelationMap", "a rectifier"): [
        "become alike.",
        "is 1; no depth scale: 1 − c falls like 1/l².",
    ],
    ("CorrelationMap", "silent"): [
        "stay as they are.",
        "is 1; no depth scale: the length falls to 0.",
    ],
    ("StreamInDepth", "doubles"): [
        "3 branches, plain. The mean square of the signal goes from 1.1 to 8.8; wide layers "
        "would end at 8. The gradient is 7.2 times as large at the first place as at the last; "
        "wide layers would give 8. Of the end, 17 % is what went in, 61 % comes from the last "
        "half of the branches.",
    ],
    ("FirstStep", "by gradient"): [
        "One step by gradient descent. From 4 to 64 branches the change of the output grows "
        "like L^1.00 with 1/√L in the weights, L^0.75 with last layer 0, L^0.50 with",
        "At 64 branches the loss after the step, beside that before, is 0.5 with 1/√L in the "
        "weights, 0.55 with last layer 0",
    ],
    ("FirstStep", "by sign, too far"): [
        "One step by the sign of the gradient.",
        "huge with 1/√L in the weights",
    ],
    ("AttentionAndFirstLoss", "unscaled"): [
        "With d_k 16 and scores × 1, the largest of 64 shares is 0.70; the mean entropy is "
        "0.80, that of 2.2 equal shares. The first loss is 7.7 at 0.02 (tied 7.9), 8.2 at "
        "0.0625 (tied 11), 57 at 1 (tied 181); the tied model gives its own input a "
        "probability of 0.03 at 0.02.",
    ],
    ("Spectra", "linear"): [
        "Singular values of the Jacobian of 2 layers: with Gaussian weights they go from 3 to "
        "0.001, and 50 % are at least a tenth of the largest; with orthogonal weights they go "
        "from 1 to 1, and 100 % are at least a tenth of the largest.",
    ],
    ("Spectra", "nothing left"): [
        "of 1 layer: with Gaussian weights they go from 3 to practically 0"
    ],
    ("ForwardAndBackward", "made up"): [
        "Layers of 7, 6, 5, 4, 3 and 2 units. From the first layer to the last, the mean "
        "square",
    ],
    ("ModelInDepth", "few"): [
        "3 layers. From the first to the last the mean square of the signal goes from 20 to "
        "2000; "
        "from the last back to the first that of the gradient goes from 0.0469 to 0.75. The "
        "first "
        "fits. The second too.",
    ],
    ("ModelInDepth", "one, not finite"): [
        "1 layer. From the first to the last the mean square of the signal goes from inf to "
        "inf;",
    ],
    ("DefaultsInDepth", "three layers"): [
        "Over 3 layers with gelu: with PyTorch's Linear the signal goes from 0.9 to 0.00225, "
        "the "
        "gradient at layer 1 is 1.00 × 10^-4 of that at the last, and the cosine between "
        "samples "
        "ends at 0.35; Keras's Dense the signal goes from 0.9 to 0.045, the gradient at "
        "layer 1 "
        "is 0.01 of that at the last, and the cosine between samples ends at 0.70; He's "
        "uniform "
        "the signal goes from 0.9 to 0.201, the gradient at layer 1 is 0.1 of",
    ],
    ("DefaultsInDepth", "one layer"): ["Over 1 layer with gelu:"],
}

# What stands inside the picture.
WRITTEN = {
    ("SumOfInputs", "one input"): ["n = 1\nstandard deviation: 1.0\ndashed, √n: 1.0"],
    ("NetworkDiagram", "two hidden layers"): [
        "[2, 1, 3, 2]: 17 parameters (zeros, seed 3)",
        "2 inputs",
        "1 hidden unit",
        "3 hidden units",
        "2 outputs",
        "W1 (2, 1)\nb1 (1,)",
        "W3 (3, 2)\nb3 (2,)",
    ],
    ("NetworkDiagram", "one hidden layer"): ["3 inputs", "4 hidden units", "1 output"],
    ("WorkedStep", "stage 0"): ["1", "−0.5", "0"],
    ("WorkedStep", "stage 2"): ["1.25", "h = 0.5", "target 1", "2"],
    ("WorkedStep", "stage 4"): ["0.125", "δ = 0.25"],
    ("WorkedStep", "stage 6"): ["δ = −0.5"],
    ("LossAlongGradient", "falls"): ["predicted fall 0.8000\nmeasured fall 0.4000"],
    ("LossAlongGradient", "rises"): ["after 2 steps: below $10^{-6}$"],
    ("LineThroughXor", "three"): ["yours: 3 of 4"],
    ("HiddenUnits", "identical"): ["2 tanh units, all identical", "step 50: 0.5000"],
    ("HiddenUnits", "apart"): ["2 tanh units, 2 kinds"],
    ("HiddenUnits", "two at one place"): ["3 tanh units, 3 kinds", "×2"],
    ("HiddenUnits", "of the same weights"): ["2 tanh units, 2 kinds\n(by biases)", "×2"],
    ("OneLayer", "tanh"): [
        "deviation 3.2, theory 2.5\ncorrelation of two units 0.12",
        "saturated: 38 %\ntheory: 4.2 %",
    ],
    ("OneLayer", "relu"): ["off: 38 %"],
    ("OneLayer", "small"): ["mean 0\ndeviation 5.00 × $10^{-4}$"],
    ("ScaleInDepth", "vanishes and explodes"): [
        "vanishes\n× 0.0355 a layer",
        "explodes\n× 274 a layer",
    ],
    ("ScaleInDepth", "level"): ["a rectifier never saturates"],
    ("ScaleInDepth", "a wide band"): ["differs by $10^{5}$ between networks"],
    ("RidgesInDepth", "tanh"): ["0.79", "layer 9", "in deviations of the largest layer"],
    ("NetworksVote", "two"): ["B ends below A in 11 %\ntheory: 12 %"],
    ("SignalInDepth", "inside"): ["theory: × 0.501 a layer\nmeasured at the end: 0.1"],
    ("SignalInDepth", "silent"): [
        "theory: × 0.501 a layer\nmeasured at the end: 0, from layer 2 on"
    ],
    ("RectifiersInDepth", "silent"): [
        "From layer 7 on\nfewer than two samples have a signal left"
    ],
    ("ForwardAndBackward", "made up"): ["7 →\n6", "3 →\n2"],
    ("TrainingRun", "all train"): ["step 20 of 300\nloss 0.2\n0.03 to 0.4"],
    ("TrainingRun", "one overflows"): [
        "step 20 of 300\n1 of 3 overflowed\nloss 0.3\n0.2 to 0.4\n12 % of updates clipped",
    ],
    ("TrainingRun", "all overflow"): [
        "step 20 of 300\n3 of 3 overflowed\n100 % of updates clipped",
        "signal: overflow in 1 layer\ngradient: overflow in 2 layers",
    ],
    ("TrainingRun", "beside another"): [
        "step 20 of 300\nloss 0.2\n0.03 to 0.4\ngrey: scheme Xavier",
    ],
    ("TrainingRun", "beside one that is lost"): [
        "step 20 of 300\nloss 0.2\n0.03 to 0.4\ngrey: the run before",
    ],
    ("TrainingRun", "digits, and layers of zeros"): [
        "signal: 0 in 2 layers\ngradient: 0 in 1 layer"
    ],
    ("LengthMap", "chaotic"): [
        "chaotic:\ngradient grows",
        "ordered: gradient shrinks",
        "q* = 2.5,  χ₁ = 1.3\nchaotic: the gradient grows",
    ],
    ("StreamInDepth", "doubles"): ["what went in: 17 %\nlast half: 61 %"],
    ("FirstStep", "by gradient"): ["level", "L^½", "L^1"],
    ("AttentionAndFirstLoss", "unscaled"): ["ln 64", "2 ln 64", "0.02", "1/√d", "1"],
    ("LengthMap", "five layers"): ["q* = 2.5,  χ₁ = 1.3\nchaotic, once q has settled"],
    ("CorrelationMap", "a rectifier"): ["no depth scale:\n1 − c falls like 1/l²"],
    ("LengthMap", "without bound"): [
        "gradient and\nlength grow",
        "no fixed point,  χ₁ = 2\ngradient and length grow",
    ],
}


def rows(table):
    for (name, case), phrases in table.items():
        yield from (
            pytest.param(name, case, p, id=f"{name}: {case}: {p[:30]}") for p in phrases
        )


@pytest.fixture(scope="module")
def shown():
    """Return a function that gives the words and the texts of a figure; each is made once."""
    made = cache(lambda name: MADE[name]())

    @cache
    def shown(name, case):
        figure = made(name)
        said = figure.update(**DATA[name][case])
        return said, [text.get_text() for ax in figure.canvas.figure.axes for text in ax.texts]

    return shown


@pytest.mark.parametrize(("name", "case", "phrase"), list(rows(SAID)))
def test_a_figure_says(shown, name, case, phrase):
    assert phrase in shown(name, case)[0]


@pytest.mark.parametrize(("name", "case", "words"), list(rows(WRITTEN)))
def test_in_a_figure_is_written(shown, name, case, words):
    assert words in shown(name, case)[1]


@pytest.mark.parametrize("name", DATA)
def test_a_figure_speaks_in_sentences(shown, name):
    for case in DATA[name]:
        said, _ = shown(name, case)
        assert said[0].isupper() or said[0].isdigit()
        assert said.endswith(".")


@pytest.mark.parametrize(
    ("powers", "way"),
    [
        ([[0, 0], [-1.4, -1.6], [-3, -4]], "vanishes, × 0.0178 a layer"),
        ([[1, 1], [2, 3], [4, 4.1]], "explodes, × 33.5 a layer"),
        ([[1, 1], [2, 3], [3.9, 3.9]], "stays within a factor of 1000, × 28.2 a layer"),
        # Two networks, each within a factor of 1000 of its start.
        ([[0, 0], [-1, 1], [-1.5, 1.5]], "differs by 10^3 between networks"),
        ([[0, 0], [-1, -1], [-3.1, -2]], "vanishes in some networks, × 0.0531 a layer"),
        ([[0, 0], [1, 1], [2, 3.1]], "explodes in some networks, × 18.8 a layer"),
        # It has left that factor on its way.
        ([[0, 0], [3.2, 3.1], [2, 2]], "explodes on its way, × 10 a layer"),
        ([[0, 0], [-3.2, -3.1], [-2, -2]], "vanishes on its way, × 0.1 a layer"),
        ([[0, 0.2]], "has one layer only"),
    ],
)
def test_a_way_is_that_of_all_networks_from_the_first_number_to_the_last(powers, way):
    assert _way(np.array(powers, float)) == way


@pytest.mark.parametrize(
    ("share", "said"), [(0, "0.0 %"), (0.0994, "9.9 %"), (0.1, "10 %"), (0.996, "100 %")]
)
def test_a_share_below_a_tenth_has_a_digit_after_the_point(share, said):
    assert _share(share) == said


@pytest.mark.parametrize(
    ("loss", "said"), [(0.6931, "0.69"), (2.3026, "2.3"), (0.000123, "1.20 × 10^-4")]
)
def test_a_loss_has_two_digits(loss, said):
    assert _short(loss) == said


# Numbers in words.


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (1.0, "1"),
        (-3, "-3"),
        (3072, "3072"),
        (999_999, "999999"),
        (3072.4, "3070"),
        (999.6, "1000"),
        (0.98765, "0.988"),
        (12.34, "12.3"),
        (-0.5, "-0.5"),
        (0.001, "0.001"),
        (0.0009996, "0.001"),
        (0.000123456, "1.23 × 10^-4"),
        (-0.000123456, "-1.23 × 10^-4"),
        (999_499.5, "999000"),
        (999_999.5, "1.00 × 10^6"),
        (1e6, "1.00 × 10^6"),
        (-1e6, "-1.00 × 10^6"),
        (1.5e300, "1.50 × 10^300"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_is_said_in_three_digits(value, said):
    assert words.number(value) == said


def test_a_number_is_said_in_as_many_digits_as_are_asked_for():
    assert (words.number(1.2345, digits=2), words.number(1.23e-5, digits=2)) == (
        *("1.2", "1.2 × 10^-5"),
    )


def test_a_picture_has_raised_exponents():
    assert words.typeset("1.0 × 10^-4 to 10^6, 10") == "1.0 × $10^{-4}$ to $10^{6}$, 10"


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 layers"), (1, "1 layer"), (2, "2 layers"), (11, "11 layers")]
)
def test_one_has_no_s(n, said):
    assert words.count(n, "layer") == said


@pytest.mark.parametrize(("share", "said"), [(0, "0 %"), (0.126, "13 %"), (1, "100 %")])
def test_a_share_is_a_whole_percentage(share, said):
    assert words.percent(share) == said


@pytest.mark.parametrize(("case", "named"), [("all train", True), ("one overflows", False)])
def test_a_guess_has_a_name_where_words_leave_it_room(shown, case, named):
    """Five lines come down to it, where axes are low."""
    assert ("ln 2" in shown("TrainingRun", case)[1]) == named
