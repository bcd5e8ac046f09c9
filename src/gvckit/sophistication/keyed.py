"""Values by country, product or period, given in any shape, laid out over labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, unknown
from gvckit.sophistication.flows import Flows, some

__all__ = ["Given", "by_country", "by_product", "keyed"]

Floats = NDArray[np.float64]
Given = pd.DataFrame | pd.Series | Mapping[Any, float] | float


def by_country(flows: Flows, given: Given, name: str) -> Floats:
    """Return values by country and period, shape (C, T)."""
    return _over_time(flows, given, name, flows.columns.country, flows.countries)


def by_product(flows: Flows, given: Given, name: str) -> Floats:
    """Return values by product and period, shape (P, T)."""
    return _over_time(flows, given, name, flows.columns.product, flows.products)


def _over_time(flows: Flows, given: Given, name: str, key: str, labels: pd.Index) -> Floats:
    if flows.times is None or flows.columns.time is None:
        return keyed(given, name, [key], [labels])[:, None]
    return keyed(given, name, [key, flows.columns.time], [labels, flows.times])


def keyed(
    given: Given, name: str, keys: Sequence[str], labels: Sequence[pd.Index],
) -> Floats:
    """Return values laid out over ``labels``: shape of their lengths, NaN where none is given.

    ``given`` is a frame with (some of) the key columns and one value column (called ``name``,
    ``value``, or the only one left), a Series indexed by the keys, a mapping from the first key,
    or one number for all.  Keys that a frame does not have apply to all: an income without years
    holds in every year.

    Raises
    ------
    DataError
        With every problem: no key or value column, duplicate keys, values that are not numbers.
    """
    shape = tuple(len(each) for each in labels)
    if isinstance(given, int | float | np.number):
        return np.full(shape, float(given))
    frame, value = _as_frame(given, name, keys)
    have = [k for k in keys if k in frame]
    # An observation without a value says nothing, as if it were not there.
    frame = frame.loc[frame[value].notna(), [*have, value]]
    numbers = pd.to_numeric(frame[value], errors="coerce").to_numpy(dtype=np.float64)
    problems = []
    if not np.isfinite(numbers).all():
        problems.append(Problem(f"{name} is not a finite number in "
                                f"{(~np.isfinite(numbers)).sum()} rows"))
    twice = frame.duplicated(have)
    if twice.any():
        rows = frame.loc[twice, have].head(12).astype(str).agg(" ".join, axis=1)
        problems.append(Problem(f"{name} has {twice.sum()} duplicate keys: "
                                f"{some(list(rows), int(twice.sum()))}",
                                allowed=f"one row for each {', '.join(have)}"))
    if problems:
        raise DataError(problems)
    where = [labels[i].get_indexer(pd.Index(frame[k])) if k in have else None
             for i, k in enumerate(keys)]
    known = np.logical_and.reduce([w >= 0 for w in where if w is not None])
    out = np.full(tuple(s if w is not None else 1
                        for s, w in zip(shape, where, strict=True)), np.nan)
    out[tuple(w[known] if w is not None else 0 for w in where)] = numbers[known]
    return np.broadcast_to(out, shape)


def _as_frame(given: Any, name: str, keys: Sequence[str]) -> tuple[pd.DataFrame, str]:
    if isinstance(given, Mapping):
        given = pd.Series(dict(given), dtype=object).rename_axis(keys[0])
    if isinstance(given, pd.Series):
        index = list(given.index.names)
        if all(name is None for name in index) and len(index) <= len(keys):
            index = list(keys[:len(index)])
        given = given.rename(name).rename_axis(index).reset_index()
    if not isinstance(given, pd.DataFrame):
        raise DataError(Problem(f"expected {name} as a frame, got {type(given).__name__}",
                                allowed="a frame, a Series or a mapping by " + ", ".join(keys)))
    if keys[0] not in given and keys[0] in given.index.names:
        given = given.reset_index()
    rest = [c for c in given if c not in keys]
    value = next((c for c in (name, "value") if c in rest), rest[0] if len(rest) == 1 else None)
    problems = []
    if keys[0] not in given:
        problems.append(unknown(f"key column of {name}", keys[0], map(str, given.columns)))
    if value is None:
        problems.append(Problem(f"{name} has no column that is plainly its value",
                                allowed=f"a column called {name!r} or 'value'"))
    if problems:
        raise DataError(problems)
    return given, str(value)
