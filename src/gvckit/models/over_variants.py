"""One model with a column that is replaced again and again.

By the theorem of Frisch, Waugh and Lovell the outcome, the other regressors and the replacements of
one sample are residualised together once, so that a replacement in least squares costs no more than
a small problem.  Other estimators, and models whose terms are made within their rows (winsor,
quadratic, interact), are estimated anew for each replacement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from gvckit.errors import ModelError, Problem, SpecError
from gvckit.models.design import Design, build_design
from gvckit.models.index_values import VariantValues
from gvckit.models.model import Model
from gvckit.models.ols import from_residualised
from gvckit.models.registry import ESTIMATORS, load
from gvckit.models.residualise import residualise
from gvckit.models.result import Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Variants", "estimated_over", "varying_terms"]

_CELLS = 20_000_000
"""Numbers that are residualised together: 160 MB."""


class Variants(Protocol):
    """Variants of a column: what each chose, its scores, and the keys of the scored rows."""

    @property
    def choices(self) -> pd.DataFrame:
        """One row a variant, (V, …)."""

    @property
    def scores(self) -> NDArray[np.float64]:
        """Shape (V, rows); NaN where a variant has no score."""

    @property
    def keys(self) -> pd.DataFrame:
        """The keys of the scored rows, (rows, …)."""

    @property
    def baseline(self) -> NDArray[np.float64]:
        """Shape (rows,): the column as it is declared."""


def varying_terms(model: Model, values: VariantValues, name: str, *, of: str) -> tuple[str, ...]:
    """Return the regressors that use the replaced column, products of them too.

    A sentence calls the column ``of``.

    Raises
    ------
    SpecError
        Where no regressor uses the column, or the outcome or the weights do.
    ModelError
        Where the model has channels or a threshold, which are not estimated over variants.
    """
    where = f"model {name!r}"
    if model.mechanism or model.threshold:
        raise ModelError(Problem(f"{of} cannot be varied in a model with mechanism or threshold",
                                 where, allowed="the model without them"))
    fixed = [model.y, *([model.weights] if model.weights else [])]
    problems = [Problem(f"{text!r} uses {of} {values.index!r}, which may only stand among the "
                        "regressors", where) for text in fixed if values.uses(text)]
    made = {p.term: (p.left, p.right) for p in model.products}
    terms = tuple(t for t in model.regressors if any(map(values.uses, made.get(t, (t,)))))
    if not terms:
        problems.append(Problem(f"no regressor uses {of} {values.index!r}", where,
                                allowed=", ".join(model.regressors)))
    if problems:
        raise SpecError(problems)
    return terms


def estimated_over(
    values: VariantValues, terms: tuple[str, ...], model: Model, choices: pd.DataFrame,
    unit: tuple[str, ...], time: str | None, name: str, sample: NDArray[np.bool_] | None,
) -> pd.DataFrame:
    """Return one row a variant and term: its choices, estimate, se, t, p, n and reason.

    In least squares, variants that are missing in the same rows are residualised together; each
    has the sample that a fit of its own would have.
    """
    estimates: list[tuple[int, Fit | str]] = []
    if model.estimator == "ols" and not model.products and not model.winsor:
        for group in values.groups(terms):
            estimates += _group(values, group, terms, model, unit, time, name, sample)
    else:
        estimates += [(v, _alone(values.frame_of(v), model, unit, time, name, sample))
                      for v in range(len(choices))]
    return _rows(sorted(estimates, key=lambda e: e[0]), terms, choices)


def _alone(
    frame: pd.DataFrame, model: Model, unit: tuple[str, ...], time: str | None, name: str,
    sample: NDArray[np.bool_] | None,
) -> Fit | str:
    """Return the fit of one variant, without bootstraps and placebos, or why there is none."""
    try:
        design = build_design(frame, model, unit=unit, time=time, name=name, sample=sample)
        done: Fit = load(ESTIMATORS, model.estimator)(design, model, name)
    except ModelError as error:
        # One variant that does not converge is a fact about the column, not the end of the run.
        return "; ".join(problem.what for problem in error.problems)
    return done


def _group(
    values: VariantValues, group: Sequence[int], terms: tuple[str, ...], model: Model,
    unit: tuple[str, ...], time: str | None, name: str, sample: NDArray[np.bool_] | None,
) -> Iterator[tuple[int, Fit | str]]:
    """Yield the estimates of variants that are missing in the same rows, or why there is none."""
    try:
        design = build_design(values.frame_of(group[0]), model, unit=unit, time=time, name=name,
                              sample=sample)
    except ModelError as error:
        yield from ((v, _reason(error)) for v in group)
        return
    other = [j for j, t in enumerate(design.terms) if t not in terms]
    size = max(1, _CELLS // (design.n * len(terms)))
    for start in range(0, len(group), size):
        part = group[start : start + size]
        block = values.columns(part, terms, design.positions)
        yield from _block(design, other, part, block, terms, model, name)


def _block(
    design: Design, other: list[int], part: Sequence[int], block: NDArray[np.float64],
    terms: tuple[str, ...], model: Model, name: str,
) -> Iterator[tuple[int, Fit | str]]:
    """Yield the fits of some variants; ``block`` (n, V·m) holds their m terms side by side."""
    together = residualise(design.y, np.column_stack([design.X[:, other], block]),
                           [str(j) for j in range(len(other) + block.shape[1])],
                           design.effects, design.weights)
    for i, variant in enumerate(part):
        place = dict(zip(terms, range(len(other) + i * len(terms), together.X.shape[1]),
                         strict=False))
        rest = iter(range(len(other)))
        take = [place[t] if t in place else next(rest) for t in design.terms]
        alone = replace(
            together, X=np.asfortranarray(together.X[:, take]), terms=design.terms,
            X_mean=together.X_mean[take], X_total=together.X_total[take],
            X_within=together.X_within[take])
        try:
            yield variant, from_residualised(alone, design, model, name)
        except ModelError as error:
            yield variant, _reason(error)


def _reason(error: ModelError) -> str:
    if error.exit_code != ModelError.exit_code:
        raise error
    return "; ".join(problem.what for problem in error.problems)


def _rows(estimates: Sequence[tuple[int, Fit | str]], terms: tuple[str, ...],
          choices: pd.DataFrame) -> pd.DataFrame:
    """Return one row a variant and term: its choices, estimate, se, t, p, n and reason."""
    found: list[dict[str, Any]] = []
    for variant, done in estimates:
        for term in terms:
            row: dict[str, Any] = {"variant": variant, "term": term, "estimate": np.nan,
                                   "se": np.nan, "t": np.nan, "p": np.nan, "n": 0, "reason": ""}
            if isinstance(done, str):
                row["reason"] = done
            elif term in done.terms:
                row |= {"estimate": float(done.coef[term]), "se": float(done.se[term]),
                        "t": float(done.t[term]), "p": float(done.p[term]), "n": done.n}
            else:
                row["reason"] = dict(done.dropped)[term]
            found.append(row)
    rows = pd.DataFrame(found)
    chosen = choices.reset_index(drop=True).iloc[rows["variant"].to_numpy()]
    chosen = chosen.drop(columns=[c for c in chosen.columns if c in rows.columns])
    return pd.concat([rows[["variant"]], chosen.reset_index(drop=True),
                      rows.drop(columns="variant")], axis=1)
