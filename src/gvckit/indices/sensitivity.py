"""Which choice of an index moves its ranks: Sobol indices over the factors of a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import Problem, SpecError
from gvckit.indices.options import Options
from gvckit.indices.plan import AXES, Choice, Plan, compatible, options_of
from gvckit.indices.prepare import Prepared
from gvckit.indices.sobol import choose, design, sobol
from gvckit.indices.standing import falling_ranks
from gvckit.indices.variants import Bench

__all__ = ["Factor", "factors_of", "sensitivity"]

Vector = NDArray[np.float64]

# How many weight draws the factor "noise" chooses from.
_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Factor:
    """A choice that varies: its name, and its options as changes of a :class:`Choice`."""

    name: str
    options: tuple[str | int | None, ...]


def factors_of(prepared: Prepared, plan: Plan) -> tuple[Factor, ...]:
    """Return the factors of a plan: each axis with names, ``drop``, ``noise``.

    Raises
    ------
    SpecError
        Where options of two factors exclude each other: factors must be independent.
    """
    found: list[Factor] = []
    base = prepared.parsed.options
    for name in AXES:
        different: dict[object, str | None] = {}
        for word in getattr(plan, name):
            choice = Choice.of(**{name: word})
            different.setdefault(_key(options_of(base, choice, plan.floor)), getattr(choice, name))
        if different:
            found.append(Factor(name, tuple(different.values())))
    axes = {f.name: f.options for f in found}
    problems: list[Problem] = []
    for scale in axes.get("normalise", (None,)):
        for weights in axes.get("weights", (None,)):
            for mix in axes.get("aggregate", (None,)):
                choice = Choice(normalise=_text(scale), weights=_text(weights),
                                aggregate=_text(mix))
                problems += compatible(options_of(base, choice, plan.floor))
    if problems:
        raise SpecError([Problem("the factors of the plan exclude each other, so their indices "
                                 "mean nothing"), *dict.fromkeys(problems)])
    if plan.drop and len(prepared.indicators) > 1:
        found.append(Factor("drop", (None, *(i.name for i in prepared.indicators))))
    if plan.noise:
        found.append(Factor("noise", tuple(range(_DRAWS))))
    return tuple(found)


def _key(options: Options) -> str:
    return repr(options)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def sensitivity(prepared: Prepared, plan: Plan, *, points: int, seed: int,
                groups: NDArray[np.int64] | None = None) -> pd.DataFrame:
    """Return one row a factor: options, first, total, and half widths of 95 % intervals.

    The output is the mean over rows of |rank - rank of the index as declared|, rows that all
    variants score.  points·(factors + 2) variants are made.
    """
    factors = factors_of(prepared, plan)
    bench = Bench(prepared, plan, seed)
    nominal = bench.baseline()
    rows = _common(bench, nominal, factors)
    codes = None if groups is None else groups[rows]
    start = falling_ranks(nominal[rows], codes)
    made = design(points, len(factors), seed)

    def output(u: Vector) -> float:
        scores = bench.scores(_choice(factors, u))[rows]
        return float(np.abs(falling_ranks(scores, codes) - start).mean())

    A, B = _outputs(made.A, output), _outputs(made.B, output)
    AB = np.stack([_outputs(part, output) for part in made.AB])
    done = sobol(A, B, AB, resamples=200, seed=seed)
    return pd.DataFrame({
        "factor": [f.name for f in factors], "options": [len(f.options) for f in factors],
        "first": done.first, "total": done.total, "first_width": done.first_width,
        "total_width": done.total_width})


def _outputs(points: NDArray[np.float64], output: Callable[[Vector], float]) -> Vector:
    return np.array([output(u) for u in points])


def _choice(factors: tuple[Factor, ...], u: Vector) -> Choice:
    choice = Choice()
    for factor, share in zip(factors, u, strict=True):
        option = factor.options[int(choose(np.array([share]), len(factor.options))[0])]
        choice = replace(choice, **{factor.name: option})  # type: ignore[arg-type]
    return choice


def _common(bench: Bench, nominal: Vector, factors: tuple[Factor, ...]) -> NDArray[np.bool_]:
    """Return the rows that the index and every missing rule of the plan score."""
    rows = ~np.isnan(nominal)
    for factor in factors:
        if factor.name == "missing":
            for rule in factor.options:
                rows &= ~np.isnan(bench.scores(Choice(missing=_text(rule))))
    return np.asarray(rows, dtype=np.bool_)
