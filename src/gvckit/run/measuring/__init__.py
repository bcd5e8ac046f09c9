"""Measures of a source over a range of years, without a spec."""
