from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from .numbers import base

if TYPE_CHECKING:
    from toypaper.typed import Year

DATA_FILES = ("data/*.toml",)


def scale(inputs, files, params) -> dict[str, Year | float]:
    from toypaper import lazy

    constants = tomllib.loads((Path(__file__).parent / DATA_FILES[0].replace("*", "constants"))
                              .read_text())
    return {"value": inputs["table"]["value"] * lazy.FACTOR + constants["offset"] + base(100)}


def parity(inputs, files, params):
    """Return something that often stays equal when its input changes."""
    return {"even": int(inputs["table"]["value"]) % 2 == 0}
