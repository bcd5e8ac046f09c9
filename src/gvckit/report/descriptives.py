"""Descriptive tables: summary statistics, definitions of variables, correlations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from gvckit.errors import DataError, Problem, unknown
from gvckit.report.cells import (
    Cell,
    Column,
    Data,
    Empty,
    Group,
    HeaderRow,
    Number,
    Row,
    Span,
    TableLayout,
    Text,
    Value,
)
from gvckit.report.labels import key_label, term_label
from gvckit.report.numbers import LARGEST_FIXED, scientific
from gvckit.report.places import capital
from gvckit.report.request import LocalText, VariableInfo, in_language
from gvckit.report.words import KEYS, SUMMARIES, language_of, say, sentences

__all__ = ["correlation_table", "definitions_table", "descriptives_table"]

Dictionary = Mapping[str, VariableInfo]

_NOTES = {True: ("descriptives_note",), False: ("gaps_note",)}
_COUNTS = frozenset({"N", "missing_count"})
_MOST_DECIMALS = 6


def _checked(frame: pd.DataFrame, variables: Sequence[str], by: str | None) -> None:
    problems = [unknown("variable", v, map(str, frame.columns), "descriptive table")
                for v in [*variables, *([by] if by else [])] if v not in frame.columns]
    problems += [Problem(f"{v!r} is text: descriptive statistics are of numbers",
                         "descriptive table") for v in variables
                 if v in frame.columns and not pd.api.types.is_numeric_dtype(frame[v].dtype)]
    if problems:
        raise DataError(problems)


def summary(values: NDArray[np.float64]) -> dict[str, float]:
    """Return N, mean, sd (divisor N − 1), min, median, max and the count of missing values.

    Parameters
    ----------
    values
        Shape (n,); NaN is missing. A statistic that does not exist is NaN.
    """
    present = values[~np.isnan(values)]
    n = present.size
    none = math.nan
    return {
        "N": float(n),
        "mean": float(present.mean()) if n else none,
        "sd": float(present.std(ddof=1)) if n > 1 else none,
        "min": float(present.min()) if n else none,
        "p50": float(np.median(present)) if n else none,
        "max": float(present.max()) if n else none,
        "missing_count": float(values.size - n),
    }


def row_decimals(stats: Mapping[str, float]) -> int | None:
    """Return the decimals of a variable, None for powers of ten.

    Fewer the larger its numbers, so that columns stay narrow, and enough to show two digits of
    its standard deviation.
    """
    sizes = [abs(stats[k]) for k in ("min", "max", "mean") if math.isfinite(stats[k])]
    largest = max(sizes, default=0.0)
    if largest >= LARGEST_FIXED:
        return None
    by_size = (largest < 100_000) + (largest < 1_000) + (largest < 100)
    spread = stats["sd"]
    if not math.isfinite(spread) or spread == 0:
        return by_size
    return min(_MOST_DECIMALS, max(by_size, 1 - scientific(spread)[1]))


def _stat_cells(stats: Mapping[str, float], shown: Sequence[str], given: int | None
                ) -> tuple[Cell, ...]:
    decimals = row_decimals(stats) if given is None else given
    cells: list[Cell] = []
    for name in shown:
        value = stats[name]
        if not math.isfinite(value):
            cells.append(Empty())
        elif name in _COUNTS:
            cells.append(Number(value, 0, thousands=True))
        else:
            cells.append(Number(value, decimals, thousands=decimals == 0))
    return tuple(cells)


def descriptives_table(
    frame: pd.DataFrame,
    variables: Sequence[str],
    dictionary: Dictionary,
    language: str = "en",
    by: str | None = None,
    *,
    table_id: str = "descriptives",
    title: LocalText | None = None,
    stats: Sequence[str] | None = None,
    decimals: int | None = None,
) -> TableLayout:
    """Return N, mean, sd, min, median, max and missing count of ``variables``.

    Parameters
    ----------
    frame
        One row an observation.
    variables
        Numeric columns, one row of the table each.
    dictionary
        Labels.
    language
        ``en`` or ``zh``.
    by
        A column; each of its values (sorted) makes a panel of the table.
    table_id, title
        Name and title; the title has a default.
    stats
        Which of ``SUMMARIES``, in this order; None: all.
    decimals
        Digits after the point; None: by the size and spread of each variable.

    Raises
    ------
    DataError
        Where a variable is not in the frame.
    """
    language_of(language)
    shown = tuple(stats or SUMMARIES)
    _checked(frame, variables, by)
    parts: list[tuple[str, pd.DataFrame]] = [("", frame)]
    if by is not None:
        head = key_label(by, dictionary, language)
        head = capital(head) if by in KEYS else head
        parts = [(f"{head}: {value}", part)
                 for value, part in frame.groupby(by, sort=True, observed=True)]
    groups, data = [], []
    for label, part in parts:
        rows = []
        for name in variables:
            found = summary(part[name].to_numpy(dtype=np.float64, na_value=np.nan))
            text = term_label(name, dictionary, language)
            rows.append(Row(text, _stat_cells(found, shown, decimals)))
            counts_whole: list[Value] = [int(found[k]) if k in _COUNTS else found[k]
                                         for k in SUMMARIES]
            data.append((table_id, label, name, text, *counts_whole))
        groups.append(Group(tuple(rows), label))
    return TableLayout(
        id=table_id,
        title=in_language(title or {}, language, say("descriptives", language)),
        language=language,
        columns=tuple(Column(name) for name in shown),
        header=(HeaderRow(tuple(
            Span(say(name, language), i, i) for i, name in enumerate(shown))),),
        groups=tuple(groups),
        notes=tuple(sentences([say(note, language)], language)
                    for note in _NOTES["sd" in shown]),
        stub=say("variable", language),
        data=Data(("table", "group", "variable", "label", *SUMMARIES), tuple(data)),
    )


def definitions_table(
    variables: Sequence[str],
    dictionary: Dictionary,
    language: str = "en",
    *,
    table_id: str = "definitions",
    title: LocalText | None = None,
) -> TableLayout:
    """Return label, definition, unit and source of ``variables``.

    The definition is in words where the dictionary has them, else the formula, else the name.  The
    data have the exact formula too.
    """
    found, data = [], []
    for name in variables:
        info = dictionary.get(name, VariableInfo())
        label = term_label(name, dictionary, language)
        formula = in_language(info.formula, language, name)
        words = formula if info.words is None else info.words.get(language, "")
        unit, source = in_language(info.unit, language), in_language(info.source, language)
        marked = info.words is not None
        found.append((label, (Text(words, marked), Text(unit), Text(source))))
        data.append((table_id, name, label, formula, unit, source, words))
    # A column in which nothing stands takes no room.
    shown = [k for k in range(3) if any(texts[k].text for _, texts in found)]
    heads = [("definition", "unit", "source_head")[k] for k in shown]
    rows = [Row(label, tuple(texts[k] if texts[k].text else Empty() for k in shown))
            for label, texts in found]
    return TableLayout(
        id=table_id,
        title=in_language(title or {}, language, say("definitions", language)),
        language=language,
        columns=tuple(Column(head, "wrap") for head in heads),
        header=(HeaderRow(tuple(Span(say(h, language), i, i) for i, h in enumerate(heads))),),
        groups=(Group(tuple(rows)),),
        stub=say("variable", language),
        data=Data(("table", "variable", "label", "definition", "unit", "source", "words"),
                  tuple(data)),
    )


def pairwise(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float, int]:
    """Return Pearson's r, its two-sided p value (t with n − 2) and n over complete pairs.

    Parameters
    ----------
    x, y
        Shape (n,); NaN is missing.
    """
    keep = ~(np.isnan(x) | np.isnan(y))
    n = int(keep.sum())
    if n < 3 or np.ptp(x[keep]) == 0 or np.ptp(y[keep]) == 0:
        return math.nan, math.nan, n
    a, b = x[keep] - x[keep].mean(), y[keep] - y[keep].mean()
    r = float(np.clip((a @ b) / math.sqrt((a @ a) * (b @ b)), -1.0, 1.0))
    if abs(r) == 1.0:
        return r, 0.0, n
    t = abs(r) * math.sqrt((n - 2) / (1 - r * r))
    return r, float(2 * stdtr(n - 2, -t)), n


def correlation_table(
    frame: pd.DataFrame,
    variables: Sequence[str],
    dictionary: Dictionary,
    language: str = "en",
    *,
    table_id: str = "correlations",
    title: LocalText | None = None,
    decimals: int = 3,
) -> TableLayout:
    """Return the lower triangle of Pearson correlations; DataError for an unknown variable."""
    language_of(language)
    _checked(frame, variables, None)
    arrays = [frame[v].to_numpy(dtype=np.float64, na_value=np.nan) for v in variables]
    rows, data = [], []
    for i, name in enumerate(variables):
        cells: list[Cell] = []
        for j, other in enumerate(variables):
            if j > i:
                cells.append(Empty())
                continue
            r, p, n = pairwise(arrays[i], arrays[j])
            cells.append(Number(r, decimals) if math.isfinite(r)
                         else Text(say("not_available", language)))
            data.append((table_id, name, other, r, p, n))
        rows.append(Row(f"({i + 1}) {term_label(name, dictionary, language)}", tuple(cells)))
    return TableLayout(
        id=table_id,
        title=in_language(title or {}, language, say("correlations", language)),
        language=language,
        columns=tuple(Column(v) for v in variables),
        header=(HeaderRow(tuple(Span(f"({i + 1})", i, i) for i in range(len(variables)))),),
        groups=(Group(tuple(rows)),),
        notes=(sentences([say("correlations_note", language)], language),),
        data=Data(("table", "variable", "other", "r", "p", "n"), tuple(data)),
    )
