"""Places in a spec file: where each key and each value stands, and the document that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gvckit.errors import Problem, Where

__all__ = ["Document", "Parts", "Place", "TreePath", "place_inside"]

TreePath = tuple[str | int, ...]


class Place(NamedTuple):
    """Where one entry of the document stands.

    Attributes
    ----------
    key
        Its key (for the item of a list: the same as ``value``).
    value
        Its value, the opening quote included.
    text
        The first character of a scalar's text: after the quote, on the first line of a block.
    start
        The index of that character in the file's text.
    style
        ``""`` plain, ``"'"`` or ``'"'`` quoted, ``"|"`` or ``">"`` block, ``"{"`` a collection.
    """

    key: Where
    value: Where
    text: Where
    start: int
    style: str


@dataclass(frozen=True, slots=True)
class Document:
    """A spec file as it was read: plain data, and the place of everything in it.

    Attributes
    ----------
    path
        As it is shown in messages.
    data
        Mappings, lists, ``str`` and ``None``; no other type.
    positions
        The :class:`Place` of every path of keys and indices.
    text
        The whole file.
    problems
        What is wrong with it although it could be read: duplicate keys, tags, stray keys.
    texts
        The texts of the families that are written out in it, by their path.
    """

    path: str
    data: Any
    positions: Mapping[TreePath, Place]
    text: str
    problems: tuple[Problem, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    def known(self, path: TreePath) -> TreePath:
        """Return the longest leading part of ``path`` that stands in the file."""
        while path and path not in self.positions:
            path = path[:-1]
        return path

    def key_at(self, path: TreePath) -> Where:
        """Return where the key of ``path`` stands, or of the nearest entry that holds it."""
        return self.positions[self.known(path)].key

    def value_at(self, path: TreePath) -> Where:
        """Return where the value of ``path`` stands, or of the nearest entry that holds it."""
        return self.positions[self.known(path)].value

    def text_at(self, path: TreePath) -> Where:
        """Return where the first character of the text of ``path`` stands."""
        return self.positions[self.known(path)].text

    def inside(self, path: TreePath, value: str, offset: int) -> Where:
        """Return where character ``offset`` (from 0) of the scalar ``value`` at ``path`` stands."""
        place = self.positions[self.known(path)]
        return place_inside(self.text_of(place.text), place, value, offset)

    def text_of(self, where: Where) -> str:
        """Return the text of the file that a place lies in."""
        return self.texts.get(where.path, self.text)


@dataclass(frozen=True, slots=True)
class Parts(Mapping[TreePath, Where]):
    """Where the parts of one entry stand, by their path in it, looked up when asked for.

    The item of a list may be named by its text: ``("take", "gdp")`` of ``take: [gdp, users]``; a
    number after a text is a character of it, from 0.
    """

    document: Document
    entry: TreePath

    def __getitem__(self, part: TreePath) -> Where:
        held: Any = self.document.data
        found: list[str | int] = []
        for word in (*self.entry, *part):
            if isinstance(held, str) and isinstance(word, int):
                return self.document.inside(tuple(found), held, word)
            if isinstance(held, list) and isinstance(word, str):
                if word not in held:
                    raise KeyError(part)
                word = held.index(word)
            found.append(word)
            try:
                held = held[word]
            except (KeyError, IndexError, TypeError):
                raise KeyError(part) from None
        return self.document.positions[tuple(found)].value

    def __iter__(self) -> Iterator[TreePath]:
        depth = len(self.entry)
        return (path[depth:] for path in self.document.positions
                if len(path) > depth and path[:depth] == self.entry)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def place_inside(source: str, place: Place, value: str, offset: int) -> Where:
    """Return where character ``offset`` of ``value`` stands, across folded lines and escapes."""
    at = place.start
    for character in value[:offset]:
        at = _after(source, at, character, place.style)
    if offset < len(value) and value[offset] not in " \n":
        at = _skip_break(source, at)
    line = source.count("\n", place.start, at)
    if not line:
        return place.text.shifted(at - place.start)
    column = at - (source.rfind("\n", 0, at) + 1) + 1
    return Where(place.text.path, place.text.line + line, column)


def _after(source: str, at: int, character: str, style: str) -> int:
    """Return the index after the source of one ``character`` of a scalar."""
    if character in " \n":
        end = at
        while end < len(source) and source[end] in " \t\n":
            end += 1
        return end if "\n" in source[at:end] else at + 1
    at = _skip_break(source, at)
    if style == "'" and character == "'":
        return at + 2
    if style == '"' and source[at : at + 1] == "\\":
        return at + 2 + {"x": 2, "u": 4, "U": 8}.get(source[at + 1 : at + 2], 0)
    return at + 1


def _skip_break(source: str, at: int) -> int:
    """Return ``at`` moved over a line break that is not in the text (an escaped or folded one)."""
    if source[at : at + 1] == "\\" and source[at + 1 : at + 2] == "\n":
        at += 1
    if source[at : at + 1] == "\n":
        while at < len(source) and source[at] in " \t\n":
            at += 1
    return at
