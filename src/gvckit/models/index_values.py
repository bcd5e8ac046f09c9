"""The values that a panel's variables take when an index is replaced by one of its variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import DataError, Problem, SpecError, unknown
from gvckit.panel.evaluate import evaluate_in
from gvckit.panel.expressions import Expression, parse
from gvckit.panel.index import PanelIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["VariantValues", "rescaled"]


@dataclass(slots=True)
class VariantValues:
    """A panel whose index column is replaced by variants, one after another.

    Attributes
    ----------
    index
        The index's column.
    work
        The panel with its keys coded once.
    derived
        Variables that use the index, in an order in which each uses only those before it.
    scores
        Shape (V, rows): the variants.
    place
        Shape (n,): for each row of the panel its row of the scores, −1 for none.
    """

    index: str
    work: PanelIndex
    derived: Mapping[str, Expression]
    scores: NDArray[np.float64]
    place: NDArray[np.int64]
    _parsed: dict[str, Expression | None] = field(default_factory=dict)

    @classmethod
    def made(
        cls, frame: pd.DataFrame, index: str, scores: NDArray[np.float64], keys: pd.DataFrame,
        unit: Sequence[str], time: str | None, derived: Mapping[str, str],
    ) -> VariantValues:
        """Return the values of variants (V, rows) of the column ``index`` of ``frame``.

        Raises
        ------
        SpecError
            Where the frame has no such column or keys, or a derived variable is no expression.
        DataError
            Where the scores do not fit their keys.
        """
        names = [str(c) for c in frame.columns]
        wanted = [("index", index), *(("key of the index", str(k)) for k in keys.columns),
                  *(("derived variable", d) for d in derived)]
        problems = [unknown(what, n, names) for what, n in wanted if n not in names]
        if problems:
            raise SpecError(problems)
        if scores.ndim != 2 or scores.shape[1] != len(keys) or not len(scores):
            raise DataError(Problem(f"scores of shape {scores.shape} for {len(keys)} rows of keys"))
        place = _places(frame, keys)
        work = PanelIndex(frame.reset_index(drop=True).copy(deep=False), tuple(unit), time)
        return cls(index, work, {n: parse(t) for n, t in derived.items()}, scores, place)

    def uses(self, text: str) -> bool:
        """Return whether a term is the index, or an expression of it or of what is derived."""
        return bool({self.index, *self.derived} & set(self._names(text)))

    def columns(self, variants: Sequence[int], terms: Sequence[str],
                rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the terms at some rows, (len(rows), V·m), the m terms of a variant together."""
        out = np.empty((len(rows), len(variants) * len(terms)), order="F")
        for i, variant in enumerate(variants):
            self._put(variant)
            for j, term in enumerate(terms):
                out[:, i * len(terms) + j] = self._value(term)[rows]
        return out

    def frame_of(self, variant: int) -> pd.DataFrame:
        """Return the panel with a variant in the index's place."""
        self._put(variant)
        return self.work.frame.copy(deep=False)

    def groups(self, terms: Sequence[str]) -> list[list[int]]:
        """Return the variants by the rows in which their terms are there."""
        found: dict[bytes, list[int]] = {}
        for variant in range(len(self.scores)):
            self._put(variant)
            there = np.logical_and.reduce([np.isfinite(self._value(t)) for t in terms])
            found.setdefault(np.packbits(there).tobytes(), []).append(variant)
        return list(found.values())

    def _put(self, variant: int) -> None:
        values = np.where(self.place >= 0, self.scores[variant][self.place], np.nan)
        self.work.frame[self.index] = values
        for name, expression in self.derived.items():
            self.work.frame[name] = evaluate_in(expression, self.work).values

    def _value(self, term: str) -> NDArray[np.float64]:
        expression = self._expression(term)
        values = self.work.frame[term] if expression is None else evaluate_in(
            expression, self.work).values
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)

    def _names(self, text: str) -> tuple[str, ...]:
        expression = self._expression(text)
        return (text,) if expression is None else expression.names

    def _expression(self, text: str) -> Expression | None:
        """Return the parsed term, None where it is a column."""
        if text not in self._parsed:
            self._parsed[text] = None if text in self.work.frame.columns else parse(text)
        return self._parsed[text]


def _places(frame: pd.DataFrame, keys: pd.DataFrame) -> NDArray[np.int64]:
    names = [str(k) for k in keys.columns]
    if keys.duplicated().any():
        raise DataError(Problem(f"{int(keys.duplicated().sum())} rows of the variants repeat "
                                f"their keys {', '.join(names)}"))
    numbered = keys.reset_index(drop=True).assign(__row__=np.arange(len(keys)))
    left = frame[names].reset_index(drop=True)
    for name in names:
        if left[name].dtype != numbered[name].dtype and not (
                pd.api.types.is_numeric_dtype(left[name].dtype)
                and pd.api.types.is_numeric_dtype(numbered[name].dtype)):
            left[name], numbered[name] = left[name].astype(str), numbered[name].astype(str)
    found = left.merge(numbered, on=names, how="left")["__row__"]
    return found.fillna(-1).to_numpy().astype(np.int64)



def rescaled(scores: NDArray[np.float64], baseline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return variants (V, rows) with the mean and standard deviation of the baseline (rows,).

    Each over the rows that it shares with the baseline; one without spread stays as it is.
    """
    out = scores.copy()
    for i, row in enumerate(scores):
        both = np.isfinite(row) & np.isfinite(baseline)
        spread = float(row[both].std()) if both.any() else 0.0
        if spread > 0:
            goal = baseline[both]
            out[i] = goal.mean() + (row - row[both].mean()) * (goal.std() / spread)
    return out
