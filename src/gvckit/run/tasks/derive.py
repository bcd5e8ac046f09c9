"""Derive the variables of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.errors import DataError, Problem
from gvckit.panel.derive import derive
from gvckit.panel.expressions import parse
from gvckit.run.bundle import Bundle


def variables(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
              ) -> Bundle:
    """Return the panel with its derived variables, and what became missing on the way."""
    frame, notes = derive(inputs["panel"]["frame"], dict(params["variables"]),
                          unit=params["unit"], time=params["time"])
    scaled = {name: frame[name] * scale for name, scale in params["scales"].items()}
    frame = frame.assign(**scaled) if scaled else frame
    empty = [name for name in params["variables"] if bool(frame[name].isna().all())]
    if empty:
        needs = {name: parse(text).names for name, text in params["variables"].items()}
        # A variable of others that have no value has none either.
        roots = [name for name in empty if not set(needs[name]) & set(empty)]
        said = {name: [n for n in notes if n.startswith(f"{name}:")] for name in empty}
        raise DataError([
            Problem(f"variable {name!r} has no value in any row of the panel"
                    + (f" ({'; '.join(said[name])})" if said[name] else ""), at=(name, "is"))
            for name in roots])
    return Bundle({"frame": frame, "notes": list(notes)})
