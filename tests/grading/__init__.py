"""Tests of grading: what is handed in, what it may do, and what comes out."""
