"""Aggregation of a table, before anything is solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, listing
from gvckit.icio.audit import AuditEntry
from gvckit.icio.partition import Partition, check_groups
from gvckit.icio.table import IcioTable

__all__ = ["aggregate_table"]

Floats = NDArray[np.float64]
Groups = Mapping[str, Sequence[str]]


def aggregate_table(
    table: IcioTable, *, countries: Groups | None = None, sectors: Groups | None = None,
) -> IcioTable:
    """Return a coarser table: flows of members added up *before* the solution.

    Members then share one average technology, which changes every result (aggregation bias).  To
    add up results of the fine table use :func:`gvckit.aggregate_results`; to treat a group as one
    exporter at full detail use ``borin_mancini(exporters=...)``.

    Parameters
    ----------
    table
        A validated table.
    countries, sectors
        Members by name of the group; countries and sectors in no group stay as they are.

    Returns
    -------
    IcioTable
        Groups in place of their members, at the first member's position; the audit says so.

    Raises
    ------
    DataError
        Unknown or repeated members; a country whose parts are only partly in a group.
    """
    countries, sectors = countries or {}, sectors or {}
    check_groups(countries, table.countries)
    check_groups(sectors, table.sectors, kind="sector")
    _whole_only(table, countries)
    by_country = Partition.of(table.countries).joined(countries)
    by_sector = Partition.of(table.sectors).joined(sectors)
    C, S, K = _membership(by_country), _membership(by_sector), np.eye(table.K)
    rows, columns = np.kron(C, S), np.kron(C, K)
    wholes = dict(zip(table.countries, table.whole, strict=True))
    labels = dict(zip(table.countries, table.labels, strict=True)) if table.labels else {}
    names = by_country.names
    audit = tuple(
        AuditEntry("aggregate_table", f"{kind} aggregated before the solution", (group, ""),
                   listing(own, most=200), group, "flows of members added up")
        for kind, groups in (("countries", countries), ("sectors", sectors))
        for group, own in groups.items())
    return IcioTable(
        rows @ table.Z @ rows.T, rows @ table.F @ columns.T, rows @ table.VA, rows @ table.X,
        names, by_sector.names, table.categories, table.year, table.unit, table.source,
        (*table.audit, *audit), tuple(labels.get(name, name) for name in names), table.imbalance,
        tuple(wholes.get(name, name) for name in names))


def _membership(partition: Partition) -> Floats:
    """Return shape (groups, members): 1 where the member belongs to the group."""
    out = np.zeros((len(partition.names), len(partition.blocks)))
    for group, members in enumerate(partition.members):
        out[group, list(members)] = 1.0
    return out


def _whole_only(table: IcioTable, countries: Groups) -> None:
    problems = []
    for group, own in countries.items():
        wholes = {table.whole[table.countries.index(name)] for name in own}
        missing = [name for name, whole in zip(table.countries, table.whole, strict=True)
                   if whole in wholes and name not in own and whole != name]
        if missing and len(wholes) > 1:
            problems.append(Problem(f"group {group!r} holds a split country without its parts "
                                    f"{listing(missing)}", allowed="all parts of the country"))
    if problems:
        raise DataError(problems)
