"""``use``: ready pieces of a spec, the families, written out where a spec names them.

A family is a file of data entries and indices.  ``use: [digital-trade]`` at the top of a spec
brings all of it; an index ``mine: {use: digital-trade, composite: {weights: equal}}`` is the
family's main index under another name and with what it says changed, and brings the rest along.
Places of what comes from a family are places in its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from gvckit.errors import Problem
from gvckit.spec.positions import Document, Place, TreePath

__all__ = ["FOLDER", "families", "family_text", "main_index", "read_family", "with_families"]

FOLDER = Path(__file__).resolve().parent.parent / "sources" / "families"
_SHOWN = "families/"
_SECTIONS = ("data", "indices")


@cache
def families() -> tuple[str, ...]:
    """Return the names of the families."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def family_text(shown: str) -> str | None:
    """Return the text of the family whose file messages call ``shown``; None for other files."""
    name = shown.removeprefix(_SHOWN).removesuffix(".yaml")
    if shown != f"{_SHOWN}{name}.yaml" or name not in families():
        return None
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def read_family(name: str) -> Document:
    """Return the file of a family that exists."""
    # Only a spec that uses a family needs the reader of YAML here.
    from gvckit.spec.load import load_text

    shown = f"{_SHOWN}{name}.yaml"
    return load_text(family_text(shown) or "", shown)


def main_index(name: str) -> str | None:
    """Return the index that an entry ``{use: name}`` stands for, None where there is none.

    ``name`` is a family, or ``family.index`` for another index of it.
    """
    family, _, index = name.partition(".")
    if family not in families():
        return None
    data = read_family(family).data
    found = index or data["family"].get("index")
    return found if found in data.get("indices", {}) else None


def with_families(document: Document) -> Document:
    """Return the document with the families that it uses written out.

    Names of families that do not exist are left as they stand: the schema complains about them.
    """
    if not isinstance(document.data, dict):
        return document
    whole = [name for name in _listed(document.data.get("use")) if name in families()]
    entries = dict(_entries(document.data.get("indices")))
    if not whole and not entries:
        return document
    work = _Work(document, {**document.data}, dict(document.positions))
    for section in _SECTIONS:
        given = document.data.get(section)
        if isinstance(given, dict) or given is None:
            work.data[section] = dict(given or {})
    if not all(isinstance(work.data[section], dict) for section in _SECTIONS):
        return document
    for entry, name in entries.items():
        work.entry(entry, name)
    for family in dict.fromkeys([*whole, *(n.partition(".")[0] for n in entries.values())]):
        taken = {main_index(n) for n in entries.values() if n.partition(".")[0] == family}
        work.bring(family, frozenset() if family in whole else frozenset(taken - {None}))
    return replace(document, data=work.data, positions=work.positions,
                   problems=(*document.problems, *work.problems), texts=work.texts)


def _listed(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _entries(indices: Any) -> Iterator[tuple[str, str]]:
    """Yield each index that takes one of a family, and which."""
    for entry, value in (indices.items() if isinstance(indices, dict) else ()):
        name = value.get("use") if isinstance(value, dict) else None
        if isinstance(name, str) and main_index(name) is not None:
            yield entry, name


@dataclass(slots=True)
class _Work:
    """A document while families are written into it."""

    document: Document
    data: dict[str, Any]
    positions: dict[TreePath, Place]
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def entry(self, entry: str, name: str) -> None:
        """Write out the index ``entry`` that takes ``name`` and says what it changes."""
        fragment = read_family(name.partition(".")[0])
        index = main_index(name)
        own = {k: v for k, v in self.data["indices"][entry].items() if k != "use"}
        self.data["indices"][entry] = _changed(fragment.data["indices"][index], own)
        self._places(fragment, ("indices", str(index)), ("indices", entry), own)

    def bring(self, family: str, taken: frozenset[str | None]) -> None:
        """Write all of a family, but for the indices that entries have ``taken``."""
        fragment = read_family(family)
        self.texts[fragment.path] = fragment.text
        for section in _SECTIONS:
            for name, value in fragment.data.get(section, {}).items():
                if section == "indices" and name in taken:
                    continue
                path: TreePath = (section, name)
                if path in self.document.positions:
                    # The family's entry stands, so that what uses it is no further problem.
                    self.problems.append(Problem(
                        f"{name!r} is declared here and by the family {family!r}",
                        self.document.key_at(path), allowed="another name"))
                self.data[section][name] = value
                self.positions.setdefault((section,), fragment.positions[(section,)])
                self._places(fragment, path, path, {})

    def _places(self, fragment: Document, source: TreePath, target: TreePath, own: Any) -> None:
        """Take over the fragment's places below ``source``, but for what ``own`` replaces."""
        for path, place in fragment.positions.items():
            rest = path[len(source) :]
            if path[: len(source)] == source and not _replaced(own, rest):
                self.positions.setdefault((*target, *rest), place)


def _changed(ready: Any, own: Any) -> Any:
    """Return ``ready`` with what ``own`` says: mappings are merged, null takes an entry out."""
    if not isinstance(ready, dict) or not isinstance(own, dict):
        return own
    out = {key: value for key, value in ready.items() if own.get(key, "") is not None}
    for key, value in own.items():
        if value is not None:
            out[key] = _changed(ready[key], value) if key in ready else value
    return out


def _replaced(own: Any, path: TreePath) -> bool:
    """Return whether ``own`` says itself what stands at ``path``."""
    for part in path:
        if not isinstance(own, dict) or part not in own:
            return False
        own = own[part]
        if not isinstance(own, dict):
            return True
    return False
