"""What every report card says in one way: its headline, our number, a cell of Markdown."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gvckit.report.numbers import fixed, thousands
from gvckit.report.printed import parse_printed

__all__ = ["PLANTED", "headline", "markdown_cell", "shown"]

PLANTED = "planted"
"""Source of numbers that made-up data were made with."""


def headline(checks: Iterable[tuple[str, str, str]], reproduced: Collection[str]) -> str:
    """Return a card in one sentence.

    Parameters
    ----------
    checks
        Verdict, status and source of each number.
    reproduced
        Verdicts that satisfy a number with status ``must``.
    """
    every = list(checks)
    planted = [c for c in every if c[2] == PLANTED]
    published = [c for c in every if c[2] != PLANTED]
    told = [f"{sum(verdict in reproduced for verdict, _, _ in own)} of {len(own)} {what}"
            for own, what in ((published, "reference numbers (published, or of other programs)"),
                              (planted, "planted ones" if published else "planted numbers"))
            if own or (own is published and not planted)]
    must = [verdict in reproduced for verdict, status, _ in every if status == "must"]
    return f"{' and '.join(told)} reproduced; {sum(must)} of {len(must)} that must be."


def shown(ours: float | None, printed: str) -> str:
    """Return our number with one digit more than the published, a count as a count."""
    if ours is None:
        return ""
    decimals = max(0, -int(parse_printed(printed).unit.adjusted()))
    return thousands(ours) if decimals == 0 and ours.is_integer() else fixed(ours, decimals + 1)


def markdown_cell(text: str) -> str:
    """Return text on one line, with the signs escaped that Markdown reads."""
    flat = " ".join(text.split())
    for sign in "\\`*_<>[]|":
        flat = flat.replace(sign, "\\" + sign)
    return flat
