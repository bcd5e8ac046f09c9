"""Composite indices: impute, normalise, weigh, aggregate."""
