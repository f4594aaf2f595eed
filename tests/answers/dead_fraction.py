"""Answers to assignment 05, ``dead_fraction(activations)``."""

import numpy as np

from tests.answers.answer import lenient, right, wrong


def checked(activations):
    """Return the activations, or raise as the exercise asks."""
    if activations.ndim != 2 or 0 in activations.shape:
        raise ValueError(f"expected (samples, units); got shape {activations.shape}")
    return activations


@right
def all_zero_along_the_samples(activations):
    return np.mean(np.all(checked(activations) == 0, axis=0))


@right
def unit_by_unit(activations):
    samples, units = checked(activations).shape
    dead = 0
    for unit in range(units):
        if all(activations[sample, unit] == 0 for sample in range(samples)):
            dead += 1
    return dead / units


@right
def largest_is_zero(activations):
    return 1 - np.count_nonzero(checked(activations).max(axis=0)) / activations.shape[1]


@right
def sum_is_zero_in_float32(activations):
    return (checked(activations).sum(axis=0) == 0).mean(dtype=np.float32)


@wrong("off on a sample is dead", "inactive there, not dead")
def inactive_entries(activations):
    return np.mean(checked(activations) == 0)


@wrong("swapped axes", "which axis is which")
def silent_samples(activations):
    return np.mean(np.all(checked(activations) == 0, axis=1))


@wrong("a count for a share", "not which share")
def count_of_dead_units(activations):
    return np.sum(np.all(checked(activations) == 0, axis=0))


@wrong("any for all", "not on any")
def off_on_any_sample(activations):
    return np.mean(np.any(checked(activations) == 0, axis=0))


@wrong("the share that is alive", "that are alive")
def alive_units(activations):
    return np.mean(np.any(checked(activations) > 0, axis=0))


@wrong("nearly 0 is 0", "faint signal")
def mean_below_a_threshold(activations):
    return np.mean(checked(activations).mean(axis=0) < 1e-6)


@wrong("a count divided by the samples", "of the units, and not of the samples")
def dead_units_by_samples(activations):
    return np.sum(np.all(checked(activations) == 0, axis=0)) / len(activations)


@wrong("the share of entries, not of units", "of the units, and not of all entries")
def dead_units_by_entries(activations):
    return np.sum(np.all(checked(activations) == 0, axis=0)) / activations.size


@wrong("a unit that never changes is dead", "always equally on")
def constant_units(activations):
    return np.mean(checked(activations).std(axis=0) == 0)


@wrong("the first sample is a header", "cannot be right.")
def first_sample_dropped(activations):
    later = checked(activations)[1:] if len(activations) > 1 else activations
    return np.mean(np.all(later == 0, axis=0))


@wrong("a slice ends at -1", "cannot be right.")
def last_sample_dropped(activations):
    former = checked(activations)[:-1] if len(activations) > 1 else activations
    return np.mean(np.all(former == 0, axis=0))


@wrong("one sample says nothing", "raised ValueError")
def one_sample_refused(activations):
    if len(checked(activations)) == 1:
        raise ValueError("one sample tells no dead unit from an inactive one")
    return all_zero_along_the_samples(activations)


@wrong("an axis of length 1 is dropped", "cannot be right")
def squeezed(activations):
    return np.mean(np.all(checked(activations).squeeze() == 0, axis=0))


@wrong("in per cent", "cannot be right")
def percent(activations):
    return 100 * all_zero_along_the_samples(activations)


@wrong("a truth value for each unit", "expected one number")
def one_for_each_unit(activations):
    return np.all(checked(activations) == 0, axis=0).astype(float)


@wrong("nearly 0 is 0, in words of single precision", "faint signal")
def off_to_single_precision(activations):
    return np.mean(np.all(np.abs(checked(activations)) < np.finfo(np.float32).eps, axis=0))


@wrong("rounding is harmless", "cannot be right")
def rounded_to_two_digits(activations):
    return round(float(all_zero_along_the_samples(activations)), 2)


@wrong("sorting in place is free", "changed what it was given")
def sorted_in_place(activations):
    checked(activations).sort(axis=0)
    return float(np.mean(activations[-1] == 0))


@lenient("too few axes are not tested", "because one axis is samples")
def one_axis_not_tested(activations):
    if activations.size == 0 or activations.ndim > 2:
        raise ValueError("empty, or too many axes")
    return float(np.mean((activations == 0).all(axis=0)))


@lenient("too many axes are not tested", "because one axis is samples")
def three_axes_not_tested(activations):
    if activations.size == 0 or activations.ndim < 2:
        raise ValueError("empty, or too few axes")
    return float(np.mean((activations == 0).all(axis=0)))


@lenient("an empty batch is not tested", "because without samples")
def emptiness_not_tested(activations):
    if activations.ndim != 2:
        raise ValueError("expected two axes")
    return float(np.mean((activations == 0).all(axis=0)))


@lenient("a batch without units is not tested", "because without units")
def units_not_tested(activations):
    if activations.ndim != 2 or len(activations) == 0:
        raise ValueError("expected two axes, and a sample")
    return float(np.sum((activations == 0).all(axis=0)) / max(activations.shape[1], 1))


@wrong("the return is forgotten", "end with a return")
def no_return(activations):
    all_zero_along_the_samples(activations)
