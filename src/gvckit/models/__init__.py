"""Estimators, their covariance and the one result type."""
