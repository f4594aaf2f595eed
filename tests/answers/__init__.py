"""Right and known wrong answers to each exercise, in a module of the exercise's name."""
