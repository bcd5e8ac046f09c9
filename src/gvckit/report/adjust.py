"""P values of a table's focal coefficients, adjusted together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from gvckit.models.multiple import benjamini_hochberg, holm
from gvckit.report.columns import ColumnData
from gvckit.report.labels import related
from gvckit.report.request import TableRequest

__all__ = ["Adjusted", "adjusted_p", "tested_beside"]

Adjusted: TypeAlias = Mapping[tuple[int, str], float]
"""(column, term) -> adjusted p value."""

_FROM_P = {"holm": holm, "bh": benjamini_hochberg}


def tested_beside(request: TableRequest, family: Sequence[ColumnData]
                  ) -> list[tuple[str, str, float]]:
    """Return model, term and p value of the focal coefficients beside the table's own.

    They are the terms that the table would show of the models ``family``.
    """
    found = []
    for column in family:
        terms = [t for t in column.focal if t in column.terms]
        asked = [t for entry in request.show for t in related(entry, terms)]
        found += [(column.name, t, column.terms[t].p)
                  for t in dict.fromkeys(asked if request.show else terms)
                  if math.isfinite(column.terms[t].p)]
    return found


def adjusted_p(request: TableRequest, columns: Sequence[ColumnData],
               shown: Sequence[frozenset[str]], family: Sequence[ColumnData] = ()) -> Adjusted:
    """Return the adjusted p values of the focal coefficients that the table shows.

    Holm's and Benjamini and Hochberg's are computed here, over these and those of ``family``;
    Romano and Wolf's, which need draws, are given with the request.
    """
    if request.adjust is None:
        return {}
    tests = [(i, term) for i, (column, seen) in enumerate(zip(columns, shown, strict=True))
             for term in column.focal
             if term in seen and math.isfinite(column.terms[term].p)]
    if request.adjust not in _FROM_P:
        found = request.adjusted.get("p") or {}
        return {(i, term): float(found[columns[i].name][term]) for i, term in tests
                if term in found.get(columns[i].name, {})}
    if not tests:
        return {}
    beside = [p for *_, p in tested_beside(request, family)]
    p = _FROM_P[request.adjust](
        np.array([*(columns[i].terms[term].p for i, term in tests), *beside]))
    return dict(zip(tests, p.tolist()[:len(tests)], strict=True))
