"""Numbers as papers print them: what they say, and how much their last digit is worth."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from gvckit.errors import Problem, SpecError, Where

__all__ = ["Printed", "parse_printed"]

_MINUS = dict.fromkeys(map(ord, "\u2212\u2013\u2012\u2010\u2011\ufe63\uff0d"), "-")
_STARS = dict.fromkeys(map(ord, "\u2217\uff0a\u204e"), "*")
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<digits>(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d*)?)(?:[eE](?P<power>[-+]?\d{1,3}))?"
    r"(?P<percent>\s*%)?"
)
_MOST = 60


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed number.

    Attributes
    ----------
    value
        Its exact decimal value.
    unit
        The worth of one unit of its last printed digit.
    stars
        The number of stars behind it.
    """

    value: Decimal
    unit: Decimal
    stars: int


def parse_printed(text: str, where: Where | str | None = None) -> Printed:
    """Return what a printed number says.

    Commas between thousands, any minus sign, one pair of brackets around, stars behind, powers of
    ten as ``1.2e-5`` and a percent sign (a hundredth) are understood; ``.224`` is ``0.224``.

    Raises
    ------
    SpecError
        Where the text is no such number; a comma is never a decimal point.
    """
    problem = Problem(f"{text[:_MOST]!r} is not a printed number", where,
                      allowed="for example 0.132***, (0.021), 41,230, −.573, 1.2e-5, 35.2%")
    plain = unicodedata.normalize("NFKC", text[:2 * _MOST]).translate(_MINUS).translate(_STARS)
    bare = re.sub(r"\s+", "", plain)
    stars = len(bare) - len(bare.rstrip("*"))
    bare = bare.rstrip("*")
    if bare[:1] + bare[-1:] in ("()", "[]"):
        bare = bare[1:-1]
        inner = len(bare) - len(bare.rstrip("*"))
        stars, bare = stars + inner, bare.rstrip("*")
    found = _NUMBER.fullmatch(bare)
    if len(text) > _MOST or found is None or not any(c.isdigit() for c in found["digits"]):
        raise SpecError(problem)
    digits = found["digits"].replace(",", "")
    power = int(found["power"] or 0) - (2 if found["percent"] else 0)
    value = Decimal(found["sign"] + (digits if digits[0] != "." else "0" + digits)).scaleb(power)
    decimals = len(digits.partition(".")[2])
    return Printed(value, Decimal(1).scaleb(power - decimals), stars)
