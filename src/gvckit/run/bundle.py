"""Several named results of one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["Bundle"]


class Bundle(Mapping[str, Any]):
    """A mapping of named results that are stored, and read again, one by one.

    Parameters
    ----------
    members
        Name to anything that a step may return; the order is kept.
    load
        Turns a stored member into its value when it is asked for; None means that the members are
        the values.
    """

    def __init__(
        self, members: Mapping[str, Any], load: Callable[[Any], Any] | None = None
    ) -> None:
        self._members = dict(members)
        self._load = load

    def __getitem__(self, name: str) -> Any:
        member = self._members[name]
        return member if self._load is None else self._load(member)

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"Bundle({', '.join(self._members)})"
