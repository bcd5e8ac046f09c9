"""The wild cluster bootstrap of a model, and of a fit with few clusters.

Least squares, on the rows as they are or transformed (first differences, unit means, random
effects), has the bootstrap of :mod:`gvckit.models.wild`; 2SLS that of
:mod:`gvckit.models.wild_iv`, Poisson regression that of :mod:`gvckit.models.wild_poisson`.  The
statistic is always t with the clustered errors CRV1, also where a column has others made for few
clusters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gvckit.errors import ModelError, Problem, SpecError, listing, unknown
from gvckit.models.design import Design, build_design
from gvckit.models.inference import FEW_CLUSTERS, infer
from gvckit.models.model import Model, StandardErrors, parse_model
from gvckit.models.ols import independent, least_squares
from gvckit.models.residualise import residualise
from gvckit.models.result import Fit
from gvckit.models.seeds import seed_of
from gvckit.models.threads import on_one_thread
from gvckit.models.vcov import Score
from gvckit.models.wild import DRAWS, WildTest, check_terms, wild_test
from gvckit.models.wild_forms import Regression, is_structured
from gvckit.models.wild_iv import iv_tests
from gvckit.models.wild_poisson import poisson_tests
from gvckit.models.wild_rows import bootstrap_rows, has_rows, holds_components

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["CLUSTERED", "Prepared", "check_bootstrap", "prepared", "wild_bootstrap",
           "with_wild_p"]

OPTIONS = ("reps", "weights", "restricted", "by")
CLUSTERED = ("cluster", "crv2", "crv3")
COLUMNS = 2_000_000
"""Rows times clusters up to which columns are demeaned without being asked for."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the wild bootstrap of a model starts from.

    Attributes
    ----------
    residuals
        Shape (n,).
    factor
        The small-sample factor of the clustered variance.
    coefficients
        Term -> its regression and its estimate.
    """

    residuals: NDArray[np.float64]
    factor: float
    coefficients: dict[str, tuple[Regression, float]]


def prepared(design: Design, model: Model, name: str, terms: Sequence[str]) -> Prepared:
    """Return the residuals and the regressions of ``terms``.

    Raises
    ------
    SpecError
        Terms that are not estimated.
    ModelError
        A model that is not clustered least squares.
    """
    if model.estimator != "ols" or model.instruments:
        raise ModelError(Problem(f"the wild cluster bootstrap is that of least squares, not of "
                                 f"{model.estimator!r}", f"model {name!r}"))
    _check_clusters(model, name)
    model = replace(model, se=StandardErrors("cluster", model.se.by))
    res = residualise(design.y, design.X, design.terms, design.effects, design.weights)
    kept = independent(res, np.flatnonzero(res.varies()).astype(np.int64))
    solution = least_squares(res, kept)
    score = Score(solution.bread, solution.influence, solution.ssr, design.clusters)
    factor = infer(score, model, res.absorbed, res.effects, name).small.factor
    known = [res.terms[j] for j in kept]
    check_terms(terms, known, name)
    first = int(res.constant)
    coef, bread = solution.coef[first:], solution.bread[first:, first:]
    X = np.asfortranarray(res.X[:, kept])
    return Prepared(solution.residuals, factor, {
        term: (Regression(X, bread, j, design.weights, design.effects), float(coef[j]))
        for term, j in ((term, known.index(term)) for term in terms)})


@on_one_thread
def wild_bootstrap(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    *,
    unit: str | Sequence[str],
    time: str | None = None,
    terms: Sequence[str] | None = None,
    sample: pd.Series | NDArray[np.bool_] | None = None,
    null: float = 0.0,
    draws: int = DRAWS,
    weights: str = "auto",
    restricted: bool = True,
    by: str | None = None,
    seed: int | Sequence[int] = 0,
    level: float | None = 0.95,
    name: str = "model",
) -> dict[str, WildTest]:
    """Test coefficients of a model by the wild cluster bootstrap.

    Least squares, random effects, 2SLS and Poisson regression have one.

    Parameters
    ----------
    frame, model, unit, time, sample, name
        As :func:`gvckit.models.fit.fit`; ``se`` must be clustered by one or two variables, also
        ``crv2`` or ``crv3``, in whose place the statistic has CRV1.
    terms
        The coefficients; default the focal regressors ``x``.
    null, draws, weights, restricted, by, level
        As :func:`gvckit.models.wild.wild_test`; with instruments the null is imposed always.  There
        is no interval with instruments, nor of Poisson regression.
    seed
        Of the draws; each term has a stream of its own.

    Returns
    -------
    Term -> test.

    Raises
    ------
    SpecError
        Unknown terms, weights or ``by``.
    ModelError
        Another estimator, errors that are not clustered, or a model that the data do not allow.
    """
    parsed = parse_model(model, name)
    check_bootstrap(parsed, name)
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    design = build_design(frame, parsed, unit=units, time=time, name=name, sample=sample)
    design, parsed = bootstrap_rows(design, parsed, name)
    return _tests(design, parsed, name, tuple(terms or parsed.x), seed, null=null, draws=draws,
                  weights=weights, restricted=restricted, by=by, level=level)


def with_wild_p(fit: Fit, design: Design, model: Model, seed: int | Sequence[int]) -> Fit:
    """Return ``fit`` with ``stats["wild_p:<term>"]`` of its focal regressors.

    Where the model asks for it (``wild: {reps, weights, restricted, by}``), and unasked where a
    clustering variable has fewer than 50 clusters and no large matrix has to be demeaned.  Data
    that do not allow it leave a warning.
    """
    asked = model.carried.get("wild")
    options = wild_options(asked, fit.name)
    if asked is False or options.get("draws") == 0:
        return fit
    if asked is None and not _possible(model):
        return fit
    check_bootstrap(model, fit.name)
    _check_null(model, options.get("restricted", True), fit.name)
    held = holds_components(model)
    design, model = bootstrap_rows(design, model, fit.name)
    if asked is None and not _worth_it(design):
        return fit
    terms = tuple(t for t in model.x if t in fit.terms)
    try:
        tests = _tests(design, model, fit.name, terms, seed, **options)
    except ModelError as error:
        note = f"no wild cluster bootstrap: {error.problems[0].what}"
        return replace(fit, warnings=(*fit.warnings, note))
    if not tests:
        return fit
    first = next(iter(tests.values()))
    wild = {"p": {term: test.p for term, test in tests.items()}, "weights": first.weights,
            "draws": first.draws + first.left_out,
            "left_out": max(test.left_out for test in tests.values()),
            "enumerated": first.enumerated, "restricted": first.restricted, "by": first.by,
            "clusters": first.clusters, "method": first.method,
            "errors": "own" if model.se.kind == "cluster" else "crv1", "held": held}
    stats = {f"wild_p:{term}": test.p for term, test in tests.items()}
    return replace(fit, stats={**fit.stats, **stats}, se_kind={**fit.se_kind, "wild": wild})


def wild_options(asked: Any, name: str) -> dict[str, Any]:
    """Return the options in the model key ``wild`` as arguments of :func:`wild_test`.

    Raises
    ------
    SpecError
        Anything but true, false or a mapping of ``OPTIONS``.
    """
    where = f"model {name!r}, wild"
    if asked is None or isinstance(asked, bool):
        return {}
    if not isinstance(asked, Mapping):
        raise SpecError(Problem(f"expected true, false or options, not {asked!r}", where,
                                allowed=listing(OPTIONS)))
    problems = [unknown("option", str(key), OPTIONS, where) for key in asked if key not in OPTIONS]
    reps = asked.get("reps", DRAWS)
    try:
        reps = int(reps)
    except (TypeError, ValueError):
        reps = -1
    if reps < 0:
        problems.append(Problem(f"reps is not a number of draws: {asked['reps']!r}", where))
    restricted = {"true": True, "false": False}.get(str(asked.get("restricted", True)).lower())
    if restricted is None:
        problems.append(Problem(f"restricted is not true or false: {asked['restricted']!r}", where))
    if problems:
        raise SpecError(problems)
    return {"draws": reps, "weights": str(asked.get("weights", "auto")), "restricted": restricted,
            "by": asked.get("by")}


def _worth_it(design: Design) -> bool:
    fewest = min(design.clusters, key=lambda c: c.levels)
    if fewest.levels >= FEW_CLUSTERS:
        return False
    empty = np.empty((design.n, 0))
    regression = Regression(empty, np.empty((0, 0)), 0, design.weights, design.effects)
    return (len(design.clusters) == 1 and is_structured(regression, fewest)) or (
        design.n * fewest.levels <= COLUMNS)


def _possible(model: Model) -> bool:
    return has_rows(model) and model.se.kind in CLUSTERED and len(model.se.by) <= 2


def check_bootstrap(model: Model, name: str) -> None:
    """Raise a ModelError on an estimator, or on errors, without a wild bootstrap."""
    if not has_rows(model):
        words = " ".join(w for w in (model.estimator, model.method) if w)
        raise ModelError(Problem("the wild cluster bootstrap is that of least squares, 2SLS and "
                                 f"Poisson regression, not of {words!r}", f"model {name!r}"))
    _check_clusters(model, name)


def _check_null(model: Model, restricted: bool, name: str) -> None:
    if model.instruments and not restricted:
        raise ModelError(Problem("the wild bootstrap of 2SLS imposes the null: restricted: "
                                 "false is for least squares", f"model {name!r}, wild"))


def _check_clusters(model: Model, name: str) -> None:
    if model.se.kind not in CLUSTERED or len(model.se.by) > 2:
        raise ModelError(Problem("the wild cluster bootstrap needs se clustered by one or two "
                                 "variables", f"model {name!r}"))


def _tests(design: Design, model: Model, name: str, terms: Sequence[str],
           seed: int | Sequence[int], **options: Any) -> dict[str, WildTest]:
    if model.instruments:
        options.pop("level", None)
        _check_null(model, options.pop("restricted", True), name)
        return iv_tests(design, model, name, terms, seed, **options)
    if model.estimator == "ppml":
        options.pop("level", None)
        return poisson_tests(design, model, name, terms, seed, **options)
    ready = prepared(design, model, name, terms)
    return {
        term: wild_test(regression, ready.residuals, estimate, design.clusters, ready.factor,
                        seed=seed_of(seed, name, "wild", term), **options)
        for term, (regression, estimate) in ready.coefficients.items()}
