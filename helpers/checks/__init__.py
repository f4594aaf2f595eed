"""Checks of the exercises: what is wrong with an answer, in words, and never the answer.

``check_he_normal(he_normal)`` calls the function with a few cases. It prints that it is
correct, or not attempted yet as long as it returns ``...``, and raises `Mistake` with the cause
if an answer is wrong. With a `secret` it draws its cases from that: the hidden test, in which
an exercise that was not attempted fails too. There is one check for each exercise, in a module
named after its lesson; `attempt` and `draws` hold what they share, and `solution` shows a model
solution to those who have tried.
"""

from helpers.checks.attempt import Mistake, NotAttempted, instructors_secret
from helpers.checks.he import check_dead_fraction, check_gain, check_he_normal

__all__ = [
    "Mistake",
    "NotAttempted",
    "check_dead_fraction",
    "check_gain",
    "check_he_normal",
    "instructors_secret",
]
