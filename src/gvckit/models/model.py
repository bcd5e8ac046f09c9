"""A model as written (a mapping of the spec's keys) to a checked :class:`Model`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import ModelError, Problem, SpecError, listing, nearest, unknown
from gvckit.models.registry import ESTIMATORS, SSC, VCOV

__all__ = ["Model", "StandardErrors", "parse_model"]

ESTIMATED = ("y", "x", "controls", "fe", "se", "ssc", "weights", "estimator")
"""Keys that decide the estimate."""

CARRIED = ("sample", "label", "note", "must", "wild")
"""Keys that are kept in the resolved model and decide nothing here."""

UNAVAILABLE = ("instruments", "report", "split", "difference", "mechanism", "threshold", "vary",
               "interact", "moderate", "quantiles", "spatial", "bootstrap", "event", "lags")
"""Keys of the spec language that this version does not estimate."""

RESOLVED_EARLIER = ("like", "swap", "add", "drop")
"""Keys that a spec file resolves before a model is estimated."""

SE_UNAVAILABLE = ("driscoll-kraay", "newey-west", "conley", "hc2", "hc3", "wild-bootstrap")
MOST_CLUSTERS = 2


@dataclass(frozen=True, slots=True)
class StandardErrors:
    """Kind of standard error (a name in ``VCOV``) and the clustering variables (0, 1 or 2)."""

    kind: str = "iid"
    by: tuple[str, ...] = ()

    def resolved(self) -> str | dict[str, str | list[str]]:
        """Return the value as a spec writes it."""
        if self.kind != "cluster":
            return self.kind
        return {"cluster": self.by[0] if len(self.by) == 1 else list(self.by)}


@dataclass(frozen=True, slots=True)
class Model:
    """A checked linear model; every name in it is still a text that data must resolve.

    Attributes
    ----------
    y, x, controls
        Column names or expressions; ``x`` are the focal regressors.
    fe
        Fixed effects, each a column or columns joined by ``*``.
    se, ssc
        Standard errors and the small-sample convention.
    weights
        Column or expression of analytic weights, or None.
    estimator
        A name in ``ESTIMATORS``.
    carried
        Keys kept for the record only (``CARRIED``).
    """

    y: str
    x: tuple[str, ...]
    controls: tuple[str, ...] = ()
    fe: tuple[str, ...] = ()
    se: StandardErrors = field(default_factory=StandardErrors)
    ssc: str = "fixest"
    weights: str | None = None
    estimator: str = "ols"
    carried: Mapping[str, Any] = field(default_factory=dict)

    @property
    def regressors(self) -> tuple[str, ...]:
        """Focal regressors, then controls."""
        return self.x + self.controls

    def resolved(self) -> dict[str, Any]:
        """Return the model as a JSON-able mapping with every default filled in."""
        return {
            "estimator": self.estimator, "y": self.y, "x": list(self.x),
            "controls": list(self.controls), "fe": list(self.fe), "se": self.se.resolved(),
            "ssc": self.ssc, "weights": self.weights,
            **{key: self.carried[key] for key in CARRIED if key in self.carried},
        }


def parse_model(raw: Mapping[str, Any], name: str = "model") -> Model:
    """Return the checked model of the mapping ``raw``.

    Raises
    ------
    SpecError
        Unknown keys, wrong types, names given twice; all of them at once.
    ModelError
        Keys of the spec language that this version does not estimate.
    """
    where = f"model {name!r}"
    problems = _unknown_keys(raw, where)
    lists = {key: _names(raw.get(key), key, where, problems) for key in ("x", "controls", "fe")}
    y = _one(raw.get("y"), "y", where, problems)
    if y is None and raw.get("y") is None:
        problems.append(Problem("y is missing: name the dependent variable", where))
    if not lists["x"] and not lists["controls"] and not _mentions(problems, "x"):
        problems.append(Problem("x is empty: name at least one regressor", where))
    problems += _twice((*([y] if y else []), *lists["x"], *lists["controls"]), "term", where)
    problems += _twice(lists["fe"], "fixed effect", where)
    ssc = _choice(raw.get("ssc"), "ssc", SSC, "fixest", where, problems)
    estimator = _choice(raw.get("estimator"), "estimator", ESTIMATORS, "ols", where, problems)
    later: list[Problem] = [
        Problem(f"{key!r} is not available in this version", where)
        for key in UNAVAILABLE if not _empty(raw.get(key))
    ]
    se = _standard_errors(raw.get("se"), where, problems, later)
    weights = _one(raw.get("weights"), "weights", where, problems)
    if problems:
        raise SpecError(problems)
    if later:
        raise ModelError(later)
    return Model(
        y=y or "", x=lists["x"], controls=lists["controls"], fe=lists["fe"], se=se, ssc=ssc,
        weights=weights, estimator=estimator,
        carried={key: raw[key] for key in CARRIED if raw.get(key) is not None},
    )


def _empty(value: Any) -> bool:
    return value is None or value is False or (
        isinstance(value, Mapping | Sequence) and len(value) == 0)


def _mentions(problems: Sequence[Problem], key: str) -> bool:
    return any(p.what.startswith(f"{key} ") for p in problems)


def _unknown_keys(raw: Mapping[str, Any], where: str) -> list[Problem]:
    known = (*ESTIMATED, *CARRIED, *UNAVAILABLE)
    problems = []
    for key in raw:
        if key in RESOLVED_EARLIER and not _empty(raw[key]):
            problems.append(Problem(
                f"{key!r} belongs to a spec file, which resolves it before the model is estimated",
                where))
        elif key not in known and key not in RESOLVED_EARLIER:
            problems.append(Problem(f"unknown key {str(key)!r}", where,
                                    allowed=listing((*ESTIMATED, *CARRIED), most=20),
                                    nearest=nearest(str(key), known)))
    return problems


def _one(value: Any, key: str, where: str, problems: list[Problem]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        problems.append(Problem(f"{key} must be one name or expression, not {value!r}", where))
        return None
    return value.strip()


def _names(value: Any, key: str, where: str, problems: list[Problem]) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Sequence) or not all(isinstance(v, str) and v.strip() for v in value):
        problems.append(Problem(f"{key} must be a list of names or expressions, not {value!r}",
                                where))
        return ()
    return tuple(v.strip() for v in value)


def _twice(names: Sequence[str], kind: str, where: str) -> list[Problem]:
    repeated = sorted({n for n in names if names.count(n) > 1})
    return [Problem(f"{kind} {n!r} is named twice", where) for n in repeated]


def _choice(value: Any, key: str, table: Mapping[str, str], default: str, where: str,
            problems: list[Problem]) -> str:
    if value is None:
        return default
    if value not in table:
        problems.append(unknown(key, str(value), table, where))
        return default
    return str(value)


def _standard_errors(value: Any, where: str, problems: list[Problem],
                     later: list[Problem]) -> StandardErrors:
    if value is None:
        return StandardErrors()
    kind, by = (value, None) if isinstance(value, str) else _single_entry(value)
    if kind in SE_UNAVAILABLE:
        later.append(Problem(f"se {kind!r} is not available in this version", where,
                             allowed=listing(sorted(VCOV))))
    elif kind is None or kind not in VCOV:
        problems.append(unknown("se", str(value if kind is None else kind), VCOV, where))
    elif kind != "cluster" and by is not None:
        problems.append(Problem(f"se {kind!r} takes no value, not {by!r}", where))
    elif kind == "cluster":
        names = _names(by, "se cluster", where, problems)
        problems += _twice(names, "clustering variable", where)
        if not 1 <= len(names) <= MOST_CLUSTERS and not _mentions(problems, "se"):
            problems.append(Problem(
                f"se cluster takes one or two variables, not {len(names)}", where,
                allowed="{cluster: a} or {cluster: [a, b]}"))
        return StandardErrors("cluster", names)
    else:
        return StandardErrors(kind)
    return StandardErrors()


def _single_entry(value: Any) -> tuple[str | None, Any]:
    if isinstance(value, Mapping) and len(value) == 1:
        key, item = next(iter(value.items()))
        return str(key), item
    return None, None
