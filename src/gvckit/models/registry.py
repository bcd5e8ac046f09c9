"""Estimators, covariances and small-sample conventions by name.

A new member is one file (or function) and one line here.  An estimator is
``f(design: Design, model: Model, name: str) -> Fit``; a covariance is
``f(score: Score) -> Sandwich`` (:mod:`gvckit.models.vcov`); a small-sample convention is
``f(sample: Sample) -> SmallSample`` (:mod:`gvckit.models.ssc`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ESTIMATORS", "INSTRUMENTED", "METHODS", "SSC", "VCOV", "load"]

ESTIMATORS: Mapping[str, str] = {
    "ols": "gvckit.models.ols:ols",
    "pooled": "gvckit.models.pooled:pooled",
    "re": "gvckit.models.random_effects:random_effects",
    "between": "gvckit.models.between:between",
    "first-difference": "gvckit.models.first_difference:first_difference",
    "mundlak": "gvckit.models.mundlak:mundlak",
    "fama-macbeth": "gvckit.models.fama_macbeth:fama_macbeth",
    "mean-group": "gvckit.models.mean_group:mean_group",
    "cce-pooled": "gvckit.models.mean_group:cce_pooled",
    "ppml": "gvckit.models.ppml:ppml",
    "2sls": "gvckit.models.iv:two_stage_least_squares",
    "liml": "gvckit.models.iv:limited_information",
    "gmm": "gvckit.models.iv:two_step_gmm",
    "cue": "gvckit.models.iv:continuously_updated",
}

METHODS: Mapping[str, tuple[str, ...]] = {
    "re": ("swamy-arora", "amemiya", "wallace-hussain", "nerlove"),
    "mundlak": ("random", "pooled"),
    "mean-group": ("plain", "cce"),
    "ppml": ("fixest", "converged"),
}
"""Methods of the estimators that have several; the first is the default."""

INSTRUMENTED = ("2sls", "liml", "gmm", "cue")
"""Estimators that need instruments; the others take none."""

VCOV: Mapping[str, str] = {
    "iid": "gvckit.models.vcov:iid",
    "hc1": "gvckit.models.vcov:heteroskedastic",
    "cluster": "gvckit.models.vcov:cluster",
    "hc0": "gvckit.models.vcov_leverage:hc0",
    "hc2": "gvckit.models.vcov_leverage:hc2",
    "hc3": "gvckit.models.vcov_leverage:hc3",
    "crv2": "gvckit.models.vcov_bias_reduced:crv2",
    "crv3": "gvckit.models.vcov_jackknife:crv3",
    "driscoll-kraay": "gvckit.models.vcov_kernel:driscoll_kraay",
    "newey-west": "gvckit.models.vcov_kernel:newey_west",
    "conley": "gvckit.models.vcov_conley:conley",
    "pcse": "gvckit.models.vcov_panel_corrected:panel_corrected",
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
