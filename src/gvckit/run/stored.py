"""Where a result lies in the store, as a value: its parts by content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gvckit.run.canonical import dumps, sha256_text

__all__ = ["Part", "Stored"]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a result: its name in the result, the sha256 of its bytes, their number."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Stored:
    """A result in the store.

    Attributes
    ----------
    tag
        The codec that wrote it; ``bundle`` for several named results.
    parts
        Its files.
    members
        The named results of a bundle, in order.
    """

    tag: str
    parts: tuple[Part, ...] = ()
    members: tuple[tuple[str, Stored], ...] = ()

    @cached_property
    def digest(self) -> str:
        """The sha256 of the whole result."""
        return sha256_text(dumps([
            self.tag, [[p.name, p.sha256] for p in self.parts],
            [[name, member.digest] for name, member in self.members]]))

    def all_parts(self) -> Iterator[Part]:
        """Yield the files of the result and of its members."""
        yield from self.parts
        for _, member in self.members:
            yield from member.all_parts()

    def to_json(self) -> dict[str, Any]:
        """Return the plain value that `from_json` reads."""
        plain: dict[str, Any] = {
            "tag": self.tag, "parts": [[p.name, p.sha256, p.size] for p in self.parts]}
        if self.members:
            plain["members"] = [[name, member.to_json()] for name, member in self.members]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Stored:
        """Return the result that `to_json` described; KeyError, TypeError, ValueError if torn."""
        members: Sequence[Sequence[Any]] = plain.get("members", ())
        return cls(
            str(plain["tag"]),
            tuple(Part(str(name), str(sha), int(size)) for name, sha, size in plain["parts"]),
            tuple((str(name), cls.from_json(member)) for name, member in members),
        )
