"""Plausible variants of an index: the same indicators under other defensible choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError
from gvckit.indices.engine import (
    Normal,
    fill_index,
    flat_weights,
    normalise_index,
    run,
    score_index,
)
from gvckit.indices.options import Options
from gvckit.indices.plan import (
    AXES,
    DECLARED,
    Choice,
    Plan,
    compatible,
    options_of,
    parse_plan,
)
from gvckit.indices.prepare import Prepared, prepare
from gvckit.indices.tree import INDEX, Pillar, leaves, pillars_of, without
from gvckit.indices.weighing import Weighing

__all__ = ["Bench", "VariantSet", "variants", "variants_of"]

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VariantSet:
    """Variants of an index.

    Attributes
    ----------
    choices
        One row a variant: variant, missing, treat, normalise, weights, aggregate, dropped, noise
        (number of the weight draw; -1 none).
    scores
        (n_variants, n_rows), NaN for rows that a variant does not score.
    keys
        (n_rows) keys, sorted by unit, then time.
    baseline
        (n_rows,) the index as it is declared.
    excluded
        Why combinations of the plan are not drawn from: what excludes each other, and what these
        data do not allow.
    """

    choices: pd.DataFrame
    scores: Matrix
    keys: pd.DataFrame
    baseline: NDArray[np.float64]
    excluded: tuple[str, ...] = ()

    def rescaled(self) -> Matrix:
        """Return the scores (n_variants, n_rows) with the mean and deviation of the baseline.

        Each variant over the rows that it shares with the baseline; variants live on scales of
        their own, and coefficients on them compare only after this.
        """
        out = np.empty_like(self.scores)
        for i, row in enumerate(self.scores):
            both = ~np.isnan(row) & ~np.isnan(self.baseline)
            centre, size = row[both].mean(), row[both].std()
            goal = self.baseline[both]
            out[i] = goal.mean() + (row - centre) * (goal.std() / size if size > 0 else np.nan)
        return out


def variants(frame: pd.DataFrame, tree: Mapping[str, Any], *, unit: str | Sequence[str],
             time: str | None = None, over: pd.Series[bool] | None = None,
             plan: Plan | Mapping[str, Any] | None = None, seed: int) -> VariantSet:
    """Return plausible variants of an index.

    Parameters
    ----------
    frame, tree, unit, time, over
        As for :func:`~gvckit.indices.composite.composite`.
    plan
        What varies (:class:`~gvckit.indices.plan.Plan`), or its fields as a mapping.
    seed
        Of the draws; the same seed gives the same variants.

    Notes
    -----
    Every variant draws its missing rule, treatment, normalisation, weights and aggregation from the
    plan, each combination that these data allow being as likely as another, an indicator to leave
    out (or none), and noise on the weights of every node.  Weights that need shares are made from
    the min-max of values on another scale.

    Raises
    ------
    SpecError, DataError
        As for ``composite``, and where no combination of the plan is possible.
    """
    prepared = prepare(frame, tree, unit=unit, time=time, over=over)
    return variants_of(prepared, parse_plan(plan), seed)


def variants_of(prepared: Prepared, plan: Plan, seed: int) -> VariantSet:
    """Return :func:`variants` of an index that is prepared already."""
    bench = Bench(prepared, plan, seed)
    baseline = bench.baseline()
    combos, excluded = _possible(bench)
    choices = _drawn(bench, combos)
    scores = np.stack([bench.scores(choice) for choice in choices])
    return VariantSet(_table(choices, bench), scores, prepared.keys, baseline, excluded)


def _drawn(bench: Bench, combos: Sequence[Choice]) -> list[Choice]:
    prepared, plan = bench.prepared, bench.plan
    rng = np.random.default_rng(bench.seed)
    names: list[str | None] = [None]
    if plan.drop and len(prepared.indicators) > 1:
        names += [i.name for i in prepared.indicators]
    which = rng.integers(len(combos), size=plan.variants)
    dropped = rng.integers(len(names), size=plan.variants)
    return [replace(combos[c], drop=names[d], noise=i if plan.noise else None)
            for i, (c, d) in enumerate(zip(which.tolist(), dropped.tolist(), strict=True))]


def _possible(bench: Bench) -> tuple[list[Choice], tuple[str, ...]]:
    """Return the combinations of the plan that can be, and why the others cannot.

    Raises
    ------
    SpecError
        Where none can be, with the reasons.
    """
    base, plan = bench.prepared.parsed.options, bench.plan
    axes = [getattr(plan, axis) or (DECLARED,) for axis in AXES]
    good: list[Choice] = []
    reasons: list[Problem] = []
    known: list[Options] = []
    for names in product(*axes):
        choice = Choice.of(**dict(zip(AXES, names, strict=True)))
        options = options_of(base, choice, plan.floor)
        if options in known:
            # What is declared may be one of the other names too.
            continue
        known.append(options)
        found = compatible(options)
        if not found:
            try:
                bench.scores(choice)
            except (DataError, SpecError) as error:
                found = list(error.problems)
        reasons += found
        good += [] if found else [choice]
    if not good:
        raise SpecError([Problem("no combination of the plan is possible"),
                         *dict.fromkeys(reasons)])
    return good, tuple(dict.fromkeys(map(str, reasons)))


class Bench:
    """An index whose stages are kept, so that a variant costs only what it changes."""

    def __init__(self, prepared: Prepared, plan: Plan, seed: int) -> None:
        self.prepared, self.plan, self.seed = prepared, plan, seed
        self._filled: dict[tuple[str, ...], Matrix] = {}
        self._normal: dict[tuple[object, ...], Normal] = {}
        self._flat: dict[tuple[object, ...], Weighing | None] = {}
        self._roots: dict[str | None, Pillar] = {None: prepared.parsed.root}
        self._nodes = [n.name for n in leaves(prepared.parsed.root)]
        self._nodes += [n.name for n in pillars_of(prepared.parsed.root)]

    def baseline(self) -> NDArray[np.float64]:
        """Return the index as it is declared, on the chosen rows."""
        done = run(self.prepared)
        return self._placed(done.scores[INDEX], done.normal)

    def scores(self, choice: Choice) -> NDArray[np.float64]:
        """Return the index of one variant, on the chosen rows; NaN where it has no score.

        Raises
        ------
        DataError
            Where the variant cannot be made from these data, named by its choices.
        """
        try:
            return self._scored(choice)
        except (DataError, SpecError) as error:
            said = ", ".join(f"{k} {getattr(choice, k)}" for k in Choice.__slots__
                             if getattr(choice, k) is not None and k != "noise")
            raise type(error)([Problem(f"the variant ({said}): {p.what}", p.where, p.allowed,
                                       p.nearest) for p in error.problems]) from error

    def _scored(self, choice: Choice) -> NDArray[np.float64]:
        options = options_of(self.prepared.parsed.options, choice, self.plan.floor)
        if options.missing not in self._filled:
            self._filled[options.missing] = fill_index(self.prepared, options.missing,
                                                       options.max_gap)
        key = (options.missing, options.treat, options.normalise, options.ends)
        if key not in self._normal:
            self._normal[key] = normalise_index(self.prepared, self._filled[options.missing],
                                                options)
        normal = self._normal[key]
        if choice.drop not in self._roots:
            self._roots[choice.drop] = without(self.prepared.parsed.root, [str(choice.drop)])
        root = self._roots[choice.drop]
        weighed = (*key, options.weights, choice.drop)
        if weighed not in self._flat:
            self._flat[weighed] = flat_weights(self.prepared, normal, options, root)
        factors = None if choice.noise is None else self.factors(choice.noise)
        found, _ = score_index(self.prepared, normal, options, root, factors=factors,
                               flat=self._flat[weighed])
        return self._placed(found[INDEX], normal)

    def factors(self, number: int) -> dict[str, float]:
        """Return the factors of the weights of every node in weight draw ``number``."""
        rng = np.random.default_rng([self.seed, number])
        draws = 1.0 + self.plan.noise * rng.uniform(-1.0, 1.0, size=len(self._nodes))
        return dict(zip(self._nodes, draws.tolist(), strict=True))

    def _placed(self, values: NDArray[np.float64], normal: Normal) -> NDArray[np.float64]:
        out = np.full(int(self.prepared.chosen.sum()), np.nan)
        out[normal.used[self.prepared.chosen]] = self.prepared.parsed.options.scale * values
        return out


def _table(choices: Sequence[Choice], bench: Bench) -> pd.DataFrame:
    rows = []
    for i, choice in enumerate(choices):
        options = options_of(bench.prepared.parsed.options, choice, bench.plan.floor)
        rows.append((i, "+".join(options.missing), options.treat, options.normalise,
                     "+".join(options.weights), "+".join(options.aggregate), choice.drop or "",
                     -1 if choice.noise is None else choice.noise))
    return pd.DataFrame(rows, columns=["variant", "missing", "treat", "normalise", "weights",
                                       "aggregate", "dropped", "noise"])
