"""Checks of the exercises: what is wrong with an answer, in words, and never the answer.

``check_he_normal(he_normal)`` calls the function with a few cases. It prints that it is
correct, or not attempted yet as long as it returns ``...``, or right but for bad input that it
does not refuse, and raises `Mistake` with the cause if an answer is wrong. With a `secret` it
draws its cases from that: the hidden test, which returns the share of the points that the
answer deserves, and in which an exercise that was not attempted fails too. There is one check
for each exercise, in a module named after its lesson. They stand on five modules: `verdicts`
(what is wrong, in words), `plain` (answers in plain types), `attempt` (calling a student's
function), `draws` (random weights) and `reports` (which layer is wrong). `solution` shows a
model solution to those who have tried.
"""

from helpers.checks.attempt import instructors_secret
from helpers.checks.beyond import check_length_map, check_orthogonal
from helpers.checks.frameworks import (
    check_conv_he,
    check_fans,
    check_linear_he,
    check_truncated_lecun,
    check_unfit_layer,
)
from helpers.checks.he import check_dead_fraction, check_gain, check_he_normal
from helpers.checks.one_step import (
    check_backward_two_layer,
    check_find_wrong_gradient,
    check_initialize_parameters,
    check_numerical_gradient,
)
from helpers.checks.random import (
    check_predicted_saturation,
    check_std_for_depth,
    check_uniform_for_variance,
)
from helpers.checks.residual import check_branch_std, check_first_loss, faulty_report
from helpers.checks.solutions import solution
from helpers.checks.training import (
    check_clip_by_global_norm,
    check_solve_rate,
    check_wrong_layer,
)
from helpers.checks.verdicts import Mistake, NotAttempted
from helpers.checks.xavier import (
    check_layer_variances,
    check_xavier_normal,
    check_xavier_uniform,
)
from helpers.checks.zero import check_break_symmetry, check_units_identical

# Of each exercise, by its name.
CHECKS = {
    check.__name__.removeprefix("check_"): check
    for check in (
        check_backward_two_layer,
        check_branch_std,
        check_break_symmetry,
        check_clip_by_global_norm,
        check_conv_he,
        check_dead_fraction,
        check_fans,
        check_find_wrong_gradient,
        check_first_loss,
        check_gain,
        check_he_normal,
        check_initialize_parameters,
        check_layer_variances,
        check_length_map,
        check_linear_he,
        check_numerical_gradient,
        check_orthogonal,
        check_predicted_saturation,
        check_solve_rate,
        check_std_for_depth,
        check_truncated_lecun,
        check_unfit_layer,
        check_uniform_for_variance,
        check_units_identical,
        check_wrong_layer,
        check_xavier_normal,
        check_xavier_uniform,
    )
}

__all__ = [
    "CHECKS",
    "Mistake",
    "NotAttempted",
    "check_backward_two_layer",
    "check_branch_std",
    "check_break_symmetry",
    "check_clip_by_global_norm",
    "check_conv_he",
    "check_dead_fraction",
    "check_fans",
    "check_find_wrong_gradient",
    "check_first_loss",
    "check_gain",
    "check_he_normal",
    "check_initialize_parameters",
    "check_layer_variances",
    "check_length_map",
    "check_linear_he",
    "check_numerical_gradient",
    "check_orthogonal",
    "check_predicted_saturation",
    "check_solve_rate",
    "check_std_for_depth",
    "check_truncated_lecun",
    "check_unfit_layer",
    "check_uniform_for_variance",
    "check_units_identical",
    "check_wrong_layer",
    "check_xavier_normal",
    "check_xavier_uniform",
    "faulty_report",
    "instructors_secret",
    "solution",
]
