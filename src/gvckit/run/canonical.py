"""Plain JSON values, one text for each of them, and sha256 digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["dumps", "jsonable", "sha256_bytes", "sha256_text"]


def jsonable(value: Any, place: str = "value") -> Any:
    """Return ``value`` as plain JSON types; the order of mappings is kept.

    Tuples become lists and NumPy scalars become Python numbers.

    Raises
    ------
    TypeError
        For anything else, and for keys that are not text, naming the place inside the value.
    """
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {_key(k, place): jsonable(v, f"{place}.{k}") for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(v, f"{place}[{i}]") for i, v in enumerate(value)]
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return jsonable(value.item(), place)
    raise TypeError(f"{place} is a {type(value).__qualname__}, which is not plain JSON")


def _key(key: Any, place: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{place} has the key {key!r}, which is not text")
    return str(key)


def dumps(value: Any) -> str:
    """Return the one JSON text of a plain value: compact, in the order given, NaN allowed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sha256_bytes(data: bytes) -> str:
    """Return the sha256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sha256_text(text: str) -> str:
    """Return the sha256 of the UTF-8 bytes of ``text`` in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
