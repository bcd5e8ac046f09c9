"""A package with steps for the tests of the run engine."""
