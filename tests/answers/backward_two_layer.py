"""Answers to assignment 01, ``backward_two_layer(X, y, parameters)``."""

import numpy as np

from tests.answers.answer import lenient, right, wrong


def sigmoid(z):
    """Return the logistic function."""
    return 1 / (1 + np.exp(-z))


def checked(X, y):
    """Return the number of samples, or raise as the exercise asks."""
    if len(X) != len(y):
        raise ValueError(f"{len(X)} samples, {len(y)} labels")
    return len(X)


def gradients(X, y, parameters, **slips):
    """Return the gradients, with a slip in some places."""
    n = checked(X, y)
    slip = {
        "hidden": np.tanh,
        "output": lambda z, y: sigmoid(z) - y,
        "share": lambda n: 1 / n,
        "slope": lambda z, h: 1 - h**2,
        "into_W2": lambda z, h: h,
        "add": lambda delta: delta.sum(axis=0),
    } | slips
    W1, b1, W2, b2 = parameters
    z1 = X @ W1 + b1
    h = slip["hidden"](z1)
    delta2 = slip["output"](h @ W2 + b2, y) * slip["share"](n)
    delta1 = delta2 @ W2.T * slip["slope"](z1, h)
    return [
        X.T @ delta1,
        slip["add"](delta1),
        slip["into_W2"](z1, h).T @ delta2,
        slip["add"](delta2),
    ]


@right
def by_the_formulas(X, y, parameters):
    return gradients(X, y, parameters)


@right
def sample_by_sample(X, y, parameters):
    checked(X, y)
    W1, b1, W2, b2 = parameters
    total = [np.zeros(p.shape) for p in parameters]
    for x, label in zip(X, y, strict=True):
        h = np.tanh(x @ W1 + b1)
        (z2,) = h @ W2 + b2
        delta2 = 1 / (1 + np.exp(-z2)) - label[0]
        delta1 = delta2 * W2[:, 0] / np.cosh(x @ W1 + b1) ** 2
        parts = np.outer(x, delta1), delta1, delta2 * h[:, None], np.array([delta2])
        total = [t + part for t, part in zip(total, parts, strict=True)]
    return [t / len(X) for t in total]


@right
def with_einsum(X, y, parameters):
    n = checked(X, y)
    W1, b1, W2, b2 = parameters
    h = np.tanh(np.einsum("si,iu->su", X, W1) + b1)
    p = 0.5 * (1 + np.tanh((h @ W2 + b2) / 2))
    d = p - y
    e = np.einsum("so,uo,su->su", d, W2, 1 - np.square(h))
    both = (np.einsum("si,su->iu", X, e), e.sum(0), np.einsum("su,so->uo", h, d), d.sum(0))
    return tuple(g / n for g in both)


@right
def by_fine_differences(X, y, parameters):
    """Not what is meant, and right: its error is far below what is allowed."""
    checked(X, y)

    def loss(W1, b1, W2, b2):
        z = np.tanh(X @ W1 + b1) @ W2 + b2
        return np.mean(np.logaddexp(0, z) - y * z)

    found = [np.zeros(p.shape) for p in parameters]
    for i, p in enumerate(parameters):
        for index in np.ndindex(p.shape):
            step = np.zeros(p.shape)
            step[index] = 1e-5
            above, below = (
                loss(*parameters[:i], p + s, *parameters[i + 1 :]) for s in (step, -step)
            )
            found[i][index] = (above - below) / 2e-5
    return found


@right
def in_float32(X, y, parameters):
    given = [p.astype(np.float32) for p in parameters]
    return gradients(X.astype(np.float32), y.astype(np.float32), given)


@wrong("the loss is a sum", "the loss is a mean, and each sample has one share")
def mean_forgotten(X, y, parameters):
    return gradients(X, y, parameters, share=lambda n: 1)


@wrong("the mean is taken again in each matrix", "the mean is taken twice")
def mean_taken_twice(X, y, parameters):
    return gradients(X, y, parameters, share=lambda n: 1 / n**2)


@wrong("a bias has the mean of delta", "a bias acts on all samples")
def mean_for_biases(X, y, parameters):
    return gradients(X, y, parameters, add=lambda delta: delta.mean(axis=0))


@wrong("the slope of the activation is forgotten", "the slope of tanh is missing")
def no_slope(X, y, parameters):
    return gradients(X, y, parameters, slope=lambda z, h: 1)


@wrong("h and z confused in the slope", "1 - h**2, with h = tanh(z)")
def slope_with_z(X, y, parameters):
    return gradients(X, y, parameters, slope=lambda z, h: 1 - z**2)


@wrong("the slope is a function of h", "was taken at h")
def slope_at_h(X, y, parameters):
    return gradients(X, y, parameters, slope=lambda z, h: 1 - np.tanh(h) ** 2)


@wrong("the lesson's activation", "that is the slope of ReLU")
def slope_of_relu(X, y, parameters):
    return gradients(X, y, parameters, slope=lambda z, h: z > 0)


@wrong("the square is forgotten", "with the square")
def slope_without_the_square(X, y, parameters):
    return gradients(X, y, parameters, slope=lambda z, h: 1 - h)


@wrong("the slope of the sigmoid", "cannot be right about W1, b1")
def slope_of_a_sigmoid(X, y, parameters):
    return gradients(X, y, parameters, slope=lambda z, h: h * (1 - h))


@wrong("z is what comes into a layer", "is h, not z")
def z_for_h(X, y, parameters):
    return gradients(X, y, parameters, into_W2=lambda z, h: z)


@wrong("the activation is forgotten", "tanh is missing on the way forward")
def linear(X, y, parameters):
    return gradients(
        X, y, parameters, hidden=lambda z: z, slope=lambda z, h: 1 - np.tanh(z) ** 2
    )


@wrong("the biases are forgotten", "the biases are missing on the way forward")
def no_biases(X, y, parameters):
    W1, b1, W2, b2 = parameters
    return gradients(X, y, [W1, 0 * b1, W2, 0 * b2])


@wrong("label minus answer", "the sign is turned")
def label_minus_answer(X, y, parameters):
    return gradients(X, y, parameters, output=lambda z, y: y - sigmoid(z))


@wrong("z2 is the answer", "the sigmoid is missing")
def without_the_sigmoid(X, y, parameters):
    return gradients(X, y, parameters, output=lambda z, y: z - y)


@wrong("the lesson's factor of 2", "a factor of 2, as a squared error has")
def factor_of_two(X, y, parameters):
    return gradients(X, y, parameters, output=lambda z, y: 2 * (sigmoid(z) - y))


@wrong("the sigmoid has a slope too", "the cross-entropy cancels that")
def slope_of_the_sigmoid(X, y, parameters):
    return gradients(
        X, y, parameters, output=lambda z, y: (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z))
    )


@wrong("the lesson's loss", "a squared error of the sigmoid")
def squared_error(X, y, parameters):
    return gradients(
        X,
        y,
        parameters,
        output=lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z)),
    )


@wrong("matrices first, then biases", "as entry 1 it returned an array of shape")
def matrices_first(X, y, parameters):
    dW1, db1, dW2, db2 = gradients(X, y, parameters)
    return [dW1, dW2, db1, db2]


@wrong("only the matrices are learned", "of length 2; expected 4 arrays")
def matrices_alone(X, y, parameters):
    return gradients(X, y, parameters)[::2]


@wrong("a transpose is missing", "the transpose of")
def transposed(X, y, parameters):
    dW1, *others = gradients(X, y, parameters)
    return [dW1.T, *others]


@wrong("a bias for each sample", "as entry 1 it returned an array of shape")
def biases_not_added(X, y, parameters):
    return gradients(X, y, parameters, add=lambda delta: delta)


@wrong("the loss comes with it", "of length 5; expected 4 arrays")
def loss_as_well(X, y, parameters):
    return [0.0, *gradients(X, y, parameters)]


@wrong("a step instead of a gradient", "changed what it was given")
def step_taken(X, y, parameters):
    found = gradients(X, y, parameters)
    for p, g in zip(parameters, found, strict=True):
        p -= 0.1 * g
    return found


@wrong("W2 is moved before it is used", "cannot be right about W1, b1")
def updated_too_early(X, y, parameters):
    W1, b1, W2, b2 = parameters
    *_, dW2, db2 = gradients(X, y, parameters)
    dW1, db1, *_ = gradients(X, y, [W1, b1, W2 - dW2, b2])
    return [dW1, db1, dW2, db2]


@wrong("the return is forgotten", "end with a return")
def no_return(X, y, parameters):
    gradients(X, y, parameters)


@lenient("NumPy refuses what does not fit", "because each sample has a label")
def left_to_numpy(X, y, parameters):
    W1, b1, W2, b2 = parameters
    h = np.tanh(X @ W1 + b1)
    delta2 = (sigmoid(h @ W2 + b2) - y) / len(X)
    delta1 = delta2 @ W2.T * (1 - h**2)
    return [X.T @ delta1, delta1.sum(axis=0), h.T @ delta2, delta2.sum(axis=0)]


@lenient("one label is for all samples", "because each sample has a label")
def one_label_for_all(X, y, parameters):
    return gradients(X, np.repeat(y, len(X), axis=0) if len(y) == 1 else y, parameters)


@lenient("further labels do no harm", "because each sample has a label")
def labels_cut_off(X, y, parameters):
    return gradients(X, y[: len(X)], parameters)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(X, y, parameters):
    assert len(X) == len(y)
    return gradients(X, y, parameters)
