"""Romano and Wolf's step-down p values across models that share their clusters.

The draws are those of the wild cluster bootstrap with the null imposed on one coefficient at a
time; a cluster has the same multiplier in every model, whatever its sample, so that the draws have
the dependence of the tests (Clarke, Romano and Wolf 2020).  Every estimator that has a wild
bootstrap may be among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import ModelError, Problem, listing
from gvckit.models.codes import Codes
from gvckit.models.design import Design, build_design, with_keys
from gvckit.models.draws import multipliers, support_size
from gvckit.models.model import Model, parse_model
from gvckit.models.multiple import romano_wolf
from gvckit.models.seeds import seed_of
from gvckit.models.threads import on_one_thread
from gvckit.models.wild_draws import drawn_tests
from gvckit.models.wild_fit import CLUSTERED, check_bootstrap
from gvckit.models.wild_rows import bootstrap_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Hypotheses", "StepDown", "romano_wolf_across"]

DRAWS = 4_999


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """A model, its rows, and the terms whose p values are adjusted."""

    name: str
    frame: pd.DataFrame
    model: Mapping[str, Any]
    terms: tuple[str, ...]
    sample: pd.Series | NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class StepDown:
    """Adjusted p values by model and term, the draws used, and the clusters that were drawn."""

    p: dict[str, dict[str, float]]
    draws: int
    by: str
    clusters: int


@on_one_thread
def romano_wolf_across(
    tested: Sequence[Hypotheses], *, unit: str | Sequence[str], time: str | None = None,
    draws: int = DRAWS, seed: int | Sequence[int] = 0,
) -> StepDown:
    """Return the step-down p values of the terms of all models together.

    Parameters
    ----------
    tested
        The models, with the same clustering variables and an estimator that has a wild bootstrap.
    unit, time
        As :func:`gvckit.models.fit.fit`.
    draws, seed
        Of the multipliers: Rademacher, or Webb's where there are few clusters.

    Raises
    ------
    ModelError
        Models that are not clustered alike, or that the data do not allow.
    """
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    keys = (*units, *([time] if time is not None else []))
    models = {one.name: parse_model(one.model, one.name) for one in tested}
    _have_bootstraps(models)
    cases = []
    for one in tested:
        parsed = models[one.name]
        design = build_design(one.frame, parsed, unit=units, time=time, name=one.name,
                              sample=one.sample)
        cases.append((one, *bootstrap_rows(design, parsed, one.name)))
    _alike(cases)
    labels = {one.name: _labels(with_keys(one.frame, keys), design) for one, design, _ in cases}
    union = sorted({label for own in labels.values() for label in own})
    weights = "webb" if support_size("rademacher", len(union)) <= 2 * DRAWS else "rademacher"
    names: list[tuple[str, str]] = []
    seen: list[float] = []
    drawn: list[NDArray[np.float64]] = []
    for one, design, parsed in cases:
        at = np.searchsorted(np.array(union), np.array(labels[one.name]))

        def blocks(at: NDArray[np.int64] = at) -> Iterator[NDArray[np.float64]]:
            for block in multipliers(weights, len(union), draws, seed_of(seed, "romano-wolf"),
                                     enumerate_all=False):
                yield block[:, at]

        for term, (t, star) in drawn_tests(design, parsed, one.name, one.terms, blocks).items():
            names.append((one.name, term))
            seen.append(t)
            drawn.append(star)
    table = np.column_stack(drawn)
    table = table[~np.isnan(table).any(axis=1)]
    if len(table) == 0:
        raise ModelError(Problem("no draw of the wild bootstrap has a positive variance in all "
                                 "models"))
    p: dict[str, dict[str, float]] = {}
    for (name, term), value in zip(names, romano_wolf(np.array(seen), table), strict=True):
        p.setdefault(name, {})[term] = float(value)
    return StepDown(p, len(table), _fewest(cases[0][1]).name, len(union))


def _fewest(design: Design) -> Codes:
    """Return the clusters that are drawn, as the wild bootstrap chooses them."""
    return min(design.clusters, key=lambda c: c.levels)


def _have_bootstraps(models: Mapping[str, Model]) -> None:
    """Complain of every model whose errors or whose estimator have no wild bootstrap."""
    problems: list[Problem] = []
    for name, model in models.items():
        if model.se.kind not in CLUSTERED:
            problems.append(Problem("Romano and Wolf's p values need clustered standard errors",
                                    f"model {name!r}"))
            continue
        try:
            check_bootstrap(model, name)
        except ModelError as error:
            problems += error.problems
    if problems:
        raise ModelError(problems)


def _alike(cases: Sequence[tuple[Hypotheses, Design, Model]]) -> None:
    """Complain where models draw different variables."""
    by = list(dict.fromkeys(_fewest(design).name for _, design, _ in cases))
    if len(by) > 1:
        raise ModelError(Problem(f"Romano and Wolf's p values draw one kind of cluster for all "
                                 f"models, not {listing(by)}", allowed="the same se: in each"))


def _labels(frame: pd.DataFrame, design: Design) -> tuple[str, ...]:
    """Return a label for each cluster that is the same in every model."""
    groups = _fewest(design)
    if groups.labels:
        return groups.labels
    first = np.full(groups.levels, -1, dtype=np.int64)
    first[groups.codes[::-1]] = np.arange(len(groups.codes))[::-1]
    rows = frame.iloc[design.positions[first]]
    parts = [rows[part.strip()].astype(str).tolist() for part in groups.name.split("*")]
    return tuple("\x1f".join(label) for label in zip(*parts, strict=True))
