"""Panels and loops that the tests of curves share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gvckit.models.fit import estimate
from gvckit.models.result import NotEstimated


def make_panel(units: int = 60, years: int = 8, seed: int = 5, gaps: bool = True) -> pd.DataFrame:
    """Return an unbalanced panel of countries × sectors × years with a planted slope of 0.4."""
    rng = np.random.default_rng(seed)
    n = units * years
    unit = np.repeat(np.arange(units), years)
    frame = pd.DataFrame({
        "unit": unit, "year": np.tile(np.arange(2000, 2000 + years), units),
        "country": [f"C{u // 4:02d}" for u in unit], "w": rng.uniform(0.5, 2.0, n)})
    effect = rng.normal(size=units)[unit] + rng.normal(size=years)[frame["year"] - 2000]
    for name in ("a", "b", "c"):
        frame[name] = rng.normal(size=n) + 0.4 * effect
    frame["x"] = rng.normal(size=n) + 0.3 * frame["a"] + effect
    frame["x2"] = frame["x"] + rng.normal(size=n)
    shock = rng.normal(size=(15 + units // 4, years))[unit // 4, frame["year"] - 2000]
    frame["y"] = 0.4 * frame["x"] + 0.5 * frame["a"] + effect + shock + rng.normal(size=n)
    frame["y2"] = np.exp(0.2 * frame["y"] + 0.1 * rng.normal(size=n))
    if gaps:
        frame.loc[rng.random(n) < 0.1, "b"] = np.nan
        frame.loc[rng.random(n) < 0.02, "y2"] = np.nan
        frame = frame[rng.random(n) < 0.9]
    return frame.sample(frac=1.0, random_state=1).reset_index(drop=True)


def loop(frame: pd.DataFrame, base: Mapping[str, Any], changes: list[dict[str, Any]],
         terms: list[str], masks: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Return estimate, se, p and n of one gk.fit a specification."""
    rows = []
    for change, term in zip(changes, terms, strict=True):
        change = dict(change)
        sample = (masks or {})[change.pop("sample")] if "sample" in change else None
        done = estimate(frame, {**base, **change}, unit="unit", time="year", sample=sample)
        if isinstance(done, NotEstimated) or term not in done.terms:
            rows.append((np.nan, np.nan, np.nan, np.nan))
        else:
            rows.append((done.coef[term], done.se[term], done.p[term], done.n))
    return pd.DataFrame(rows, columns=["estimate", "se", "p", "n"])
