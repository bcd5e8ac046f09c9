"""The weights of a composite index as a table, the tree of indicators as indented rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from gvckit.errors import DataError, Problem
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
from gvckit.report.labels import term_label
from gvckit.report.numbers import decimals_for
from gvckit.report.request import LocalText, VariableInfo, in_language
from gvckit.report.words import join, language_of, say, sentences

__all__ = ["tree_order", "weights_table"]

_KEYS = ("level", "node", "parent")
_MEASURES = ("weight", "effective", "entropy", "divergence")


def tree_order(nodes: Sequence[str], parents: Sequence[str]) -> list[tuple[int, int]]:
    """Return (position, depth) of every node, parents before children, siblings as given.

    A node whose parent is no node is a root. The same name below two parents is two nodes.

    Raises
    ------
    DataError
        Where nodes are their own ancestors.
    """
    known = set(nodes)
    children: dict[str, list[int]] = {}
    stack: list[tuple[int, int]] = []
    for i, (node, parent) in enumerate(zip(nodes, parents, strict=True)):
        if parent in known and parent != node:
            children.setdefault(parent, []).append(i)
        else:
            stack.append((i, 0))
    stack.reverse()
    order: list[tuple[int, int]] = []
    seen: set[str] = set()
    while stack:
        place, depth = stack.pop()
        order.append((place, depth))
        if nodes[place] not in seen:
            seen.add(nodes[place])
            stack += [(c, depth + 1) for c in reversed(children.get(nodes[place], []))]
    if len(order) < len(nodes):
        placed = {p for p, _ in order}
        lost = [nodes[i] for i in range(len(nodes)) if i not in placed]
        raise DataError(Problem(f"nodes of the index are their own ancestors: {', '.join(lost)}",
                                "index weights"))
    return order


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)


def weights_table(
    weights: pd.DataFrame,
    dictionary: Mapping[str, VariableInfo],
    language: str = "en",
    *,
    table_id: str = "weights",
    title: LocalText | None = None,
    decimals: int = 4,
    consistency: Mapping[str, float] | None = None,
) -> TableLayout:
    """Return the weights of an index.

    Parameters
    ----------
    weights
        One row a node: level, node, parent, weight and, where the method has them, entropy,
        divergence, effective. Columns that are missing throughout are left out.
    dictionary
        Labels of nodes.
    language
        ``en`` or ``zh``.
    table_id, title, decimals
        Name, title (with a default) and digits after the point.
    consistency
        Node → consistency ratio of the judgements that its children's weights come from.

    Raises
    ------
    DataError
        Where a column is absent or the tree has a loop.
    """
    language_of(language)
    problems = [Problem(f"the weights have no column {c!r}", "index weights")
                for c in (*_KEYS, "weight") if c not in weights.columns]
    if problems:
        raise DataError(problems)
    measures = [m for m in _MEASURES if m in weights.columns and bool(weights[m].notna().any())]
    nodes = [str(v) for v in weights["node"]]
    parents = [_text(v) for v in weights["parent"]]
    levels = [_text(v) for v in weights["level"]]
    values = {m: [float(v) for v in weights[m].to_numpy(dtype=float, na_value=math.nan)]
              for m in measures}
    rows, data = [], []
    for place, depth in tree_order(nodes, parents):
        cells: list[Cell] = []
        for measure in measures:
            value = values[measure][place]
            cells.append(Number(value, decimals_for(value, decimals))
                         if math.isfinite(value) else Empty())
        label = term_label(nodes[place], dictionary, language)
        rows.append(Row(label, tuple(cells), indent=depth))
        numbers: list[Value] = [values[m][place] for m in measures]
        data.append((table_id, levels[place], nodes[place], parents[place], label, *numbers))
    notes = [say("weights_note", language)] if "effective" in measures else []
    notes += [say("entropy_note", language)] if "divergence" in measures else []
    if consistency:
        labels = {n: term_label(n, dictionary, language) for n in consistency}
        labels["index"] = say("whole_index", language)
        told = [f"{labels[n]} {r:.3f}" for n, r in consistency.items()]
        notes.append(say("consistency_note", language, list=join(told, language)))
    return TableLayout(
        id=table_id,
        title=in_language(title or {}, language, say("weights", language)),
        language=language,
        columns=tuple(Column(m) for m in measures),
        header=(HeaderRow(tuple(Span(say(m, language), i, i) for i, m in enumerate(measures))),),
        groups=(Group(tuple(rows)),),
        notes=tuple(n for n in (sentences(notes, language),) if n),
        stub=say("indicator", language),
        data=Data(("table", "level", "node", "parent", "label", *measures), tuple(data)),
    )
