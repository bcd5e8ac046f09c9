"""Group labels to contiguous integers, in an order that depends on the labels alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Codes", "compact", "encode", "interact"]


@dataclass(frozen=True, slots=True)
class Codes:
    """Group membership of ``n`` rows.

    Attributes
    ----------
    name
        Name of the variable, or names joined by ``*``.
    codes
        Shape (n,), int64 in ``0 … levels − 1``; −1 marks a missing label.
    levels
        Number of levels.
    labels
        The sorted labels of a single column; empty for interactions.
    slope
        Shape (n,): a variable with a coefficient of its own in each group, in place of a constant
        of its own; None for plain groups.
    """

    name: str
    codes: NDArray[np.int64]
    levels: int
    labels: tuple[str, ...] = ()
    slope: NDArray[np.float64] | None = None

    def take(self, rows: NDArray[np.int64]) -> Codes:
        """Return the membership of ``rows`` (positions), with unused levels left out."""
        codes, used = compact(self.codes[rows], self.levels)
        labels = self.labels
        if labels and len(used) < self.levels:
            labels = tuple(labels[i] for i in used)
        slope = None if self.slope is None else self.slope[rows]
        return Codes(self.name, codes, len(used), labels, slope)


def encode(values: pd.Series) -> Codes:
    """Return the codes of one column; levels are sorted, so row order plays no part."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        inner = np.asarray(values.cat.codes, dtype=np.int64)
        categories = encode(pd.Series(values.cat.categories))
        lookup = np.append(categories.codes, -1)
        codes, used = compact(lookup[inner], categories.levels)
        return Codes(str(values.name), codes, len(used),
                     tuple(categories.labels[i] for i in used))
    found, uniques = pd.factorize(values, sort=False)
    order, labels = _sorted_labels(uniques)
    rank = np.empty(len(uniques) + 1, dtype=np.int64)
    rank[order] = np.arange(len(uniques))
    rank[-1] = -1
    return Codes(str(values.name), rank[np.asarray(found, dtype=np.int64)], len(uniques), labels)


def _sorted_labels(uniques: object) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    array = np.asarray(uniques)
    if array.dtype.kind in "biuf":
        order = np.argsort(array, kind="stable")
        if array.dtype.kind in "iu":
            return order.astype(np.int64), tuple(map(str, array[order].tolist()))
        return order.astype(np.int64), tuple(_text(array[i]) for i in order)
    values = array.tolist()
    words = [_text(v) for v in values]
    # The type breaks the tie between the number 1 and the text "1" in one column.
    ordered = sorted(range(len(words)), key=lambda i: (words[i], type(values[i]).__name__))
    return np.asarray(ordered, dtype=np.int64), tuple(words[i] for i in ordered)


def _text(value: object) -> str:
    """Return a label as text; 1995 and 1995.0 are the same label."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def compact(
    codes: NDArray[np.int64], levels: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Renumber ``codes`` (n,) contiguously; −1 stays −1.

    Returns the new codes (n,) and the old numbers of the levels in use, ascending.
    """
    if levels <= 4 * len(codes) + 1024:
        present = np.zeros(levels + 1, dtype=bool)
        present[codes] = True
        present[-1] = False
        lookup = np.cumsum(present, dtype=np.int64) - 1
        lookup[-1] = -1
        used = np.flatnonzero(present).astype(np.int64)
        return codes if len(used) == levels else lookup[codes], used
    used, inverse = np.unique(codes, return_inverse=True)
    inverse = inverse.astype(np.int64).reshape(-1)
    if len(used) and used[0] < 0:
        return inverse - 1, used[1:]
    return inverse, used


def interact(parts: Sequence[Codes], name: str | None = None) -> Codes:
    """Return the codes of the interaction of ``parts``; a missing part makes a missing label."""
    first = parts[0]
    codes, levels = first.codes, first.levels
    for part in parts[1:]:
        missing = (codes < 0) | (part.codes < 0)
        joint = np.where(missing, -1, codes * part.levels + part.codes)
        codes, used = compact(joint, levels * part.levels)
        levels = len(used)
    return Codes(name or "*".join(p.name for p in parts), codes, levels,
                 first.labels if len(parts) == 1 else ())
