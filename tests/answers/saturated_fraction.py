"""Answers to assignment 03, ``saturated_fraction(activations, threshold)``."""

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(activations, threshold):
    """Return how far the entries are from 0, or raise as the exercise asks."""
    if threshold < 0 or threshold > 1:
        raise ValueError(f"threshold must be from 0 to 1; got {threshold}")
    if not activations.size:
        raise ValueError("there are no entries")
    return np.abs(activations)


@right
def mean_of_truth_values(activations, threshold):
    return float(np.mean(checked(activations, threshold) > threshold))


@right
def counted_one_by_one(activations, threshold):
    checked(activations, threshold)
    count = 0
    for sample in activations:
        for h in sample:
            if h > threshold or h < -threshold:
                count += 1
    return count / (activations.shape[0] * activations.shape[1])


@right
def mean_of_the_units_shares(activations, threshold):
    size = checked(activations, threshold)
    return np.mean([np.count_nonzero(unit > threshold) / len(unit) for unit in size.T])


@right
def what_is_left_of_one(activations, threshold):
    within = checked(activations, threshold) <= threshold
    return 1 - np.count_nonzero(within) / within.size


@right
def flat_and_in_plain_python(activations, threshold):
    checked(activations, threshold)
    h = activations.ravel().tolist()
    return sum(max(x, -x) > threshold for x in h) / len(h)


@wrong("a unit saturates at +1", "one end only")
def without_absolute_value(activations, threshold):
    checked(activations, threshold)
    return float(np.mean(activations > threshold))


@wrong("at the threshold is above it", "equals the threshold")
def not_strictly(activations, threshold):
    return float(np.mean(checked(activations, threshold) >= threshold))


@wrong("the units that still learn", "not saturated")
def the_others(activations, threshold):
    return float(np.mean(checked(activations, threshold) <= threshold))


@wrong("greater and less", "nearer to 0 than the threshold")
def comparison_turned(activations, threshold):
    return float(np.mean(checked(activations, threshold) < threshold))


@wrong("// is a division", "is 0, which cannot be right.")
def whole_number(activations, threshold):
    size = checked(activations, threshold)
    return int(np.sum(size > threshold)) // size.size


@wrong("a number of entries is a share", "not which share")
def counted(activations, threshold):
    return int(np.sum(checked(activations, threshold) > threshold))


@wrong("one axis is forgotten in the division", "how many for each sample")
def divided_by_the_samples(activations, threshold):
    return float(np.sum(checked(activations, threshold) > threshold) / len(activations))


@wrong("the other axis is forgotten in the division", "how many for each unit")
def divided_by_the_units(activations, threshold):
    size = checked(activations, threshold)
    return float(np.sum(size > threshold) / size.shape[1])


@wrong("a share in per cent", "percentage")
def per_cent(activations, threshold):
    return float(100 * np.mean(checked(activations, threshold) > threshold))


@wrong("a unit is saturated if it always is", "on every sample")
def units_that_always_are(activations, threshold):
    return float(np.mean((checked(activations, threshold) > threshold).all(axis=0)))


@wrong("a unit is saturated if it ever is", "on some sample")
def units_that_ever_are(activations, threshold):
    return float(np.mean((checked(activations, threshold) > threshold).any(axis=0)))


@wrong("a unit is saturated if it is on average", "the mean over the samples")
def units_that_are_on_average(activations, threshold):
    return float(np.mean(checked(activations, threshold).mean(axis=0) > threshold))


@wrong("the arguments are pre-activations", "tanh was applied")
def tanh_twice(activations, threshold):
    return float(np.mean(np.tanh(checked(activations, threshold)) > threshold))


@wrong("the threshold is one for pre-activations", "what goes into tanh")
def tanh_of_the_threshold(activations, threshold):
    return float(np.mean(checked(activations, threshold) > np.tanh(threshold)))


@wrong("0.97 is what saturated means", "cannot be right")
def own_threshold(activations, threshold):
    return float(np.mean(checked(activations, threshold) > 0.97))


@wrong("1 is saturated, whatever the threshold", "equals the threshold")
def one_always_counts(activations, threshold):
    size = checked(activations, threshold)
    return float(np.mean((size > threshold) | (size == 1)))


@wrong("an array of shares, one for each unit", "expected one number")
def one_for_each_unit(activations, threshold):
    return np.mean(checked(activations, threshold) > threshold, axis=0)


@wrong("the mean is compared, not the entries", "expected one number")
def mean_before_the_comparison(activations, threshold):
    return checked(activations, threshold).mean() > threshold


@wrong("an array is as good as a copy", "0.2], [0.97, 0.0, -0.5]]), 0.97) changed")
def in_place(activations, threshold):
    checked(activations, threshold)
    np.abs(activations, out=activations)
    return float(np.mean(activations > threshold))


@wrong("the return is forgotten", "end with a return")
def no_return(activations, threshold):
    mean_of_truth_values(activations, threshold)


@wrong("a threshold lies inside the interval", "raised ValueError")
def ends_refused(activations, threshold):
    if not 0 < threshold < 1:
        raise ValueError("threshold must be between 0 and 1")
    return mean_of_truth_values(activations, threshold)


@wrong("a threshold of 0 is none", "0.0) raised ValueError")
def zero_refused(activations, threshold):
    if not 0 < threshold <= 1:
        raise ValueError("threshold must be above 0, and at most 1")
    return mean_of_truth_values(activations, threshold)


@wrong("0 is not below a threshold of 0", "equals the threshold")
def all_above_zero(activations, threshold):
    return mean_of_truth_values(activations, threshold) if threshold else 1.0


@lenient("nothing is refused", "because without samples there is no share")
def nothing_refused(activations, threshold):
    return float(np.mean(np.abs(activations) > threshold))


@lenient("no samples, no saturation", "because without samples there is no share")
def no_samples_not_refused(activations, threshold):
    return mean_of_truth_values(activations, threshold) if len(activations) else 0.0


@lenient(
    "an array without rows is the only empty one", "because without units there is no share"
)
def no_units_not_refused(activations, threshold):
    if len(activations) == 0:
        raise ValueError("there are no samples")
    return mean_of_truth_values(activations, threshold) if activations.size else 0.0


@lenient("every size is above a negative threshold", "because a threshold is at least 0")
def negative_threshold_not_refused(activations, threshold):
    return mean_of_truth_values(activations, max(threshold, 0))


@lenient("no activation is above 1 anyway", "because a threshold is at most 1")
def large_threshold_not_refused(activations, threshold):
    return mean_of_truth_values(activations, min(threshold, 1))


@lenient("asserts refuse arguments", "raised AssertionError")
def asserts_instead_of_errors(activations, threshold):
    assert 0 <= threshold <= 1
    assert activations.size > 0
    return mean_of_truth_values(activations, threshold)
