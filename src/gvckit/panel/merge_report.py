"""What a merge did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["MergeReport", "report_of"]


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What joining one frame did.

    Attributes
    ----------
    name
        The right-hand frame.
    on, match, unmatched
        As stated.
    rows
        Left rows.
    matched
        Left rows whose keys the right-hand frame has.
    with_values
        Left rows that got at least one value.
    keys
        Key → number of distinct values in left rows that got a value.
    lost
        Key → the values none of whose rows got a value, sorted.
    unused
        Right rows that no left row took.
    extra
        Key → values that only the right-hand frame has, where left rows lost all of theirs.
    """

    name: str
    on: tuple[str, ...]
    match: str
    unmatched: str
    rows: int
    matched: int
    with_values: int
    keys: dict[str, int]
    lost: dict[str, tuple[str, ...]]
    unused: int
    extra: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {"name": self.name, "on": list(self.on), "match": self.match,
                "unmatched": self.unmatched, "rows": self.rows, "matched": self.matched,
                "with_values": self.with_values, "keys": dict(self.keys),
                "lost": {k: list(v) for k, v in self.lost.items()}, "unused": self.unused}


def report_of(left: pd.DataFrame, right: pd.DataFrame, name: str, on: tuple[str, ...],
              match: str, unmatched: str, left_rows: NDArray[np.int64],
              right_rows: NDArray[np.int64], valued: NDArray[np.bool_]) -> MergeReport:
    """Return the report of a join.

    Parameters
    ----------
    left, right
        (n rows) and (m rows).
    name, on, match, unmatched
        As stated.
    left_rows, right_rows
        (pairs,) the rows that belong together; right -1: none.
    valued
        (rows of the right frame,) whether it has a value at all.
    """
    found = right_rows >= 0
    got = found.copy()
    got[found] = valued[right_rows[found]]
    rows_found = np.unique(left_rows[found])
    rows_valued = np.unique(left_rows[got])
    keys, lost, extra = {}, {}, {}
    for key in on:
        have = {str(v) for v in left[key].iloc[rows_valued].unique()}
        keys[key] = len(have)
        mine = {str(v) for v in left[key].unique()}
        lost[key] = tuple(sorted(mine - have))
        if lost[key]:
            extra[key] = tuple(sorted({str(v) for v in right[key].unique()} - mine))
    return MergeReport(name, on, match, unmatched, len(left), len(rows_found), len(rows_valued),
                       keys, lost, len(valued) - len(np.unique(right_rows[found])), extra)
