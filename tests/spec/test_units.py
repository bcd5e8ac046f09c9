"""The unit of a derived variable, from what it is made of."""

from __future__ import annotations

import pytest

from gvckit.panel.expressions import parse
from gvckit.spec.compile.units import unit_of

UNITS = {"gdp": {"en": "USD", "zh": "美元"}, "cost": {"en": "USD", "zh": "美元"},
         "net": {"en": "% of population", "zh": "占人口百分比"}}
DUMMY = {"en": "1 or 0", "zh": "1或0"}


@pytest.mark.parametrize(("text", "unit"), [
    ("gdp", UNITS["gdp"]),
    ("-gdp", UNITS["gdp"]),
    ("winsor(only(gdp, net > 3), 0.01)", UNITS["gdp"]),
    ("lag(gdp) - first(cost, by=country)", UNITS["gdp"]),
    ("gdp - net", None),
    ("gdp * net", None),
    ("gdp / cost", None),
    ("gdp + other", None),
    ("where(net > 3, gdp, cost)", UNITS["gdp"]),
    ("where(net > 3, gdp, net)", None),
    ("where(net > 3, 1, 0)", DUMMY),
    ("where(net > 3, 2, 0)", None),
    ("net > 3 and gdp < 2", DUMMY),
    ("not net > 3", DUMMY),
    ("lag(net > 3)", DUMMY),
    ("mean(net > 3, by=year)", {"en": "share", "zh": "比重"}),
    ("sum(net > 3, by=country)", {"en": "number", "zh": "个数"}),
    ("diff(net > 3)", None),
    ("where(net > 3, 1, 0) + where(gdp > 2, 1, 0)", None),
    ("where(net > 3, gdp < 2, gdp > 9)", DUMMY),
    ("log(gdp)", {"en": "log of USD", "zh": "美元的对数"}),
    ("log(gdp / cost)", None),
    ("standardise(gdp, by=year)", {"en": "standard deviations", "zh": "标准差"}),
    ("exp(gdp)", None),
    ("3", None),
])
def test_units_follow_what_keeps_them(text: str, unit: dict[str, str] | None) -> None:
    assert unit_of(parse(text).node, UNITS.get) == unit
