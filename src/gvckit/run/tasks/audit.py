"""Tell what the policies found and changed in a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.icio.table import IcioTable


def audit(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
          ) -> list[dict[str, Any]]:
    """Return the table's audit as plain values."""
    table: IcioTable = inputs["table"]
    return [entry.to_dict() for entry in table.audit]
