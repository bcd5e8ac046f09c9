"""One model over the plausible variants of an index: how much the coefficient owes to the index.

The standard error of a regression knows nothing of how its index was built.  Here the model is
estimated once for each variant of the index.  By the theorem of Frisch, Waugh and Lovell the
outcome, the other regressors and the variants of one sample are residualised together once, so a
variant costs no more than a small least-squares problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from gvckit.errors import ModelError, Problem, SpecError, unknown
from gvckit.models.design import Design, build_design
from gvckit.models.fit import fit
from gvckit.models.index_summary import IndexUncertainty, summarised, with_statistics
from gvckit.models.index_values import VariantValues, rescaled
from gvckit.models.model import Model, parse_model
from gvckit.models.ols import from_residualised
from gvckit.models.residualise import residualise
from gvckit.models.result import Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SCALES", "Variants", "index_uncertainty"]

SCALES = ("sd", "none")
_CELLS = 20_000_000
"""Numbers that are residualised together: 160 MB."""


class Variants(Protocol):
    """Variants of an index: what each chose, its scores, and the keys of the scored rows."""

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
        """Shape (rows,): the index as it is declared."""


def index_uncertainty(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    variants: Variants,
    *,
    index: str,
    unit: str | Sequence[str],
    time: str | None = None,
    name: str = "model",
    sample: pd.Series | NDArray[np.bool_] | None = None,
    derived: Mapping[str, str] | None = None,
    scale: str = "sd",
    level: float = 0.05,
) -> IndexUncertainty:
    """Estimate ``model`` with each variant of an index in the index's place.

    Parameters
    ----------
    frame, model, unit, time, name, sample
        As in :func:`gvckit.models.fit.fit`; the frame has the index as a column, which gives the
        point estimate.
    variants
        From :func:`gvckit.indices.variants.variants`.
    index
        The column of the frame that the variants replace.
    derived
        Name → expression of variables that use the index, themselves columns of the frame: they
        are evaluated again for each variant, in this order.
    scale
        ``sd``: each variant is put on the mean and the standard deviation of the index as it is
        declared, over the rows that both score, so that coefficients of variants on other scales
        compare; ``none``: as is.
    level
        Below this p value a coefficient counts as significant.

    Returns
    -------
    IndexUncertainty
        The point estimate, one row a variant and term, and the distribution of the coefficients.
        Each variant has its own sample, as a fit of its own would: the equality with
        :func:`gvckit.models.fit.fit` on a frame with the variant in the column is exact.

    Raises
    ------
    SpecError
        Where no regressor uses the index, or the outcome or the weights do; unknown names.
    ModelError
        Where the point estimate or every variant cannot be estimated, or the estimator is not ols.
    """
    plain = {k: v for k, v in model.items() if k not in ("index_uncertainty", "leave_out")}
    parsed = parse_model(plain, name)
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    scores = np.asarray(variants.scores, dtype=np.float64)
    if _scaled(scale, name):
        scores = rescaled(scores, np.asarray(variants.baseline, dtype=np.float64))
    values = VariantValues.made(frame, index, scores, variants.keys, units, time,
                                dict(derived or {}))
    terms = _index_terms(parsed, values, name)
    point = fit(frame, plain, unit=units, time=time, name=name, sample=sample)
    # The point estimate has checked that the mask is on the frame's index.
    mask = None if sample is None else np.asarray(sample, dtype=bool)
    estimates: list[tuple[int, Fit | str]] = []
    for group in values.groups(terms):
        estimates += _group(values, group, terms, parsed, units, time, name, mask)
    rows = _rows(sorted(estimates, key=lambda e: e[0]), terms, variants.choices)
    summary = summarised(point, rows, terms, level)
    if not bool((summary["variants"] > 0).any()):
        raise ModelError(Problem(f"no variant of {index!r} can be estimated: "
                                 f"{rows['reason'].iloc[0]}", f"model {name!r}"))
    return IndexUncertainty(index, with_statistics(point, summary, index, level), rows, summary)


def _scaled(scale: str, name: str) -> bool:
    if scale not in SCALES:
        raise SpecError(unknown("scale of the variants", scale, SCALES, f"model {name!r}"))
    return scale == "sd"


def _index_terms(model: Model, values: VariantValues, name: str) -> tuple[str, ...]:
    """Return the regressors that use the index."""
    where = f"model {name!r}"
    if model.estimator != "ols":
        raise ModelError(Problem(f"index_uncertainty is not available for {model.estimator!r}",
                                 where, allowed="estimator: ols"))
    if model.products or model.winsor or model.mechanism or model.threshold:
        raise ModelError(Problem("index_uncertainty is not available with winsor, quadratic, "
                                 "interact, mechanism or threshold", where,
                                 allowed="the same as variables"))
    fixed = [model.y, *([model.weights] if model.weights else [])]
    problems = [Problem(f"{text!r} uses the index {values.index!r}, which may only stand among "
                        "the regressors", where) for text in fixed if values.uses(text)]
    terms = tuple(t for t in model.regressors if values.uses(t))
    if not terms:
        problems.append(Problem(f"no regressor uses the index {values.index!r}", where,
                                allowed=", ".join(model.regressors)))
    if problems:
        raise SpecError(problems)
    return terms


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
