"""Whose value added a flow holds: origin × use, any slice, one exporter at a time.

The whole cube origin × origin sector × exporter × sector × importer × final destination has n² G²
cells; only what is asked for is ever formed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, unknown
from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import by_country_sector, choose, level_is_by
from gvckit.measures.identities import closed_accounts
from gvckit.measures.satellite import leontief_of

__all__ = ["USES", "value_added_origin"]

Floats = NDArray[np.float64]
Index = NDArray[np.intp]

USES: Mapping[str, tuple[str, ...]] = {
    "exports": ("origin", "origin_sector", "exporter", "sector", "importer", "destination"),
    "final": ("origin", "origin_sector", "producer", "sector", "destination"),
    "output": ("origin", "origin_sector", "producer", "sector"),
}
"""Keys of each use: who adds the value, who sells the flow, who buys it, who absorbs it."""

_DEFAULT = {"exports": ("origin", "origin_sector", "exporter", "sector"),
            "final": ("origin", "origin_sector", "destination"),
            "output": ("origin", "origin_sector", "producer", "sector")}
CONTENT = ("all", "domestic", "foreign")
COUNTED = ("content", "value-added")
GOODS = ("all", "final", "intermediate")


@dataclass(frozen=True, slots=True)
class _Query:
    """What is asked for: keys to keep, and the positions selected along every key."""

    use: str
    keys: tuple[str, ...]
    at: Mapping[str, Index]
    content: str
    counted: str
    goods: str


@level_is_by
def value_added_origin(
    io: IcioTable | Leontief, *, use: str = "exports", by: str | Sequence[str] | None = None,
    content: str = "all", counted: str = "content", goods: str = "all", satellite: Any = None,
    **slices: str | Sequence[str],
) -> pd.DataFrame:
    """Return whose value added exports, final demand or output hold.

    v_o B_o· times the flow (V̂BÊ, V̂BŶ, V̂BX̂), by origin.  An export to r is absorbed at
    destination f as Y_sr (f = r) or through r's output, A_sr (B Y)_rf.

    Parameters
    ----------
    io
        A table or its Leontief system.
    use
        ``exports``, ``final`` (final demand) or ``output``.
    by
        Keys to keep, in any order.  exports: origin, origin_sector, exporter, sector, importer,
        destination; final: origin, origin_sector, producer, sector, destination; output: origin,
        origin_sector, producer, sector.  Defaults: exports without importer and destination,
        final without producer and sector.  Or the name of a level: keys with hyphens
        (``origin-exporter``), ``country-sector`` or ``country`` (of the seller).
    content
        ``all``, ``domestic`` (origin is the seller of the flow) or ``foreign``.
    counted
        ``content`` counts value each time it crosses; ``value-added`` once within all exports of
        the exporter (exports only).
    goods
        ``all``, ``final`` or ``intermediate`` goods (exports only).
    satellite
        An account to count instead of value added (:func:`gvckit.measures.satellite.leontief_of`).
    **slices
        A name or list of names for any of the keys, kept or not: only these are counted.

    Returns
    -------
    DataFrame
        The keys, and value in the table's unit; flows from a country to itself are left out.

    Raises
    ------
    DataError
        Unknown words and names; v B X = X or B Y = X fails by more than 1e-9.
    """
    io = leontief_of(io, satellite)
    query = _query(io, use, by, content, counted, goods, slices)
    closed = closed_accounts(io)
    kept = [key for key in USES[use] if key in query.keys]
    values = _absorbed_everywhere(io, query) if _plain_final(io, query) else _sold(io, query)
    frame = _frame(io, query, kept, values)
    frame.attrs = {
        "definition": f"{io.account} by origin in {use}, {content} content, "
                      + ("counted once within the exporter's exports"
                         if counted == "value-added" else "double counting included"),
        "unit": io.table.unit, "identities": closed}
    return frame


def _query(
    io: Leontief, use: str, by: str | Sequence[str] | None, content: str, counted: str,
    goods: str, slices: Mapping[str, str | Sequence[str]],
) -> _Query:
    known = USES[choose("use", use, USES)]
    problems = [unknown(kind, str(word), allowed) for kind, word, allowed in (
        ("content", content, CONTENT), ("way of counting", counted, COUNTED),
        ("kind of goods", goods, GOODS)) if word not in allowed]
    if use != "exports" and (counted, goods) != ("content", "all"):
        problems.append(Problem("counted and goods belong to use='exports'"))
    if isinstance(by, str):
        by = [USES[use][2] if key == "country" else key for key in by.split("-")]
    keys = tuple(by or _DEFAULT[use])
    problems += [unknown(f"key of use={use!r}", str(key), known)
                 for key in [*keys, *slices] if key not in known]
    at: dict[str, Index] = {}
    for key in known:
        names = io.sectors if key.endswith("sector") else io.countries
        wanted = slices.get(key, names)
        wanted = [wanted] if isinstance(wanted, str) else list(wanted)
        problems += [unknown(key, str(name), names) for name in wanted if name not in names]
        if not wanted:
            problems.append(Problem(f"{key} is empty", allowed="a name or a list of names"))
        at[key] = np.array([names.index(n) for n in dict.fromkeys(wanted) if n in names], np.intp)
    if problems:
        raise DataError(problems)
    return _Query(use, keys, at, content, counted, goods)


def _plain_final(io: Leontief, query: _Query) -> bool:
    """Return whether V̂BY itself is asked for: no seller kept, none left out."""
    return (query.use == "final" and query.content == "all"
            and not {"producer", "sector"} & set(query.keys)
            and len(query.at["producer"]) == io.G and len(query.at["sector"]) == io.N)


def _absorbed_everywhere(io: Leontief, query: _Query) -> Floats:
    cube = by_country_sector(io, io.numpy(io.v)[:, None] * io.numpy(io.BY))
    cells = cube[np.ix_(query.at["origin"], query.at["origin_sector"], query.at["destination"])]
    lost = tuple(axis for axis, key in enumerate(("origin", "origin_sector", "destination"))
                 if key not in query.keys)
    out: Floats = np.asarray(cells.sum(axis=lost), np.float64)
    return out


def _sold(io: Leontief, query: _Query) -> Floats:
    """Return the cells that are kept, keys in the order of the use."""
    seller = USES[query.use][2]
    blocks = (_block(io, query, int(s)) for s in query.at[seller])
    if seller in query.keys:
        total = np.stack(list(blocks), axis=2)
    else:
        total = next(blocks)
        for block in blocks:
            total = total + block
    axes = [key for key in USES[query.use] if key != seller or seller in query.keys]
    lost = tuple(axis for axis, key in enumerate(axes) if key not in query.keys)
    out: Floats = np.asarray(total.sum(axis=lost) if lost else total, np.float64)
    return out


def _block(io: Leontief, query: _Query, s: int) -> Floats:
    """Return the flows of seller s: (origin, origin sector, sector[, importer[, destination]]).

    Axes that are neither kept nor sliced have length 1.
    """
    held = _held(io, query, s)
    flow = _flow(io, query, s)
    if "sector" in query.keys:
        cells = held[(...,) + (None,) * (flow.ndim - 1)] * flow
        if cells.shape[2] != io.N:
            cells = cells.reshape(*held.shape[:2], -1, io.N, *flow.shape[1:]).sum(axis=2)
        whole = len(query.at["sector"]) == io.N
        return np.asarray(cells if whole else cells[:, :, query.at["sector"]], np.float64)
    own = np.isin(io.sector_of_row[slice(*io.bounds[s])], query.at["sector"])
    total = np.tensordot(held[..., own], flow[own], axes=(2, 0))[:, :, None]
    return np.asarray(total, np.float64)


def _held(io: Leontief, query: _Query, s: int) -> Floats:
    """Return v_o B_os of the origins asked for, shape (origins, origin sectors, rows of s)."""
    a, b = io.bounds[s]
    fine = "origin_sector" in query.keys or len(query.at["origin_sector"]) < io.N
    if fine:
        held: Floats = _by_origin_sector(io, query, s)
    else:
        held = io.numpy(io.by_origin)[a:b].T[query.at["origin"]][:, None]
    at_home = query.at["origin"] == s
    if query.content != "all":
        keep = at_home if query.content == "domestic" else ~at_home
        held = np.where(keep[:, None, None], held, 0.0)
    if query.counted == "value-added":
        left = np.linalg.solve(io.numpy(io.B_blocks[s]).T, held.reshape(-1, b - a).T)
        held = np.asarray(left.T @ io.numpy(io.L[s]), np.float64).reshape(held.shape)
    if "origin_sector" not in query.keys:
        held = held.sum(axis=1, keepdims=True)
    if "origin" not in query.keys:
        held = held.sum(axis=0, keepdims=True)
    return np.asarray(held, np.float64)


def _by_origin_sector(io: Leontief, query: _Query, s: int) -> Floats:
    a, b = io.bounds[s]
    if len(query.at[USES[query.use][2]]) > io.G // 2:
        # Of most sellers, all of the inverse takes less time than its columns one by one.
        inverse = io.numpy(io.B)[:, a:b]
    else:
        columns = np.zeros((io.n, b - a))
        columns[np.arange(a, b), np.arange(b - a)] = 1.0
        inverse = io.numpy(io.solve(io.backend.asarray(columns)))
    held = by_country_sector(io, io.numpy(io.v)[:, None] * inverse)
    if len(query.at["origin"]) < io.G or len(query.at["origin_sector"]) < io.N:
        held = held[np.ix_(query.at["origin"], query.at["origin_sector"])]
    return held


def _flow(io: Leontief, query: _Query, s: int) -> Floats:
    """Return what seller s sells, shape (rows of s[, importer[, destination]])."""
    a, b = io.bounds[s]
    if query.use == "output":
        return io.numpy(io.X)[a:b]
    if query.use == "final":
        to = io.numpy(io.Y)[a:b][:, query.at["destination"]]
        return to if "destination" in query.keys else to.sum(axis=1, keepdims=True)
    importers, destinations = query.at["importer"], query.at["destination"]
    if "destination" in query.keys or len(destinations) < io.G:
        cells = np.stack([_absorbed(io, s, int(r), query.goods)[:, destinations]
                          for r in importers], axis=1)
    else:
        sold, final = io.numpy(io.E_bilateral)[a:b], np.array(io.numpy(io.Y)[a:b])
        final[:, s] = 0.0
        flows = {"all": sold, "final": final, "intermediate": sold - final}
        cells = flows[query.goods][:, importers][:, :, None]
    if "importer" not in query.keys:
        cells = cells.sum(axis=1, keepdims=True)
    if "destination" not in query.keys:
        cells = cells.sum(axis=2, keepdims=True)
    return np.asarray(cells, np.float64)


def _absorbed(io: Leontief, s: int, r: int, goods: str) -> Floats:
    """Return exports from s to r by final destination, shape (rows of s, G)."""
    (a, b), (c, d) = io.bounds[s], io.bounds[r]
    cells = np.zeros((b - a, io.G))
    if r == s:
        return cells
    if goods != "final":
        cells += io.numpy(io.A)[a:b, c:d] @ io.numpy(io.BY)[c:d]
    if goods != "intermediate":
        cells[:, r] += io.numpy(io.Y)[a:b, r]
    return cells


def _frame(io: Leontief, query: _Query, kept: Sequence[str], values: Floats) -> pd.DataFrame:
    names = {key: io.sectors if key.endswith("sector") else io.countries for key in kept}
    shape = tuple(len(query.at[key]) for key in kept)
    codes = {}
    for axis, key in enumerate(kept):
        along = [1] * len(kept)
        along[axis] = -1
        code = query.at[key].astype(np.int16).reshape(along)
        codes[key] = np.broadcast_to(code, shape).ravel()
    flat = values.reshape(-1)
    if "exporter" in kept and "importer" in kept:
        abroad = codes["exporter"] != codes["importer"]
        codes, flat = {key: code[abroad] for key, code in codes.items()}, flat[abroad]
    data: dict[str, object] = {
        key: pd.Categorical.from_codes(codes[key], categories=pd.Index(names[key]))
        for key in kept}
    return pd.DataFrame(data | {"value": flat})
