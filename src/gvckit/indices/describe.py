"""Describe indicators before an index is made of them, and flag the odd ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.indices.shape import KURTOSIS, SKEWNESS, kurtosis, skewness

__all__ = ["describe"]


def describe(X: NDArray[np.float64], names: Sequence[str], *, available: float = 0.65,
             nonzero: float = 0.5, unique: float = 0.5) -> pd.DataFrame:
    """Return one row a column of X (n, J).

    Notes
    -----
    ``skewness`` and ``kurtosis`` are bias-corrected, ``sd`` has n - 1.  ``same`` is how often the
    most frequent value stands.  ``share_available`` is of all rows, the other shares are of the
    rows that have a value, and flags compare shares: ``available``, ``nonzero`` and ``unique`` are
    the least that is unremarkable; ``outliers``: |skewness| ≥ 2 and kurtosis ≥ 3.5.
    """
    rows = []
    for name, x in zip(names, X.T, strict=True):
        values = x[~np.isnan(x)]
        n = len(values)
        counts = np.unique(values, return_counts=True)[1]
        skew, kurt = skewness(x), kurtosis(x)
        shares = [n / len(x) if len(x) else np.nan,
                  (values != 0).sum() / n if n else np.nan,
                  len(counts) / n if n else np.nan]
        flags = [word for word, share, least in
                 zip(("few values", "zeros", "repeated"), shares, (available, nonzero, unique),
                     strict=True) if not share >= least]
        flags += ["outliers"] if abs(skew) >= SKEWNESS and kurt >= KURTOSIS else []
        edge = [f(values) for f in (np.min, np.max, np.mean, np.median)] if n else [np.nan] * 4
        rows.append((name, *edge, values.std(ddof=1) if n > 1 else np.nan, skew, kurt, n,
                     int((values != 0).sum()), len(counts), int(counts.max(initial=0)), *shares,
                     ", ".join(flags)))
    return pd.DataFrame(rows, columns=[
        "node", "min", "max", "mean", "median", "sd", "skewness", "kurtosis", "available",
        "nonzero", "unique", "same", "share_available", "share_nonzero", "share_unique", "flags"])
