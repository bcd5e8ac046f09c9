"""Read a spec file: YAML 1.2 to plain data, with the place of every key and value.

Scalars stay the text that was typed (``NO``, ``0132``, ``2010_1``); what is empty, ``null`` or
``~`` is None.  Tags, merge keys and duplicate keys are refused, aliases are capped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from gvckit.errors import Problem, SpecError, Where
from gvckit.spec.nodes import MAX_DEPTH, MAX_NODES, Node, compose
from gvckit.spec.positions import Document, Place, TreePath
from gvckit.spec.syntax import bad_escape, explained
from gvckit.spec.text import read_text

__all__ = ["load", "load_text"]

_NOTHING = frozenset({"", "null", "~"})


def load(path: Path | str) -> Document:
    """Read the spec at ``path``.

    Parameters
    ----------
    path
        A YAML file of at most 1 MB; it is shown in messages as it is given.

    Returns
    -------
    Document
        Data, positions and text.  What is wrong but does not stop the reading is in
        ``problems``; :func:`gvckit.spec.resolve.resolve` raises it with everything else.

    Raises
    ------
    SpecError
        Where the file cannot be read at all: not there, not UTF-8, not YAML, too large, too deep.
    """
    path = Path(path)
    return load_text(read_text(path), str(path))


def load_text(text: str, path: str = "spec") -> Document:
    """Read a spec from its text; ``path`` is shown in messages.  See :func:`load`."""
    try:
        root, problems = compose(text, path)
    except YAMLError as error:
        raise SpecError(explained(error, text, path)) from None
    except (ValueError, OverflowError) as error:
        raise SpecError(bad_escape(text, path, str(error))) from None
    if root is None:
        raise SpecError(Problem("the file is empty", Where(path, 1, 1),
                                allowed="a spec; `gvckit new` writes one to start from"))
    walker = _Walker(path, text)
    data = walker.value(root, (), root)
    return Document(path, data, walker.positions, text, tuple(problems))


class _Walker:
    """Turn nodes into data, following aliases, and count what comes out."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.positions: dict[TreePath, Place] = {}

    def value(self, node: Node, path: TreePath, key: Node) -> Any:
        if len(self.positions) >= MAX_NODES:
            raise SpecError(Problem("the aliases of the file expand to too many entries",
                                    node.where, allowed=f"at most {MAX_NODES:,}"))
        if len(path) > MAX_DEPTH:
            raise SpecError(Problem("the aliases of the file nest too deep", node.where,
                                    allowed=f"at most {MAX_DEPTH} levels"))
        self.positions[path] = self.place(node, key)
        if node.text is not None:
            return None if node.is_plain and node.text in _NOTHING else node.text
        if node.style in ("{", "map"):
            return {k.text: self.value(v, (*path, k.text or ""), k) for k, v in node.pairs}
        return [self.value(item, (*path, i), item) for i, item in enumerate(node.items)]

    def place(self, node: Node, key: Node) -> Place:
        if not node.is_scalar:
            return Place(key.where, node.where, node.where, node.start, "{")
        start, where = node.start, node.where
        if node.style in ("'", '"'):
            start, where = start + 1, where.shifted(1)
        elif node.style in ("|", ">"):
            start, where = self.block(node)
        return Place(key.where, node.where, where, start, node.style)

    def block(self, node: Node) -> tuple[int, Where]:
        """Return where the text of a block scalar starts: below its sign, after the indent."""
        start = self.text.find("\n", node.start) + 1 or node.start
        while self.text[start : start + 1] in (" ", "\n"):
            start += 1
        lines = self.text.count("\n", node.start, start)
        column = start - (self.text.rfind("\n", 0, start) + 1) + 1
        return start, Where(self.path, node.where.line + lines, column)
