"""Treat outliers before normalisation.

Kernels take one column x (n,), NaN for missing, and :class:`Doses`; they return the column and what
was done to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.indices.shape import passes, skewness

__all__ = ["TREATMENTS", "Doses", "Treated", "Treatment", "boxcox", "log_ct", "log_ct_orig",
           "log_ct_plus", "log_gii", "treat_columns", "winsorise"]

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Doses:
    """How strong treatments are.

    Attributes
    ----------
    points
        Passes of winsorisation in the skew/kurtosis rule.
    share
        Share of the values cut at each end by ``winsor``.
    power
        λ of Box-Cox.
    """

    points: int = 5
    share: float = 0.01
    power: float = 0.0


@dataclass(frozen=True, slots=True)
class Treated:
    """A treated column (n,), what was done in words (empty: nothing), how many values changed."""

    values: Vector
    done: str
    changed: int


def winsorise(x: Vector, points: int | None) -> tuple[Vector, int]:
    """Pull in extreme values one by one until the column passes the skew/kurtosis rule.

    In each pass the largest value (the smallest where the skewness is negative) becomes the next
    one; equal extremes move together.  ``points`` passes at most, None: as many as it takes.
    Returns the column and the number of values changed.
    """
    out = x.copy()
    done = 0
    while not passes(out) and (points is None or done < points):
        up = skewness(out) > 0
        edge = np.nanmax(out) if up else np.nanmin(out)
        at = out == edge
        rest = out[~at & ~np.isnan(out)]
        out[at] = rest.max() if up else rest.min()
        done += 1
    return out, int((out != x)[~np.isnan(x)].sum())


def _span(x: Vector) -> tuple[float, float]:
    return float(np.nanmin(x)), float(np.nanmax(x))


def log_ct(x: Vector) -> Vector:
    """Return ln(x - min + (max - min)/100)."""
    low, high = _span(x)
    return np.asarray(np.log(x - low + 0.01 * (high - low)))


def log_ct_plus(x: Vector) -> Vector:
    """Return :func:`log_ct`, for negative skewness -ln(max + (max - min)/100 - x)."""
    low, high = _span(x)
    if skewness(x) > 0:
        return log_ct(x)
    return np.asarray(-np.log(high + 0.01 * (high - low) - x))


def log_ct_orig(x: Vector) -> Vector:
    """Return ln(x - min + 1)."""
    return np.asarray(np.log(x - np.nanmin(x) + 1.0))


def log_gii(x: Vector) -> Vector:
    """Return ln((max - 1)(x - min)/(max - min) + 1), mirrored for negative skewness; max > 1."""
    low, high = _span(x)
    if skewness(x) >= 0:
        return np.asarray(np.log((high - 1.0) * (x - low) / (high - low) + 1.0))
    return np.asarray(-np.log((high - 1.0) * (high - x) / (high - low) + 1.0))


def boxcox(x: Vector, power: float) -> Vector:
    """Return (u^λ - 1)/λ of u = x - min + 1, for λ = 0 ln u."""
    u = x - np.nanmin(x) + 1.0
    return np.asarray(np.log(u) if power == 0 else (u**power - 1.0) / power)


def _whole(function: Callable[[Vector, Doses], Vector], words: str
           ) -> Callable[[Vector, Doses], Treated]:
    def kernel(x: Vector, doses: Doses) -> Treated:
        low, high = _span(x)
        if not high > low:
            return Treated(x, "", 0)
        return Treated(function(x, doses), words, int((~np.isnan(x)).sum()))
    return kernel


def _each(words: str, function: Callable[[Vector], Vector]) -> Callable[[Vector, Doses], Treated]:
    return lambda x, doses: Treated(np.asarray(function(x)), words, int((~np.isnan(x)).sum()))


def _cut(x: Vector, doses: Doses) -> Treated:
    low, high = np.nanquantile(x, [doses.share, 1.0 - doses.share])
    out = np.clip(x, low, high)
    return Treated(out, f"cut at quantiles {doses.share:g} and {1 - doses.share:g}",
                   int((out != x)[~np.isnan(x)].sum()))


def _rule(combine: bool) -> Callable[[Vector, Doses], Treated]:
    """Winsorise what fails the rule; what still fails becomes its logarithm."""
    def kernel(x: Vector, doses: Doses) -> Treated:
        if passes(x):
            return Treated(x, "", 0)
        out, changed = winsorise(x, doses.points)
        if passes(out):
            return Treated(out, "winsorised", changed)
        logs = log_ct(out if combine else x)
        words = "winsorised, then its logarithm" if combine else "its logarithm"
        if not passes(logs):
            words += ", and still skewed"
        return Treated(logs, words, int((~np.isnan(x)).sum()))
    return kernel


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment: its kernel, what it is in words, and what values must be above."""

    kernel: Callable[[Vector, Doses], Treated]
    words: str
    above: float = -np.inf


TREATMENTS: dict[str, Treatment] = {
    "none": Treatment(lambda x, doses: Treated(x, "", 0), "outliers as they are"),
    "skew-kurtosis": Treatment(_rule(False), "where |skew| ≥ 2 and kurtosis ≥ 3.5 winsorised, "
                               "else the logarithm"),
    "skew-kurtosis-combined": Treatment(_rule(True), "where |skew| ≥ 2 and kurtosis ≥ 3.5 "
                                        "winsorised, then the logarithm of that"),
    "winsor": Treatment(_cut, "winsorised at quantiles"),
    "log": Treatment(_each("the logarithm", np.log), "logarithm", 0.0),
    "log1p": Treatment(_each("ln(1 + x)", np.log1p), "ln(1 + x)", -1.0),
    "log-ct": Treatment(_whole(lambda x, d: log_ct(x), "ln(x - min + range/100)"),
                        "logarithm of the distance to the minimum, shifted by 1 % of the range"),
    "log-ct-plus": Treatment(_whole(lambda x, d: log_ct_plus(x), "shifted log towards the skew"),
                             "shifted logarithm on the side of the skew"),
    "log-ct-orig": Treatment(_whole(lambda x, d: log_ct_orig(x), "ln(x - min + 1)"),
                             "ln(x - min + 1)"),
    "log-gii": Treatment(_each("", lambda x: log_gii(_over_one(x))),
                         "logarithm of the Global Innovation Index"),
    "boxcox": Treatment(_whole(lambda x, d: boxcox(x, d.power), "Box-Cox of x - min + 1"),
                        "Box-Cox of x - min + 1"),
}


def _over_one(x: Vector) -> Vector:
    low, high = _span(x)
    if not high > 1.0 or not high > low:
        raise DataError("the largest value is not above 1 or all are the same, which this "
                        "logarithm needs")
    return x


def treat_columns(X: Matrix, names: tuple[str, ...], rules: tuple[str, ...], doses: Doses,
                  places: Callable[[NDArray[np.bool_]], str] | None = None
                  ) -> tuple[Matrix, tuple[Treated, ...]]:
    """Return the treated columns (n, J) and what was done to each.

    ``places`` says where rows (n,) are, for messages.

    Raises
    ------
    DataError
        Where a logarithm meets values without one; all such columns are named.
    """
    out, notes, problems = X.copy(), [], []
    for j, (name, rule) in enumerate(zip(names, rules, strict=True)):
        if rule == "none" or np.isnan(X[:, j]).all():
            notes.append(Treated(X[:, j], "", 0))
            continue
        treatment = TREATMENTS[rule]
        bad = X[:, j] <= treatment.above
        if bad.any():
            where = f": {places(bad)}" if places else ""
            problems.append(Problem(
                f"the indicator {name!r} has {int(bad.sum())} values that are not above "
                f"{treatment.above:g}, whose {treatment.words} does not exist{where}",
                allowed="treat: log-ct, log-ct-plus or boxcox, which shift"))
            continue
        try:
            done = treatment.kernel(X[:, j], doses)
        except DataError as error:
            problems += [Problem(f"the indicator {name!r}: {p.what}", allowed=p.allowed)
                         for p in error.problems]
            continue
        out[:, j] = done.values
        notes.append(done)
    if problems:
        raise DataError(problems)
    return out, tuple(notes)
