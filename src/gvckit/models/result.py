"""What an estimation returns: :class:`Fit`, or :class:`NotEstimated` with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Fit", "NotEstimated", "result_from_dict"]

_VERSION = 1


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """One estimated model; every estimator returns this type.

    Attributes
    ----------
    name
        Name of the model.
    y
        Dependent variable, as written in the model.
    terms
        The ``k`` estimated terms in the order of the model, without dropped ones.
    coef, se, t, p
        Series of length ``k`` by term: coefficient, standard error, t = coef / se, and the
        two-sided p value of the t distribution with ``stats["dof"]`` degrees of freedom.
    vcov
        Frame ``k × k``: covariance of the coefficients, small-sample factor included.
    n
        Number of rows used.
    clusters
        Clustering variable -> number of clusters; empty without clustering.
    stats
        Fit statistics (:func:`gvckit.models.statistics.fit_statistics` lists them).
    convention
        One or more English sentences: which standard errors these are.
    se_kind
        The same, structured: kind, by, clusters, ssc, factor, parameters, dof.
    rows
        Row accounting in order: panel, outside the sample, missing <variable> …, singletons, used.
    fe
        Fixed effect -> number of levels in the used rows.
    dropped
        ``(term, reason)`` of regressors that could not be estimated.
    warnings
        Sentences that a reader of the estimates should know.
    sample_hash
        SHA-256 over the sorted unit and time keys of the used rows.
    model
        The resolved model, JSON-able.
    further
        What was computed from the estimates, JSON-able: ``turns`` of quadratics, ``regions`` of
        interactions, ``randomise``; empty for most models.
    """

    name: str
    y: str
    terms: tuple[str, ...]
    coef: pd.Series[float]
    se: pd.Series[float]
    t: pd.Series[float]
    p: pd.Series[float]
    vcov: pd.DataFrame
    n: int
    clusters: dict[str, int]
    stats: dict[str, float]
    convention: str
    se_kind: dict[str, Any]
    rows: dict[str, int]
    fe: dict[str, int]
    dropped: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    sample_hash: str
    model: dict[str, Any]
    further: dict[str, Any] = field(default_factory=dict)

    def ci(self, level: float = 0.95) -> pd.DataFrame:
        """Return the confidence intervals: frame by term with columns ``low`` and ``high``.

        Equation: ``coef ± t(1 − (1 − level)/2; dof) · se``.

        Raises
        ------
        ValueError
            Where ``level`` is not strictly between 0 and 1.
        """
        if not 0.0 < level < 1.0:
            raise ValueError(f"level must lie strictly between 0 and 1, not {level!r}")
        half = float(stdtrit(self.stats["dof"], 0.5 + level / 2.0)) * self.se
        return pd.DataFrame({"low": self.coef - half, "high": self.coef + half})

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a term: term, estimate, se, t, p, low, high."""
        interval = self.ci(level)
        columns = {"term": list(self.terms), "estimate": self.coef, "se": self.se, "t": self.t,
                   "p": self.p, "low": interval["low"], "high": interval["high"]}
        return pd.DataFrame({key: np.asarray(value) for key, value in columns.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as JSON-able values; every float survives exactly.

        Finite floats stay Python floats (their ``repr`` is exact); ``nan`` and infinities become
        the strings ``"nan"``, ``"inf"``, ``"-inf"`` because JSON has no word for them.
        """
        return {
            "type": "fit", "version": _VERSION, "name": self.name, "y": self.y,
            "terms": list(self.terms),
            **{key: [_plain(v) for v in getattr(self, key)] for key in ("coef", "se", "t", "p")},
            "vcov": [[_plain(v) for v in row] for row in self.vcov.to_numpy()],
            "n": self.n, "clusters": dict(self.clusters),
            "stats": {key: _plain(value) for key, value in self.stats.items()},
            "convention": self.convention, "se_kind": _plain(self.se_kind),
            "rows": dict(self.rows), "fe": dict(self.fe),
            "dropped": [list(pair) for pair in self.dropped], "warnings": list(self.warnings),
            "sample_hash": self.sample_hash, "model": _plain(self.model),
            **({"further": _plain(self.further)} if self.further else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Fit:
        """Return the fit that :meth:`to_dict` wrote."""
        terms = tuple(data["terms"])
        stats = {key: _number(value) for key, value in data["stats"].items()}
        return cls(
            name=data["name"], y=data["y"], terms=terms,
            **{key: by_term(terms, _array(data[key])) for key in ("coef", "se", "t", "p")},
            vcov=square(terms, _array(data["vcov"]).reshape(len(terms), len(terms))),
            n=int(data["n"]), clusters=dict(data["clusters"]), stats=stats,
            convention=data["convention"], se_kind=dict(data["se_kind"]),
            rows=dict(data["rows"]), fe=dict(data["fe"]),
            dropped=tuple((str(a), str(b)) for a, b in data["dropped"]),
            warnings=tuple(data["warnings"]), sample_hash=data["sample_hash"],
            model=dict(data["model"]), further=dict(data.get("further") or {}),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fit) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.name, self.sample_hash, self.terms))

    def __repr__(self) -> str:
        table = self.tidy().to_string(index=False, float_format=lambda v: f"{v:.6g}")
        return f"Fit {self.name!r}: {self.y}, n = {self.n}\n{table}\n{self.convention}"


@dataclass(frozen=True)
class NotEstimated:
    """A model that cannot be estimated on these data; tables print ``n.e.`` and the reason."""

    name: str
    reason: str
    model: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-able values."""
        return {"type": "not-estimated", "version": _VERSION, "name": self.name,
                "reason": self.reason, "model": _plain(self.model)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NotEstimated:
        """Return the record that :meth:`to_dict` wrote."""
        return cls(**{f.name: data[f.name] for f in fields(cls)})


def result_from_dict(data: Mapping[str, Any]) -> Fit | NotEstimated:
    """Return the :class:`Fit` or :class:`NotEstimated` that ``to_dict`` wrote."""
    return NotEstimated.from_dict(data) if data["type"] == "not-estimated" else Fit.from_dict(data)


def by_term(terms: tuple[str, ...], values: NDArray[np.float64]) -> pd.Series[float]:
    """Return ``values`` (k,) as a series by term."""
    return pd.Series(values, index=_labels(terms), dtype="float64")


def square(terms: tuple[str, ...], values: NDArray[np.float64]) -> pd.DataFrame:
    """Return ``values`` (k, k) as a frame by term and term."""
    return pd.DataFrame(values, index=_labels(terms), columns=_labels(terms))


def _labels(terms: tuple[str, ...]) -> pd.Index[str]:
    return pd.Index(list(terms), dtype="object", name="term")


def _array(values: Any) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _number(value: Any) -> float:
    return float(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    return value
