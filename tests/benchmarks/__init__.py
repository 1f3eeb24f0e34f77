"""Benchmarks: run by hand, never by the test suite; each figure is a ratio measured in one run."""
