"""A placebo test: does a regressor do more than random stand-ins of its kind?

The stand-ins are variants of a column, such as the use of random sets of suppliers in the place of
the digital ones.  The model is estimated with each of them; what counts is where the coefficient of
the true column lies among theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import DataError, ModelError, Problem, SpecError, unknown
from gvckit.models.fit import fit
from gvckit.models.index_values import VariantValues, rescaled
from gvckit.models.model import parse_model
from gvckit.models.over_variants import Variants, estimated_over, varying_terms
from gvckit.models.result import Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SCALES", "STATISTICS", "Placebo", "placebo", "placebo_summary"]

SCALES = ("none", "sd")
STATISTICS = ("p", "p_t", "p_rank", "percentile", "beyond", "draws")
NOT_ESTIMATED = ("placebo", "index_uncertainty", "leave_out")
TIE = 1e-9
SAME = 1e-8


@dataclass(frozen=True, slots=True)
class Placebo:
    """A model with random stand-ins for one of its columns.

    Attributes
    ----------
    of
        The column.
    fit
        The model with the true column; ``placebo_p``, ``placebo_p_t``, ``placebo_p_rank``,
        ``placebo_percentile``, ``placebo_beyond`` and ``placebo_draws`` are among its ``stats``
        (with several terms of the column each has ``:term`` behind it).
    rows
        One row a draw and term: variant (from 0), the draw's choices, term, estimate, se, t, p, n,
        and the reason where there is no estimate.
    summary
        One row a term, see :func:`placebo_summary`.
    """

    of: str
    fit: Fit
    rows: pd.DataFrame
    summary: pd.DataFrame


def placebo(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    draws: Variants,
    *,
    of: str,
    unit: str | Sequence[str],
    time: str | None = None,
    name: str = "model",
    sample: pd.Series | NDArray[np.bool_] | None = None,
    derived: Mapping[str, str] | None = None,
    scale: str = "none",
    seed: int | Sequence[int] = 0,
) -> Placebo:
    """Estimate ``model`` with each draw in the place of the column ``of``.

    All draws that are missing in the same rows are residualised together, once.

    Parameters
    ----------
    frame, model, unit, time, name, sample, seed
        As in :func:`gvckit.models.fit.fit`; least squares.  The frame has the true column.  The
        seed is that of the model's own bootstrap, not of the draws.
    draws
        The stand-ins, such as :func:`gvckit.measures.digital_placebo.supplier_draws` returns.
    of
        The column of the frame that they replace.
    derived
        Name → expression of variables that use the column, themselves columns of the frame: they
        are evaluated again for each draw, in this order.
    scale
        ``none``: coefficients per unit of the draw; ``sd``: each draw is first put on the mean and
        the standard deviation of the true column.

    Raises
    ------
    SpecError
        Unknown names; no regressor uses the column, or the outcome or the weights do.
    DataError
        Where the column is not what the draws stand in for.
    ModelError
        Where the model, or every draw, cannot be estimated.
    """
    if scale not in SCALES:
        raise SpecError(unknown("scale of the draws", scale, SCALES, f"model {name!r}"))
    plain = {k: v for k, v in model.items() if k not in NOT_ESTIMATED}
    parsed = parse_model(plain, name)
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    scores = np.asarray(draws.scores, dtype=np.float64)
    baseline = np.asarray(draws.baseline, dtype=np.float64)
    if scale == "sd":
        scores = rescaled(scores, baseline)
    values = VariantValues.made(frame, of, scores, draws.keys, units, time, dict(derived or {}))
    if parsed.estimator != "ols":
        # Instruments and links are chosen for the true measure, not for a random one.
        raise ModelError(Problem(f"a placebo is not available for {parsed.estimator!r}",
                                 f"model {name!r}", allowed="estimator: ols"))
    terms = varying_terms(parsed, values, name, of="the measure")
    _same(frame[of].to_numpy(dtype=np.float64, na_value=np.nan), values, baseline, of, name)
    point = fit(frame, plain, unit=units, time=time, name=name, sample=sample, seed=seed)
    mask = None if sample is None else np.asarray(sample, dtype=bool)
    rows = estimated_over(values, terms, parsed, draws.choices, units, time, name, mask)
    summary = placebo_summary(point, rows, terms)
    if not bool((summary["draws"] > 0).any()):
        raise ModelError(Problem(f"no draw in the place of {of!r} can be estimated: "
                                 f"{rows['reason'].iloc[0]}", f"model {name!r}"))
    return Placebo(of, _with_statistics(point, summary, of, scale), rows, summary)


def placebo_summary(point: Fit, rows: pd.DataFrame, terms: Sequence[str]) -> pd.DataFrame:
    """Return where the true coefficient lies among those of the draws, one row a term.

    Columns: term; estimate, se, t of the true column; draws estimated and failed; mean, sd (n − 1),
    p05, p50, p95 of the draws' coefficients; ``percentile``, the share of draws with a smaller
    coefficient; ``beyond``, the share with one at least as large in absolute value, and
    ``beyond_t`` the same with t statistics; ``p`` = (1 + number beyond) / (1 + draws) and ``p_t``;
    ``p_rank``, two-sided by rank: twice (1 + the smaller of the numbers below and above) / (1 +
    draws), which asks whether the true column is unlike its stand-ins, whatever their mean.
    """
    found = []
    for term in terms:
        mine = rows[(rows["term"] == term).to_numpy()]
        done = mine[mine["estimate"].notna().to_numpy()]
        b, t = (done[c].to_numpy(dtype=np.float64) for c in ("estimate", "t"))
        there = term in point.terms
        own, own_t = (float(s[term]) if there else np.nan for s in (point.coef, point.t))
        size = len(b)
        row: dict[str, Any] = {
            "term": term, "estimate": own, "se": float(point.se[term]) if there else np.nan,
            "t": own_t, "draws": size, "failed": len(mine) - size,
            "mean": float(b.mean()) if size else np.nan,
            "sd": float(b.std(ddof=1)) if size > 1 else np.nan}
        row |= dict(zip(("p05", "p50", "p95"), map(float, np.percentile(b, [5, 50, 95]))
                        if size else (np.nan,) * 3, strict=True))
        found.append(row | _place(own, own_t, b, t))
    return pd.DataFrame(found)


def _place(own: float, own_t: float, b: NDArray[np.float64], t: NDArray[np.float64]
           ) -> dict[str, float]:
    size = len(b)
    if not size or not np.isfinite(own):
        return dict.fromkeys(("percentile", "beyond", "beyond_t", "p", "p_t", "p_rank"), np.nan)
    tie = TIE * max(abs(own), float(np.abs(b).max()))
    below, above = int((b < own - tie).sum()), int((b > own + tie).sum())
    beyond = int((np.abs(b) >= abs(own) - tie).sum())
    beyond_t = int((np.abs(t) >= abs(own_t) * (1 - TIE)).sum())
    tail = size - max(below, above)  # equal ones count as beyond, on either side
    return {"percentile": below / size, "beyond": beyond / size, "beyond_t": beyond_t / size,
            "p": (1 + beyond) / (1 + size), "p_t": (1 + beyond_t) / (1 + size),
            "p_rank": min(1.0, 2 * (1 + tail) / (1 + size))}


def _same(column: NDArray[np.float64], values: VariantValues, baseline: NDArray[np.float64],
          of: str, name: str) -> None:
    """Refuse a column that is not what the draws stand in for."""
    own = np.where(values.place >= 0, baseline[values.place], np.nan)
    both = np.isfinite(column) & np.isfinite(own)
    size = float(np.abs(own[both]).max()) if both.any() else 0.0
    other = int((np.abs(column[both] - own[both]) > SAME * size).sum())
    if not both.any() or other:
        raise DataError(Problem(
            f"{of!r} is not what the draws stand in for: "
            + (f"it differs in {other} of {int(both.sum())} rows" if both.any()
               else "they share no row"), f"model {name!r}",
            allowed="the same measure; what is made of it goes to derived="))


def _with_statistics(point: Fit, summary: pd.DataFrame, of: str, scale: str) -> Fit:
    stats = dict(point.stats)
    places: dict[str, dict[str, float]] = {}
    for row in summary.to_dict("records"):
        term = str(row["term"])
        tail = f":{term}" if len(summary) > 1 else ""
        stats |= {f"placebo_{key}{tail}": float(row[key]) for key in STATISTICS}
        if np.isfinite(row["p"]):
            places[term] = {key: float(row[key]) for key in ("p", "p_rank", "percentile")}
    further = {"of": of, "scale": scale, "draws": int(summary["draws"].max()), "terms": places}
    return replace(point, stats=stats, further={**point.further, "placebo": further})
