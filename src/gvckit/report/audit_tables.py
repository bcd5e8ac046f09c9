"""The audit of a composite index as tables: structure, correlations, sensitivity, ranks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

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
    Value,
)
from gvckit.report.definitions import choice_of
from gvckit.report.labels import term_label
from gvckit.report.request import LocalText, VariableInfo, in_language
from gvckit.report.words import join, say, sentences

__all__ = ["AUDIT_TABLES", "Audited", "correlations_table", "ranks_table", "sensitivity_table",
           "structure_table"]

_MOST = 60
_STRUCTURE = ("with_parent", "with_index", "first_component", "alpha", "first_share", "shift",
              "spearman", "within", "within_net_of_time")
_SOBOL = ("options", "first", "first_width", "total", "total_width")
_RANKS = ("rank", "median", "low", "high")


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit and how it is to be shown.

    Attributes
    ----------
    frames
        The frames of :class:`gvckit.indices.audit.IndexAudit` by name.
    left_out
        Options that the Sobol indices leave out.
    index
        The index's name.
    dictionary
        Labels of nodes and units.
    vary, points
        What varies, and base points of the Sobol indices.
    unit, time
        Keys of the ranks.
    year
        The time of the ranks; None: the last.
    title, notes
        Of the table, by language.
    """

    frames: Mapping[str, pd.DataFrame]
    left_out: Sequence[str]
    index: str
    dictionary: Mapping[str, VariableInfo]
    vary: Sequence[str]
    points: int
    unit: Sequence[str]
    time: str | None
    year: int | None = None
    title: LocalText | None = None
    notes: Sequence[LocalText] = ()

    def label(self, node: str, language: str) -> str:
        """Return the label of a node, the root being the index."""
        return term_label(self.index if node == "index" else node, self.dictionary, language)

    def varied(self, language: str) -> str:
        """Return what varies, in words."""
        return join([say(f"vary_{v}", language) for v in self.vary], language)


def _number(value: Any, decimals: int = 3) -> Cell:
    return Number(float(value), decimals) if _finite(value) else Empty()


def _finite(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and math.isfinite(float(value))


def _plain(value: Any) -> Value:
    return float(value) if _finite(value) else None


def _layout(audited: Audited, table_id: str, kind: str, language: str, columns: Sequence[str],
            headers: Sequence[str], rows: Sequence[Row], stub: str, notes: Sequence[str],
            data: Data) -> TableLayout:
    own = [in_language(n, language) for n in audited.notes]
    return TableLayout(
        id=table_id, title=in_language(audited.title or {}, language, say(kind, language)),
        language=language, columns=tuple(Column(c) for c in columns),
        header=(HeaderRow(tuple(Span(h, i, i) for i, h in enumerate(headers))),),
        groups=(Group(tuple(rows)),), stub=stub, data=data,
        notes=tuple(p for p in (sentences(notes, language), sentences(own, language)) if p))


def structure_table(audited: Audited, language: str, table_id: str) -> TableLayout:
    """Return one row a node: how it hangs together with the index, and what it does to ranks."""
    loadings = audited.frames["loadings"].set_index("node")
    pillars = audited.frames["reliability"].set_index("pillar")
    without = audited.frames["leave_out"].set_index("node")
    variance = audited.frames["variance"].set_index("node")
    depth = {"index": 0}
    rows, data = [], []
    for node in ["index", *_downwards(audited.frames["loadings"])]:
        if node != "index":
            depth[node] = depth[str(loadings.loc[node, "parent"])] + 1
        found = {
            **_picked(loadings, node, ("with_parent", "with_index", "first_component")),
            **_picked(pillars, node, ("alpha", "first_share")),
            **_picked(without, node, ("shift", "spearman")),
            **_picked(variance, node, ("within", "within_net_of_time"))}
        label = audited.label(node, language)
        rows.append(Row(label, tuple(_number(found[c]) for c in _STRUCTURE), indent=depth[node]))
        parent = "" if node == "index" else str(loadings.loc[node, "parent"])
        data.append((table_id, node, parent, label, *(_plain(found[c]) for c in _STRUCTURE)))
    return _layout(audited, table_id, "index_structure", language, _STRUCTURE,
                   [say(c, language) for c in _STRUCTURE], rows, say("indicator", language),
                   [say("structure_note", language)],
                   Data(("table", "node", "parent", "label", *_STRUCTURE), tuple(data)))


def _downwards(loadings: pd.DataFrame) -> list[str]:
    """Return the nodes below the index, each before those below it."""
    below: dict[str, list[str]] = {}
    for node, parent in loadings[["node", "parent"]].itertuples(index=False, name=None):
        below.setdefault(str(parent), []).append(str(node))
    out, waiting = [], list(reversed(below.get("index", [])))
    while waiting:
        node = waiting.pop()
        out.append(node)
        waiting += reversed(below.get(node, []))
    return out


def _picked(frame: pd.DataFrame, node: str, columns: Sequence[str]) -> dict[str, Any]:
    if node not in frame.index:
        return dict.fromkeys(columns, math.nan)
    return {c: frame.loc[node, c] for c in columns}


def correlations_table(audited: Audited, language: str, table_id: str) -> TableLayout:
    """Return the correlations of the indicators: Pearson below the diagonal, Spearman above."""
    pairs = audited.frames["correlations"]
    names = [str(n) for n in audited.frames["indicators"]["node"]]
    place = {n: i for i, n in enumerate(names)}
    cells: list[list[Cell]] = [[Number(1.0, 0) if i == j else Empty() for j in range(len(names))]
                               for i in range(len(names))]
    data = []
    for a, b, pearson, spearman in pairs.itertuples(index=False, name=None):
        i, j = place[str(a)], place[str(b)]
        cells[j][i], cells[i][j] = _number(pearson, 2), _number(spearman, 2)
        data.append((table_id, str(a), str(b), _plain(pearson), _plain(spearman)))
    rows = [Row(f"({i + 1}) {audited.label(n, language)}", tuple(cells[i]))
            for i, n in enumerate(names)]
    return _layout(audited, table_id, "index_correlations", language, names,
                   [f"({i + 1})" for i in range(len(names))], rows, say("indicator", language),
                   [say("audit_correlations_note", language)],
                   Data(("table", "node", "other", "pearson", "spearman"), tuple(data)))


def sensitivity_table(audited: Audited, language: str, table_id: str) -> TableLayout:
    """Return one row a choice: its Sobol indices for the index's ranks."""
    rows, data = [], []
    for found in audited.frames["sobol"].to_dict("records"):
        label = say(f"factor_{found['factor']}", language)
        cells = (_number(found["options"], 0), *(_number(found[c]) for c in _SOBOL[1:]))
        rows.append(Row(label, cells))
        data.append((table_id, str(found["factor"]), label, *(_plain(found[c]) for c in _SOBOL)))
    named = [choice_of(factor, word, language)
             for factor, _, word in (text.partition(" ") for text in audited.left_out)]
    left = [say("sensitivity_left", language, list=join(named, language))] if named else []
    notes = [say("sensitivity_note", language, points=str(audited.points)), *left,
             _variants_note(audited, language)]
    return _layout(audited, table_id, "index_sensitivity", language, _SOBOL,
                   [say(c, language) for c in _SOBOL], rows, say("factor", language), notes,
                   Data(("table", "factor", "label", *_SOBOL), tuple(data)))


def _variants_note(audited: Audited, language: str) -> str:
    made = audited.frames["variants"]
    shift, spearman = (made[c].to_numpy(dtype=np.float64) for c in ("shift", "spearman"))
    return say("variants_note", language, count=str(len(made)), vary=audited.varied(language),
               mean=f"{np.nanmean(shift):.2f}", high=f"{np.nanquantile(shift, 0.95):.2f}",
               low=f"{np.nanquantile(spearman, 0.05):.3f}")


def ranks_table(audited: Audited, language: str, table_id: str) -> TableLayout:
    """Return one row a unit: its rank in one time, and where variants of the index put it."""
    ranks = audited.frames["ranks"].dropna(subset=["rank"])
    year = ""
    if audited.time is not None and len(ranks):
        chosen = ranks[audited.time].max() if audited.year is None else audited.year
        ranks, year = ranks[(ranks[audited.time] == chosen).to_numpy()], str(chosen)
    ranks = ranks.sort_values(["rank", *audited.unit], kind="stable")
    rows, data = [], []
    for found in ranks.to_dict("records"):
        label = " ".join(str(found[k]) for k in audited.unit)
        rows.append(Row(label, tuple(_number(found[c], 1 if c == "median" else 0)
                                     for c in _RANKS)))
        data.append((table_id, label, year, *(_plain(found[c]) for c in _RANKS)))
    notes = [say("ranks_note", language, time=year, vary=audited.varied(language),
                 count=str(len(audited.frames["variants"])))]
    if len(rows) > _MOST:
        notes.append(say("ranks_cut", language, shown=str(_MOST), all=str(len(rows))))
    return _layout(audited, table_id, "index_ranks", language, _RANKS,
                   [say(c, language) for c in _RANKS], rows[:_MOST], say("unit", language), notes,
                   Data(("table", "unit", "time", *_RANKS), tuple(data)))


AUDIT_TABLES = {"index-structure": structure_table, "index-correlations": correlations_table,
                "index-sensitivity": sensitivity_table, "index-ranks": ranks_table}
