"""Panel threshold regression (Hansen 1999): the slope of a regressor changes with a variable.

Thresholds are found one after another by least squares, each tested by an F statistic whose p
value is bootstrapped; earlier ones are then found anew given the later (Bai 1997).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes
from gvckit.models.design import Design
from gvckit.models.fixed_effects import absorbed, refines
from gvckit.models.model import Model
from gvckit.models.result import Fit
from gvckit.models.seeds import generator
from gvckit.models.threshold_options import Threshold
from gvckit.models.threshold_search import NUMBERS, Reductions, Regimes, critical_ratio, grid_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Found", "divided", "with_thresholds"]

LEVEL = 0.05
"""A further threshold is looked for while the last one is significant at this level."""

DRAW_TOLERANCE = 1e-9
CRITICAL = (0.10, 0.05, 0.01)


@dataclass(frozen=True, slots=True)
class Found:
    """One threshold.

    Attributes
    ----------
    gamma, low, high
        The estimate and the ends of its 95 % interval by the likelihood ratio, 7.35.
    ssr_before, ssr
        Sums of squared residuals with one threshold less, and with it.
    F
        ``(ssr_before − ssr) / (ssr / dof)``.
    p
        Bootstrap p value; nan without draws.
    critical
        Bootstrap critical values at 10, 5 and 1 %.
    draws
        Draws used.
    """

    gamma: float
    low: float
    high: float
    ssr_before: float
    ssr: float
    F: float
    p: float
    critical: tuple[float, ...]
    draws: int

    def to_dict(self) -> dict[str, Any]:
        """Return the threshold as JSON-able values."""
        return {key: list(value) if isinstance(value, tuple) else value
                for key in self.__slots__ for value in [getattr(self, key)]}


def divided(design: Design, model: Model, name: str, seed: int | Sequence[int]
            ) -> tuple[Design, Model, dict[str, Any]]:
    """Return design and model with the regressor divided at its thresholds, and what was found.

    Without a threshold in the model all come back as they are.  σ² has n less the parameters of
    the fixed effects as divisor: n(T − 1) with unit effects in a balanced panel, as Hansen.  The
    bootstrap holds regressors and thresholds fixed and draws residuals of the larger model: those
    of whole units with replacement where all units have the same periods (Hansen 1999, section
    3.2).  Units of different periods, or errors clustered more coarsely than by unit, get random
    signs, one a unit or cluster, which keep groups of any length (Hansen 1996).

    Raises
    ------
    ModelError
        An estimator other than least squares; weights; squares or interactions of the regressor;
        a threshold variable that leaves no grid point with enough rows on both sides.
    """
    asked = model.threshold
    if asked is None:
        return design, model, {}
    _check(model, asked, name)
    place = design.terms.index(asked.regime_of)
    q = design.columns[asked.variable]
    regimes = Regimes(design.X[:, place], q, design.effects, asked.trim)
    grid = grid_of(q, asked.trim, asked.grid)
    groups, periods = _drawn_groups(design)
    dof = design.n - (absorbed(design.effects).pairwise if design.effects else 1)
    found: list[Found] = []
    while len(found) < asked.most:
        rng = generator(seed, name, "threshold", str(len(found) + 1))
        step = _step(design, regimes, grid, [f.gamma for f in found], dof, asked.reps, rng)
        if step is None:
            break
        found.append(step)
        if step.p >= LEVEL:
            break
        found = _refined(design, regimes, grid, found, dof)
    if not found:
        raise ModelError(Problem(
            f"threshold variable {asked.variable!r} has no value that leaves "
            f"{100 * asked.trim:g} percent of the {design.n} rows on both sides",
            f"model {name!r}, threshold"))
    kept = found[:max(1, len(found) - int(found[-1].p >= LEVEL))]
    gammas = sorted(f.gamma for f in kept)
    terms, columns = _regime_terms(asked, gammas, regimes)
    told = {
        "variable": asked.variable, "regime_of": asked.regime_of, "terms": list(terms),
        "rows": [int(inside.sum()) for inside in _inside(q, gammas)],
        "tested": [f.to_dict() for f in found], "used": len(kept), "dof": dof,
        "grid": len(grid), "trim": asked.trim, "by": groups.name,
        "bootstrap": "signs" if periods is None else "units"}
    X = np.column_stack([design.X[:, :place], columns, design.X[:, place + 1:]])
    written = {asked.regime_of: terms}
    model = replace(model, x=_replaced(model.x, written),
                    controls=_replaced(model.controls, written))
    design = replace(design, X=X, terms=(*design.terms[:place], *terms, *design.terms[place + 1:]))
    return design, model, {"threshold": told}


def with_thresholds(fit: Fit, told: dict[str, Any], model: Model) -> Fit:
    """Return ``fit`` with ``stats``: threshold_1, its _low, _high, _f, _p, and so on.

    ``model`` is the model as written: it, not the divided one, is what the fit keeps.
    """
    if not told:
        return fit
    stats: dict[str, float] = {}
    for i, found in enumerate(told["threshold"]["tested"], start=1):
        stats |= {f"threshold_{i}": found["gamma"], f"threshold_{i}_low": found["low"],
                  f"threshold_{i}_high": found["high"], f"threshold_{i}_f": found["F"],
                  f"threshold_{i}_p": found["p"]}
    return replace(fit, stats={**fit.stats, **stats}, further={**fit.further, **told},
                   model=model.resolved())


def _check(model: Model, asked: Threshold, name: str) -> None:
    where = f"model {name!r}, threshold"
    problems = []
    if model.estimator != "ols":
        problems.append(Problem(f"thresholds are those of least squares, not {model.estimator!r}",
                                where))
    if model.weights:
        problems.append(Problem(f"a threshold regression takes no weights, not {model.weights!r}",
                                where))
    problems += [Problem(f"{asked.regime_of!r} is divided and cannot be a factor of {p.term!r}",
                         where) for p in model.products if asked.regime_of in (p.left, p.right)]
    if problems:
        raise ModelError(problems)


def _step(design: Design, regimes: Regimes, grid: NDArray[np.float64], before: Sequence[float],
          dof: int, reps: int, rng: np.random.Generator) -> Found | None:
    """Return the next threshold beside those of ``before``; None where no grid point is left."""
    allowed = regimes.allowed(grid, before)
    if not allowed.any():
        return None
    points = grid[allowed]
    search = Reductions(regimes, points, _others(design, regimes, before))
    y = search.left(design.y[:, None])
    found = _best(search, y, points, dof)
    if reps == 0:
        return found
    chosen = Reductions(regimes, np.array([found.gamma]), _others(design, regimes, before))
    column = next(chosen._blocks())[:, 0]
    errors = y[:, 0] - column * float(column @ y[:, 0])
    drawn = np.concatenate(list(_drawn(search, errors, design, dof, reps, rng)))
    p = (1.0 + int((drawn >= found.F * (1 - 1e-9)).sum())) / (1.0 + len(drawn))
    critical = tuple(float(np.quantile(drawn, 1 - a)) for a in CRITICAL)
    return replace(found, p=float(p), critical=critical, draws=len(drawn))


def _best(search: Reductions, y: NDArray[np.float64], points: NDArray[np.float64], dof: int
          ) -> Found:
    reductions = search.of(y)[:, 0]
    at = int(np.argmax(reductions))
    total = float((y**2).sum())
    ssr = total - float(reductions[at])
    inside = points[(reductions[at] - reductions) <= critical_ratio() * ssr / dof]
    return Found(float(points[at]), float(inside[0]), float(inside[-1]), total, ssr,
                 float(reductions[at]) / (ssr / dof), float("nan"), (), 0)


def _refined(design: Design, regimes: Regimes, grid: NDArray[np.float64], found: list[Found],
             dof: int) -> list[Found]:
    """Return the thresholds, all but the last found anew given the others."""
    out = list(found)
    for i in range(len(found) - 1):
        others = [f.gamma for k, f in enumerate(out) if k != i]
        points = grid[regimes.allowed(grid, others)]
        search = Reductions(regimes, points, _others(design, regimes, others))
        best = _best(search, search.left(design.y[:, None]), points, dof)
        out[i] = replace(out[i], gamma=best.gamma, low=best.low, high=best.high)
    return out


def _others(design: Design, regimes: Regimes, gammas: Sequence[float]) -> NDArray[np.float64]:
    return np.column_stack([design.X, *(regimes.column(g) for g in gammas)])


def _drawn(search: Reductions, errors: NDArray[np.float64], design: Design, dof: int, reps: int,
           rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield F of bootstrap samples without the threshold, in blocks."""
    groups, periods = _drawn_groups(design)
    width = max(1, NUMBERS // (4 * len(errors)))
    for start in range(0, reps, width):
        size = min(width, reps - start)
        if periods is not None:
            chosen = rng.integers(0, groups.levels, size=(size, groups.levels))
            sample = errors.reshape(groups.levels, periods)[chosen].reshape(size, -1).T
        else:
            signs = 1.0 - 2.0 * rng.integers(0, 2, size=(size, groups.levels))
            sample = (signs[:, groups.codes] * errors).T
        left = search.left(sample, DRAW_TOLERANCE)
        largest = search.of(left).max(axis=0)
        total = (left**2).sum(axis=0)
        yield largest / ((total - largest) / dof)


def _drawn_groups(design: Design) -> tuple[Codes, int | None]:
    """Return the groups that the bootstrap draws, and their periods where all have the same.

    Rows are sorted by unit and time.
    """
    unit = design.unit or Codes("rows", np.arange(design.n), design.n)
    coarser = [c for c in design.clusters[:1] if c.levels < unit.levels and refines(unit, c)]
    if coarser or design.period is None or design.n % unit.levels:
        return (coarser or [unit])[0], None
    shape = (unit.levels, design.n // unit.levels)
    same = np.all(unit.codes.reshape(shape) == np.arange(unit.levels)[:, None]) and np.all(
        design.period.reshape(shape) == design.period.reshape(shape)[0])
    return unit, shape[1] if same else None


def _inside(q: NDArray[np.float64], gammas: Sequence[float]) -> list[NDArray[np.bool_]]:
    ends = [-np.inf, *gammas, np.inf]
    return [(q > low) & (q <= high) for low, high in pairwise(ends)]


def _regime_terms(asked: Threshold, gammas: Sequence[float], regimes: Regimes
                  ) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the names of the regimes' regressors and their columns, shape (n, regimes)."""
    digits = next((d for d in range(4, 17)
                   if len({f"{g:.{d}g}" for g in gammas}) == len(gammas)), 17)
    said = [f"{g:.{digits}g}" for g in gammas]
    x, q = asked.regime_of, asked.variable
    names = [f"{x}*({q}<={said[0]})",
             *(f"{x}*({a}<{q}<={b})" for a, b in pairwise(said)),
             f"{x}*({q}>{said[-1]})"]
    columns = [np.where(inside, regimes.x, 0.0) for inside in _inside(regimes.q, gammas)]
    return tuple(names), np.column_stack(columns)


def _replaced(terms: Sequence[str], written: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(new for term in terms for new in written.get(term, (term,)))
