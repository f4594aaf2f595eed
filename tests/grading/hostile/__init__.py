"""Broken and hostile submissions by kind, each with what must come out; see `battery`."""
