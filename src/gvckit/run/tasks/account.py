"""Read a satellite account (emissions, jobs, hours, energy by industry) from a csv file."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gvckit.errors import DataError, Problem, Where, listing

__all__ = ["Account", "read_account"]

KEYS = ("country", "sector", "year")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of one year.

    Attributes
    ----------
    name
        Its column's name.
    values
        (country, sector) to its total.
    """

    name: str
    values: Mapping[tuple[str, str], float]


def read_account(path: Path, year: int) -> Account:
    """Return the account of one year.

    Parameters
    ----------
    path
        A csv file with columns country, sector and one more; with a column year where years
        differ, else every year is the same.
    year
        Which year.

    Raises
    ------
    DataError
        Columns that are not these; cells that are no numbers, industries named twice, each with
        its line; no row of the year.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        names = [name.strip() for name in next(lines, [])]
        value = _value_column(names, path)
        found: dict[tuple[str, str], float] = {}
        problems: list[Problem] = []
        for cells in lines:
            where = Where(path.name, lines.line_num)
            if not cells:
                continue
            if len(cells) != len(names):
                problems.append(Problem(f"the row has {len(cells)} cells, the header {len(names)}",
                                        where))
                continue
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
            if row.get("year", str(year)) != str(year):
                continue
            key = row["country"], row["sector"]
            number = _number(row[value])
            if number is None:
                problems.append(Problem(f"{value} is {row[value]!r}", where, "a finite number"))
            elif key in found:
                problems.append(Problem(f"{' '.join(key)} {year} is there twice", where))
            else:
                found[key] = number
    if not found and not problems:
        problems.append(Problem(f"the account has no row of {year}", Where(path.name)))
    if problems:
        raise DataError(problems[:20])
    return Account(value, found)


def _value_column(names: list[str], path: Path) -> str:
    others = [name for name in names if name not in KEYS]
    missing = [key for key in KEYS[:2] if key not in names]
    if missing or len(others) != 1 or len(set(names)) < len(names):
        raise DataError(Problem(
            f"a satellite account has columns {listing(names) or 'none'}", Where(path.name, 1),
            "country, sector, one more, and year where years differ"))
    return others[0]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
