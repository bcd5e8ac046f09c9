"""Instruments made from a panel: lags, peers, history × time, shift-share, Lewbel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import DataError, ModelError, Problem, SpecError, unknown
from gvckit.models.ols import estimable, least_squares
from gvckit.models.residualise import residualise
from gvckit.models.statistical_test import StatisticalTest, chi_squared, prepared
from gvckit.models.terms import evaluate_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bartik", "Lewbel", "bartik", "history_times_time", "lagged", "leave_one_out_mean",
           "lewbel", "rotemberg"]


def lagged(frame: pd.DataFrame, variable: str, periods: int = 1, *, unit: str | Sequence[str],
           time: str) -> pd.Series[float]:
    """Return ``variable`` ``periods`` earlier; a missing period gives a missing value."""
    return _evaluated(frame, f"lag({variable}, {int(periods)})", unit, time)


def leave_one_out_mean(
    frame: pd.DataFrame, variable: str, *, by: str | Sequence[str], leave_out: str,
    unit: str | Sequence[str], time: str | None = None,
) -> pd.Series[float]:
    """Return the mean of ``variable`` over the group ``by`` without all rows of the row's own
    ``leave_out``, for instance the mean of a region and year over other countries.
    """
    groups = [by] if isinstance(by, str) else list(by)
    text = f"mean({variable}, by=[{', '.join(groups)}], leave_out={leave_out})"
    return _evaluated(frame, text, unit, time)


def history_times_time(frame: pd.DataFrame, history: str, series: str, *, unit: str
                       ) -> pd.Series[float]:
    """Return a historical level of each unit times a series of all units' time.

    Raises
    ------
    SpecError
        Unknown columns.
    ModelError
        A history that changes inside a unit, or a series that changes nowhere: fixed effects would
        absorb the product.
    """
    _known(frame, (history, series, unit))
    past = frame[history].to_numpy(dtype=np.float64)
    spread = frame.groupby(unit, observed=True)[history].agg(lambda v: v.max() - v.min())
    changing = [str(u) for u in spread.index[spread > 1e-12 * np.nanmax(np.abs(past))]]
    if changing:
        raise ModelError(Problem(f"history {history!r} changes inside {unit} "
                                 f"{', '.join(changing[:3])}", allowed="one value a unit"))
    if frame[series].nunique() < 2:
        raise ModelError(Problem(f"series {series!r} does not change over time"))
    return pd.Series(past * frame[series].to_numpy(dtype=np.float64), index=frame.index,
                     name=f"{history}*{series}")


@dataclass(frozen=True, slots=True)
class Bartik:
    """A shift-share instrument.

    Attributes
    ----------
    instrument
        Σ_k s_ik g_kt, aligned to the frame.
    parts
        s_ik g_kt, one column a k: they add up to the instrument.
    """

    instrument: pd.Series[float]
    parts: pd.DataFrame


def bartik(
    frame: pd.DataFrame, shares: pd.DataFrame, shocks: pd.DataFrame, *, unit: str | Sequence[str],
    industry: str, share: str, shock: str, time: str | None = None,
) -> Bartik:
    """Return the shift-share instrument ``Σ_k s_ik g_kt`` of each row of ``frame``.

    Parameters
    ----------
    frame
        The panel.
    shares
        One row a unit and industry: pre-sample shares.
    shocks
        One row an industry, and period where ``time`` is given; with the unit among its columns,
        shocks leave the unit out.
    unit, industry, share, shock, time
        Column names.

    Raises
    ------
    SpecError
        Unknown columns.
    DataError
        Keys that occur twice; shares without a shock.
    """
    units = [unit] if isinstance(unit, str) else list(unit)
    _known(frame, (*units, *([time] if time else [])))
    _known(shares, (*units, industry, share))
    _known(shocks, (industry, shock, *([time] if time else [])))
    own = [u for u in units if u in shocks.columns]
    keys = [industry, *([time] if time else []), *own]
    for table, columns, what in ((shares, [*units, industry], "shares"), (shocks, keys, "shocks")):
        twice = int(table.duplicated(columns).sum())
        if twice:
            raise DataError(f"{what}: {twice} rows repeat the {', '.join(columns)} of another row")
    rows = frame[[*units, *([time] if time else [])]].reset_index(drop=True)
    rows["_row"] = np.arange(len(rows))
    long = rows.merge(shares[[*units, industry, share]], on=units, how="inner")
    long = long.merge(shocks[[*keys, shock]], on=keys, how="left")
    lost = long[long[shock].isna() & (long[share] != 0)]
    if len(lost):
        names = sorted({str(v) for v in lost[industry]})
        raise DataError(f"{len(lost)} shares have no shock, of {industry} {', '.join(names[:5])}")
    long["_part"] = long[share] * long[shock].fillna(0.0)
    wide = long.pivot_table(index="_row", columns=industry, values="_part", aggfunc="sum",
                            observed=True)
    wide = wide.reindex(rows["_row"]).fillna(dict.fromkeys(wide.columns, 0.0))
    missing = ~rows["_row"].isin(long["_row"]).to_numpy()
    wide.loc[missing] = np.nan
    wide.index = frame.index
    total = wide.sum(axis=1, skipna=False)
    return Bartik(total.rename("bartik"), wide)


def rotemberg(
    frame: pd.DataFrame, parts: pd.DataFrame, model: Mapping[str, Any], endogenous: str, *,
    unit: str | Sequence[str], time: str | None = None, name: str = "rotemberg",
) -> pd.DataFrame:
    """Return the Rotemberg weights of Goldsmith-Pinkham, Sorkin and Swift (2020).

    One row an industry: ``weight`` α_k (they add up to 1), ``estimate`` β_k with the part of that
    industry alone as the instrument, ``first_stage`` its covariance with the endogenous regressor.
    Σ α_k β_k is the shift-share estimate.  Controls and fixed effects of ``model`` are partialled
    out; largest absolute weight first.

    Raises
    ------
    ModelError
        No first stage at all.
    """
    names = [f"_part_{i}" for i in range(parts.shape[1])]
    wide = frame.assign(**{n: parts.iloc[:, i].to_numpy() for i, n in enumerate(names)})
    given = {k: v for k, v in model.items() if k not in ("instruments", "estimator", "report")}
    _, design = prepared(wide, {**given, "estimator": "2sls", "instruments": {endogenous: names}},
                         unit, time, name)
    Z = np.column_stack([design.columns[n] for n in names])
    others = [j for j, t in enumerate(design.terms) if t != endogenous]
    at = design.terms.index(endogenous)
    res = residualise(design.y, np.column_stack([design.X[:, at], design.X[:, others], Z]),
                      (endogenous, *(design.terms[j] for j in others), *names), design.effects,
                      design.weights)
    root = np.ones(res.n) if res.weights is None else np.sqrt(res.weights)
    W = res.X[:, 1:1 + len(others)] * root[:, None]
    left = np.column_stack([res.y, res.X[:, 0], res.X[:, 1 + len(others):]]) * root[:, None]
    if others:
        left = left - W @ np.linalg.lstsq(W, left, rcond=None)[0]
    first, reduced = left[:, 2:].T @ left[:, 1], left[:, 2:].T @ left[:, 0]
    total = float(first.sum())
    if abs(total) <= 1e-12 * float(np.abs(first).sum()):
        raise ModelError(Problem("the parts of the shift-share instrument cancel in the first "
                                 f"stage of {endogenous!r}", f"model {name!r}"))
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = reduced / first
    out = pd.DataFrame({"weight": first / total, "estimate": estimate, "first_stage": first},
                       index=parts.columns.rename(parts.columns.name or "industry"))
    order = np.lexsort([np.arange(len(out)), -np.abs(out["weight"].to_numpy())])
    return out.iloc[order]


@dataclass(frozen=True, slots=True)
class Lewbel:
    """Heteroskedasticity-based instruments.

    Attributes
    ----------
    instruments
        ``(z − z̄)·ε``, one column a z, aligned to the frame; missing outside the used rows.
    heteroskedasticity
        The Breusch-Pagan test (Koenker's form) of the first stage, on which they rest.
    """

    instruments: pd.DataFrame
    heteroskedasticity: StatisticalTest


def lewbel(
    frame: pd.DataFrame, model: Mapping[str, Any], endogenous: str, z: Sequence[str], *,
    unit: str | Sequence[str], time: str | None = None, name: str = "lewbel",
) -> Lewbel:
    """Return the generated instruments of Lewbel (2012).

    ε is the residual of the endogenous regressor on the model's exogenous regressors, fixed
    effects included; the instruments are ``(z − z̄)ε`` for exogenous regressors ``z``.

    Raises
    ------
    SpecError
        ``z`` or the endogenous regressor is not in the model.
    ModelError
        As :func:`gvckit.models.fit.fit`.
    """
    parsed, design = prepared(frame, {k: v for k, v in model.items() if k != "instruments"},
                              unit, time, name)
    wrong = [unknown("regressor", t, parsed.regressors, f"model {name!r}")
             for t in (endogenous, *z) if t not in parsed.regressors]
    if wrong or endogenous in z or not z:
        raise SpecError(wrong or [Problem("z must name exogenous regressors", f"model {name!r}")])
    at = design.terms.index(endogenous)
    others = [j for j in range(len(design.terms)) if j != at]
    res = residualise(design.X[:, at], design.X[:, others], [design.terms[j] for j in others],
                      design.effects, design.weights)
    kept, _ = estimable(res, name, endogenous)
    error = least_squares(res, kept).residuals
    Z = np.column_stack([design.X[:, design.terms.index(t)] for t in z])
    Z = Z - np.average(Z, axis=0, weights=design.weights)
    values = np.full((len(frame), len(z)), np.nan)
    values[design.positions] = Z * error[:, None]
    labels = [f"lewbel({t})" for t in z]
    return Lewbel(pd.DataFrame(values, index=frame.index, columns=labels), _koenker(error, Z))


def _koenker(error: NDArray[np.float64], Z: NDArray[np.float64]) -> StatisticalTest:
    squared = error**2 - np.mean(error**2)
    fitted = Z @ np.linalg.lstsq(Z, squared, rcond=None)[0]
    r2 = float(fitted @ fitted) / float(squared @ squared)
    return chi_squared("Breusch-Pagan test (Koenker)", len(error) * r2, Z.shape[1],
                       "the first-stage error is homoskedastic in z", "n·R² of the squared error")


def _evaluated(frame: pd.DataFrame, text: str, unit: str | Sequence[str], time: str | None
               ) -> pd.Series[float]:
    units = [unit] if isinstance(unit, str) else list(unit)
    term = evaluate_terms(frame.reset_index(drop=True), [text], unit=units, time=time,
                          name="builder")[text]
    return pd.Series(term.values, index=frame.index, name=text)


def _known(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    wrong = [unknown("column", c, map(str, frame.columns)) for c in columns
             if c not in frame.columns]
    if wrong:
        raise SpecError(wrong)
