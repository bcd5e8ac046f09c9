"""Check a document against the schema, and say what is wrong in plain words at its place."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from gvckit.errors import Problem, Where, listing, nearest
from gvckit.spec.positions import Document, TreePath
from gvckit.spec.schema.coerce import kind_of
from gvckit.spec.schema.root import SpecFile

__all__ = ["Checked", "check_schema"]

# What stands in for a broken section that every spec must have, so that the rest is checked.
_STAND_INS: dict[str, Any] = {"schema": "1", "paper": {"key": "unnamed"}}
_MISSING_HINTS = {
    "take": "take: {new_name: column}, or a list of columns",
    "keys": "keys: {country: column, year: column}",
    "by": "by: [country, sector]",
    "is": "is: an expression",
    "schema": "schema: 1",
    "with": "with: the indices or data entries to merge",
}
_KINDS = {
    "model_type": "a mapping", "model_attributes_type": "a mapping", "dict_type": "a mapping",
    "tuple_type": "a list", "list_type": "a list", "string_type": "text",
}


@dataclass(slots=True)
class Checked:
    """What could be read of a spec.

    Attributes
    ----------
    file
        The spec without its broken entries.
    problems
        What is wrong with the broken ones.
    broken
        Paths of the entries, or of the keys of entries, that were left out.
    tolerated
        Every name that stands in what was left out: using one is no further problem.
    """

    file: SpecFile
    problems: list[Problem] = field(default_factory=list)
    broken: set[TreePath] = field(default_factory=set)
    tolerated: set[str] = field(default_factory=set)

    def declared(self, section: str) -> frozenset[str]:
        """Return every name that a section declares, those of broken entries too."""
        left_out = {str(path[1]) for path in self.broken if len(path) > 1 and path[0] == section}
        return frozenset({*getattr(self.file, section), *left_out})

    def hides(self, path: TreePath) -> bool:
        """Return whether something at or below ``path`` was left out."""
        return any(broken[: len(path)] == path for broken in self.broken)


def check_schema(document: Document) -> Checked | list[Problem]:
    """Return the spec with everything that is wrong; only the problems where nothing is left."""
    data = document.data
    if not isinstance(data, dict):
        return [Problem(f"expected a mapping with the sections of a spec, found {kind_of(data)}",
                        document.value_at(()), allowed=listing(SpecFile.allowed_keys(), 40))]
    checked = Checked(SpecFile.model_construct())
    while True:
        try:
            checked.file = SpecFile.model_validate(data)
        except ValidationError as error:
            if data is document.data:
                data = copy.deepcopy(data)
            if not _leave_out(data, _collect(error, document, checked), checked):
                return checked.problems
        else:
            return checked


def _collect(error: ValidationError, document: Document, checked: Checked
             ) -> dict[TreePath, str | None]:
    """Add the problems of ``error``; return the paths that they stand at.

    With each path comes a word that can stand in for the wrong one, None where there is none.
    What follows only from a part that was left out before is no problem of its own.
    """
    found: dict[TreePath, str | None] = {}
    missing: list[tuple[TreePath, Problem]] = []
    misspelt: set[TreePath] = set()
    for item in error.errors(include_url=False):
        path, on_key, rest = _located(item["loc"], document)
        context = item.get("ctx") or {}
        if item["type"] == "spec" and context["at"]:
            path, rest = document.known((*path, *context["at"])), ()
        words = _words_in_quotes(context.get("expected", ""))
        found[path] = words[0] if item["type"] == "literal_error" and not rest else None
        if checked.broken and checked.hides((*path, *rest)):
            continue
        about_key = on_key or _about_key(item)
        where = document.key_at(path) if about_key else document.value_at(path)
        problem = _problem(item, where, path, rest)
        if item["type"] == "missing":
            missing.append(((*path, *rest), problem))
            continue
        if about_key and problem.nearest:
            misspelt.add((*path[:-1], problem.nearest))
        checked.problems.append(problem)
    checked.problems += [problem for path, problem in missing if path not in misspelt]
    return found


def _about_key(item: Any) -> bool:
    """Return whether the problem is the key, and not its value."""
    return bool(item["type"] == "missing" or (
        item["type"] == "spec"
        and item["ctx"]["what"].startswith(("unknown key", "stray key", "the name"))))


def _words_in_quotes(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


def _located(loc: TreePath, document: Document) -> tuple[TreePath, bool, TreePath]:
    """Return the path in the document, whether the key is meant, and what is not there.

    Parts of ``loc`` that name a branch of the schema (``<file>``) are skipped.
    """
    on_key = bool(loc) and loc[-1] == "[key]"
    parts = [p for p in loc if not (isinstance(p, str) and p[:1] in "<[" and p[-1:] in ">]"
                                    and p)]
    path: TreePath = ()
    for i, part in enumerate(parts):
        if (*path, part) not in document.positions:
            return path, on_key, tuple(parts[i:])
        path = (*path, part)
    return path, on_key, ()


def _problem(item: Any, where: Where, path: TreePath, rest: TreePath) -> Problem:
    kind, context = item["type"], item.get("ctx") or {}
    subject = next((str(p) for p in reversed(path) if isinstance(p, str)), "")
    lead = f"{subject}: " if subject else ""
    if kind == "spec":
        what = context["what"] if _about_key(item) else lead + context["what"]
        return Problem(what, where, context["allowed"], context["nearest"])
    if kind == "missing":
        key = str(rest[-1]) if rest else str(item["loc"][-1])
        inside = f" in {subject!r}" if subject else ""
        return Problem(f"{key!r} is missing{inside}", where, _MISSING_HINTS.get(key))
    if kind == "literal_error":
        words = _words_in_quotes(context.get("expected", ""))
        return Problem(f"{lead}unknown value {kind_of(item['input'])}", where, listing(words),
                       nearest(str(item["input"]), words))
    if kind in _KINDS:
        return Problem(f"{lead}expected {_KINDS[kind]}, found {kind_of(item['input'])}", where)
    if kind == "too_short":
        return Problem(f"{lead}expected at least {context.get('min_length', 1)}, found "
                       f"{context.get('actual_length', 0)}", where)
    if kind == "too_long":
        return Problem(f"{lead}expected at most {context.get('max_length')}, found "
                       f"{context.get('actual_length')}", where)
    return Problem(f"{lead}{item['msg']}", where)


def _leave_out(data: dict[str, Any], found: dict[TreePath, str | None], checked: Checked) -> bool:
    """Take what is broken out of ``data``; return whether that changed anything."""
    changed = [_replace(data, path, word) if word else _take_out(data, path, checked)
               for path, word in found.items()]
    return any(changed)


def _replace(data: dict[str, Any], path: TreePath, word: str) -> bool:
    """Put a word that is allowed in the place of one that is not."""
    holder = _holder(data, path)
    if holder is None or (isinstance(holder, dict) and path[-1] not in holder):
        return False
    changed: bool = holder[path[-1]] != word
    holder[path[-1]] = word
    return changed


def _take_out(data: dict[str, Any], path: TreePath, checked: Checked) -> bool:
    """Take out the smallest part at ``path`` that the rest can be without.

    A key of the section ``panel``, or an entry that needs the key, goes as a whole; the sections
    that every spec has get a stand-in.
    """
    if not path or path[0] in _STAND_INS:
        keys = [str(path[0])] if path else [k for k in _STAND_INS if data.get(k) is None]
        stale = [k for k in keys if data.get(k) != _STAND_INS[k]]
        data.update({k: _STAND_INS[k] for k in stale})
        checked.broken |= {(k,) for k in stale}
        return bool(stale)
    if path in checked.broken:
        path = path[:1] if path[0] == "panel" else path[:-1]
    while len(path) > 1 and path not in checked.broken and not _removable(data, path):
        path = path[:1] if path[0] == "panel" else path[:-1]
    if not _removable(data, path):
        return False
    checked.broken.add(path)
    checked.tolerated |= {str(path[-1])} | _words(_holder(data, path).pop(path[-1]))
    return True


def _holder(data: Any, path: TreePath) -> Any:
    """Return what holds the last part of ``path``, None where it is not there."""
    for part in path[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _removable(data: Any, path: TreePath) -> bool:
    holder = _holder(data, path)
    return isinstance(holder, dict) and path[-1] in holder


def _words(value: Any) -> set[str]:
    """Return every name in a part of the file."""
    if isinstance(value, dict):
        return {str(k) for k in value}.union(*(_words(v) for v in value.values()))
    if isinstance(value, list):
        return set().union(*(_words(v) for v in value))
    return set(re.findall(r"[A-Za-z_]\w*", value)) if isinstance(value, str) else set()
