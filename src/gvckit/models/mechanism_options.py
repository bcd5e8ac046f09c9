"""The model key ``mechanism`` as written to checked options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gvckit.errors import Problem, unknown

__all__ = ["STYLES", "Mechanism", "parse_mechanism"]

OPTIONS = ("through", "style", "reps")
STYLES = ("two-step", "three-step", "interaction")
DRAWS = 999


@dataclass(frozen=True, slots=True)
class Mechanism:
    """The channels of an effect: the mediators, how they are shown, bootstrap draws."""

    through: tuple[str, ...]
    style: str = "two-step"
    reps: int = DRAWS

    def resolved(self) -> dict[str, Any]:
        """Return the options as a spec writes them."""
        return {"through": list(self.through), "style": self.style, "reps": self.reps}


def parse_mechanism(value: Any, taken: Sequence[str], where: str, problems: list[Problem]
                    ) -> Mechanism | None:
    """Return the checked options of ``value``; ``taken`` are y and the regressors."""
    if value is None or value is False:
        return None
    where = f"{where}, mechanism"
    if not isinstance(value, Mapping):
        problems.append(Problem(f"expected options, not {value!r}", where,
                                allowed="{through: m, style: two-step}"))
        return None
    before = len(problems)
    problems += [unknown("option", str(k), OPTIONS, where) for k in value if k not in OPTIONS]
    given = value.get("through")
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, Sequence) or not names or not all(
            isinstance(n, str) and n.strip() for n in names):
        problems.append(Problem(f"through must be a name or a list of names, not {given!r}", where))
        names = []
    through = tuple(n.strip() for n in names)
    problems += [Problem(f"{n!r} is in the model already and cannot be its channel", where)
                 for n in dict.fromkeys(through) if n in taken]
    problems += [Problem(f"{n!r} is named twice", where)
                 for n in sorted({n for n in through if through.count(n) > 1})]
    style = str(value.get("style") or STYLES[0]).replace("_", "-")
    if style not in STYLES:
        problems.append(unknown("style", style, STYLES, where))
    reps = value.get("reps")
    reps = DRAWS if reps is None else reps
    if isinstance(reps, bool) or not isinstance(reps, int) or not 0 <= reps <= 1_000_000:
        problems.append(Problem(f"reps is {reps!r}", where,
                                allowed="a whole number from 0 to 1000000"))
    if len(problems) > before:
        return None
    return Mechanism(through, style, int(reps))
