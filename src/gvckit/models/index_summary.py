"""The distribution of a coefficient over the variants of an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gvckit.models.result import Fit

__all__ = ["STATISTICS", "IndexUncertainty", "summarised", "with_statistics"]

STATISTICS = ("mean", "sd", "p05", "p50", "p95", "same_sign", "significant", "total_se", "variants",
              "failed")


@dataclass(frozen=True, slots=True)
class IndexUncertainty:
    """A model over the variants of an index.

    Attributes
    ----------
    index
        The index.
    fit
        The point estimate, with the distribution among its ``stats`` (``index_mean``,
        ``index_sd``, ``index_p05``, ``index_p50``, ``index_p95``, ``index_same_sign``,
        ``index_significant``, ``index_total_se``, ``index_variants``, ``index_failed``; with
        several terms of the index each has ``:term`` behind it) and in its warnings in words.
    rows
        One row a variant and term: variant, its choices, term, estimate, se, t, p, n, and the
        reason where there is no estimate.
    summary
        One row a term: estimate and se of the point estimate, mean, sd (n − 1), p05, p50, p95 of
        the variants' estimates; ``same_sign``: the share with the sign of the point estimate;
        ``significant``: the share with a p value below the level; ``total_se``:
        √(mean se² + (1 + 1/V)·sd²), both uncertainties together as in multiple imputation (Rubin
        1987); ``variants`` estimated and ``failed``.
    """

    index: str
    fit: Fit
    rows: pd.DataFrame
    summary: pd.DataFrame


def summarised(point: Fit, rows: pd.DataFrame, terms: Sequence[str], level: float) -> pd.DataFrame:
    """Return the summary of :class:`IndexUncertainty`."""
    out = []
    for term in terms:
        mine = rows[(rows["term"] == term).to_numpy()]
        done = mine[mine["estimate"].notna().to_numpy()]
        b = done["estimate"].to_numpy(dtype=np.float64)
        se, p = done["se"].to_numpy(dtype=np.float64), done["p"].to_numpy(dtype=np.float64)
        there = term in point.terms
        estimate = float(point.coef[term]) if there else np.nan
        size = len(b)
        sd = float(b.std(ddof=1)) if size > 1 else np.nan
        low, middle, high = np.percentile(b, [5, 50, 95]) if size else (np.nan,) * 3
        out.append({
            "term": term, "estimate": estimate, "se": float(point.se[term]) if there else np.nan,
            "mean": float(b.mean()) if size else np.nan, "sd": sd,
            "p05": float(low), "p50": float(middle), "p95": float(high),
            "same_sign": float((np.sign(b) == np.sign(estimate)).mean()) if size else np.nan,
            "significant": float((p < level).mean()) if size else np.nan,
            "total_se": float(np.sqrt((se**2).mean() + (1 + 1 / size) * sd**2)) if size else np.nan,
            "variants": size, "failed": len(mine) - size})
    return pd.DataFrame(out)


def with_statistics(point: Fit, summary: pd.DataFrame, index: str, level: float) -> Fit:
    """Return the point estimate with the distribution in its statistics and, in words, warnings."""
    stats, words = dict(point.stats), []
    for row in summary.to_dict("records"):
        tail = f":{row['term']}" if len(summary) > 1 else ""
        stats |= {f"index_{key}{tail}": float(row[key]) for key in STATISTICS}
        words.append(
            f"{row['term']}: over {row['variants']} variants of the index {index} the coefficient "
            f"has mean {row['mean']:.4g}, sd {row['sd']:.4g}, 5 to 95 percent {row['p05']:.4g} to "
            f"{row['p95']:.4g}; the sign is the same in {row['same_sign']:.0%}, p < {level:g} in "
            f"{row['significant']:.0%}"
            + (f"; {row['failed']} variants could not be estimated" if row["failed"] else ""))
    return replace(point, stats=stats, warnings=(*point.warnings, *words))
