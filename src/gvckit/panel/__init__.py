"""Panels: merges with stated cardinality, samples, derived variables."""
