"""What a validator changed or found in a table: one entry a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["AuditEntry"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was found in a table, and what was done about it.

    Attributes
    ----------
    policy
        The policy that decided, written ``name=choice`` (for example ``rounding=zero``).
    defect
        What was found, in words.
    where
        (country, sector); empty text where the entry is about a whole country or table.
    before, after
        The value before and after; equal where nothing was changed.
    action
        What was done, in words.
    """

    policy: str
    defect: str
    where: tuple[str, str]
    before: float | str
    after: float | str
    action: str

    def __str__(self) -> str:
        place = " ".join(w for w in self.where if w) or "table"
        return (f"{place}: {self.defect}: {self.before} -> {self.after} "
                f"({self.action}; {self.policy})")

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as JSON-able values."""
        return {
            "policy": self.policy, "defect": self.defect, "where": list(self.where),
            "before": self.before, "after": self.after, "action": self.action,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> AuditEntry:
        """Return the entry that :meth:`to_dict` wrote."""
        country, sector = stored["where"]
        return cls(stored["policy"], stored["defect"], (country, sector),
                   stored["before"], stored["after"], stored["action"])
