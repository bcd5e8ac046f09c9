"""Country labels of a table as ISO3 codes, where the source has countries."""

from __future__ import annotations

from collections.abc import Sequence

from gvckit.sources.catalogue import Source
from gvckit.sources.codes import code_map

__all__ = ["table_codes"]


def table_codes(labels: Sequence[str], source: Source | None) -> list[str]:
    """Return the codes of a table's countries, in order.

    A source of the catalogue with an alias table must have known countries only.  Other files
    may hold regions: labels that are no country stay as they are.

    Raises
    ------
    DataError
        Unknown countries in a source with an alias table.
    """
    if source is not None and source.codes:
        known = code_map(labels, source.codes).iso3
    else:
        known = code_map(labels, None, unknown="drop").aliases
    return [known.get(label, label) for label in labels]
