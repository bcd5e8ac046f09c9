"""Value added and double counting in exports and imports (Borin and Mancini 2019, 2023)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from gvckit.errors import DataError, Problem, unknown
from gvckit.icio.leontief import Leontief
from gvckit.icio.partition import check_groups
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import FLOW_LEVELS, check_level, summed, tidy
from gvckit.measures.groups import grouped_rows, of_exporters
from gvckit.measures.identities import check, closed_accounts
from gvckit.measures.imports import imports_frame
from gvckit.measures.own_perimeter import Perimeters, own_perimeter
from gvckit.measures.perimeter import (
    ExportParts,
    sink,
    source,
    source_terms,
    world_sink,
    world_source,
)
from gvckit.measures.satellite import leontief_of

__all__ = ["APPROACHES", "FLOWS", "PERSPECTIVES", "borin_mancini"]

Groups = Mapping[str, Sequence[str]]

FLOWS = ("exports", "imports")
"""What is decomposed."""

PERSPECTIVES = ("exporter", "world", "self")
"""Within which perimeter value added is counted once."""

APPROACHES = ("source", "sink")
"""Whether value added is counted the first or the last time it leaves the perimeter."""

_KERNELS: Mapping[tuple[str, str], Callable[[Leontief], ExportParts]] = {
    ("exporter", "source"): source, ("exporter", "sink"): sink,
    ("world", "source"): world_source, ("world", "sink"): world_sink,
    # A country's total exports are the exporter's perimeter.
    ("self", "source"): source,
}
_PERIMETER = {
    "exporter": "all exports of the exporter", "world": "all exports of all countries",
    "self": "each flow itself",
}


def borin_mancini(
    io: IcioTable | Leontief, *, flow: str = "exports", level: str | Sequence[str] | None = None,
    perspective: str = "exporter", approach: str = "source", by: str | Sequence[str] | None = None,
    exporters: Groups | None = None, partners: Groups | None = None,
    sectors: Groups | None = None, terms: bool = False, satellite: Any = None,
) -> pd.DataFrame:
    """Return exports or imports split into value added and double counting.

    Borin and Mancini (2019, World Bank WPS 8804; 2023, Economic Systems Research 35).  Value
    added is counted once within a perimeter of flows; what crosses it again is double counted.

    Parameters
    ----------
    io
        A table or its Leontief system.
    flow
        ``exports`` or ``imports``.
    level, by
        Two names for one thing: ``bilateral-sector`` (default), ``bilateral``, ``sector``,
        ``country`` or ``world``.  Imports: ``country`` (default) and ``sector`` (the product's
        sector) split gross imports; ``bilateral`` and ``bilateral-sector`` say whose value added
        they hold.
    perspective
        The perimeter: ``exporter`` (all exports of the country), ``world`` (all exports of all
        countries; totals by exporter only), ``self`` (the flow of the level itself).
    approach
        ``source`` counts value added the first time it leaves, ``sink`` the last time.
    exporters
        Groups of countries, each decomposed as one exporter in place of single countries: flows
        among members are domestic, so the result is not the sum of members.
    partners, sectors
        Groups of importers and sectors, in place of their members.  With ``self`` the group is
        one flow with one perimeter.
    terms
        Whether to add the single terms VAX1 … VAX4, REF1, REF2, FVA1 … FVA4 (exporter, source).
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`).

    Returns
    -------
    DataFrame
        Keys exporter, sector, importer (own-country rows left out); columns GEXP, DC, DVA, VAX,
        DAVAX, REF, DDC, FC, FVA, FDC, GVC, GVCB, GVCF in the table's unit; sink has VAXIM in
        place of DAVAX and no GVC columns.  Imports: importer[, sector], GIMP, VA, DC; by origin:
        importer, origin[, sector], VA, DC.

    Raises
    ------
    DataError
        Unknown words and combinations that mean nothing, with the reason; an identity that fails
        by more than 1e-9.
    """
    if level is not None and by is not None and level != by:
        raise DataError(Problem("level and by are two names for one thing", allowed="one of them"))
    level = _checked(flow, level if by is None else by, perspective, approach,
                     exporters, partners, sectors, terms)
    io = leontief_of(io, satellite)
    if flow == "imports":
        return imports_frame(io, level)
    if exporters is not None:
        check_groups(exporters, io.countries, overlap=True)
        frames = []
        for group, members in exporters.items():
            view = io.joined({group: members})
            inner = {name: [c for c in own if c not in members]
                     for name, own in (partners or {}).items()}
            frame = _exports(view, level, perspective, approach, {k: v for k, v in inner.items()
                                                                  if v}, sectors, terms)
            frames.append(of_exporters(frame, [group]))
        return _stacked(frames, io, exporters)
    return _exports(io, level, perspective, approach, partners or {}, sectors, terms)


def _exports(
    io: Leontief, level: str, perspective: str, approach: str, partners: Groups,
    sectors: Groups | None, terms: bool,
) -> pd.DataFrame:
    keys = FLOW_LEVELS[level]
    check_groups(partners, io.countries)
    check_groups(sectors or {}, io.sectors, kind="sector")
    if perspective == "self" and keys not in (("exporter",), ()):
        parts = own_perimeter(io, _perimeters(io, keys, partners, sectors or {}))
    else:
        parts = _KERNELS[perspective, approach](io)
    values = parts.columns()
    if approach == "source":
        total = parts.DC + parts.FC
        values |= {"GVC": total - values["DAVAX"], "GVCB": parts.FC + parts.DDC,
                   "GVCF": parts.DVA - values["DAVAX"]}
    if terms:
        values |= source_terms(io)
    order = [name for name in _ORDER if name in values] + [n for n in values if n not in _ORDER]
    frame = tidy(
        io, {name: summed(io, values[name], keys) for name in order}, keys,
        definition=f"exports (Borin-Mancini), counting {io.account}: {approach} approach, "
                   f"perimeter {_PERIMETER[perspective]}",
        unit=io.table.unit, identities=_identities(io, parts, perspective))
    return grouped_rows(frame, io, partners, sectors or {}, keys)


_ORDER = ("GEXP", "DC", "DVA", "VAX", "DAVAX", "VAXIM", "REF", "DDC", "FC", "FVA", "FDC", "GVC",
          "GVCB", "GVCF")


def _perimeters(
    io: Leontief, keys: tuple[str, ...], partners: Groups, sectors: Groups
) -> Perimeters:
    of = {name: g for g, own in enumerate(sectors.values()) for name in own}
    rows = [of.get(name, len(sectors) + i) for i, name in enumerate(io.sectors)]
    taken = {name for own in partners.values() for name in own}
    sets = [[io.countries.index(name) for name in own] for own in partners.values()]
    sets += [[r] for r, name in enumerate(io.countries) if name not in taken]
    return Perimeters(rows if "sector" in keys else [0] * io.N,
                      sets if "importer" in keys else [range(io.G)])


def _identities(io: Leontief, parts: ExportParts, perspective: str) -> dict[str, float]:
    xp = io.xp
    sides = {"DC + FC = exports": (parts.DC + parts.FC, parts.GEXP if io.account == "value added"
                                   else io.vB[:, None] * parts.GEXP)}
    if perspective != "self":
        def country(cells: Any) -> Any:
            return io.by_country(xp.sum(cells, axis=1))

        sides |= {
            "DVA = v L E": (country(parts.DVA), io.by_country(io.VL * io.E)),
            "VAX = v (B Y) abroad": (country(parts.VAX), io.by_country(
                io.v * xp.sum(io.exports_of(io.BY), axis=1))),
        }
    # The flows first: they name the importer too.
    return {name: check(io, name, *pair) for name, pair in sides.items()} | closed_accounts(io)


def _stacked(frames: Sequence[pd.DataFrame], io: Leontief, exporters: Groups) -> pd.DataFrame:
    out = pd.concat([frame.astype({key: str for key in frame.columns
                                   if isinstance(frame[key].dtype, pd.CategoricalDtype)})
                     for frame in frames], ignore_index=True)
    importers = list(io.countries) if "importer" in out else []
    if importers:
        importers = list(dict.fromkeys([*importers, *out["importer"]]))
        importers = [name for name in importers if name in set(out["importer"])]
    names = {"exporter": list(exporters), "importer": importers, "sector": None}
    for key, categories in names.items():
        if key in out:
            known = categories or list(dict.fromkeys(out[key]))
            out[key] = pd.Categorical(out[key], categories=known)
    worst: dict[str, float] = {}
    for frame in frames:
        for name, gap in frame.attrs["identities"].items():
            worst[name] = max(gap, worst.get(name, 0.0))
    out.attrs = frames[0].attrs | {"identities": worst}
    return out


def _checked(
    flow: str, level: str | Sequence[str] | None, perspective: str, approach: str,
    exporters: Groups | None, partners: Groups | None, sectors: Groups | None, terms: bool,
) -> str:
    """Return the level's name, or raise one error with every word and combination refused."""
    problems = [unknown(kind, str(word), allowed) for kind, word, allowed in (
        ("flow", flow, FLOWS), ("perspective", perspective, PERSPECTIVES),
        ("approach", approach, APPROACHES)) if word not in allowed]
    level = level or ("country" if flow == "imports" else "bilateral-sector")
    try:
        level = check_level(level, FLOW_LEVELS)
    except DataError as error:
        problems.extend(error.problems)
        level = "bilateral-sector"
    keys = FLOW_LEVELS[level]
    if flow == "imports":
        problems += _refused_imports(level, perspective, approach, exporters, partners, sectors,
                                     terms)
    elif perspective == "world" and keys not in (("exporter",), ()):
        problems.append(Problem(
            f"perspective='world' with level={level!r}: counted once over all exports of all "
            "countries, value added belongs to no single flow of an exporter",
            allowed="level='country' or 'world'"))
    if perspective == "self" and approach == "sink" and flow == "exports":
        problems.append(Problem(
            "approach='sink' with perspective='self': within the flow's own perimeter the first "
            "and the last exit are the same, so there is one split", allowed="approach='source'"))
    if terms and (perspective, approach) != ("exporter", "source") and flow == "exports":
        problems.append(Problem("terms=True: single terms belong to the exporter's perimeter, "
                                "source approach", allowed="perspective='exporter', "
                                                           "approach='source'"))
    for name, groups, key in (("partners", partners, "importer"), ("sectors", sectors, "sector"),
                              ("exporters", exporters, "exporter")):
        if groups is not None and flow == "exports" and key not in keys:
            problems.append(Problem(f"{name} given, but level={level!r} has no {key}"))
    if problems:
        raise DataError(problems)
    return level


def _refused_imports(
    level: str, perspective: str, approach: str, exporters: Groups | None,
    partners: Groups | None, sectors: Groups | None, terms: bool,
) -> list[Problem]:
    problems = []
    if level == "world":
        problems.append(Problem("flow='imports' with level='world': each importer has its own "
                                "perimeter", allowed="country, sector, bilateral, "
                                                     "bilateral-sector"))
    if perspective != "exporter" or approach != "source":
        problems.append(Problem(
            "perspective and approach belong to exports: imports are counted once within all "
            "imports of the importer, the first time they enter",
            allowed="flow='imports' without perspective and approach"))
    if terms or exporters is not None or partners is not None or sectors is not None:
        problems.append(Problem("exporters, partners, sectors and terms belong to exports"))
    return problems
