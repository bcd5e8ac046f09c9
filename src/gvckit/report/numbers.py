"""How a number is printed: fixed decimals, thousands, and never ``0.000`` for what is not zero."""

from __future__ import annotations

import math

__all__ = ["LARGEST_FIXED", "decimals_for", "decimals_together", "fixed", "scientific", "thousands"]

#: Magnitudes from here on are printed in powers of ten.
LARGEST_FIXED = 1e9

#: How many decimals more than asked a small number may take before it is printed in powers of ten.
_EXTRA_DECIMALS = 3

_SIGNIFICANT = 2


def fixed(value: float, decimals: int) -> str:
    """Return ``value`` with ``decimals`` digits after the point, without a negative zero."""
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def thousands(value: float, decimals: int = 0) -> str:
    """Return ``value`` with commas between thousands: ``12,345``."""
    text = f"{value:,.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def scientific(value: float, digits: int = _SIGNIFICANT) -> tuple[str, int]:
    """Return mantissa text and power of ten of ``value``: ``("4.1", -8)``."""
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return mantissa, int(exponent)


def decimals_for(value: float, decimals: int) -> int | None:
    """Return the decimals with which ``value`` is printed, None for powers of ten.

    A number that is not zero is never printed as zero: where ``decimals`` digits would show only
    zeros it takes as many as its first two significant digits need, up to three more than asked;
    beyond that, and from 1e9 on, it is printed in powers of ten.
    """
    if value == 0 or not math.isfinite(value):
        return decimals
    if abs(value) >= LARGEST_FIXED:
        return None
    if float(fixed(value, decimals)) != 0:
        return decimals
    needed = _SIGNIFICANT - 1 - scientific(value)[1]
    return needed if needed <= decimals + _EXTRA_DECIMALS else None


def decimals_together(values: tuple[float, ...], decimals: int) -> int | None:
    """Return one number of decimals for figures printed as a pair (estimate and standard error)."""
    needed = [decimals_for(value, decimals) for value in values]
    known = [n for n in needed if n is not None]
    return max(known) if len(known) == len(needed) and known else None
