"""The stages of a composite index on arrays: fill, treat, normalise, weigh, aggregate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing
from gvckit.indices.aggregate import AGGREGATORS
from gvckit.indices.doubt import benefit_of_the_doubt
from gvckit.indices.missing import fill_columns
from gvckit.indices.normalise import NORMALISERS, PER_YEAR, minmax_pooled, normalise
from gvckit.indices.options import Options
from gvckit.indices.prepare import Prepared
from gvckit.indices.rulers import Rulers, is_constant
from gvckit.indices.scoring import NodeWeight, Recipe, Scored, score_tree
from gvckit.indices.treat import Treated, treat_columns
from gvckit.indices.tree import INDEX, Indicator, Pillar, leaves
from gvckit.indices.weighing import Parts, Weighing

__all__ = ["Normal", "Run", "fill_index", "flat_weights", "normalise_index", "run", "score_index"]

Matrix = NDArray[np.float64]
Rows = NDArray[np.bool_]
Places = Callable[[Rows], str]


@dataclass(frozen=True, slots=True)
class Normal:
    """Indicators ready to be weighed.

    Attributes
    ----------
    Z
        (m, J) normalised, of the rows that are scored.
    X
        (m, J) treated, before normalisation.
    used
        (n,) which rows are scored.
    treated
        What was done to each column.
    sparse
        Codes of the units that have too few values.
    """

    Z: Matrix
    X: Matrix
    used: Rows
    treated: tuple[Treated, ...]
    sparse: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """An index: filled values (n, J), its ready indicators, scores (m,) by node, and weights."""

    filled: Matrix
    normal: Normal
    scores: dict[str, NDArray[np.float64]]
    weights: tuple[tuple[int | None, NodeWeight], ...] = field(default=())


def fill_index(prepared: Prepared, missing: tuple[str, ...], limit: int | None) -> Matrix:
    """Return the indicators (n, J) after the rules for missing values."""
    rules = [i.missing or missing for i in prepared.indicators]
    return fill_columns(prepared.panel, rules, limit)


def normalise_index(prepared: Prepared, filled: Matrix, options: Options) -> Normal:
    """Return the treated and normalised indicators of the rows that have enough of them.

    Raises
    ------
    DataError
        Where an indicator has no value, no row can be scored, or a column has values that its
        treatment or scale cannot take.
    """
    have = (~np.isnan(filled)).mean(axis=1)
    sparse = _sparse(prepared, options.require_unit)
    used = prepared.chosen & (have >= options.require - 1e-12) & (have > 0)
    if len(sparse):
        used &= ~np.isin(prepared.units, sparse)
    indicators = prepared.indicators
    _check_used(filled, used, prepared.chosen, indicators)
    whole = bool(used.all())
    part = filled if whole else filled[used]
    names = tuple(i.name for i in indicators)
    rules = tuple(i.treat or options.treat for i in indicators)
    X, treated = part, tuple(Treated(part[:, j], "", 0) for j in range(len(names)))
    def places(rows: Rows) -> str:
        return prepared.places(used, rows)

    if any(r != "none" for r in rules):
        X, treated = treat_columns(part, names, rules, options.doses, places)
    times = prepared.panel.times[used]
    _check_ratio(X, prepared.signs, indicators, options.normalise, places)
    Z = normalise(options.normalise, X, prepared.signs, times,
                  _rulers(prepared, options, used, times))
    _check_scale(Z, X, indicators, options.normalise, times)
    ends = options.ends
    if ends is not None:
        Z = ends[0] + (ends[1] - ends[0]) * Z
    return Normal(Z, X, used, treated, tuple(sparse.tolist()))


def _sparse(prepared: Prepared, least: float) -> NDArray[np.int64]:
    """Return the codes of the units that have less than a share of their values, unfilled."""
    if least <= 0:
        return np.zeros(0, dtype=np.int64)
    codes = prepared.units[prepared.chosen]
    there = (~np.isnan(prepared.panel.values[prepared.chosen])).mean(axis=1)
    share = np.bincount(codes, weights=there) / np.maximum(np.bincount(codes), 1)
    every = np.unique(codes)
    return np.asarray(every[share[every] < least - 1e-12], dtype=np.int64)


def score_index(prepared: Prepared, normal: Normal, options: Options, root: Pillar | None = None,
                *, factors: dict[str, float] | None = None, flat: Weighing | None = None
                ) -> tuple[dict[str, NDArray[np.float64]], tuple[tuple[int | None, NodeWeight],
                                                                  ...]]:
    """Return the scores of every node (m,), and the weights, by time where each has its own.

    ``root`` may lack some of the indicators; ``factors`` multiply weights among siblings; ``flat``
    are weights of the leaves known already.
    """
    tree = prepared.parsed.root if root is None else root
    Z, parts = _parts(prepared, normal, options, tree)
    recipe = Recipe(tuple(AGGREGATORS[a] for a in options.aggregate), options.mixing,
                    options.require_within, factors)
    _check_positive(Z, tree, options, lambda rows: prepared.places(normal.used, rows))
    scheme = options.scheme
    if not scheme.per_time:
        done = score_tree(tree, Z, scheme, recipe, parts, flat)
        _check_scored(done.scores[INDEX], Z)
        weights = done.weights
        if "benefit-of-the-doubt" in options.aggregate:
            weights = _mean_shares(done, Z, tree, options)
        return done.scores, tuple((None, w) for w in weights)
    scores: dict[str, NDArray[np.float64]] = {}
    table: list[tuple[int | None, NodeWeight]] = []
    for time in np.unique(parts.times):
        own = parts.times == time
        inside = replace(parts, Z=parts.Z[own], X=parts.X[own], units=parts.units[own],
                         times=parts.times[own])
        done = score_tree(tree, Z[own], scheme, recipe, inside)
        for name, values in done.scores.items():
            scores.setdefault(name, np.full(len(Z), np.nan))[own] = values
        table += [(int(time), w) for w in done.weights]
    _check_scored(scores[INDEX], Z)
    return scores, tuple(table)


def flat_weights(prepared: Prepared, normal: Normal, options: Options, root: Pillar
                 ) -> Weighing | None:
    """Return the weights of the leaves of ``root``, None where nodes weigh their own children."""
    scheme = options.scheme
    if scheme.per_time or not scheme.flat or scheme.kernel is None:
        return None
    return scheme.kernel(_parts(prepared, normal, options, root)[1])


def run(prepared: Prepared) -> Run:
    """Return the index that the prepared options describe."""
    options = prepared.parsed.options
    filled = fill_index(prepared, options.missing, options.max_gap)
    normal = normalise_index(prepared, filled, options)
    scores, weights = score_index(prepared, normal, options)
    return Run(filled, normal, scores, weights)


def _parts(prepared: Prepared, normal: Normal, options: Options, tree: Pillar
           ) -> tuple[Matrix, Parts]:
    kept = {leaf.name for leaf in leaves(tree)}
    columns = np.array([i.name in kept for i in prepared.indicators])
    Z, X = normal.Z, normal.X
    if not columns.all():
        Z, X = Z[:, columns], X[:, columns]
    basis = Z
    # Scales with negative values are weighed by their min-max, where weights need shares.
    if options.scheme.unit_interval and not NORMALISERS[options.normalise].unit_interval:
        basis = minmax_pooled(Z, np.ones(Z.shape[1]))
    return Z, Parts(basis, X, prepared.units[normal.used], prepared.panel.times[normal.used],
                    options.shift, prepared.signs[columns])


def _rulers(prepared: Prepared, options: Options, used: Rows, times: NDArray[np.int64]) -> Rulers:
    uses = NORMALISERS[options.normalise].uses
    rulers = Rulers(reference=None if prepared.reference is None else prepared.reference[used],
                    first=times == times.min(), cap=options.cap, moments=options.moments,
                    ties=options.ties)
    if uses == "targets":
        return replace(rulers, targets=np.array([i.target for i in prepared.indicators],
                                                dtype=np.float64))
    if uses == "goalposts":
        posts = np.array([i.goalposts or options.goalposts for i in prepared.indicators],
                         dtype=np.float64)
        return replace(rulers, lows=posts[:, 0], highs=posts[:, 1])
    return rulers


def _mean_shares(done: Scored, Z: Matrix, tree: Pillar, options: Options
                 ) -> tuple[NodeWeight, ...]:
    """Return the weights with each indicator's mean share of the score in place of the weight."""
    start = {w.node: w for w in done.weights}
    names = [leaf.name for leaf in leaves(tree)]
    used = np.array([start[n].effective > 0 for n in names])
    shares = np.zeros(len(names))
    shares[used] = np.nanmean(benefit_of_the_doubt(Z[:, used], *options.shares).shares, axis=0)
    of = dict(zip(names, shares.tolist(), strict=True))
    totals = {INDEX: 1.0}

    def total(node: Pillar | Indicator) -> float:
        value = of[node.name] if isinstance(node, Indicator) else sum(map(total, node.children))
        totals[node.name] = value
        return value

    total(tree)
    return tuple(replace(w, effective=totals[w.node],
                         weight=totals[w.node] / totals[w.parent] if totals[w.parent] else 0.0)
                 for w in done.weights)


def _check_used(filled: Matrix, used: Rows, chosen: Rows, indicators: tuple[Indicator, ...]
                ) -> None:
    if not chosen.any():
        raise DataError("the index is over no row")
    missing = np.isnan(filled if chosen.all() else filled[chosen])
    empty = [i.name for j, i in enumerate(indicators) if missing[:, j].all()]
    if empty:
        raise DataError([Problem(f"the indicator {name!r} has no value in the rows of the index")
                         for name in empty])
    if not used.any():
        lack = [f"{i.name} {int(missing[:, j].sum())}" for j, i in enumerate(indicators)]
        raise DataError(Problem(f"no row has enough of its indicators; rows without each of them, "
                                f"of {int(chosen.sum())}: {listing(lack)}",
                                allowed="a missing rule, or `require:` a smaller share"))


def _check_ratio(X: Matrix, signs: NDArray[np.float64], indicators: tuple[Indicator, ...],
                 name: str, places: Places) -> None:
    if not NORMALISERS[name].ratio:
        return
    low = np.fmin.reduce(X, axis=0)
    zero = (signs < 0) & name.startswith("fraction")
    bad = (low < 0) | ((low == 0) & zero)
    if bad.any():
        raise DataError([_not_taken(
            f"the indicator {indicators[j].name!r}",
            (X[:, j] <= 0) if zero[j] else (X[:, j] < 0), "above 0" if zero[j] else "0 or above",
            name, places, "normalise: minmax-pooled") for j in np.flatnonzero(bad)])


def _not_taken(what: str, rows: Rows, wanted: str, who: str, places: Places, allowed: str
               ) -> Problem:
    """Return the problem of values that something cannot take, with where they are."""
    return Problem(f"{what} has {int(rows.sum())} values that are not {wanted}, which {who} cannot "
                   f"take: {places(rows)}", allowed=allowed)


def _check_scale(Z: Matrix, X: Matrix, indicators: tuple[Indicator, ...], name: str,
                 times: NDArray[np.int64]) -> None:
    """Refuse columns that vary, over all or in a time, but could not be put on the scale."""
    yearly = name.endswith(PER_YEAR)
    problems = []
    for time in np.unique(times) if yearly else [None]:
        own = times == time if yearly else np.ones(len(times), dtype=np.bool_)
        lost = np.isnan(Z[own]).all(axis=0) & ~is_constant(X[own])
        problems += [Problem(
            f"{name} has no scale for the indicator {indicators[j].name!r}"
            + (f" in {time}" if yearly else "") + ": its target, reference or upper post is not "
            "above its lowest value, or the reference unit has no value")
            for j in np.flatnonzero(lost)]
    if problems:
        raise DataError(problems)


def _check_scored(index: NDArray[np.float64], Z: Matrix) -> None:
    if np.isnan(index).all():
        why = "no indicator of the index varies in the rows that are scored" \
            if np.isnan(Z).all() else "no row has what its nodes require"
        raise DataError(Problem(f"no row has an index: {why}"))


def _check_positive(Z: Matrix, tree: Pillar, options: Options, places: Places) -> None:
    if any(AGGREGATORS[a].positive for a in options.aggregate) and (Z <= 0).any():
        names = [leaf.name for leaf in leaves(tree)]
        raise DataError([_not_taken(
            f"the normalised indicator {names[j]!r}", Z[:, j] <= 0, "above 0",
            " and ".join(options.aggregate), places, "normalise: minmax-pooled with a floor")
            for j in np.flatnonzero((Z <= 0).any(axis=0))])
