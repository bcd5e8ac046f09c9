"""One column of a regression table, read once out of a fit; from here on there is no pandas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gvckit.models.result import Fit, NotEstimated

__all__ = ["ColumnData", "Estimate", "Fitted", "read_column"]


Fitted: TypeAlias = Fit | NotEstimated


@dataclass(frozen=True, slots=True)
class Estimate:
    """One coefficient with its inference; a part that does not exist is NaN."""

    b: float
    se: float
    t: float
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ColumnData:
    """A fit, or the reason why there is none, in plain Python.

    Attributes
    ----------
    terms
        Term to estimate, in the order of the fit; empty where ``reason`` is given.
    n
        Observations, None where not estimated.
    fe
        Names of the absorbed effects.
    controls
        Terms that the model declares as controls; None where it does not say.
    focal
        Terms that the model declares as its regressors of interest.
    weights
        What weighs the rows; None where all count alike.
    reason
        Why it was not estimated; None for a fit.
    further
        What was computed from the estimates, as ``Fit.further``.
    instruments, estimator, method
        Instrumented regressor to its instruments; the name of the estimator, and of its method.
    asked_wild
        Whether the model asks for the wild bootstrap (false: for none); None where it is silent.
    """

    name: str
    y: str = ""
    terms: Mapping[str, Estimate] = field(default_factory=dict)
    n: int | None = None
    clusters: Mapping[str, int] = field(default_factory=dict)
    stats: Mapping[str, float] = field(default_factory=dict)
    se_kind: Mapping[str, Any] = field(default_factory=dict)
    convention: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    fe: tuple[str, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    controls: tuple[str, ...] | None = None
    focal: tuple[str, ...] = ()
    weights: str | None = None
    reason: str | None = None
    further: Mapping[str, Any] = field(default_factory=dict)
    instruments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    estimator: str = ""
    method: str = ""
    asked_wild: bool | None = None


def _words(value: Any) -> tuple[str, ...]:
    """Return a list option of a model as texts."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value)


def _regimes(fit: Fitted) -> dict[str, tuple[str, ...]]:
    """Return the terms that a threshold regression has in place of the regressor it divides."""
    found = {} if isinstance(fit, NotEstimated) else fit.further.get("threshold") or {}
    return {str(found["regime_of"]): _words(found["terms"])} if found else {}


def _divided(terms: tuple[str, ...], regimes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(new for term in terms for new in regimes.get(term, (term,)))


def _estimates(fit: Fit) -> dict[str, Estimate]:
    frame = fit.tidy()
    names = ("estimate", "se", "t", "p", "low", "high")
    values = [[float(v) for v in frame[name]] for name in names]
    return {str(term): Estimate(*row)
            for term, *row in zip(frame["term"], *values, strict=True)}


def read_column(fit: Fitted) -> ColumnData:
    """Return what a table needs of ``fit``, a ``Fit`` or a ``NotEstimated``."""
    model = fit.model or {}
    regimes = _regimes(fit)
    focal = _divided(_words(model.get("x")), regimes)
    controls = _divided(_words(model["controls"]), regimes) if "controls" in model else None
    if isinstance(fit, NotEstimated):
        return ColumnData(
            name=fit.name, y=str(model.get("y") or ""), fe=_words(model.get("fe")),
            controls=controls, focal=focal, reason=fit.reason,
        )
    return ColumnData(
        name=fit.name,
        y=fit.y,
        terms=_estimates(fit),
        n=int(fit.n),
        clusters={str(k): int(v) for k, v in fit.clusters.items()},
        stats={str(k): float(v) for k, v in fit.stats.items() if _is_number(v)},
        se_kind=dict(fit.se_kind),
        convention=fit.convention,
        rows={str(k): int(v) for k, v in fit.rows.items()},
        fe=tuple(str(k) for k in fit.fe),
        dropped=tuple((str(t), str(r)) for t, r in fit.dropped),
        warnings=tuple(str(w) for w in fit.warnings),
        controls=controls,
        focal=focal,
        weights=str(model["weights"]) if model.get("weights") else None,
        further=dict(fit.further),
        instruments={str(x): _words(z) for x, z in (model.get("instruments") or {}).items()},
        estimator=_estimator(model.get("estimator"))[0],
        method=_estimator(model.get("estimator"))[1],
        asked_wild=_asked(model.get("wild")),
    )


def _estimator(given: Any) -> tuple[str, str]:
    """Return the estimator and its method, ``{re: amemiya}``."""
    if isinstance(given, Mapping):
        return next(((str(k), str(v)) for k, v in given.items()), ("", ""))
    return str(given or ""), ""


def _asked(wild: Any) -> bool | None:
    if wild is None:
        return None
    return bool(wild.get("reps", 1)) if isinstance(wild, Mapping) else bool(wild)


def _is_number(value: Any) -> bool:
    try:
        return not math.isnan(float(value))
    except (TypeError, ValueError):
        return False
