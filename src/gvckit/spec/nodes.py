"""Build our own tree of nodes from the parser's events: nothing is constructed, all is capped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from gvckit.errors import Problem, SpecError, Where, unknown
from gvckit.spec.strays import joined_items, joined_pairs
from gvckit.spec.text import REFUSED

__all__ = ["MAX_DEPTH", "MAX_NODES", "Node", "compose"]

MAX_NODES = 50_000
MAX_DEPTH = 20


@dataclass(slots=True)
class Node:
    """One node: a scalar (``text``), a mapping (``pairs``) or a list (``items``).

    ``start`` and ``end`` are indices in the file's text; ``style`` is the quote, the block sign,
    ``"{"`` or ``"["`` in flow style, ``"map"`` or ``"list"`` in block style, ``""`` plain.
    """

    style: str
    where: Where
    start: int
    end: int
    text: str | None = None
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    @property
    def is_scalar(self) -> bool:
        """Whether this is a scalar."""
        return self.text is not None

    @property
    def is_plain(self) -> bool:
        """Whether this is a scalar without quotes."""
        return self.text is not None and self.style == ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written here."""
        return self.is_plain and self.text == ""


def compose(text: str, path: str) -> tuple[Node | None, list[Problem]]:
    """Return the root node of ``text`` (None: no content) and the problems that do not stop it.

    Raises
    ------
    SpecError
        Where the tree is too deep, too large, or there is a second document.
    ruamel.yaml.error.YAMLError
        Where the syntax is wrong.
    """
    composer = _Composer(text, path, YAML(typ="safe", pure=True).parse(text))
    return composer.document(), composer.problems


class _Composer:
    """The state of one pass over the events."""

    def __init__(self, text: str, path: str, events: Iterator[Any]) -> None:
        self.text, self.path, self.events = text, path, events
        self.anchors: dict[str, Node] = {}
        self.open: set[str] = set()
        self.problems: list[Problem] = []
        self.count = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    raise SpecError([*self.problems, Problem(
                        "a second document starts here", self.where(event),
                        allowed="one document a file")])
                self.version(event)
                root = self.node(next(self.events), 1)
            elif isinstance(event, StreamEndEvent):
                break
            elif not isinstance(event, StreamStartEvent):
                continue
        return None if root is None or (root.is_empty and root.start == root.end) else root

    def version(self, event: Any) -> None:
        version = getattr(event, "version", None)
        if version is not None and tuple(version) != (1, 2):
            self.problems.append(Problem("specs are YAML 1.2", self.where(event),
                                         allowed="no %YAML directive"))

    def where(self, event: Any) -> Where:
        return Where(self.path, event.start_mark.line + 1, event.start_mark.column + 1)

    def stop(self, event: Any, what: str, allowed: str) -> SpecError:
        return SpecError([*self.problems, Problem(what, self.where(event), allowed=allowed)])

    def node(self, event: Any, depth: int) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            raise self.stop(event, "the file holds too many entries", f"at most {MAX_NODES:,}")
        if isinstance(event, AliasEvent):
            return self.alias(event)
        if getattr(event, "tag", None) is not None:
            self.problems.append(Problem(
                f"the tag {self.tag_text(event)} is refused: a spec holds text, lists and "
                "mappings only", self.where(event)))
        if isinstance(event, ScalarEvent):
            self.refuse_escapes(event)
            node = Node(event.style or "", self.where(event), event.start_mark.index,
                        event.end_mark.index, text=event.value)
            return self.anchored(event.anchor, node)
        if depth > MAX_DEPTH:
            raise self.stop(event, "the file is nested too deep", f"at most {MAX_DEPTH} levels")
        return self.collection(event, depth)

    def tag_text(self, event: Any) -> str:
        start = event.start_mark.index
        return self.text[start : start + 60].split(maxsplit=1)[0]

    def refuse_escapes(self, event: Any) -> None:
        """Refuse control characters and half characters that an escape has brought in."""
        found = REFUSED.search(event.value) if event.style == '"' else None
        if found:
            self.problems.append(Problem(
                f"the character U+{ord(found[0]):04X} cannot stand in a spec", self.where(event)))

    def collection(self, event: Any, depth: int) -> Node:
        mapping = isinstance(event, MappingStartEvent)
        if not mapping and not isinstance(event, SequenceStartEvent):
            raise self.stop(event, "this cannot be read", "a mapping, a list or text")
        flow, block = ("{", "map") if mapping else ("[", "list")
        node = Node(flow if event.flow_style else block, self.where(event),
                    event.start_mark.index, event.start_mark.index)
        if event.anchor:
            self.open.add(event.anchor)
        if mapping:
            self.mapping(node, depth)
        else:
            self.sequence(node, depth)
        self.open.discard(event.anchor)
        return self.anchored(event.anchor, node)

    def anchored(self, anchor: str | None, node: Node) -> Node:
        if anchor:
            self.anchors[anchor] = node
        return node

    def alias(self, event: Any) -> Node:
        found = self.anchors.get(event.anchor)
        if found is not None and event.anchor not in self.open:
            return found
        if event.anchor in self.open:
            problem = Problem(f"the alias *{event.anchor} refers to itself", self.where(event))
        else:
            problem = unknown("alias", event.anchor, self.anchors, self.where(event))
        self.problems.append(problem)
        return Node("", self.where(event), event.start_mark.index, event.start_mark.index, text="")

    def sequence(self, node: Node, depth: int) -> None:
        items: list[Node] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        if node.style == "[":
            items = joined_items(items, self.text, self.problems)
        node.items, node.end = items, event.end_mark.index

    def mapping(self, node: Node, depth: int) -> None:
        pairs: list[tuple[Node, Node]] = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.node(event, depth + 1)
            pairs.append((key, self.node(next(self.events), depth + 1)))
        if node.style == "{":
            pairs = joined_pairs(pairs, self.text, self.problems)
        node.pairs, node.end = self.checked(pairs), event.end_mark.index

    def checked(self, pairs: list[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
        """Leave out keys that are no text, merge keys and duplicates, each with its problem."""
        first: dict[str, Node] = {}
        kept = []
        for key, value in pairs:
            if key.text is None:
                what = "a key must be text, not a list or a mapping"
            elif key.is_empty:
                what = "a key is missing before ':'"
            elif key.is_plain and key.text == "<<":
                what = "merge keys (<<) are refused; models inherit with like:"
            elif key.text in first:
                what = f"duplicate key {key.text!r}; first given at {first[key.text].where}"
            else:
                first[key.text] = key
                kept.append((key, value))
                continue
            self.problems.append(Problem(what, key.where))
        return kept
