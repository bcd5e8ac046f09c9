"""What every figure needs: texts that its font can write, and the numbers that it shows."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gvckit.report.request import in_language

__all__ = ["csv_bytes", "drawable", "line"]


def line(text: Mapping[str, str] | None, language: str = "en") -> str:
    """Return a text, or nothing where the font cannot write it."""
    found = in_language(text or {}, language)
    return found if drawable(found, language) else ""


def drawable(text: str, language: str = "en") -> bool:
    """Return whether the font has the characters: that of English figures has no Chinese."""
    return language == "zh" or all(ord(sign) < 0x2E80 for sign in text)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as the bytes of a csv file."""
    return frame.to_csv(index=False, float_format="%.10g", lineterminator="\n").encode()
