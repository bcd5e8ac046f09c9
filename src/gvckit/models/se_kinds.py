"""Standard errors as written to a checked :class:`StandardErrors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gvckit.errors import Problem, listing, unknown
from gvckit.models.registry import VCOV

__all__ = ["GROUPED", "LAGGED", "MOST_CLUSTERS", "StandardErrors", "parse_standard_errors"]

MOST_CLUSTERS = 3
GROUPED = ("cluster", "crv2", "crv3")
"""Kinds that are given grouping variables."""
LAGGED = ("driscoll-kraay", "newey-west")
"""Kinds that are given a lag."""
CONLEY: Mapping[str, tuple[str, ...] | None] = {
    "lat": None, "lon": None, "cutoff": None, "kernel": ("uniform", "bartlett"),
    "periods": ("any", "same"),
}


@dataclass(frozen=True, slots=True)
class StandardErrors:
    """Kind of standard error (a name in ``VCOV``), clustering variables (0 to 3) and options."""

    kind: str = "iid"
    by: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of further columns that the kind needs: coordinates."""
        return tuple(self.options[key] for key in ("lat", "lon") if key in self.options)

    def resolved(self) -> str | dict[str, Any]:
        """Return the value as a spec writes it."""
        if self.kind in GROUPED:
            return {self.kind: self.by[0] if len(self.by) == 1 else list(self.by)}
        if self.kind in LAGGED:
            return {self.kind: self.options["lag"]}
        return {self.kind: dict(self.options)} if self.options else self.kind


def parse_standard_errors(value: Any, where: str, problems: list[Problem]) -> StandardErrors:
    """Return the checked standard errors of ``value``; what is wrong goes to ``problems``."""
    if value is None:
        return StandardErrors()
    kind, given = (value, None) if isinstance(value, str) else _single_entry(value)
    if kind is None or kind not in VCOV:
        problems.append(unknown("se", str(value if kind is None else kind), VCOV, where))
        return StandardErrors()
    if kind in GROUPED:
        return StandardErrors(kind, _groups(kind, given, where, problems))
    if kind in LAGGED:
        return StandardErrors(kind, options=_lag(kind, given, where, problems))
    if kind == "conley":
        return StandardErrors(kind, options=_conley(given, where, problems))
    if given is not None:
        problems.append(Problem(f"se {kind!r} takes no value, not {given!r}", where))
    return StandardErrors(kind)


def _single_entry(value: Any) -> tuple[str | None, Any]:
    if isinstance(value, Mapping) and len(value) == 1:
        key, item = next(iter(value.items()))
        return str(key), item
    return None, None


def _groups(kind: str, value: Any, where: str, problems: list[Problem]) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if names is None:
        names = []
    if not isinstance(names, Sequence) or not all(isinstance(v, str) and v.strip() for v in names):
        problems.append(Problem(f"se {kind} must be a list of names, not {value!r}", where))
        return ()
    by = tuple(v.strip() for v in names)
    problems += [Problem(f"clustering variable {n!r} is named twice", where)
                 for n in sorted({n for n in by if by.count(n) > 1})]
    most, words = (1, "one variable") if kind != "cluster" else (
        MOST_CLUSTERS, "one to three variables")
    if not 1 <= len(by) <= most:
        problems.append(Problem(
            f"se {kind} takes {words}, not {len(by)}", where,
            allowed=f"{{{kind}: a}}" + (f" or {{{kind}: [a, b]}}" if most > 1 else "")))
    return by


def _lag(kind: str, value: Any, where: str, problems: list[Problem]) -> dict[str, Any]:
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.isdecimal():
        text = int(text)
    if isinstance(text, bool) or not isinstance(text, int) or text < 0:
        problems.append(Problem(f"se {kind} takes a lag, a whole number of 0 or more, not "
                                f"{value!r}",
                                where, allowed=f"{{{kind}: 2}}"))
        return {"lag": 0}
    return {"lag": text}


def _conley(value: Any, where: str, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        problems.append(Problem("se conley needs lat, lon (columns in degrees) and cutoff (km)",
                                where, allowed="{conley: {lat: a, lon: b, cutoff: 1000}}"))
        return {}
    problems += [unknown("key of se conley", str(k), CONLEY, where)
                 for k in value if k not in CONLEY]
    problems += [Problem(f"se conley: {k!r} must be a column, not {value.get(k)!r}", where)
                 for k in ("lat", "lon") if not isinstance(value.get(k), str)]
    options: dict[str, Any] = {k: str(value.get(k)) for k in ("lat", "lon")}
    try:
        options["cutoff"] = float(value.get("cutoff", "nothing"))
    except (TypeError, ValueError):
        options["cutoff"] = 0.0
    if not 0 < options["cutoff"] < float("inf"):
        problems.append(Problem("se conley: cutoff must be a number of km above 0, not "
                                f"{value.get('cutoff')!r}", where))
    for key in ("kernel", "periods"):
        allowed = CONLEY[key] or ("",)
        options[key] = str(value.get(key, allowed[0]))
        if options[key] not in allowed:
            problems.append(Problem(f"se conley: unknown {key} {options[key]!r}", where,
                                    allowed=listing(allowed)))
    return options
