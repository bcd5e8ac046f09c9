"""Audit an index: does it hang together, and do its choices decide its ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.indices.components import components
from gvckit.indices.describe import describe
from gvckit.indices.engine import Run, run, score_index
from gvckit.indices.independent import independent
from gvckit.indices.plan import Plan, parse_plan
from gvckit.indices.prepare import Prepared, prepare
from gvckit.indices.sensitivity import sensitivity
from gvckit.indices.standing import bands, falling_ranks, rank_shift, spearman_to
from gvckit.indices.structure import correlate, cronbach, pearson, spearman
from gvckit.indices.tree import INDEX, Pillar, leaves, pillars_of, without
from gvckit.indices.variants import Bench, VariantSet, variants_of
from gvckit.indices.within import variance_shares

__all__ = ["IndexAudit", "audit_index"]

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IndexAudit:
    """What is to be known about an index before it is used.

    Attributes
    ----------
    indicators
        Distribution of each indicator after the missing rule and treatment, and its flags.
    correlations
        node, other, pearson, spearman: normalised indicators with each other.
    loadings
        node, parent, with_parent, with_index (correlations), first_component (loading within its
        pillar).
    reliability
        pillar, indicators, alpha (Cronbach), first_share (variance of the first component).
    ranks
        Keys, rank, mean, median, low, high (5 and 95 %) over variants; rank 1 the highest in its
        time.
    variants
        Choices, shift (mean |rank change|), spearman (with the index).
    leave_out
        node, level, shift, spearman, pearson of the index without the node.
    variance
        node, between, within, within_net_of_time.
    excluded
        Why combinations of the plan are not among the variants.
    sobol
        factor, options, first, total and half widths; empty where not asked for.  Options of the
        plan that exclude others are left out (``attrs["left_out"]``): factors are independent.
    """

    indicators: pd.DataFrame
    correlations: pd.DataFrame
    loadings: pd.DataFrame
    reliability: pd.DataFrame
    ranks: pd.DataFrame
    variants: pd.DataFrame
    leave_out: pd.DataFrame
    variance: pd.DataFrame
    sobol: pd.DataFrame
    excluded: tuple[str, ...] = ()


def audit_index(frame: pd.DataFrame, tree: Mapping[str, Any], *, unit: str | Sequence[str],
                time: str | None = None, over: pd.Series[bool] | None = None,
                plan: Plan | Mapping[str, Any] | None = None, seed: int,
                points: int | None = None) -> IndexAudit:
    """Return the audit of an index.

    Parameters
    ----------
    frame, tree, unit, time, over
        As for :func:`~gvckit.indices.composite.composite`.
    plan, seed
        As for :func:`~gvckit.indices.variants.variants`.
    points
        Base points of the Sobol indices, a power of 2; None: no Sobol indices.

    Raises
    ------
    SpecError, DataError
        As for ``composite`` and ``variants``.
    """
    prepared = prepare(frame, tree, unit=unit, time=time, over=over)
    parsed = parse_plan(plan)
    done = run(prepared)
    times = prepared.panel.times[prepared.chosen]
    made = variants_of(prepared, parsed, seed)
    ranks, table = _uncertainty(made, times)
    sobol = pd.DataFrame(columns=["factor", "options", "first", "total", "first_width",
                                  "total_width"])
    if points is not None:
        factors, left = independent(Bench(prepared, parsed, seed))
        sobol = sensitivity(prepared, factors, points=points, seed=seed, groups=times)
        sobol.attrs = {"left_out": left}
    names = [i.name for i in prepared.indicators]
    return IndexAudit(describe(done.normal.X, names), _correlations(done, names),
                      _loadings(prepared, done), _reliability(prepared, done), ranks, table,
                      _leave_out(prepared, done), _variance(prepared, done), sobol,
                      made.excluded)


def _correlations(done: Run, names: Sequence[str]) -> pd.DataFrame:
    linear = correlate(done.normal.Z)
    ranked = correlate(done.normal.Z, kind="spearman")
    rows = [(a, b, linear[i, j], ranked[i, j]) for i, a in enumerate(names)
            for j, b in enumerate(names) if i < j]
    return pd.DataFrame(rows, columns=["node", "other", "pearson", "spearman"])


def _both(x: Vector, y: Vector) -> tuple[Vector, Vector]:
    rows = ~np.isnan(x) & ~np.isnan(y)
    return x[rows], y[rows]


def _related(x: Vector, y: Vector) -> float:
    a, b = _both(x, y)
    return pearson(a, b) if len(a) > 2 else float("nan")


def _columns(prepared: Prepared, done: Run) -> dict[str, Vector]:
    """Return the normalised indicators and the scores of every node by name, (m,) each."""
    found = {i.name: done.normal.Z[:, j] for j, i in enumerate(prepared.indicators)}
    return {**found, **done.scores}


def _first(Z: NDArray[np.float64]) -> tuple[Vector, float]:
    """Return the loadings on the first component and its share; a constant column has none."""
    usable = ~np.isnan(Z).all(axis=0)
    part = Z[:, usable]
    part = part[~np.isnan(part).any(axis=1)]
    loadings = np.full(Z.shape[1], np.nan)
    if part.shape[1] < 2 or len(part) < 3 or not (part.std(axis=0) > 0).all():
        return loadings, float("nan")
    found = components(part)
    loadings[usable] = found.loadings[:, 0]
    return loadings, float(found.eigenvalues[0] / found.eigenvalues.sum())


def _nodes(prepared: Prepared) -> list[Pillar]:
    return [prepared.parsed.root, *pillars_of(prepared.parsed.root)]


def _loadings(prepared: Prepared, done: Run) -> pd.DataFrame:
    columns = _columns(prepared, done)
    rows = []
    for node in _nodes(prepared):
        parts = np.stack([columns[c.name] for c in node.children], axis=1)
        first, _ = _first(parts)
        rows += [(c.name, node.name, _related(parts[:, j], columns[node.name]),
                  _related(parts[:, j], columns[INDEX]), first[j])
                 for j, c in enumerate(node.children)]
    return pd.DataFrame(rows, columns=["node", "parent", "with_parent", "with_index",
                                       "first_component"])


def _reliability(prepared: Prepared, done: Run) -> pd.DataFrame:
    columns = _columns(prepared, done)
    rows = []
    for node in _nodes(prepared):
        parts = np.stack([columns[leaf.name] for leaf in leaves(node)], axis=1)
        parts = parts[:, ~np.isnan(parts).all(axis=0)]
        rows.append((node.name, parts.shape[1], cronbach(parts), _first(parts)[1]))
    return pd.DataFrame(rows, columns=["pillar", "indicators", "alpha", "first_share"])


def _uncertainty(made: VariantSet, times: NDArray[np.int64]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rank bands of rows and the shifts of variants, over the rows that all score."""
    common = ~np.isnan(made.baseline) & ~np.isnan(made.scores).any(axis=0)
    nominal = np.full(len(common), np.nan)
    nominal[common] = falling_ranks(made.baseline[common], times[common])
    ranks = np.full(made.scores.shape, np.nan)
    for i, row in enumerate(made.scores):
        ranks[i, common] = falling_ranks(row[common], times[common])
    found = bands(ranks)
    table = made.keys.assign(rank=nominal, mean=found.mean, median=found.median, low=found.low,
                             high=found.high)
    inner = made.scores[:, common]
    shifts = made.choices.assign(shift=rank_shift(ranks, nominal),
                                 spearman=spearman_to(inner, made.baseline[common]))
    return table, shifts


def _leave_out(prepared: Prepared, done: Run) -> pd.DataFrame:
    """Return how the index moves without each pillar and each indicator."""
    options, root = prepared.parsed.options, prepared.parsed.root
    times = prepared.panel.times[done.normal.used]
    nominal = done.scores[INDEX]
    start = falling_ranks(nominal, times)
    rows = []
    for node, level in _listed(root, 1):
        gone = [node.name] if not isinstance(node, Pillar) else [i.name for i in leaves(node)]
        if len(gone) == len(prepared.indicators):
            continue
        found, _ = score_index(prepared, done.normal, options, without(root, gone))
        x, y = _both(found[INDEX], nominal)
        shift = np.abs(falling_ranks(found[INDEX], times) - start)
        usable = len(x) > 2
        rows.append((node.name, level, float(np.nanmean(shift)) if len(x) else np.nan,
                     spearman(x, y) if usable else np.nan, pearson(x, y) if usable else np.nan))
    return pd.DataFrame(rows, columns=["node", "level", "shift", "spearman", "pearson"])


def _listed(node: Pillar, level: int) -> list[tuple[Any, int]]:
    out: list[tuple[Any, int]] = []
    for child in node.children:
        out.append((child, level))
        if isinstance(child, Pillar):
            out += _listed(child, level + 1)
    return out


def _variance(prepared: Prepared, done: Run) -> pd.DataFrame:
    units, times = prepared.units[done.normal.used], prepared.panel.times[done.normal.used]
    rows = []
    for name, values in _columns(prepared, done).items():
        found = variance_shares(values, units, times)
        rows.append((name, found.between, found.within, found.within_net_of_time))
    return pd.DataFrame(rows, columns=["node", "between", "within", "within_net_of_time"])
