"""A model as written (a mapping of the spec's keys) to a checked :class:`Model`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import ModelError, Problem, SpecError, listing, nearest, unknown
from gvckit.models.instruments import parse_instruments, parse_report
from gvckit.models.mechanism_options import Mechanism, parse_mechanism
from gvckit.models.products import Product, parse_products
from gvckit.models.registry import ESTIMATORS, INSTRUMENTED, METHODS, SSC, VCOV
from gvckit.models.se_kinds import StandardErrors, parse_standard_errors
from gvckit.models.threshold_options import Threshold, parse_threshold

__all__ = ["Model", "StandardErrors", "parse_model"]

ESTIMATED = ("y", "x", "controls", "fe", "se", "ssc", "weights", "estimator", "instruments",
             "report", "winsor", "quadratic", "interact", "mechanism", "threshold")
"""Keys that decide the estimate."""

CARRIED = ("sample", "label", "note", "must", "wild", "randomise")
"""Keys that are kept in the resolved model and decide nothing here."""

UNAVAILABLE = ("moderate", "quantiles", "spatial", "bootstrap", "event", "lags")
"""Keys of the spec language that this version does not estimate."""

ELSEWHERE = {"split": "gk.split_fit", "difference": "gk.split_fit", "vary": "gk.curve"}
"""Keys that give several fits, and the function that returns them."""

RESOLVED_EARLIER = ("like", "swap", "add", "drop", "index_uncertainty", "leave_out")
"""Keys that a spec file resolves before a model is estimated."""

SE_UNAVAILABLE = ("wild-bootstrap",)


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
    estimator, method
        A name in ``ESTIMATORS``, and which of its methods (``METHODS``), empty where it has none.
    instruments
        Endogenous regressor -> its instruments; all instruments serve all of them.
    report
        Diagnostics to print.
    winsor
        Share of the rows used that is cut at each end of y and the focal regressors, or 0.
    products
        Squares and interactions among the regressors, made of others.
    mechanism, threshold
        The channels of the effect; thresholds at which a slope changes.
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
    method: str = ""
    instruments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    report: tuple[str, ...] = ()
    winsor: float = 0.0
    products: tuple[Product, ...] = ()
    mechanism: Mechanism | None = None
    threshold: Threshold | None = None
    carried: Mapping[str, Any] = field(default_factory=dict)

    @property
    def regressors(self) -> tuple[str, ...]:
        """Focal regressors, then controls."""
        return self.x + self.controls

    @property
    def read(self) -> tuple[str, ...]:
        """The regressors that data give; the others are products of these."""
        made = {p.term for p in self.products}
        return tuple(t for t in self.regressors if t not in made)

    @property
    def beside(self) -> tuple[str, ...]:
        """What is read besides y and the regressors: instruments, coordinates, mediators, …"""
        return tuple(dict.fromkeys([
            *self.excluded, *self.se.columns, *(self.mechanism.through if self.mechanism else ()),
            *([self.threshold.variable] if self.threshold else ())]))

    @property
    def excluded(self) -> tuple[str, ...]:
        """The instruments, each once, in the order of the model."""
        return tuple(dict.fromkeys(z for texts in self.instruments.values() for z in texts))

    def resolved(self) -> dict[str, Any]:
        """Return the model as a JSON-able mapping with every default filled in."""
        return {
            "estimator": {self.estimator: self.method} if self.method else self.estimator,
            "y": self.y, "x": list(self.x),
            "controls": list(self.controls), "fe": list(self.fe), "se": self.se.resolved(),
            "ssc": self.ssc, "weights": self.weights,
            **({"instruments": {k: list(v) for k, v in self.instruments.items()}}
               if self.instruments else {}),
            **({"report": list(self.report)} if self.report else {}),
            **({"winsor": self.winsor} if self.winsor else {}),
            **self._resolved_products(),
            **({"mechanism": self.mechanism.resolved()} if self.mechanism else {}),
            **({"threshold": self.threshold.resolved()} if self.threshold else {}),
            **{key: self.carried[key] for key in CARRIED if key in self.carried},
        }


    def _resolved_products(self) -> dict[str, Any]:
        squares = [p.left for p in self.products if p.is_square]
        crossed: dict[str, list[str]] = {}
        for p in self.products:
            if not p.is_square:
                crossed.setdefault(p.left, []).append(p.right)
        return {**({"quadratic": squares} if squares else {}),
                **({"interact": crossed} if crossed else {})}


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
    winsor = _share(raw.get("winsor"), where, problems)
    lists["x"], lists["controls"], products = parse_products(
        raw, lists["x"], lists["controls"], where, problems)
    problems += _twice((*([y] if y else []), *lists["x"], *lists["controls"]), "term", where)
    problems += _twice(lists["fe"], "fixed effect", where)
    ssc = _choice(raw.get("ssc"), "ssc", SSC, "fixest", where, problems)
    instruments = parse_instruments(raw.get("instruments"), (*lists["x"], *lists["controls"]),
                                    where, problems)
    estimator, method = _estimator(raw.get("estimator"), "2sls" if instruments else "ols", where,
                                   problems)
    problems += _with_instruments(estimator, bool(instruments), where)
    later: list[Problem] = [
        Problem(f"{key!r} is not available in this version", where)
        for key in UNAVAILABLE if not _empty(raw.get(key))
    ] + [
        Problem(f"{key!r} asks for several fits, and one is returned here", where, allowed=function)
        for key, function in ELSEWHERE.items() if not _empty(raw.get(key))
    ]
    se = _standard_errors(raw.get("se"), where, problems, later)
    report = parse_report(raw.get("report"), where, problems)
    weights = _one(raw.get("weights"), "weights", where, problems)
    terms = (*lists["x"], *lists["controls"])
    mechanism = parse_mechanism(raw.get("mechanism"), (*([y] if y else []), *terms), where,
                                problems)
    threshold = parse_threshold(raw.get("threshold"), terms, where, problems)
    if problems:
        raise SpecError(problems)
    if later:
        raise ModelError(later)
    return Model(
        y=y or "", x=lists["x"], controls=lists["controls"], fe=lists["fe"], se=se, ssc=ssc,
        weights=weights, estimator=estimator, method=method, instruments=instruments, report=report,
        winsor=winsor, products=products, mechanism=mechanism, threshold=threshold,
        carried={key: raw[key] for key in CARRIED if raw.get(key) is not None},
    )


def _empty(value: Any) -> bool:
    return value is None or value is False or (
        isinstance(value, Mapping | Sequence) and len(value) == 0)


def _mentions(problems: Sequence[Problem], key: str) -> bool:
    return any(p.what.startswith(f"{key} ") for p in problems)


def _unknown_keys(raw: Mapping[str, Any], where: str) -> list[Problem]:
    known = (*ESTIMATED, *CARRIED, *UNAVAILABLE, *ELSEWHERE)
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


def _share(value: Any, where: str, problems: list[Problem]) -> float:
    """Return the share to winsorise at each end."""
    try:
        share = float(value or 0.0)
    except (TypeError, ValueError):
        share = -1.0
    if isinstance(value, bool) or not 0.0 <= share < 0.5:
        problems.append(Problem(f"winsor is no share: {value!r}", where,
                                allowed="from 0 to below 0.5, such as 0.01"))
        return 0.0
    return share


def _choice(value: Any, key: str, table: Mapping[str, str], default: str, where: str,
            problems: list[Problem]) -> str:
    if value is None:
        return default
    if value not in table:
        problems.append(unknown(key, str(value), table, where))
        return default
    return str(value)


def _estimator(value: Any, default: str, where: str, problems: list[Problem]) -> tuple[str, str]:
    """Return the estimator and its method: ``re``, or ``{re: amemiya}``."""
    method = None
    if isinstance(value, Mapping) and len(value) == 1:
        value, method = next(iter(value.items()))
    name = _choice(value, "estimator", ESTIMATORS, default, where, problems)
    known = METHODS.get(name, ())
    if method is None:
        return name, known[0] if known else ""
    if str(method) not in known:
        problems.append(unknown(f"method of estimator {name!r}", str(method), known, where))
    return name, str(method)


def _with_instruments(estimator: str, given: bool, where: str) -> list[Problem]:
    if given and estimator not in INSTRUMENTED:
        return [Problem(f"estimator {estimator!r} takes no instruments", where,
                        allowed=listing(INSTRUMENTED))]
    if not given and estimator in INSTRUMENTED:
        return [Problem(f"estimator {estimator!r} needs instruments", where,
                        allowed="instruments: {regressor: [instrument, …]}")]
    return []


def _standard_errors(value: Any, where: str, problems: list[Problem],
                     later: list[Problem]) -> StandardErrors:
    kind = next(iter(value), None) if isinstance(value, Mapping) else value
    if kind in SE_UNAVAILABLE:
        later.append(Problem(f"se {kind!r} is not available in this version", where,
                             allowed=listing(sorted(VCOV))))
        return StandardErrors()
    return parse_standard_errors(value, where, problems)
