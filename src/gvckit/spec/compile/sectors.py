"""Sectors that measures count, with their names where the source of a table has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gvckit.measures.sets import sector_sets
from gvckit.sources.sector_names import sector_names
from gvckit.spec.resolved import Spec
from gvckit.spec.schema.measured import MeasureEntry
from gvckit.spec.schema.sources import IcioEntry

__all__ = ["names_of", "sectors_of"]


def names_of(spec: Spec, entry: MeasureEntry) -> Mapping[str, dict[str, str]]:
    """Return the names of the sectors of a measure's table by code, empty where not known."""
    data = spec.data.get(entry.icio or "")
    return sector_names(data.source) if isinstance(data, IcioEntry) and data.source else {}


def sectors_of(spec: Spec, indices: Iterable[str], further: Iterable[str] = ()
               ) -> list[dict[str, Any]]:
    """Return the sectors in the definitions of ``indices``: ``code`` and ``label`` by language.

    ``further`` are codes of the same tables; sectors without a known name are left out.
    """
    sets = {s.name: list(s.sectors) for s in sector_sets()}
    found: dict[str, dict[str, str]] = {}
    known: dict[str, dict[str, str]] = {}
    for index in indices:
        entry = spec.indices[index]
        given = entry.parameters.get("sectors") if isinstance(entry, MeasureEntry) else None
        if given is None:
            continue
        assert isinstance(entry, MeasureEntry)
        names = names_of(spec, entry)
        known |= names
        words = [given] if isinstance(given, str) else [str(w) for w in given]
        codes = [c for w in words for c in sets.get(w, [w])]
        found |= {c: names[c] for c in (*codes, *further) if c in names}
    return [{"code": c, "label": dict(known[c])} for c in known if c in found]
