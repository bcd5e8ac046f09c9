"""Long frames of exports (country, product, value [, time]) as one dense matrix a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, SpecError, unknown

__all__ = ["Columns", "Flows", "Keys", "check_choices", "read_flows", "some", "tidy"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Keys = dict[str, tuple[NDArray[np.integer[Any]], pd.Index]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns of a long frame; ``time`` is None for one cross-section."""

    country: str = "country"
    product: str = "product"
    value: str = "value"
    time: str | None = None

    @property
    def keys(self) -> list[str]:
        """Key columns in the order country, product, time."""
        return [self.country, self.product, *([self.time] if self.time else [])]


@dataclass(frozen=True, slots=True)
class Flows:
    """Exports by country, product and period, checked.

    Attributes
    ----------
    countries, products, times
        Labels; ``times`` is None for one cross-section.
    country, product, value
        The rows sorted by period: codes, shape (rows,), and values, shape (rows,).
    starts
        First row of each period, and the number of rows; shape (T + 1,).
    columns
        Names of the columns that the rows came from.
    """

    countries: pd.Index
    products: pd.Index
    times: pd.Index | None
    country: Integers
    product: Integers
    value: Floats
    starts: Integers
    columns: Columns

    @property
    def periods(self) -> int:
        """Number of periods, 1 for a cross-section."""
        return len(self.starts) - 1

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of countries and of products."""
        return len(self.countries), len(self.products)

    def matrix(self, period: int = 0) -> Floats:
        """Return the exports of one period, shape (countries, products)."""
        rows = slice(self.starts[period], self.starts[period + 1])
        dense = np.zeros(self.shape)
        dense[self.country[rows], self.product[rows]] = self.value[rows]
        return dense

    def matrices(self) -> Iterator[tuple[int, Floats]]:
        """Yield the number and the matrix of each period."""
        for period in range(self.periods):
            yield period, self.matrix(period)

    def period_name(self, period: int) -> str:
        """Return the label of a period as text; empty for a cross-section."""
        return "" if self.times is None else str(self.times[period])

    def over_time(self, keys: Keys, period: NDArray[np.integer[Any]]) -> Keys:
        """Return ``keys`` with the period of each row added, where there are periods."""
        if self.times is None or self.columns.time is None:
            return keys
        return {**keys, self.columns.time: (period, self.times)}

    def with_value(self, value: Floats) -> Flows:
        """Return the same rows with other values, shape (rows,)."""
        return Flows(self.countries, self.products, self.times, self.country, self.product,
                     value, self.starts, self.columns)


def check_choices(**choices: tuple[str, Iterable[str]]) -> None:
    """Raise one SpecError that lists every option whose word is not allowed."""
    problems = [unknown(name, word, allowed) for name, (word, allowed) in choices.items()
                if word not in set(allowed)]
    if problems:
        raise SpecError(problems)


def read_flows(
    frame: pd.DataFrame, columns: Columns, *, na: str = "error",
    extra: Mapping[str, Floats] | None = None,
) -> tuple[Flows, dict[str, Floats]]:
    """Check a long frame and return it by period, with ``extra`` columns in the same order.

    Parameters
    ----------
    frame, columns
        One row for each country, product and period, and the names of its columns.
    na
        What a missing value is: ``"error"``, or ``"zero"`` (no exports).
    extra
        Further values by name, each of shape (len(frame),).

    Raises
    ------
    DataError
        With every problem of the frame: absent columns, no rows, missing keys, duplicate rows,
        values that are not finite numbers or are negative.
    """
    check_choices(na=(na, ("error", "zero")))
    if not isinstance(frame, pd.DataFrame):
        raise DataError(Problem(f"expected a long data frame, got {type(frame).__name__}",
                                allowed=", ".join([*columns.keys, columns.value])))
    names = [*columns.keys, columns.value]
    absent = [unknown("column", n, map(str, frame.columns)) for n in names if n not in frame]
    if absent:
        raise DataError(absent)
    if frame.empty:
        raise DataError("the exports have no rows")
    problems: list[Problem] = []
    value = _numbers(frame, columns, na, problems)
    codes, labels = zip(*(_codes(frame[k], k, problems) for k in columns.keys), strict=True)
    if problems:
        raise DataError(problems)
    country, product = codes[0], codes[1]
    period = codes[2] if columns.time else np.zeros(len(frame), dtype=np.int64)
    order = None if (np.diff(period) >= 0).all() else np.argsort(period, kind="stable")
    counts = np.bincount(period, minlength=len(labels[2]) if columns.time else 1)
    flows = Flows(
        labels[0], labels[1], labels[2] if columns.time else None,
        _take(country, order), _take(product, order), _take(value, order),
        np.concatenate([[0], np.cumsum(counts)]), columns)
    _no_duplicates(flows)
    return flows, {name: _take(column, order) for name, column in (extra or {}).items()}


def some(first: Sequence[str], total: int) -> str:
    """Return the first few of ``total`` names, and how many more there are."""
    rest = f", … ({total - len(first)} more)" if total > len(first) else ""
    return ", ".join(first) + rest


def _take(array: Any, order: Integers | None) -> Any:
    return array if order is None else array[order]


def _numbers(
    frame: pd.DataFrame, columns: Columns, na: str, problems: list[Problem],
) -> Floats:
    column = frame[columns.value]
    numeric = pd.to_numeric(column, errors="coerce")
    value: Floats = numeric.to_numpy(dtype=np.float64, na_value=np.nan)
    words = np.isnan(value) & ~column.isna().to_numpy()
    faults = [(words, f"{columns.value} is not a number", None),
              (np.isinf(value), f"{columns.value} is infinite", None),
              (value < 0, f"{columns.value} is negative", "0 or more")]
    missing = np.isnan(value) & ~words
    if na == "zero":
        value = np.where(missing, 0.0, value)
    else:
        faults.append((missing, f"{columns.value} is missing",
                       "drop the rows, or na='zero' where missing means no exports"))
    for wrong, what, allowed in faults:
        if wrong.any():
            problems.append(Problem(f"{what} in {wrong.sum()} rows: {_rows(frame, columns, wrong)}",
                                    allowed=allowed))
    return value


def _rows(frame: pd.DataFrame, columns: Columns, wrong: NDArray[np.bool_]) -> str:
    few = frame.loc[wrong, columns.keys].head(12)
    return some([" ".join(str(v) for v in row) for row in few.itertuples(index=False)],
                int(wrong.sum()))


def _codes(column: pd.Series, name: str, problems: list[Problem]) -> tuple[Integers, pd.Index]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes: Integers = column.cat.codes.to_numpy().astype(np.int64)
        labels = column.cat.categories
        used = np.bincount(codes[codes >= 0], minlength=len(labels)) > 0
        if not used.all():
            codes = np.where(codes >= 0, (np.cumsum(used) - 1)[codes], codes)
            labels = labels[used]
    else:
        try:
            codes, labels = pd.factorize(column, sort=True)
        except TypeError:
            problems.append(Problem(f"column {name!r} mixes labels of different types",
                                    allowed="all text or all numbers"))
            return np.zeros(len(column), dtype=np.int64), pd.Index([""])
        labels = pd.Index(labels)
    missing = int((codes < 0).sum())
    if missing:
        problems.append(Problem(f"{name} is missing in {missing} rows"))
    return codes.astype(np.int64, copy=False), labels


def _no_duplicates(flows: Flows) -> None:
    problems = []
    for period in range(flows.periods):
        rows = slice(flows.starts[period], flows.starts[period + 1])
        cell = flows.country[rows] * flows.shape[1] + flows.product[rows]
        twice = np.flatnonzero(np.bincount(cell, minlength=1) > 1)
        if twice.size:
            names = [f"{flows.countries[q // flows.shape[1]]} {flows.products[q % flows.shape[1]]}"
                     for q in twice[:12].tolist()]
            when = f" in {flows.period_name(period)}" if flows.times is not None else ""
            hint = ("one row for each country, product and period" if flows.times is not None else
                    "one row for each country and product; time= names the column of the periods")
            problems.append(Problem(
                f"{twice.size} duplicate rows{when}: {some(names, twice.size)}", allowed=hint))
    if problems:
        raise DataError(problems)


def tidy(
    keys: Keys, values: Mapping[str, NDArray[Any]], **attrs: Any,
) -> pd.DataFrame:
    """Return a tidy frame: keys as categoricals in the order of their labels, then values.

    A key whose labels are numbers (a year) stays a number.
    """
    columns: dict[str, Any] = {}
    for name, (codes, labels) in keys.items():
        if pd.api.types.is_numeric_dtype(labels):
            columns[name] = labels.to_numpy()[codes]
        else:
            columns[name] = pd.Categorical.from_codes(codes, categories=labels)
    frame = pd.DataFrame({**columns, **values})
    frame.attrs.update(attrs)
    return frame
