"""The model key ``threshold`` as written to checked options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gvckit.errors import Problem, unknown

__all__ = ["Threshold", "parse_threshold"]

OPTIONS = ("variable", "regime_of", "max", "trim", "grid", "reps")
MOST = 3


@dataclass(frozen=True, slots=True)
class Threshold:
    """A panel threshold regression.

    Attributes
    ----------
    variable
        What the thresholds divide.
    regime_of
        The regressor whose slope changes.
    most
        Thresholds searched for, one after another.
    trim
        Least share of rows in a regime.
    grid
        Candidates: quantiles of the variable.
    reps
        Bootstrap draws of each F; 0: no p values.
    """

    variable: str
    regime_of: str
    most: int = 1
    trim: float = 0.05
    grid: int = 400
    reps: int = 300

    def resolved(self) -> dict[str, Any]:
        """Return the options as a spec writes them."""
        return {"variable": self.variable, "regime_of": self.regime_of, "max": self.most,
                "trim": self.trim, "grid": self.grid, "reps": self.reps}


def parse_threshold(value: Any, regressors: Sequence[str], where: str, problems: list[Problem]
                    ) -> Threshold | None:
    """Return the checked options of ``value``; what is wrong goes to ``problems``."""
    if value is None or value is False:
        return None
    where = f"{where}, threshold"
    if not isinstance(value, Mapping):
        problems.append(Problem(f"expected options, not {value!r}", where,
                                allowed="{variable: q, regime_of: x, max: 2}"))
        return None
    before = len(problems)
    problems += [unknown("option", str(k), OPTIONS, where) for k in value if k not in OPTIONS]
    problems += [Problem(f"{key} must be one name or expression, not {value.get(key)!r}", where)
                 for key in ("variable", "regime_of") if not isinstance(value.get(key), str)]
    if isinstance(value.get("regime_of"), str) and value["regime_of"] not in regressors:
        problems.append(unknown("term in regime_of", value["regime_of"], regressors, where))
    bounds = {"max": (1, 1, MOST), "grid": (400, 2, 1_000_000), "reps": (300, 0, 1_000_000)}
    whole = {key: _whole(value, key, *limits, where, problems) for key, limits in bounds.items()}
    trim = _share(value.get("trim", 0.05), where, problems)
    if len(problems) > before:
        return None
    return Threshold(str(value["variable"]).strip(), str(value["regime_of"]).strip(), whole["max"],
                     trim, whole["grid"], whole["reps"])


def _whole(value: Mapping[str, Any], key: str, default: int, low: int, high: int, where: str,
           problems: list[Problem]) -> int:
    given = value.get(key)
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
        problems.append(Problem(f"{key} is {given!r}", where,
                                allowed=f"a whole number from {low} to {high}"))
        return default
    return given


def _share(value: Any, where: str, problems: list[Problem]) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if isinstance(value, bool) or not 0.0 < share < 0.5:
        problems.append(Problem(f"trim is no share: {value!r}", where,
                                allowed="above 0 and below 0.5, such as 0.05"))
        return 0.05
    return share
