"""Randomisation inference: is the coefficient larger than those of regressors dealt at random?

Fisher's sharp null: the regressor does nothing, so its values might have been dealt in any other
way.  Values of the regressor, or its whole paths over time, are exchanged between units (or
clusters), or within strata between rows; each draw is regressed with the model's own controls and
fixed effects, and its t statistic (with the model's covariance) or coefficient is compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.errors import ModelError, Problem, SpecError, listing, unknown
from gvckit.models.codes import encode, interact
from gvckit.models.dealing import Deal
from gvckit.models.demean import demean
from gvckit.models.design import Design, build_design, with_keys
from gvckit.models.model import Model, parse_model
from gvckit.models.result import Fit
from gvckit.models.seeds import generator
from gvckit.models.threads import on_one_thread

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Randomisation", "randomisation_test", "with_randomisation"]

BLOCK = 2_000_000
DRAWS = 999
OPTIONS = ("reps", "by", "within")
TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Randomisation:
    """A randomisation test: the coefficient, p values of coefficient and t, and what was dealt.

    ``paths`` tells whether whole paths over time were dealt, ``alone`` how many groups kept theirs
    for want of another with the same times.
    """

    term: str
    estimate: float
    t: float
    p: float
    p_t: float
    draws: int
    words: str
    paths: bool = False
    alone: int = 0


@on_one_thread
def randomisation_test(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    *,
    unit: str | Sequence[str],
    time: str | None = None,
    term: str | None = None,
    within: Sequence[str] = (),
    by: Sequence[str] = (),
    draws: int = DRAWS,
    sample: pd.Series | NDArray[np.bool_] | None = None,
    seed: int | Sequence[int] = 0,
    name: str = "model",
) -> Randomisation:
    """Test the sharp null that a regressor has no effect.

    Parameters
    ----------
    frame, model, unit, time, sample, name
        As :func:`gvckit.models.fit.fit`; least squares.
    term
        The regressor; default the first of ``x``.
    within
        Columns of strata: values stay in their stratum.
    by
        Columns whose groups keep the regressor; default rows.  Where it changes within a group,
        it must have one value a time, and whole paths are dealt between groups with rows in the
        same times (as of a country's policy, which its history keeps together).
    draws, seed
        Number of draws and their seed.

    Returns
    -------
    P values are (1 + draws at least as extreme)/(1 + draws); ``p_t`` is of ``t`` with the
    variance clustered by the model's first clustering variable, else robust to
    heteroskedasticity, without small-sample factor.

    Raises
    ------
    SpecError
        Unknown names.
    ModelError
        A regressor that changes within a group of ``by`` in one time, or without variation;
        paths where no two groups have the same times.
    """
    parsed = parse_model(model, name)
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    design = build_design(frame, parsed, unit=units, time=time, name=name, sample=sample)
    return _tested(frame, design, term or parsed.regressors[0], within, by, draws, seed, name,
                   time)


def with_randomisation(
    fit: Fit, frame: pd.DataFrame, design: Design, model: Model, unit: Sequence[str],
    time: str | None, seed: int | Sequence[int],
) -> Fit:
    """Return ``fit`` with what the model key ``randomise: {reps, by, within}`` asks for.

    ``stats["ri_p:<term>"]`` is the p value of t and ``stats["ri_p_coef:<term>"]`` that of the
    coefficient, for each focal regressor.
    """
    asked = model.carried.get("randomise")
    if asked is None or asked is False:
        return fit
    draws, by, within = randomise_options(asked, fit.name)
    where = f"model {fit.name!r}, randomise"
    if model.estimator != "ols":
        raise ModelError(Problem("randomisation inference is that of least squares", where))
    if model.products:
        raise ModelError(Problem("a regressor that is dealt anew has no square or interaction "
                                 "in this version", where))
    frame = with_keys(frame, (*unit, *([time] if time is not None else [])))
    tests = {term: _tested(frame, design, term, within, by, draws, seed, fit.name, time)
             for term in model.x if term in fit.terms}
    stats = {f"ri_p:{term}": test.p_t for term, test in tests.items()}
    stats |= {f"ri_p_coef:{term}": test.p for term, test in tests.items()}
    further = {"p": {term: test.p_t for term, test in tests.items()}, "draws": draws,
               "by": list(by), "within": list(within),
               "paths": any(test.paths for test in tests.values()),
               "alone": max((test.alone for test in tests.values()), default=0)}
    return replace(fit, stats={**fit.stats, **stats},
                   further={**fit.further, "randomise": further})


def randomise_options(asked: Any, name: str) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Return draws, ``by`` and ``within`` of the model key ``randomise``.

    Raises
    ------
    SpecError
        Anything but true or a mapping of ``OPTIONS``.
    """
    where = f"model {name!r}, randomise"
    if asked is True:
        return DRAWS, (), ()
    if not isinstance(asked, Mapping):
        raise SpecError(Problem(f"expected true or options, not {asked!r}", where,
                                allowed=listing(OPTIONS)))
    problems = [unknown("option", str(key), OPTIONS, where) for key in asked if key not in OPTIONS]
    reps = asked.get("reps", DRAWS)
    if isinstance(reps, bool) or not isinstance(reps, int) or reps < 1:
        problems.append(Problem(f"reps is not a number of draws: {reps!r}", where))
    if problems:
        raise SpecError(problems)
    by, within = ((v,) if isinstance(v, str) else tuple(v or ())
                  for v in (asked.get("by"), asked.get("within")))
    return int(reps), by, within


def _tested(
    frame: pd.DataFrame, design: Design, term: str, within: Sequence[str], by: Sequence[str],
    draws: int, seed: int | Sequence[int], name: str, time: str | None,
) -> Randomisation:
    """Return the test of one regressor of a design whose rows are those of ``frame``."""
    known = [str(c) for c in frame.columns]
    wrong = [unknown("column", c, known, f"model {name!r}") for c in (*within, *by)
             if c not in known]
    if term not in design.terms:
        wrong.append(unknown("term", term, design.terms, f"model {name!r}"))
    if wrong:
        raise SpecError(wrong)
    rows = frame.reset_index(drop=True).iloc[design.positions]
    strata = interact([encode(rows[c]) for c in within]) if within else None
    dealt = interact([encode(rows[c]) for c in by]) if by else None
    j = design.terms.index(term)
    times = encode(rows[time]) if time is not None and dealt is not None else None
    deal = Deal(design.X[:, j], dealt, times, strata, f"{term!r} in model {name!r}")
    others = demean(np.column_stack([design.y, np.delete(design.X, j, axis=1)]), design.effects,
                    design.weights)
    rng = generator(seed, name, "randomise", term)
    seen = _statistics(design, others, design.X[:, [j]])
    if not np.isfinite(seen).all():
        raise ModelError(Problem(f"{term!r} has no variation of its own", f"model {name!r}"))
    width = max(1, BLOCK // design.n)
    extreme = np.zeros(2)
    for start in range(0, draws, width):
        columns = np.column_stack([deal.draw(rng) for _ in range(min(width, draws - start))])
        drawn = _statistics(design, others, columns)
        extreme += (np.abs(drawn) >= np.abs(seen) * (1 - TIE)).sum(axis=0)
    p = (1.0 + extreme) / (1.0 + draws)
    what = ("of paths between " if deal.paths else "between ") + ("*".join(by) if by else "rows")
    words = f"{draws:,} random assignments {what}" + (
        f" within {'*'.join(within)}" if within else "")
    return Randomisation(term, float(seen[0, 0]), float(seen[0, 1]), float(p[0]), float(p[1]),
                         draws, words, deal.paths, deal.alone)


def _statistics(design: Design, others: NDArray[np.float64], columns: NDArray[np.float64]
                ) -> NDArray[np.float64]:
    """Return coefficient and t of each column (n, B) beside y and controls: shape (B, 2)."""
    w = np.ones(design.n) if design.weights is None else design.weights
    D = demean(columns, design.effects, design.weights)
    y, controls = others[:, 0], others[:, 1:]
    if controls.shape[1]:
        root = np.sqrt(w)[:, None]
        inverse = np.linalg.pinv(controls * root)
        D = D - controls @ (inverse @ (D * root))
        y = y - controls @ (inverse @ (y * root[:, 0]))
    square = (w[:, None] * D**2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        b = ((w * y) @ D) / square
        influence = w[:, None] * D * (y[:, None] - D * b) / square
        if design.clusters:
            first = design.clusters[0]
            influence = np.column_stack([
                np.bincount(first.codes, weights=c, minlength=first.levels) for c in influence.T])
        return np.column_stack([b, b / np.sqrt((influence**2).sum(axis=0))])
