"""Country labels of a table as ISO3 codes, where the source has countries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gvckit.errors import DataError, Problem, cut, listing
from gvckit.sources.catalogue import Source
from gvckit.sources.codes import iso3_codes, look_up, near_code

__all__ = ["table_codes"]

_CODE = re.compile(r"[A-Za-z]{3}")
_PART = re.compile(r"(CN|MX)[0-9]")
"""Parts of a split country, for policy ``split_countries``."""


def table_codes(labels: Sequence[str], source: Source | None,
                policy: Mapping[str, Any] | None = None) -> list[str]:
    """Return the codes of a table's countries, in order.

    A source of the catalogue with an alias table must have known countries only.  Other files
    may hold regions (``EUROZONE``): their labels stay as they are, unless they look like a
    country's code that is none, or most labels are countries.

    Parameters
    ----------
    labels
        The source's own labels.
    source
        The catalogue entry, None for a file alone.
    policy
        ``unknown_countries: keep`` takes unknown labels for regions.

    Raises
    ------
    DataError
        Unknown countries, each with its place among the labels and the nearest code.
    """
    table = source.codes if source is not None else ""
    found, strange = look_up(labels, table or None)
    codes = found.iso3 if table else found.aliases
    choice = (policy or {}).get("unknown_countries") or (
        source.policy.get("unknown_countries") if source is not None else None)
    if choice != "keep":
        mostly = 2 * len(found.iso3) > len(set(labels))
        wrong = [label for label in strange if table or (
            (mostly or _CODE.fullmatch(label)) and not _PART.fullmatch(label))]
        if wrong:
            raise DataError([_unknown(label, labels, table) for label in wrong])
    return [codes.get(label, label) for label in labels]


def _unknown(label: str, labels: Sequence[str], table: str) -> Problem:
    alias = f", an alias of {table!r}" if table else ""
    near, alike = near_code(label, iso3_codes())
    like = f"; it is like {listing(alike, 6)}" if alike else ""
    return Problem(
        f"country {labels.index(label) + 1} of {len(labels)} is {cut(label)!r}, which is no known "
        f"code{like}", nearest=near,
        allowed=f"ISO 3166-1 alpha-3, ROW{alias}; `policy: {{unknown_countries: keep}}` keeps "
                "labels of regions")
