"""Domestic value added in exports by taking the exports away (Los, Timmer and de Vries 2016).

The star economy sells nothing abroad through the extracted cells; domestic value added is what
its GDP loses.  Every case is solved anew as a whole: slow, and independent of every other path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem
from gvckit.icio.leontief import Leontief
from gvckit.icio.partition import check_groups
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import FLOW_LEVELS, check_level, choose, level_is_by
from gvckit.measures.identities import check, closed_accounts
from gvckit.measures.perimeter import foreign_value
from gvckit.measures.satellite import leontief_of

__all__ = ["extraction", "miroudot_ye"]

Floats = NDArray[np.float64]

_LEVELS = {name: FLOW_LEVELS[name]
           for name in ("country", "bilateral", "sector", "country-sector", "bilateral-sector")}


@dataclass(frozen=True, slots=True)
class _Cells:
    """A perimeter: rows of one exporter towards partners, with its labels."""

    labels: tuple[str, ...]
    exporter: int
    rows: NDArray[np.intp]
    partners: tuple[int, ...]


def _perimeters(io: Leontief, keys: tuple[str, ...], only: Sequence[str]) -> list[_Cells]:
    found = []
    for s, (a, b) in enumerate(io.bounds):
        if io.countries[s] not in only:
            continue
        others = [r for r in range(io.G) if r != s]
        rows = np.arange(a, b)
        of_sector = io.sector_of_row[a:b]
        for i in range(io.N) if "sector" in keys else [None]:
            own = rows if i is None else rows[of_sector == i]
            for partners in [(r,) for r in others] if "importer" in keys else [tuple(others)]:
                label = {"exporter": io.countries[s], "sector": "" if i is None else io.sectors[i],
                         "importer": io.countries[partners[0]] if partners else ""}
                found.append(_Cells(tuple(label[key] for key in keys), s, own, partners))
    return found


def _without(io: Leontief, cells: _Cells) -> Floats:
    """Return A with the intermediate cells of a perimeter set to zero, a copy."""
    A = np.array(io.numpy(io.A))
    for r in cells.partners:
        c, d = io.bounds[r]
        A[cells.rows[:, None], np.arange(c, d)] = 0.0
    return A


def _frame(io: Leontief, keys: tuple[str, ...], rows: Sequence[tuple[str, ...]],
           columns: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    names = {"exporter": io.countries, "sector": io.sectors, "importer": io.countries}
    data: dict[str, object] = {
        key: pd.Categorical([row[at] for row in rows], categories=list(names[key]))
        for at, key in enumerate(keys)}
    return pd.DataFrame(data | dict(columns))


@level_is_by
def extraction(
    io: IcioTable | Leontief, *, by: str | Sequence[str] = "country",
    exporters: str | Sequence[str] | None = None,
    satellite: Any = None,
) -> pd.DataFrame:
    """Return domestic value added as the GDP that is lost when a flow is taken away.

    DVA = GDP − GDP*, where the star economy has A_sr = 0 and Y_sr = 0 in the flow's cells.  By
    country it equals v_s L_ss E_s; for any flow it is the domestic value added of
    ``borin_mancini(perspective="self")``.  One solve of the whole system for each flow.

    Parameters
    ----------
    io
        A table or its Leontief system.
    by
        ``country``, ``bilateral``, ``sector`` or ``bilateral-sector``.
    exporters
        Which exporters; all where not given.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`).

    Returns
    -------
    DataFrame
        Keys exporter, sector, importer; columns exports, GDP, GDP_star, DVA.

    Raises
    ------
    DataError
        Unknown level or country.
    """
    io = leontief_of(io, satellite)
    keys = _LEVELS[check_level(by, _LEVELS)]
    flows = _perimeters(io, keys, _only(io, exporters))
    Y, v = np.array(io.numpy(io.Y)), io.numpy(io.v)
    X = np.linalg.solve(np.eye(io.n) - io.numpy(io.A), Y.sum(axis=1))
    closed = closed_accounts(io) | {"B Y = X": check(io, "B Y = X", X, io.X)}
    table: dict[str, list[float]] = {"exports": [], "GDP": [], "GDP_star": [], "DVA": []}
    for cells in flows:
        a, b = io.bounds[cells.exporter]
        at = cells.rows[:, None], np.asarray(cells.partners, np.intp)
        left = Y.copy()
        left[at] = 0.0
        output = np.linalg.solve(np.eye(io.n) - _without(io, cells), left.sum(axis=1))
        before, after = float(v[a:b] @ X[a:b]), float(v[a:b] @ output[a:b])
        for name, value in zip(table, (io.numpy(io.E_bilateral)[at].sum(), before, after,
                                       before - after), strict=True):
            table[name].append(float(value))
    frame = _frame(io, keys, [cells.labels for cells in flows], table)
    frame.attrs = {
        "definition": "domestic value added by hypothetical extraction (Los, Timmer and de Vries "
                      f"2016): GDP less GDP without the flow, counting {io.account}",
        "unit": io.table.unit, "identities": closed}
    return frame


def _only(io: Leontief, exporters: str | Sequence[str] | None) -> Sequence[str]:
    if exporters is None:
        return io.countries
    if isinstance(exporters, str):
        exporters = [exporters]
    check_groups({"exporters": exporters}, io.countries)
    return exporters


@level_is_by
def miroudot_ye(
    io: IcioTable | Leontief, *, by: str | Sequence[str] = "country",
    perspective: str = "exporter", exporters: str | Sequence[str] | None = None,
    satellite: Any = None,
) -> pd.DataFrame:
    """Return exports in value added and double counting by inverting without the flow.

    Miroudot and Ye (2021, Economic Systems Research 33): (v B)_s E_s less (v B*)_s E_s is double
    counting, where B* is the inverse without the perimeter's cells, made anew for each perimeter.
    In the exporter's perimeter and in the flow's own it equals Borin and Mancini; the world's
    splits foreign content into what crosses once and the rest.

    Parameters
    ----------
    io
        A table or its Leontief system.
    by
        ``country``, ``bilateral``, ``sector`` or ``bilateral-sector``.
    perspective
        ``exporter``, ``self`` (the flow itself) or ``world`` (by country only).
    exporters
        Which exporters; all where not given.
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`).

    Returns
    -------
    DataFrame
        Keys exporter, sector, importer; columns GEXP, DC, DVA, DDC, FC, FVA, FDC.

    Raises
    ------
    DataError
        Unknown words; world by another level than country; an inverse by extraction that differs
        from the N×N update by more than 1e-9 (exporter's perimeter).
    """
    io = leontief_of(io, satellite)
    keys = _LEVELS[check_level(by, _LEVELS)]
    choose("perspective", perspective, ("exporter", "self", "world"))
    if perspective == "world" and keys != ("exporter",):
        raise DataError(Problem("perspective='world' is defined for a country's total exports",
                                allowed="by='country'"))
    only = _only(io, exporters)
    flows = _perimeters(io, keys, only)
    home = perspective != "self"
    once = {cells.exporter: _once(io, cells)
            for cells in _perimeters(io, ("exporter",), only)} if home else {}
    closed = closed_accounts(io) | (_agrees(io, once) if home else {})
    E = io.numpy(io.E_bilateral)
    vB, VB = io.numpy(io.vB), io.numpy(io.VB)
    through = io.numpy(io.local_t(io.foreign_t(io.VL)))
    table: dict[str, list[float]] = {
        name: [] for name in ("GEXP", "DC", "DVA", "DDC", "FC", "FVA", "FDC")}
    for cells in flows:
        flow = E[cells.rows[:, None], np.asarray(cells.partners, np.intp)].sum(axis=1)
        own, foreign = once[cells.exporter] if home else _once(io, cells)
        at = cells.rows - io.bounds[cells.exporter][0]
        DC, FC = float(VB[cells.rows] @ flow), float((vB - VB)[cells.rows] @ flow)
        DVA = float(own[at] @ flow)
        FVA = float(through[cells.rows] @ flow if perspective == "world" else foreign[at] @ flow)
        for name, value in zip(table, (float(flow.sum()), DC, DVA, DC - DVA, FC, FVA, FC - FVA),
                               strict=True):
            table[name].append(value)
    frame = _frame(io, keys, [cells.labels for cells in flows], table)
    frame.attrs = {
        "definition": f"exports by extraction (Miroudot-Ye 2021), counting {io.account}: "
                      f"perimeter {perspective}",
        "unit": io.table.unit, "identities": closed}
    return frame


def _once(io: Leontief, cells: _Cells) -> tuple[Floats, Floats]:
    """Return v_s B*_ss and Σ_{t≠s} v_t B*_ts of the exporter, by a solve of the whole system."""
    a, b = io.bounds[cells.exporter]
    v = io.numpy(io.v)
    both = np.zeros((io.n, 2))
    both[a:b, 0] = v[a:b]
    both[:, 1] = v - both[:, 0]
    solved = np.linalg.solve((np.eye(io.n) - _without(io, cells)).T, both)
    own, foreign = np.asarray(solved[a:b], np.float64).T
    return own, foreign


def _agrees(io: Leontief, once: Mapping[int, tuple[Floats, Floats]]) -> dict[str, float]:
    updated, E = io.numpy(foreign_value(io)), io.numpy(io.E)
    got, expected = np.zeros(io.G), np.zeros(io.G)
    for s, (_, foreign) in once.items():
        a, b = io.bounds[s]
        got[s], expected[s] = foreign @ E[a:b], updated[a:b] @ E[a:b]
    name = "FVA by extraction = FVA by N×N update"
    return {name: check(io, name, got, expected)}
