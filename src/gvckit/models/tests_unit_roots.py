"""Panel unit-root tests: Levin-Lin-Chu, Im-Pesaran-Shin, Fisher-type, Hadri, CIPS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.stats import norm, t

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import encode, interact
from gvckit.models.statistical_test import StatisticalTest, chi_squared, normal
from gvckit.models.terms import evaluate_terms
from gvckit.models.unit_root_tables import (
    CIPS,
    CIPS_SIZES,
    DICKEY_FULLER,
    IPS,
    IPS_PERIODS,
    LLC,
    LLC_PERIODS,
)

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["TESTS", "dickey_fuller", "unit_root"]

TESTS = ("llc", "ips", "fisher", "inverse-normal", "logit", "hadri", "cips")
UNIT_ROOT = "every series has a unit root"


def unit_root(
    frame: pd.DataFrame, variable: str, *, unit: str | Sequence[str], time: str,
    test: str = "ips", exogenous: str = "intercept", lags: int = 1, name: str = "unit_root",
) -> StatisticalTest:
    """Test a variable for unit roots.

    Parameters
    ----------
    frame, unit, time
        The panel; rows where the variable is missing are left out, and what is left of each unit
        must have no gap.
    variable
        Column or expression.
    test
        ``llc`` (Levin, Lin and Chu 2002; balanced), ``ips`` (Im, Pesaran and Shin 2003, W̄),
        ``fisher`` (Maddala and Wu 1999), ``inverse-normal`` and ``logit`` (Choi 2001), with p
        values of the asymptotic distribution (:func:`dickey_fuller`), which MacKinnon (1994,
        1996) approximates; ``hadri`` (2000, robust to heteroskedasticity across units,
        balanced; its null is stationarity); ``cips`` (Pesaran 2007, robust to cross-sectional
        dependence; its p value is interpolated between the published 1, 5 and 10 % values and is
        their nearest end beyond them).
    exogenous
        ``intercept``, ``trend`` (with an intercept), or ``none`` (not for ips, hadri and cips).
    lags
        Lagged differences in each Dickey-Fuller regression.
    name
        Name of the test, used in messages.

    Raises
    ------
    ModelError
        Gaps; units too short; unbalanced data where the test needs balance.
    ValueError
        An unknown test or exogenous part.
    """
    if test not in TESTS:
        raise ValueError(f"test must be one of {', '.join(TESTS)}, not {test!r}")
    if exogenous not in LLC or (exogenous == "none" and test in ("ips", "hadri", "cips")):
        raise ValueError(f"exogenous {exogenous!r} is not available for {test}")
    series, starts = _series(frame, variable, unit, time, name)
    words = f"{exogenous}, {len(series)} units"
    if test == "hadri":
        return _hadri(_balanced(series, test, name), exogenous, words)
    words = f"{words}, {lags} lags"
    if test == "cips":
        return _cips(series, starts, exogenous, lags, words, name)
    fits = [_dickey_fuller(y, exogenous, lags, name) for y in series]
    if test == "llc":
        return _llc(_balanced(series, test, name), fits, exogenous, lags, words)
    if test == "ips":
        return _ips(fits, exogenous, lags, words, name)
    return _combined(fits, test, exogenous, words)


@dataclass(frozen=True, slots=True)
class _Regression:
    """A Dickey-Fuller regression: t of the lagged level, σ (over n), its rows, and the residuals
    (n,) of the difference and of the lagged level on everything else.
    """

    t: float
    sigma: float
    n: int
    difference: NDArray[np.float64]
    level: NDArray[np.float64]


def _series(
    frame: pd.DataFrame, variable: str, unit: str | Sequence[str], time: str, name: str
) -> tuple[list[NDArray[np.float64]], list[int]]:
    """Return the series of each unit in order of time, and their first periods."""
    keys = [unit] if isinstance(unit, str) else list(unit)
    frame = frame.reset_index(drop=True)
    values = evaluate_terms(frame, [variable], unit=keys, time=time, name=name)[variable].values
    groups = interact([encode(frame[k]) for k in keys])
    periods = np.asarray(frame[time], dtype=np.float64)
    present = ~np.isnan(values)
    series, starts = [], []
    for code in range(groups.levels):
        at = np.flatnonzero((groups.codes == code) & present)
        at = at[np.argsort(periods[at], kind="stable")]
        if len(at) == 0:
            continue
        if np.any(np.diff(periods[at]) != 1):
            row = frame.loc[int(at[0]), keys]
            raise ModelError(Problem(f"{variable!r} has gaps or repeated periods in unit "
                                     f"{', '.join(str(v) for v in row)}", f"test {name!r}"))
        series.append(values[at])
        starts.append(int(periods[at[0]]))
    if len(series) < 2:
        raise ModelError(Problem(f"{variable!r}: a panel unit-root test needs two units or more",
                                 f"test {name!r}"))
    return series, starts


def _balanced(series: list[NDArray[np.float64]], test: str, name: str) -> NDArray[np.float64]:
    if len({len(y) for y in series}) > 1:
        raise ModelError(Problem(f"test {test} needs a balanced panel: units have "
                                 f"{min(map(len, series))} to {max(map(len, series))} periods",
                                 f"test {name!r}", allowed="ips, fisher"))
    return np.array(series)


def _deterministic(n: int, exogenous: str) -> NDArray[np.float64]:
    columns = {"none": 0, "intercept": 1, "trend": 2}[exogenous]
    return np.column_stack([np.ones(n), np.arange(1.0, n + 1)])[:, :columns]


def _left(X: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the residuals of y (n,) on X (n, k), which may have no columns."""
    if X.shape[1] == 0:
        return y
    return np.asarray(y - X @ np.linalg.lstsq(X, y, rcond=None)[0], dtype=np.float64)


def _dickey_fuller(y: NDArray[np.float64], exogenous: str, lags: int, name: str) -> _Regression:
    change = np.diff(y)
    n = len(change) - lags
    other = np.column_stack([
        *(change[lags - j:len(change) - j] for j in range(1, lags + 1)),
        _deterministic(n, exogenous)]) if n > 0 else np.empty((0, 0))
    if n <= other.shape[1] + 1:
        raise ModelError(Problem(f"a unit with {len(y)} periods is too short for {lags} lags",
                                 f"test {name!r}"))
    difference, level = _left(other, change[lags:]), _left(other, y[lags:-1])
    size = float(level @ level)
    if size <= 1e-20 * float(y @ y):
        raise ModelError(Problem("the variable does not vary in a unit", f"test {name!r}"))
    rho = float(level @ difference) / size
    residual = difference - rho * level
    sigma = float(np.sqrt(residual @ residual / n))
    return _Regression(rho / (sigma / np.sqrt(size)), sigma, n, difference, level)


def _llc(series: NDArray[np.float64], fits: list[_Regression], exogenous: str, lags: int,
         words: str) -> StatisticalTest:
    """Equation 12 of Levin, Lin and Chu: ``(t − N T̃ S σ̂⁻² se μ*) / σ*``."""
    N, T = series.shape
    length = T - lags - 1
    ratio = np.mean([np.sqrt(_long_run(y, exogenous)) / fit.sigma
                     for y, fit in zip(series, fits, strict=True)])
    v = np.concatenate([fit.level / fit.sigma for fit in fits])
    e = np.concatenate([fit.difference / fit.sigma for fit in fits])
    size = float(v @ v)
    delta = float(v @ e) / size
    residual = e - delta * v
    variance = float(residual @ residual) / (N * length)
    error = float(np.sqrt(residual @ residual / len(e) / size))
    mean, spread = (float(np.interp(T, LLC_PERIODS, row)) for row in LLC[exogenous])
    statistic = (delta / error - N * length * ratio / variance * error * mean) / spread
    return normal("Levin-Lin-Chu test", float(statistic), UNIT_ROOT, words, "lower")


def _long_run(y: NDArray[np.float64], exogenous: str) -> float:
    """Return the long-run variance of Δy: Bartlett kernel, ``3.21 T^(1/3)`` lags (LLC, p. 14)."""
    change = np.diff(y)
    change = _left(_deterministic(len(change), exogenous), change)
    width = round(3.21 * len(y) ** (1 / 3))
    total = float(change @ change)
    for step in range(1, min(width, len(change) - 1) + 1):
        total += 2 * (1 - step / (width + 1)) * float(change[step:] @ change[:-step])
    return total / len(change)


def _ips(fits: list[_Regression], exogenous: str, lags: int, words: str, name: str
         ) -> StatisticalTest:
    """Equation 4.10 of Im, Pesaran and Shin: ``√N (t̄ − mean E) / √(mean Var)``."""
    if lags > 8:
        raise ModelError(Problem("test ips is tabulated for 0 to 8 lags", f"test {name!r}"))
    table = IPS[exogenous][:, lags]
    known = ~np.isnan(table[0])
    moments = np.array([[np.interp(fit.n, IPS_PERIODS[known], row[known]) for row in table]
                        for fit in fits])
    mean, variance = moments.mean(axis=0)
    bar = float(np.mean([fit.t for fit in fits]))
    statistic = np.sqrt(len(fits)) * (bar - mean) / np.sqrt(variance)
    return normal("Im-Pesaran-Shin test", float(statistic), UNIT_ROOT, words, "lower")


def _combined(fits: list[_Regression], test: str, exogenous: str, words: str) -> StatisticalTest:
    p = np.array([dickey_fuller(fit.t, exogenous) for fit in fits])
    N = len(p)
    if test == "fisher":
        return chi_squared("Fisher-type test (Maddala-Wu)", float(-2 * np.log(p).sum()), 2 * N,
                           UNIT_ROOT, words)
    if test == "inverse-normal":
        return normal("Inverse normal test (Choi)", float(norm.ppf(p).sum() / np.sqrt(N)),
                      UNIT_ROOT, words, "lower")
    k = 3 * (5 * N + 4) / (np.pi**2 * N * (5 * N + 2))
    statistic = float(np.sqrt(k) * np.sum(np.log(p / (1 - p))))
    return StatisticalTest("Logit test (Choi)", statistic, float(t.cdf(statistic, 5 * N + 4)), "t",
                           (5.0 * N + 4,), UNIT_ROOT, words)


def dickey_fuller(statistic: float, exogenous: str) -> float:
    """Return ``P(τ ≤ statistic)`` of the asymptotic Dickey-Fuller distribution.

    Interpolated on the normal scale; beyond the table, where p is below 2e-5 or above 1 − 1e-9, on
    a straight line of it.
    """
    first, last, gap, z = DICKEY_FULLER[exogenous]
    x = np.round(np.arange(round(10 * first), round(10 * last) + 1) / 10, 1)
    curve = CubicSpline(x[np.abs(x) > gap], z)
    inside = float(np.clip(statistic, first, last))
    value = float(curve(inside)) + (statistic - inside) * float(curve(inside, 1))
    return float(np.clip(norm.cdf(value), 1e-300, 1 - 1e-16))


def _hadri(series: NDArray[np.float64], exogenous: str, words: str) -> StatisticalTest:
    """Equations 14 and 22 of Hadri (2000), each unit with its own variance."""
    N, T = series.shape
    X = _deterministic(T, exogenous)
    residuals = series - (X @ np.linalg.lstsq(X, series.T, rcond=None)[0]).T
    sums = np.cumsum(residuals, axis=1)
    own = (sums**2).sum(axis=1) / T**2 / (residuals**2).mean(axis=1)
    mean, variance = {"intercept": (1 / 6, 1 / 45), "trend": (1 / 15, 11 / 6300)}[exogenous]
    statistic = np.sqrt(N) * (own.mean() - mean) / np.sqrt(variance)
    return normal("Hadri test", float(statistic), "every series is stationary", words, "upper")


def _cips(series: list[NDArray[np.float64]], starts: list[int], exogenous: str, lags: int,
          words: str, name: str) -> StatisticalTest:
    """Mean of the t statistics of Dickey-Fuller regressions with cross-section means added."""
    first = min(starts)
    last = max(s + len(y) for s, y in zip(starts, series, strict=True))
    width = 2 + lags
    wide = np.full((len(series), last - first, width), np.nan)
    for i, (start, y) in enumerate(zip(starts, series, strict=True)):
        change = np.diff(y)
        n = len(change) - lags
        if n <= 0:
            raise ModelError(Problem(f"a unit with {len(y)} periods is too short for {lags} lags",
                                     f"test {name!r}"))
        at = slice(start - first + 1 + lags, start - first + 1 + lags + n)
        wide[i, at] = np.column_stack([
            change[lags:], y[lags:-1],
            *(change[lags - j:len(change) - j] for j in range(1, lags + 1))])
    used = ~np.isnan(wide[:, :, 0]).all(axis=0)
    means = np.nanmean(wide[:, used], axis=0)
    statistics = []
    for rows in wide[:, used]:
        here = ~np.isnan(rows[:, 0])
        own, common = rows[here], means[here]
        X = np.column_stack([own[:, 2:], common, _deterministic(len(own), exogenous)])
        free = len(own) - X.shape[1] - 1
        if free < 1:
            raise ModelError(Problem(f"a unit with {len(own)} usable periods is too short for "
                                     f"{lags} lags and cross-section means", f"test {name!r}"))
        level, change = _left(X, own[:, 1]), _left(X, own[:, 0])
        rho = float(level @ change) / float(level @ level)
        residual = change - rho * level
        statistics.append(rho / np.sqrt(float(residual @ residual) / free / float(level @ level)))
    statistic = float(np.mean(statistics))
    values = _cips_critical(len(series), int(used.sum()), exogenous)
    p = float(np.interp(statistic, values, [0.01, 0.05, 0.10]))
    return StatisticalTest(
        "CIPS test", statistic, p, "CIPS", (), UNIT_ROOT,
        f"{words}; critical values 1, 5, 10 %: {', '.join(f'{v:.2f}' for v in values)}; p between "
        "0.01 and 0.10 only")


def _cips_critical(units: int, periods: int, exogenous: str) -> NDArray[np.float64]:
    """Return the 1, 5 and 10 % critical values, linear between the tabulated sizes."""
    table = CIPS[exogenous]
    return np.array([
        np.interp(periods, CIPS_SIZES, [np.interp(units, CIPS_SIZES, row) for row in level])
        for level in table])
