"""Estimate many linear models that share rows: one residualisation, then cross-products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gvckit.errors import ModelError, Problem
from gvckit.models.codes import Codes, interact
from gvckit.models.fixed_effects import refines
from gvckit.models.gram import (
    Gram,
    Solved,
    cluster_influence,
    gram_of,
    row_influence,
    solve_many,
    two_way_variance,
)
from gvckit.models.inference import infer
from gvckit.models.ols import independent, least_squares
from gvckit.models.registry import SSC, load
from gvckit.models.residualise import Residualised, residualise
from gvckit.models.specifications import Specification
from gvckit.models.ssc import Sample, SmallSample
from gvckit.models.universe import Group, Universe
from gvckit.models.vcov import Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cells", "Solution", "solve_group"]

@dataclass(frozen=True, slots=True)
class Cells:
    """What is known of S specifications: shape (S,) each, missing where not estimated.

    ``clusters`` is the number behind the degrees of freedom, the smallest of several ways; 0 where
    errors are not clustered.  ``reasons`` says why one was not estimated, by number.
    """

    estimate: NDArray[np.float64]
    se: NDArray[np.float64]
    dof: NDArray[np.float64]
    n: NDArray[np.int64]
    clusters: NDArray[np.int64]
    reasons: dict[int, str]

    @classmethod
    def empty(cls, count: int) -> Cells:
        """Return cells of ``count`` specifications, with nothing known."""
        blank = np.full((3, count), np.nan)
        none = np.zeros((2, count), dtype=np.int64)
        return cls(blank[0], blank[1], blank[2], none[0], none[1], {})


@dataclass(frozen=True, slots=True)
class Solution:
    """The specifications of a group that were solved from cross-products.

    Attributes
    ----------
    numbers
        Shape (S,): which specifications.
    gram, solved
        The columns and the solutions, in the order of ``numbers``.
    rows
        Shape (n,): the rows of the universe.
    """

    numbers: NDArray[np.int64]
    gram: Gram
    solved: Solved
    rows: NDArray[np.int64]


def solve_group(universe: Universe, group: Group, specs: Sequence[Specification], cells: Cells,
                name: str) -> Solution | None:
    """Fill ``cells`` for the members of ``group``; None where none was solved in the fast way."""
    cells.n[group.members] = len(group.rows)
    if len(group.rows) == 0:
        cells.reasons.update(dict.fromkeys(group.members, "no observations left"))
        return None
    models = [specs[number].model for number in group.members]
    texts = tuple(dict.fromkeys(t for m in models for t in (m.y, *m.regressors)))
    columns = np.column_stack([universe.values[t][group.rows] for t in texts])
    weights = universe.values[group.weights][group.rows] if group.weights else None
    res = residualise(columns[:, 0], columns, texts, group.effects, weights)
    work = _Work(universe, group, res, {t: j for j, t in enumerate(texts)}, res.varies(), name)
    chosen = []
    for number in group.members:
        reason = work.impossible(specs[number])
        if reason:
            cells.reasons[number] = reason
        else:
            chosen.append(number)
    counts = {by: min(c.levels for c in work.codes(by)) for by in
              {specs[number].model.se.by for number in chosen} if by}
    for number in chosen:
        cells.clusters[number] = counts.get(specs[number].model.se.by, 0)
    return _solve(work, chosen, specs, cells) if chosen else None


@dataclass(frozen=True, slots=True)
class _Work:
    """A group with its residualised columns."""

    universe: Universe
    group: Group
    res: Residualised
    place: dict[str, int]
    varies: NDArray[np.bool_]
    name: str

    def impossible(self, spec: Specification) -> str | None:
        """Return why ``spec`` cannot be estimated, as far as its own columns say."""
        res = self.res
        within = "no variation" if res.constant else (
            "no variation within " + " + ".join(e.name for e in res.effects))
        varies = self.varies
        if not varies[self.place[spec.model.y]]:
            return f"the dependent variable {spec.model.y!r} has {within}"
        if not varies[self.place[spec.coefficient]]:
            return f"{spec.coefficient!r} has {within}"
        k = len(self.columns(spec)) + int(res.constant)
        if k >= res.n:
            return f"fewer observations than parameters: {res.n} observations, {k} coefficients"
        return None

    def columns(self, spec: Specification) -> list[int]:
        """Return the columns of the regressors that vary."""
        places = [self.place[t] for t in spec.model.regressors]
        return [j for j in places if self.varies[j]]

    def codes(self, by: Sequence[str]) -> tuple[Codes, ...]:
        """Return the clustering variables ``by`` of the used rows."""
        return tuple(self.universe.codes[text].take(self.group.rows) for text in by)

    def by_qr(self, spec: Specification) -> tuple[float, float, int]:
        """Return coefficient, standard error and degrees of freedom by the estimator's own way."""
        res, model = self.res, spec.model
        j = self.place[model.y]
        own = replace(res, y=res.X[:, j], y_mean=float(res.X_mean[j]),
                      y_total=float(res.X_total[j]), y_within=float(res.X_within[j]))
        kept = independent(own, np.asarray(self.columns(spec), dtype=np.int64))
        at = np.flatnonzero(kept == self.place[spec.coefficient])
        if len(at) == 0:
            raise ModelError(Problem(
                f"{spec.coefficient!r} is collinear with earlier regressors"))
        solution = least_squares(own, kept)
        score = Score(solution.bread, solution.influence, solution.ssr, self.codes(model.se.by))
        inference = infer(score, model, res.absorbed, res.effects, self.name)
        i = int(at[0]) + int(res.constant)
        return (float(solution.coef[i]), float(np.sqrt(inference.vcov[i, i])),
                inference.small.dof)


def _solve(work: _Work, chosen: list[int], specs: Sequence[Specification], cells: Cells
           ) -> Solution | None:
    gram = gram_of(work.res.X, work.res.weights)
    columns = [work.columns(specs[number]) for number in chosen]
    focal = [own.index(work.place[specs[number].coefficient])
             for own, number in zip(columns, chosen, strict=True)]
    solved = solve_many(gram, [work.place[specs[i].model.y] for i in chosen], columns, focal)
    numbers = np.asarray(chosen, dtype=np.int64)
    cells.estimate[numbers] = solved.coef
    kinds: dict[tuple[object, ...], list[int]] = {}
    slow = [i for i in range(len(chosen)) if not solved.sound[i]]
    for i in np.flatnonzero(solved.sound).tolist():
        model = specs[chosen[i]].model
        kinds.setdefault((model.se.kind, model.se.by, model.ssc), []).append(i)
    for which in kinds.values():
        slow += _standard_errors(work, gram, solved, which, [specs[chosen[i]] for i in which],
                                 numbers, cells)
    for i in sorted(slow):
        number = chosen[i]
        try:
            values = work.by_qr(specs[number])
        except ModelError as error:
            cells.reasons[number] = error.problems[0].what
            values = (np.nan, np.nan, 0)
        cells.estimate[number], cells.se[number], cells.dof[number] = values
    fast = np.flatnonzero(solved.sound & np.isfinite(cells.se[numbers]))
    return Solution(numbers[fast], gram, _take(solved, fast), work.group.rows) if len(
        fast) else None


def _take(solved: Solved, which: NDArray[np.int64]) -> Solved:
    return Solved(solved.coef[which], solved.bread[which], solved.ssr[which],
                  solved.residual[:, which], solved.direction[:, which], solved.unit[which],
                  solved.sound[which])


def _standard_errors(
    work: _Work, gram: Gram, solved: Solved, which: list[int], specs: Sequence[Specification],
    numbers: NDArray[np.int64], cells: Cells,
) -> list[int]:
    """Fill the standard errors of specifications with one kind; return those left for QR."""
    model = specs[0].model
    clusters = work.codes(model.se.by)
    if any(c.levels < 2 for c in clusters):
        return which
    some = np.asarray(which, dtype=np.int64)
    variance, unsure = _variance(work, gram, _take(solved, some), specs, clusters)
    nested = tuple(any(refines(e, c) for c in clusters) for e in work.res.effects)
    levels = tuple(c.levels for c in clusters)
    sizes = np.array([len(work.columns(spec)) for spec in specs]) + int(work.res.constant)
    later = [int(i) for i in some[unsure]]
    for k in sorted(set(sizes.tolist())):
        sample = Sample(model.se.kind, work.res.n, k, work.res.absorbed, nested, levels)
        small: SmallSample = load(SSC, model.ssc)(sample)
        here = (sizes == k) & ~unsure
        if small.parameters >= work.res.n or small.dof < 1:
            later += [int(i) for i in some[here]]
            continue
        cells.se[numbers[some[here]]] = np.sqrt(variance[here] * small.factor)
        cells.dof[numbers[some[here]]] = small.dof
    return later


def _variance(
    work: _Work, gram: Gram, solved: Solved, specs: Sequence[Specification],
    clusters: tuple[Codes, ...],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return variances (S,) before the small-sample factor, and which of them are not sure.

    Two-way clustered covariances are not sure where they may not be positive semi-definite: these
    are left to the estimator's own way.
    """
    sure, kind = np.zeros(len(solved.coef), dtype=bool), specs[0].model.se.kind
    if kind == "iid":
        return solved.bread * solved.ssr / work.res.n, sure
    if kind == "hc1":
        variance = np.empty(len(solved.coef))
        for part, influence in row_influence(gram, solved.residual, solved.direction):
            variance[part] = (influence**2).sum(axis=0)
        return variance * solved.unit**2, sure
    if len(clusters) == 2:
        variance = two_way_variance(
            gram, [*clusters, interact(clusters)], solved.residual, solved.direction,
            [work.place[spec.model.y] for spec in specs], [work.columns(spec) for spec in specs])
        return variance * solved.unit**2, np.isnan(variance)
    influence = cluster_influence(gram, clusters[0], solved.residual, solved.direction)
    return (influence**2).sum(axis=0) * solved.unit**2, sure
