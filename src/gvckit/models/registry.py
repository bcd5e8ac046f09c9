"""Estimators, covariances and small-sample conventions by name.

A new member is one file (or function) and one line here.  An estimator is
``f(design: Design, model: Model, name: str) -> Fit``; a covariance is
``f(problem: Problem) -> Sandwich`` (:mod:`gvckit.models.vcov`); a small-sample convention is
``f(sample: Sample) -> SmallSample`` (:mod:`gvckit.models.ssc`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ESTIMATORS", "SSC", "VCOV", "load"]

ESTIMATORS: Mapping[str, str] = {
    "ols": "gvckit.models.ols:ols",
}

VCOV: Mapping[str, str] = {
    "iid": "gvckit.models.vcov:iid",
    "hc1": "gvckit.models.vcov:heteroskedastic",
    "cluster": "gvckit.models.vcov:cluster",
}

SSC: Mapping[str, str] = {
    "fixest": "gvckit.models.ssc:fixest",
    "reghdfe": "gvckit.models.ssc:reghdfe",
    "plm": "gvckit.models.ssc:plm",
    "none": "gvckit.models.ssc:none",
}


def load(table: Mapping[str, str], name: str) -> Callable[..., Any]:
    """Return the function registered under ``name`` in ``table``."""
    module, _, attribute = table[name].partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function
