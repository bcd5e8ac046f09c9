"""Estimate one model on one panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gvckit.errors import ModelError
from gvckit.models.design import build_design
from gvckit.models.mechanism import check_mechanism, with_mechanism
from gvckit.models.model import Model, parse_model
from gvckit.models.randomise import with_randomisation
from gvckit.models.registry import ESTIMATORS, load
from gvckit.models.reported import with_reported_tests
from gvckit.models.result import Fit, NotEstimated
from gvckit.models.shapes import with_detectable_effects, with_shapes
from gvckit.models.threads import one_thread
from gvckit.models.threshold import divided, with_thresholds
from gvckit.models.wild_fit import with_wild_p

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["estimate", "fit"]


def fit(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    *,
    unit: str | Sequence[str],
    time: str | None = None,
    name: str = "model",
    sample: pd.Series | NDArray[np.bool_] | None = None,
    seed: int | Sequence[int] = 0,
) -> Fit:
    """Estimate ``model`` on ``frame``.

    Parameters
    ----------
    frame
        One row a unit and time.
    model
        The keys of a model in a spec: ``y``; ``x`` (focal regressors); ``controls``; ``fe``
        (columns, or columns joined by ``*``, e.g. ``["country*sector", "year"]``;
        ``"country[year]"`` gives each country its own level and trend); ``se`` (``"iid"``,
        ``"hc0"`` to ``"hc3"``, ``{"cluster": a}`` or up to three variables, ``{"crv2": a}``,
        ``{"crv3": a}``, ``"pcse"``,
        ``{"driscoll-kraay": lag}``, ``{"newey-west": lag}``, ``{"conley": {"lat": a, "lon": b,
        "cutoff": km}}``; default iid); ``ssc`` (``fixest``, ``reghdfe``, ``plm``, ``none``; default
        fixest); ``weights`` (analytic); ``instruments`` (``{x: [z1, z2]}``); ``report``
        (diagnostics of instruments and panel tests to note,
        :mod:`gvckit.models.instruments` lists them); ``estimator`` (default ``ols``, with
        instruments ``2sls``; :mod:`gvckit.models.registry` lists them); ``wild`` (wild cluster
        bootstrap of least squares and 2SLS: false or ``{reps, weights, restricted, by}``; unasked
        where clusters are fewer than 50);
        ``randomise`` (randomisation inference: ``{reps, by, within}``); ``winsor`` (a share: y and
        the focal regressors are winsorised within the rows used); ``quadratic`` (terms whose
        squares are added); ``interact`` (``{x: moderator}``); ``mechanism`` (channels: ``{through,
        style, reps}``, :mod:`gvckit.models.mechanism`); ``threshold`` (Hansen's panel threshold:
        ``{variable, regime_of, max, trim, grid, reps}``, :mod:`gvckit.models.threshold`).  y,
        regressors and weights are columns or expressions such as ``lag(x)``.  Without fixed
        effects an intercept is estimated.
    unit, time
        Key columns: expressions follow them, and rows are sorted by them.
    name
        Name of the model, used in messages.
    sample
        Which rows are in the sample, one boolean a row of ``frame`` in its order; expressions are
        evaluated on all rows first.
    seed
        Of random steps; they depend on it and on ``name`` only.

    Raises
    ------
    SpecError
        Unknown keys or variables, with the nearest known one; everything wrong at once.
    ModelError
        The model cannot be estimated on these data; the message names the variable and the reason.
    ConvergenceError
        A ModelError with exit code 1: the within transformation does not converge.
    """
    parsed = parse_model(model, name)
    return _estimate(frame, parsed, unit, time, name, sample, seed)


def estimate(
    frame: pd.DataFrame,
    model: Mapping[str, Any],
    *,
    unit: str | Sequence[str],
    time: str | None = None,
    name: str = "model",
    sample: pd.Series | NDArray[np.bool_] | None = None,
    seed: int | Sequence[int] = 0,
) -> Fit | NotEstimated:
    """Return :func:`fit`, or :class:`NotEstimated` where the data do not allow the model.

    What is wrong with the model as written (SpecError) and failures to converge are still raised.
    """
    try:
        parsed = parse_model(model, name)
    except ModelError as error:
        return NotEstimated(name, _reason(error), dict(model))
    try:
        return _estimate(frame, parsed, unit, time, name, sample, seed)
    except ModelError as error:
        if error.exit_code != ModelError.exit_code:
            raise
        return NotEstimated(name, _reason(error), parsed.resolved())


def _reason(error: ModelError) -> str:
    """Return everything that is wrong in one line."""
    return "; ".join(str(problem) for problem in error.problems)


def _estimate(
    frame: pd.DataFrame, model: Model, unit: str | Sequence[str], time: str | None, name: str,
    sample: pd.Series | NDArray[np.bool_] | None, seed: int | Sequence[int],
) -> Fit:
    units = (unit,) if isinstance(unit, str) else tuple(unit)
    with one_thread():
        return _finished(frame, model, units, time, name, sample, seed)


def _finished(
    frame: pd.DataFrame, model: Model, units: tuple[str, ...], time: str | None, name: str,
    sample: pd.Series | NDArray[np.bool_] | None, seed: int | Sequence[int],
) -> Fit:
    design = build_design(frame, model, unit=units, time=time, name=name, sample=sample)
    check_mechanism(model, name)
    written = model
    design, model, thresholds = divided(design, model, name, seed)
    result: Fit = load(ESTIMATORS, model.estimator)(design, model, name)
    result = with_shapes(with_detectable_effects(result, model), design, model)
    result = with_wild_p(with_thresholds(result, thresholds, written), design, model, seed)
    result = with_mechanism(result, design, model, name, seed)
    result = with_reported_tests(result, design, model, name)
    return with_randomisation(result, frame, design, model, units, time, seed)
