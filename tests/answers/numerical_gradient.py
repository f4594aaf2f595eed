"""Answers to assignment 01, ``numerical_gradient(loss, parameters, eps)``."""

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(eps):
    """Return the distance, or raise as the exercise asks."""
    if not eps > 0:
        raise ValueError(f"eps must be above 0; got {eps}")
    return eps


def entry_by_entry(parameters, slope):
    """Return arrays that are filled with `slope(arrays, i, index)`, on copies of their own."""
    filled = [np.zeros(p.shape) for p in parameters]
    for i, p in enumerate(parameters):
        for index in np.ndindex(p.shape):
            filled[i][index] = slope(parameters, i, index)
    return filled


def moved(parameters, i, index, by):
    """Return copies of arrays, of which one entry is moved."""
    copies = [np.array(p, float) for p in parameters]
    copies[i][index] += by
    return copies


@right
def on_copies(loss, parameters, eps):
    checked(eps)

    def slope(arrays, i, index):
        above, below = (loss(moved(arrays, i, index, by)) for by in (eps, -eps))
        return (above - below) / (2 * eps)

    return entry_by_entry(parameters, slope)


@right
def entry_put_back_exactly(loss, parameters, eps):
    checked(eps)
    own = [p.copy() for p in parameters]
    gradient = [np.zeros_like(p) for p in parameters]
    for p, g in zip(own, gradient, strict=True):
        for index in np.ndindex(p.shape):
            kept = p[index]
            p[index] = kept + eps
            above = loss(own)
            p[index] = kept - eps
            g[index] = (above - loss(own)) / (eps + eps)
            p[index] = kept
    return gradient


@right
def on_the_arrays_themselves_put_back(loss, parameters, eps):
    checked(eps)

    def slope(arrays, i, index):
        kept, found = arrays[i][index], []
        for by in (eps, -eps):
            arrays[i][index] = kept + by
            found.append(loss(arrays))
        arrays[i][index] = kept
        return (found[0] - found[1]) / (2 * eps)

    return tuple(entry_by_entry(parameters, slope))


@right
def in_one_row(loss, parameters, eps):
    checked(eps)
    row = np.concatenate([p.ravel() for p in parameters])
    ends = np.cumsum([p.size for p in parameters])[:-1]

    def arrays(row):
        parts = zip(np.split(row, ends), parameters, strict=True)
        return [part.reshape(p.shape) for part, p in parts]

    steps = np.eye(len(row)) * eps
    found = [(loss(arrays(row + s)) - loss(arrays(row - s))) / eps / 2 for s in steps]
    return arrays(np.array(found))


def with_slope(loss, parameters, eps, combine, *, to=1.0):
    """Return what `combine(above, here, below)` makes of three losses for each entry."""
    checked(eps)

    def slope(arrays, i, index):
        return combine(*(loss(moved(arrays, i, index, to * by)) for by in (eps, 0, -eps)))

    return entry_by_entry(parameters, slope)


@wrong("a difference to where one is", "that is a forward difference")
def forward(loss, parameters, eps):
    return with_slope(loss, parameters, eps, lambda a, here, b: (a - here) / eps)


@wrong("the slope from where one comes", "that is a backward difference")
def backward(loss, parameters, eps):
    return with_slope(loss, parameters, eps, lambda a, here, b: (here - b) / eps)


@wrong("the points are eps apart", "the two points are 2 eps apart")
def two_forgotten(loss, parameters, eps):
    return with_slope(loss, parameters, eps, lambda a, here, b: (a - b) / eps)


@wrong("a / b * c is a / (b * c)", "cannot be right.")
def parentheses_forgotten(loss, parameters, eps):
    return with_slope(loss, parameters, eps, lambda a, here, b: (a - b) / 2 * eps)


@wrong("a difference is a slope", "divided by how far apart")
def not_divided(loss, parameters, eps):
    return with_slope(loss, parameters, eps, lambda a, here, b: a - b)


@wrong("the loss falls along the gradient", "which of the two losses")
def sign_turned(loss, parameters, eps):
    return with_slope(loss, parameters, eps, lambda a, here, b: (b - a) / (2 * eps))


@wrong("eps is how far apart the points are", "half as far away")
def half_a_step(loss, parameters, eps):
    return with_slope(loss, parameters, eps, lambda a, here, b: (a - b) / eps, to=0.5)


@wrong("an eps of one's own is better", "cannot be right.")
def own_eps(loss, parameters, eps):
    checked(eps)
    return on_copies(loss, parameters, 2e-3)


def without_moving_back(loss, parameters, eps, last):
    """Return differences on copies, in which each entry stays where its last move left it."""
    checked(eps)
    own = [p.copy() for p in parameters]
    gradient = [np.zeros_like(p) for p in parameters]
    for p, g in zip(own, gradient, strict=True):
        for index in np.ndindex(p.shape):
            p[index] += eps
            above = loss(own)
            p[index] -= 2 * eps
            g[index] = (above - loss(own)) / (2 * eps)
            p[index] += eps + last
    return gradient


@wrong("what was moved down is left there", "not moved back before the next")
def left_below(loss, parameters, eps):
    return without_moving_back(loss, parameters, eps, -eps)


@wrong("what was moved down is moved up by as much too far", "down and up is not where it was")
def left_above(loss, parameters, eps):
    return without_moving_back(loss, parameters, eps, eps)


@wrong("NumPy moves all entries", "all entries of an array are moved at once")
def whole_arrays(loss, parameters, eps):
    checked(eps)
    gradient = []
    for i, p in enumerate(parameters):
        above, below = ([*parameters[:i], p + by, *parameters[i + 1 :]] for by in (eps, -eps))
        gradient.append(np.full(p.shape, (loss(above) - loss(below)) / (2 * eps)))
    return gradient


@wrong("an array is what the loss is of", "called loss with something else")
def array_alone(loss, parameters, eps):
    return entry_by_entry(
        [np.array(p) for p in parameters],
        lambda arrays, i, index: loss(moved(arrays, i, index, checked(eps))[i]),
    )


@wrong("the loss takes one array after another", "called loss with something else")
def unpacked(loss, parameters, eps):
    return [np.zeros(p.shape) + loss(*parameters, checked(eps)) for p in parameters]


@wrong("the caller's arrays are there to be moved", "changed what it was given")
def in_place(loss, parameters, eps):
    gradient = [np.zeros_like(p) for p in parameters]
    for p, g in zip(parameters, gradient, strict=True):
        for index in np.ndindex(p.shape):
            p[index] += checked(eps)
            above = loss(parameters)
            p[index] -= 2 * eps
            g[index] = (above - loss(parameters)) / (2 * eps)
    return gradient


@wrong("one array of all numbers", "expected 4 arrays, one for each parameter")
def one_row(loss, parameters, eps):
    return np.concatenate([g.ravel() for g in on_copies(loss, parameters, eps)])


@wrong("a vector for each array", "as entry 0 it returned an array of shape (6,)")
def flat(loss, parameters, eps):
    return [g.ravel() for g in on_copies(loss, parameters, eps)]


@wrong("lists are arrays", "expected a NumPy array")
def lists(loss, parameters, eps):
    return [g.tolist() for g in on_copies(loss, parameters, eps)]


@wrong("the gradient of whole numbers", "cannot be right.")
def rounded_down(loss, parameters, eps):
    return [g.astype(int) for g in on_copies(loss, parameters, eps)]


@wrong("the return is forgotten", "end with a return")
def no_return(loss, parameters, eps):
    on_copies(loss, parameters, eps)


@lenient("nothing is refused", "because a point is not beside itself")
def nothing_refused(loss, parameters, eps):
    with np.errstate(all="ignore"):
        return entry_by_entry(
            parameters,
            lambda arrays, i, index: (
                np.subtract(*(loss(moved(arrays, i, index, by)) for by in (eps, -eps)))
                / np.float64(2 * eps)
            ),
        )


@lenient("a division by zero says enough", "raised ZeroDivisionError")
def left_to_python(loss, parameters, eps):
    return entry_by_entry(
        parameters,
        lambda arrays, i, index: (
            (loss(moved(arrays, i, index, eps)) - loss(moved(arrays, i, index, -eps)))
            / (2 * eps)
        ),
    )


@lenient("only 0 is refused", "because a distance is not negative")
def negative_not_refused(loss, parameters, eps):
    if eps == 0:
        raise ValueError("eps must not be 0")
    return left_to_python(loss, parameters, eps)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(loss, parameters, eps):
    assert eps > 0
    return on_copies(loss, parameters, eps)
