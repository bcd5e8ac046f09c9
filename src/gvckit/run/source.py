"""What one module of source code says: its meaning as a digest, its imports, its data files."""

from __future__ import annotations

import ast
import os
import time
from dataclasses import dataclass
from pathlib import Path

from gvckit.run.canonical import sha256_bytes, sha256_text

__all__ = ["Import", "Signature", "Source", "read_source", "signature"]

Signature = tuple[int, int, int, int]

# A file that was written this short a time before it was read may be written again without a
# visible change of its time stamp.
RACY_NS = 100_000_000


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: ``from {"." * level}{module} import {names}`` or ``import module``."""

    level: int
    module: str
    names: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """What matters of a module: digest of its syntax tree, imports, patterns of data files."""

    digest: str
    imports: tuple[Import, ...]
    data_files: tuple[str, ...]


_BY_STAT: dict[str, tuple[Signature, Source]] = {}
_BY_BYTES: dict[str, Source] = {}


def signature(path: str | Path) -> Signature:
    """Return what changes when somebody writes to a file."""
    stat = os.stat(path)  # noqa: PTH116 - called for each file of each step; Path costs three times
    return (stat.st_mtime_ns, stat.st_size, stat.st_ctime_ns, stat.st_ino)


def read_source(path: Path) -> Source:
    """Return what the module at ``path`` says, from memory where the file has not changed."""
    name = str(path)
    now = signature(path)
    known = _BY_STAT.get(name)
    if known and known[0] == now:
        return known[1]
    data = path.read_bytes()
    digest = sha256_bytes(data)
    source = _BY_BYTES.get(digest)
    if source is None:
        source = _BY_BYTES[digest] = parse_source(data, name)
    if time.time_ns() - now[0] > RACY_NS:
        _BY_STAT[name] = (now, source)
    return source


def parse_source(data: bytes, name: str) -> Source:
    """Return what the source code in ``data`` says.

    Comments, positions, docstrings and ``if TYPE_CHECKING:`` blocks do not count.
    """
    tree = ast.parse(data, name)
    imports: list[Import] = []
    _strip(tree, imports)
    text = ast.dump(tree, annotate_fields=False)
    return Source(sha256_text(text), tuple(imports), _data_files(tree))


def _strip(tree: ast.AST, imports: list[Import]) -> None:
    """Drop what does not change behaviour from ``tree``, and collect its imports on the way."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            imports += [Import(0, alias.name, (), node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            imports.append(Import(node.level, node.module or "", names, node.lineno))
        elif isinstance(node, ast.If) and _type_checking(node.test):
            node.body = []
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                block[:] = [child for child in block if not _bare_text(child)]
                stack += block


def _bare_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def _data_files(tree: ast.Module) -> tuple[str, ...]:
    """Return the patterns in ``DATA_FILES = ("folder/*.toml",)`` at the top of a module."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else (
            [node.target] if isinstance(node, ast.AnnAssign) else [])
        if any(isinstance(t, ast.Name) and t.id == "DATA_FILES" for t in targets):
            value = ast.literal_eval(node.value)  # type: ignore[attr-defined]
            patterns = (value,) if isinstance(value, str) else tuple(value)
            return tuple(str(pattern) for pattern in patterns)
    return ()
