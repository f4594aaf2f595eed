"""Answers to assignment 02, ``break_symmetry(W1, b1, W2, rng)``."""

import math

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(W1, b1, W2):
    """Return the number of units and of outputs, or raise as the exercise asks."""
    if not W1.shape[1] == b1.shape[0] == W2.shape[0]:
        raise ValueError(f"shapes do not fit: {W1.shape}, {b1.shape}, {W2.shape}")
    return W2.shape


def anew(draw):
    """Return an answer whose output weights are ``draw(rng, units, outputs)``."""

    def answer(W1, b1, W2, rng):
        return W1, b1, draw(rng, *checked(W1, b1, W2))

    return answer


@right
def the_same_arrays_and_a_new_one(W1, b1, W2, rng):
    checked(W1, b1, W2)
    return W1, b1, rng.standard_normal(W2.shape) / np.sqrt(len(W2))


@right
def copies(W1, b1, W2, rng):
    units, outputs = checked(W1, b1, W2)
    return [W1.copy(), b1.copy(), rng.normal(0, math.sqrt(1 / units), (units, outputs))]


@right
def unit_by_unit(W1, b1, W2, rng):
    units, outputs = checked(W1, b1, W2)
    new = np.empty_like(W2)
    for unit in range(units):
        new[unit] = rng.normal(size=outputs) * units**-0.5
    return W1, b1, new


@right
def output_by_output(W1, b1, W2, rng):
    units, outputs = checked(W1, b1, W2)
    columns = [rng.normal(0, units**-0.5, units) for _ in range(outputs)]
    return W1, b1, np.stack(columns, axis=1)


@right
def in_float32(W1, b1, W2, rng):
    units, _ = checked(W1, b1, W2)
    new = rng.standard_normal(W2.shape, np.float32) / np.float32(units**0.5)
    return W1.astype(np.float32), b1.astype(np.float32), new


@wrong("the fan on the other side", "number of outputs")
def fan_out(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.normal(0, m**-0.5, (n, m)))(W1, b1, W2, rng)


@wrong("both fans, as in Xavier's", "that is Xavier's")
def xavier(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.normal(0, (2 / (n + m)) ** 0.5, (n, m)))(W1, b1, W2, rng)


@wrong("a factor of 2 can do no harm", "that is He's")
def he(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.normal(0, (2 / n) ** 0.5, (n, m)))(W1, b1, W2, rng)


@wrong("the fan of the other matrix", "the inputs of W1")
def fan_in_of_the_first_matrix(W1, b1, W2, rng):
    checked(W1, b1, W2)
    return W1, b1, rng.standard_normal(W2.shape) / np.sqrt(len(W1))


@wrong("the bias counted as a unit", "the bias is counted")
def plus_one_for_the_bias(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.normal(0, (n + 1) ** -0.5, (n, m)))(W1, b1, W2, rng)


@wrong("variance for standard deviation", "a variance stands where")
def variance_for_std(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.normal(0, 1 / n, (n, m)))(W1, b1, W2, rng)


@wrong("any random numbers will do", "as they come")
def not_scaled(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.standard_normal((n, m)))(W1, b1, W2, rng)


@wrong("the standard deviation is the bound of a uniform", "bound of a uniform")
def uniform_to_the_std(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.uniform(-(n**-0.5), n**-0.5, (n, m)))(W1, b1, W2, rng)


@wrong("any distribution of this variance is the normal", "not normal")
def uniform_of_the_right_variance(W1, b1, W2, rng):
    def draw(rng, n, m):
        limit = math.sqrt(3 / n)
        return rng.uniform(-limit, limit, (n, m))

    return anew(draw)(W1, b1, W2, rng)


@wrong("numbers from 0 to 1 will do", "spread evenly around 0")
def not_centred(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.random((n, m)) * n**-0.5)(W1, b1, W2, rng)


@wrong("noise on the old weights is a new draw", "scatter around the old ones")
def noise_added(W1, b1, W2, rng):
    return W1, b1, W2 + the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]


@wrong("a little noise is enough", "scatter around the old ones")
def a_little_noise_added(W1, b1, W2, rng):
    return W1, b1, W2 + 0.01 * the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]


@wrong("random factors for the old weights", "multiply the old weights")
def random_factors(W1, b1, W2, rng):
    return W1, b1, W2 * the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]


@wrong("one unit that differs is enough", "left entries of W2 as they were")
def only_the_first_unit(W1, b1, W2, rng):
    new = W2.copy()
    new[0] = the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2][0]
    return W1, b1, new


@wrong("a permutation parts units", "left entries of W2 as they were")
def rows_permuted(W1, b1, W2, rng):
    checked(W1, b1, W2)
    return W1, b1, rng.permutation(W2)


@wrong("one draw for each output", "copies still")
def one_row_for_all_units(W1, b1, W2, rng):
    return anew(lambda rng, n, m: np.tile(rng.normal(0, n**-0.5, m), (n, 1)))(W1, b1, W2, rng)


@wrong("one draw for each unit", "not independent")
def one_number_for_all_outputs(W1, b1, W2, rng):
    def draw(rng, n, m):
        return np.tile(rng.normal(0, n**-0.5, (n, 1)), (1, m))

    return anew(draw)(W1, b1, W2, rng)


@wrong("opposite pairs of units, to keep the output at 0", "not independent")
def opposite_pairs(W1, b1, W2, rng):
    def draw(rng, n, m):
        half = rng.normal(0, n**-0.5, ((n + 1) // 2, m))
        return np.vstack([half, -half])[:n]

    return anew(draw)(W1, b1, W2, rng)


@wrong("the other matrix", "changed W1")
def first_matrix_drawn(W1, b1, W2, rng):
    checked(W1, b1, W2)
    return rng.standard_normal(W1.shape) / np.sqrt(len(W1)), b1, W2


@wrong("both matrices, to be on the safe side", "changed W1")
def both_matrices_drawn(W1, b1, W2, rng):
    checked(W1, b1, W2)
    W1 = rng.standard_normal(W1.shape) / np.sqrt(len(W1))
    return the_same_arrays_and_a_new_one(W1, b1, W2, rng)


@wrong("random biases part the units", "changed b1")
def biases_drawn(W1, b1, W2, rng):
    checked(W1, b1, W2)
    return W1, rng.standard_normal(b1.shape), W2


@wrong("biases should be 0", "changed b1")
def biases_set_to_zero(W1, b1, W2, rng):
    W1, b1, W2 = the_same_arrays_and_a_new_one(W1, b1, W2, rng)
    return W1, np.zeros_like(b1), W2


@wrong("nothing needs to change", "left entries of W2 as they were")
def nothing_changed(W1, b1, W2, rng):
    checked(W1, b1, W2)
    return W1, b1, W2.copy()


@wrong("a weight of 0 is no connection", "left entries of W2 as they were")
def zeros_kept(W1, b1, W2, rng):
    return W1, b1, np.where(W2 == 0, 0, the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2])


@wrong("only equal weights have to be drawn", "left entries of W2 as they were")
def columns_that_differ_kept(W1, b1, W2, rng):
    new = the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]
    return W1, b1, np.where(np.ptp(W2, axis=0) > 0, W2, new)


@wrong("units that differ need no new weights", "left entries of W2 as they were")
def rows_that_differ_kept(W1, b1, W2, rng):
    new = the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]
    return W1, b1, W2.copy() if np.ptp(W2, axis=0).any() else new


@wrong("the weights that were drawn must have this variance", "the same standard deviation")
def scaled_to_the_exact_variance(W1, b1, W2, rng):
    new = the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]
    return W1, b1, new / new.std() / np.sqrt(len(W2))


@wrong("the weights that were drawn must have mean 0", "add up to 0")
def centred_after_the_draw(W1, b1, W2, rng):
    new = the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]
    return W1, b1, new - new.mean()


@wrong("the array given is there to be filled", "changed what it was given")
def in_place(W1, b1, W2, rng):
    W2[:] = the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]
    return W1, b1, W2


@wrong("only what is new is returned", "expected 3 arrays")
def new_weights_alone(W1, b1, W2, rng):
    return the_same_arrays_and_a_new_one(W1, b1, W2, rng)[2]


@wrong("b1 does not change, so it is left out", "of length 2; expected 3 arrays")
def without_the_biases(W1, b1, W2, rng):
    return the_same_arrays_and_a_new_one(W1, b1, W2, rng)[::2]


@wrong("the order makes no difference", "for W1 it returned an array of shape (3, 2)")
def other_order(W1, b1, W2, rng):
    return the_same_arrays_and_a_new_one(W1, b1, W2, rng)[::-1]


@wrong("the new one first", "for b1 it returned")
def matrices_first(W1, b1, W2, rng):
    W1, b1, W2 = the_same_arrays_and_a_new_one(W1, b1, W2, rng)
    return W1, W2, b1


@wrong("(outputs, units), as other libraries store it", "for W2 it returned an array of shape")
def transposed(W1, b1, W2, rng):
    W1, b1, W2 = the_same_arrays_and_a_new_one(W1, b1, W2, rng)
    return W1, b1, W2.T


@wrong("there is one output", "for W2 it returned an array of shape (3, 1)")
def one_output_only(W1, b1, W2, rng):
    return anew(lambda rng, n, m: rng.normal(0, n**-0.5, (n, 1)))(W1, b1, W2, rng)


@wrong("a list is an array", "expected a NumPy array")
def nested_list(W1, b1, W2, rng):
    W1, b1, W2 = the_same_arrays_and_a_new_one(W1, b1, W2, rng)
    return W1, b1, W2.tolist()


@wrong("the global generator is as good", "in the same state")
def global_random_state(W1, b1, W2, rng):
    checked(W1, b1, W2)
    return W1, b1, np.random.normal(0, len(W2) ** -0.5, W2.shape)  # noqa: NPY002


@wrong("a seed makes it reproducible", "a seed, or another generator")
def fixed_seed(W1, b1, W2, rng):
    return the_same_arrays_and_a_new_one(W1, b1, W2, np.random.default_rng(0))


@wrong("the root of a negative number", "for W2 it returned nan")
def nan_everywhere(W1, b1, W2, rng):
    return W1, b1, np.full(W2.shape, np.nan)


@wrong("the return is forgotten", "end with a return")
def no_return(W1, b1, W2, rng):
    the_same_arrays_and_a_new_one(W1, b1, W2, rng)


@lenient("the biases are not tested", "because b1 has one entry")
def biases_not_tested(W1, b1, W2, rng):
    if W1.shape[1] != len(W2):
        raise ValueError(f"shapes do not fit: {W1.shape}, {W2.shape}")
    return W1, b1, rng.standard_normal(W2.shape) / np.sqrt(len(W2))


@lenient("the output weights are not tested", "because W2 has one row")
def output_weights_not_tested(W1, b1, W2, rng):
    if W1.shape[1] != len(b1):
        raise ValueError(f"shapes do not fit: {W1.shape}, {b1.shape}")
    return W1, b1, rng.standard_normal(W2.shape) / np.sqrt(len(W2))


def unchecked(W1, b1, W2, rng):
    """Return what comes of any shapes at all."""
    return W1, b1, rng.standard_normal(W2.shape) / np.sqrt(len(W2))


@lenient("the first matrix is not tested", "because W1 has one column")
def first_matrix_not_tested(W1, b1, W2, rng):
    if len(b1) != len(W2):
        raise ValueError(f"shapes do not fit: {b1.shape}, {W2.shape}")
    return unchecked(W1, b1, W2, rng)


@lenient("NumPy refuses what does not fit", "because b1 has one entry")
def left_to_numpy(W1, b1, W2, rng):
    (np.ones(len(W1)) @ W1 + b1) @ W2
    return unchecked(W1, b1, W2, rng)


@lenient("what is too long can be cut", "because b1 has one entry")
def long_biases_not_refused(W1, b1, W2, rng):
    if W1.shape[1] != len(W2) or len(b1) < len(W2):
        raise ValueError(f"shapes do not fit: {W1.shape}, {b1.shape}, {W2.shape}")
    return unchecked(W1, b1, W2, rng)


@lenient("what is too long can be cut", "because W2 has one row")
def long_output_weights_not_refused(W1, b1, W2, rng):
    if W1.shape[1] != len(b1) or len(W2) < len(b1):
        raise ValueError(f"shapes do not fit: {W1.shape}, {b1.shape}, {W2.shape}")
    return unchecked(W1, b1, W2, rng)


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(W1, b1, W2, rng):
    assert W1.shape[1] == len(b1) == len(W2)
    return W1, b1, rng.standard_normal(W2.shape) / np.sqrt(len(W2))
