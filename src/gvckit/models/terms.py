"""Columns and expressions of a frame as float arrays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gvckit.errors import ModelError, Problem, SpecError, unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Term", "evaluate_terms", "group_columns"]

_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Term:
    """A term over all rows of the panel: values (n,) float64 and notes on its evaluation."""

    text: str
    values: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def evaluate_terms(
    frame: pd.DataFrame, texts: Sequence[str], *, unit: Sequence[str], time: str | None, name: str
) -> dict[str, Term]:
    """Return the value of each text: a column of ``frame``, else an expression over it.

    Raises
    ------
    SpecError
        Unknown variables and expressions that cannot be parsed; all of them at once.
    DataError
        Unit and time keys that an expression needs and that do not make a panel.
    ModelError
        Columns that are not numeric.
    """
    terms: dict[str, Term] = {}
    wrong: list[Problem] = []
    not_numeric: list[Problem] = []
    where = f"model {name!r}"
    for text in dict.fromkeys(texts):
        if text in frame.columns:
            values = _numeric(frame[text])
            if values is None:
                not_numeric.append(_not_numeric(frame[text], text, where))
            else:
                terms[text] = Term(text, values)
        elif _NAME.fullmatch(text):
            wrong.append(unknown("variable", text, map(str, frame.columns), where))
        else:
            try:
                terms[text] = _expression(frame, text, unit, time)
            except SpecError as error:
                wrong += [Problem(p.what, f"{where}, {p.where or text}", p.allowed, p.nearest)
                          for p in error.problems]
    if wrong:
        raise SpecError(wrong)
    if not_numeric:
        raise ModelError(not_numeric)
    return terms


def group_columns(
    frame: pd.DataFrame, texts: Sequence[str], kind: str, name: str
) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Return the columns of each text, a column or columns joined by ``*``, and what is wrong."""
    columns: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for text in texts:
        # country[year] has the groups of country; what stands in brackets is a term.
        groups = text.partition("[")[0] if text.endswith("]") else text
        parts = (text,) if text in frame.columns else tuple(p.strip() for p in groups.split("*"))
        if "" in parts or len(set(parts)) < len(parts):
            problems.append(Problem(
                f"{kind} {text!r} is not a column or different columns joined by '*'",
                f"model {name!r}"))
            continue
        problems += [unknown(f"{kind} variable", p, map(str, frame.columns), f"model {name!r}")
                     for p in parts if p not in frame.columns]
        columns[text] = parts
    return columns, problems


def _expression(
    frame: pd.DataFrame, text: str, unit: Sequence[str], time: str | None
) -> Term:
    from gvckit.panel.evaluate import evaluate
    from gvckit.panel.expressions import parse

    result = evaluate(parse(text), frame, unit=unit, time=time)
    return Term(text, np.asarray(result.values, dtype=np.float64), tuple(result.notes))


def _numeric(column: pd.Series) -> NDArray[np.float64] | None:
    plain = pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
    if not plain or pd.api.types.is_complex_dtype(column.dtype):
        return None
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _not_numeric(column: pd.Series, text: str, where: str) -> Problem:
    present = column[column.notna()]
    example = f", e.g. {present.iloc[0]!r}" if len(present) else ""
    return Problem(f"{text!r} is not numeric: dtype {column.dtype}{example}", where)
