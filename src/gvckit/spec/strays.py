"""Unquoted expressions with commas in flow style: ``{dig: winsor(dig_in, 0.01)}``.

YAML cuts such an expression at its commas and leaves stray keys or items behind.  The pieces are
put together again, so that one clear problem is told instead of several odd ones.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from gvckit.errors import Problem

if TYPE_CHECKING:
    from gvckit.spec.nodes import Node

__all__ = ["joined_items", "joined_pairs", "missing_quotes"]


def missing_quotes(kind: str, piece: str, whole: str) -> str:
    """Return the sentence that tells to quote an expression."""
    return f'stray {kind} {piece!r}: quote the expression: "{whole}"'


def joined_pairs(
    pairs: list[tuple[Node, Node]], source: str, problems: list[Problem]
) -> list[tuple[Node, Node]]:
    """Return the pairs of a flow mapping with cut expressions joined to their values."""
    kept: list[tuple[Node, Node]] = []
    i = 0
    while i < len(pairs):
        key, value = pairs[i]
        count = _closing(value, _without_value(pairs[i + 1 :])) if _open(value) > 0 else 0
        if count:
            value = _join(value, pairs[i + count][0], source, "key", problems)
        kept.append((key, value))
        i += 1 + count
    return kept


def joined_items(items: list[Node], source: str, problems: list[Problem]) -> list[Node]:
    """Return the items of a flow list with cut expressions joined."""
    kept: list[Node] = []
    i = 0
    while i < len(items):
        count = _closing(items[i], items[i + 1 :]) if _open(items[i]) > 0 else 0
        kept.append(_join(items[i], items[i + count], source, "item", problems)
                    if count else items[i])
        i += 1 + count
    return kept


def _without_value(pairs: list[tuple[Node, Node]]) -> list[Node]:
    """Return the keys of the leading pairs that have no value."""
    return [key for key, _ in takewhile(lambda pair: pair[1].is_empty, pairs)]


def _open(node: Node) -> int:
    text = node.text or ""
    return text.count("(") - text.count(")") if node.is_plain else 0


def _closing(first: Node, following: list[Node]) -> int:
    """Return how many of the ``following`` nodes it takes to close the brackets of ``first``."""
    depth = _open(first)
    for count, node in enumerate(following, start=1):
        if not node.is_plain:
            return 0
        depth += _open(node)
        if depth <= 0:
            return count
    return 0


def _join(first: Node, last: Node, source: str, kind: str, problems: list[Problem]) -> Node:
    whole = " ".join(source[first.start : last.end].split())
    problems.append(Problem(missing_quotes(kind, last.text or "", whole), last.where))
    return type(first)("", first.where, first.start, last.end, text=whole)
