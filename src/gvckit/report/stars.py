"""Stars beside coefficients: which p value they follow, and how many levels it passes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gvckit.report.columns import ColumnData
from gvckit.report.request import TableRequest

__all__ = ["follows_wild", "stars_for", "stars_of"]


def stars_for(p: float, levels: Sequence[float]) -> int:
    """Return how many of the significance ``levels`` the p value ``p`` passes."""
    return sum(p < level for level in levels)


def follows_wild(request: TableRequest, column: ColumnData, term: str) -> bool:
    """Return whether the stars of ``term`` follow its wild bootstrap p.

    They do where the table asks for it (``stars_by: wild``) and the coefficient has such a p.
    """
    return bool(request.stars) and request.stars_by == "wild" and math.isfinite(
        column.stats.get(f"wild_p:{term}", math.nan))


def stars_of(request: TableRequest, column: ColumnData, term: str) -> int:
    """Return the stars of a coefficient.

    They follow its own p value, or with ``stars_by: wild`` the wild bootstrap p that it has; never
    the p values adjusted over the table, which are rows of their own.
    """
    p = (column.stats[f"wild_p:{term}"] if follows_wild(request, column, term)
         else column.terms[term].p)
    return stars_for(p, request.stars)
