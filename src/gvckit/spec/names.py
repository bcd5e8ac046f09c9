"""The names that a spec declares, and the expressions that use them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from gvckit.errors import Problem, SpecError, Where, listing, nearest
from gvckit.panel.expressions import Expression, parse
from gvckit.panel.nodes import Call, Name, walk
from gvckit.spec.positions import Document, TreePath

__all__ = ["Namespace", "Reader"]


@dataclass(frozen=True, slots=True)
class Namespace:
    """The names that an expression may use.

    Attributes
    ----------
    names
        Panel keys, values of the merged sources, derived variables.
    unmerged
        Values of the other sources: name → source.
    tolerated
        Names that stand in broken entries, about which nothing is said.
    closed
        False where an entry that declares names is broken in a way that hides them.
    what
        What is looked up, for messages.
    """

    names: frozenset[str] = frozenset()
    unmerged: Mapping[str, str] = field(default_factory=dict)
    tolerated: frozenset[str] = frozenset()
    closed: bool = True
    what: str = "variable"

    def problem(self, name: str, where: Where | None) -> Problem | None:
        """Return what is wrong with using ``name``, or None."""
        if name in self.names or name in self.tolerated or not self.closed:
            return None
        if name in self.unmerged:
            return Problem(f"{name!r} comes from {self.unmerged[name]!r}, which is not merged into "
                           "the panel", where,
                           allowed=f"add {self.unmerged[name]} to `with:` in panel.merge")
        close = nearest(name, self.names)
        return Problem(f"unknown {self.what} {name!r}", where,
                       allowed=None if close else listing(sorted(self.names), 20) or "none",
                       nearest=close)


class Reader:
    """Reads expressions and names out of a document; collects what is wrong with them."""

    def __init__(self, document: Document, hidden: Callable[[TreePath], bool] = lambda _: False
                 ) -> None:
        self.document, self.hidden = document, hidden
        self.problems: list[Problem] = []
        self._parsed: dict[tuple[str, TreePath], Expression | None] = {}

    def complain(self, what: str, path: TreePath, *, on_key: bool = False,
                 allowed: str | None = None, near: str | None = None) -> None:
        """Add a problem at a path of the document, unless part of it was left out as broken."""
        if self.hidden(path):
            return
        where = self.document.key_at(path) if on_key else self.document.value_at(path)
        self.problems.append(Problem(what, where, allowed, near))

    def at(self, path: TreePath, text: str, offset: int, *, on_key: bool = False) -> Where:
        """Return where character ``offset`` of ``text``, the scalar or key at ``path``, stands."""
        path = self.document.known(path)
        if on_key:
            quoted = self.document.key_at(path)
            return quoted.shifted(offset + self._quote(quoted))
        raw = self.document.data
        for part in path:
            raw = raw[part]
        if not isinstance(raw, str) or text not in raw:
            return self.document.value_at(path)
        return self.document.inside(path, raw, raw.index(text) + offset)

    def _quote(self, where: Where) -> int:
        line = self.document.text_of(where).split("\n")[where.line - 1]
        return int(line[where.column - 1 : where.column] in ("'", '"'))

    def expression(self, text: str, path: TreePath, names: Namespace | None = None, *,
                   on_key: bool = False) -> Expression | None:
        """Return the parsed expression, None where it is wrong; check its names."""
        key = (text, path)
        if key not in self._parsed:
            self._parsed[key] = self._parse(text, path, on_key)
        expression = self._parsed[key]
        if expression is not None and names is not None:
            self.problems += self._unknown(expression, text, path, names, on_key)
        return expression

    def _parse(self, text: str, path: TreePath, on_key: bool) -> Expression | None:
        start = Where(self.document.path, 1, 1)
        try:
            parsed = parse(text, start)
        except SpecError as error:
            for problem in error.problems:
                where = problem.where
                offset = where.column - 1 if isinstance(where, Where) else 0
                self.problems.append(replace(
                    problem, where=self.at(path, text, offset, on_key=on_key)))
            return None
        return replace(parsed, where=self.at(path, text, 0, on_key=on_key))

    def _unknown(self, expression: Expression, text: str, path: TreePath, names: Namespace,
                 on_key: bool) -> Iterable[Problem]:
        for name, offset in _uses(expression, text):
            problem = names.problem(name, self.at(path, text, offset, on_key=on_key))
            if problem:
                yield problem

    def reference(self, name: str, path: TreePath, declared: Iterable[str], what: str,
                  tolerated: Iterable[str] = (), *, within: str = "", on_key: bool = False
                  ) -> bool:
        """Return whether ``name`` is declared; complain where it is not.

        ``what`` is looked up ``within`` something, in words such as ``" in 'baseline'"``.
        """
        known = sorted(set(declared))
        if name in known:
            return True
        if name not in tolerated:
            close = nearest(name, known)
            self.complain(f"unknown {what} {name!r}{within}", path, on_key=on_key, near=close,
                          allowed=None if close else listing(known, 20) or "none are declared")
        return False


def _uses(expression: Expression, text: str) -> list[tuple[str, int]]:
    """Return each name that the expression uses, with its offset in the text, once a name."""
    found: dict[str, int] = {}
    for node in walk(expression.node):
        if isinstance(node, Name):
            found.setdefault(node.name, node.at)
        elif isinstance(node, Call):
            for option, keys in node.keys:
                for key in keys:
                    used = re.search(rf"\b{option}\s*=[^()=]*?\b{re.escape(key)}\b",
                                     text[node.at :])
                    found.setdefault(key, node.at + (used.end() - len(key) if used else 0))
    return sorted(found.items(), key=lambda item: item[1])
