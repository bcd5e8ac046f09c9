"""Squares and interactions that the model keys ``quadratic`` and ``interact`` add.

A product is named so that it reads as an expression: ``dig^2``, ``dig*rich``.  It is made of the
factors' values in the rows used, after winsorising, so that a square is always that of its factor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gvckit.errors import Problem, unknown

__all__ = ["Product", "parse_products"]

_PLAIN = re.compile(r"[^\W\d]\w*|\w+\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Product:
    """A term that is ``left · right``; a square where both are the same."""

    term: str
    left: str
    right: str

    @property
    def is_square(self) -> bool:
        """Whether it is the square of a term."""
        return self.left == self.right


def parse_products(
    raw: Mapping[str, Any], x: tuple[str, ...], controls: tuple[str, ...], where: str,
    problems: list[Problem],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Product, ...]]:
    """Return x and controls with what ``quadratic`` and ``interact`` add, and the products.

    Products join ``x``, moderators that the model does not have join ``controls``.
    """
    found: list[Product] = []
    found += [Product(f"{_factor(base)}^2", base, base)
              for base in _names(raw.get("quadratic"), "quadratic", where, problems)
              if _known(base, (*x, *controls), "quadratic", where, problems)]
    moderators: list[str] = []
    for base, others in _pairs(raw.get("interact"), where, problems):
        if not _known(base, (*x, *controls), "interact", where, problems):
            continue
        for other in others:
            if other == base:
                problems.append(Problem(f"interact: {base!r} with itself", where,
                                        allowed=f"quadratic: {base}"))
                continue
            found.append(Product(f"{_factor(base)}*{_factor(other)}", base, other))
            moderators.append(other)
    endogenous = raw.get("instruments") or {}
    problems += [Problem(f"{p.term!r} is made of {name!r}, which has instruments, and would need "
                         "its own", where, allowed="the product as a variable of its own")
                 for p in found for name in dict.fromkeys((p.left, p.right)) if name in endogenous]
    terms = dict.fromkeys(p.term for p in found)
    x = (*x, *(t for t in terms if t not in (*x, *controls)))
    controls = (*controls, *(m for m in dict.fromkeys(moderators) if m not in (*x, *controls)))
    return x, controls, tuple({p.term: p for p in found}.values())


def _known(base: str, regressors: Sequence[str], key: str, where: str,
           problems: list[Problem]) -> bool:
    if base not in regressors:
        problems.append(unknown(f"term in {key}", base, regressors, where))
    return base in regressors


def _factor(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f"({text})"


def _names(value: Any, key: str, where: str, problems: list[Problem]) -> tuple[str, ...]:
    if not value:
        return ()
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, Sequence) or not all(isinstance(v, str) and v.strip() for v in value):
        problems.append(Problem(f"{key} must be a name or a list of names, not {value!r}", where))
        return ()
    return tuple(v.strip() for v in value)


def _pairs(value: Any, where: str, problems: list[Problem]
           ) -> list[tuple[str, tuple[str, ...]]]:
    if not value:
        return []
    if not isinstance(value, Mapping):
        problems.append(Problem(f"interact must be {{regressor: moderator}}, not {value!r}", where))
        return []
    return [(str(base), _names(others, "interact", where, problems))
            for base, others in value.items()]
