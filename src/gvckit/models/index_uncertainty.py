"""One model over the plausible variants of an index: how much the coefficient owes to the index.

The standard error of a regression knows nothing of how its index was built.  Here the model is
estimated once for each variant of the index.  By the theorem of Frisch, Waugh and Lovell the
outcome, the other regressors and the variants of one sample are residualised together once, so a
variant of least squares costs no more than a small problem.  Other estimators, and models whose
terms are made within their rows (winsor, quadratic, interact), are estimated anew for each variant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gvckit.errors import ModelError, Problem, SpecError, unknown
from gvckit.models.fit import fit
from gvckit.models.index_summary import IndexUncertainty, summarised, with_statistics
from gvckit.models.index_values import VariantValues, rescaled
from gvckit.models.model import parse_model
from gvckit.models.over_variants import Variants, estimated_over, varying_terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SCALES", "Variants", "index_uncertainty"]

SCALES = ("sd", "none")


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
        Where the point estimate or every variant cannot be estimated.
    """
    plain = {k: v for k, v in model.items() if k not in ("index_uncertainty", "leave_out")}
    parsed = parse_model(plain, name)
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    scores = np.asarray(variants.scores, dtype=np.float64)
    if _scaled(scale, name):
        scores = rescaled(scores, np.asarray(variants.baseline, dtype=np.float64))
    values = VariantValues.made(frame, index, scores, variants.keys, units, time,
                                dict(derived or {}))
    terms = varying_terms(parsed, values, name, of="the index")
    point = fit(frame, plain, unit=units, time=time, name=name, sample=sample)
    # The point estimate has checked that the mask is on the frame's index.
    mask = None if sample is None else np.asarray(sample, dtype=bool)
    rows = estimated_over(values, terms, parsed, variants.choices, units, time, name, mask)
    summary = summarised(point, rows, terms, level)
    if not bool((summary["variants"] > 0).any()):
        raise ModelError(Problem(f"no variant of {index!r} can be estimated: "
                                 f"{rows['reason'].iloc[0]}", f"model {name!r}"))
    return IndexUncertainty(index, with_statistics(point, summary, index, level), rows, summary)


def _scaled(scale: str, name: str) -> bool:
    if scale not in SCALES:
        raise SpecError(unknown("scale of the variants", scale, SCALES, f"model {name!r}"))
    return scale == "sd"
