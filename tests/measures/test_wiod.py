"""WIOD 2013 against the totals of methods.md 8.3 and the country values beneath."""

from __future__ import annotations

import numpy as np
import pytest

from gvckit.measures.accounts import accounts
from gvckit.measures.borin_mancini import borin_mancini
from gvckit.measures.digital_inputs import digital_inputs
from gvckit.measures.final_shares import final_shares
from gvckit.measures.kww import kww
from gvckit.measures.lengths import lengths
from gvckit.measures.participation import participation
from gvckit.measures.position import position
from gvckit.measures.production import production
from gvckit.measures.vertical import vax, vs

pytestmark = pytest.mark.data

COLUMNS = "E/GDP GVCtr PF=PB TS FC HIYVS VAX D RT S C GVCpr X/VA PLvGVC FVAman"
ORACLE = """
1995 .1872 .3492 .1557 .0378 .1894 .1935 .7849 .8490 .0562 .0657 .0292 .0949 1.8910 3.8868 .1817
1996 .1919 .3517 .1568 .0382 .1908 .1949 .7830 .8455 .0571 .0673 .0301 .0973 1.8923 3.8721 .1863
1997 .1940 .3521 .1568 .0386 .1913 .1954 .7822 .8439 .0570 .0687 .0304 .0991 1.8972 3.8774 .1894
1998 .1952 .3594 .1598 .0399 .1955 .1996 .7772 .8438 .0599 .0652 .0312 .0963 1.8932 3.8716 .1872
1999 .1990 .3705 .1643 .0419 .2017 .2062 .7692 .8420 .0599 .0654 .0327 .0981 1.8987 3.8813 .1918
2000 .2170 .4012 .1755 .0503 .2204 .2258 .7484 .8320 .0603 .0696 .0381 .1077 1.9210 3.9062 .2109
2001 .2135 .3986 .1747 .0493 .2188 .2240 .7511 .8343 .0606 .0678 .0373 .1051 1.9151 3.9165 .2090
2002 .2142 .3952 .1735 .0482 .2166 .2217 .7542 .8333 .0620 .0675 .0372 .1047 1.9002 3.8899 .2090
2003 .2234 .4052 .1768 .0516 .2229 .2284 .7486 .8276 .0632 .0697 .0395 .1092 1.9132 3.9137 .2175
2004 .2413 .4279 .1840 .0598 .2375 .2438 .7335 .8175 .0630 .0750 .0444 .1194 1.9308 3.9301 .2359
2005 .2533 .4386 .1877 .0632 .2441 .2509 .7263 .8103 .0636 .0785 .0475 .1261 1.9624 3.9730 .2466
2006 .2680 .4527 .1921 .0685 .2531 .2606 .7162 .8018 .0649 .0818 .0515 .1333 1.9870 4.0156 .2589
2007 .2782 .4595 .1941 .0713 .2578 .2654 .7120 .7957 .0667 .0837 .0540 .1377 2.0113 4.0633 .2637
2008 .2885 .4682 .1976 .0730 .2624 .2706 .7061 .7896 .0667 .0867 .0570 .1437 2.0422 4.1085 .2725
2009 .2365 .4185 .1814 .0557 .2312 .2371 .7419 .8196 .0615 .0760 .0429 .1189 2.0038 4.1268 .2327
2010 .2573 .4400 .1888 .0624 .2446 .2512 .7273 .8074 .0635 .0806 .0486 .1292 2.0289 4.1546 .2486
2011 .2648 .4441 .1902 .0637 .2475 .2539 .7249 .8025 .0631 .0841 .0504 .1344 2.0458 4.1703 .2551
"""
ROWS = {int(line.split()[0]): line.split()[1:] for line in ORACLE.strip().splitlines()}


def assert_printed(got: float, printed: str, what: str = "") -> None:
    digits = len(printed.partition(".")[2])
    assert round(got, digits) == float(printed), f"{what}: {got} is not {printed}"


@pytest.mark.parametrize("year", ROWS)
def test_world_totals(wiod, year):
    io = wiod(year)
    forward, backward = (production(io, direction=d, by="world").iloc[0]
                         for d in ("forward", "backward"))
    # World forward equals world backward, part by part.
    for part in ("total", "D", "RT", "GVC_S", "GVC_C"):
        assert forward[part] == pytest.approx(backward[part], rel=1e-10)
    three = participation(io, definition="tripartite", by="world").iloc[0]
    assert three["PF"] == pytest.approx(three["PB"], rel=1e-10)
    terms = kww(io).sum(numeric_only=True)
    exports, VA = three["exports"], forward["total"]
    pl = {d: lengths(io, direction=d, by="world").iloc[0] for d in ("forward", "backward")}
    assert pl["forward"]["PL_GVC"] == pytest.approx(pl["backward"]["PL_GVC"], rel=1e-10)
    got = [exports / VA, three["participation"], three["forward"], three["TS"] / exports,
           (terms["T7"] + terms["T8"] + terms["T9"]) / exports,
           (three["PB"] + three["TS"]) / exports,
           (terms["T1"] + terms["T2"] + terms["T3"]) / exports,
           forward["D"] / VA, forward["RT"] / VA, forward["GVC_S"] / VA, forward["GVC_C"] / VA,
           forward["participation"], pl["forward"]["PL"], pl["forward"]["PL_GVC"],
           final_shares(io, sectors="wiod2013-manufacturing", by="world")["foreign_share"].item()]
    for name, value, printed in zip(COLUMNS.split(), got, ROWS[year], strict=True):
        assert_printed(value, printed, name)
    assert pl["forward"]["PL"] == pytest.approx(io.X.sum() / VA, rel=1e-10)
    # The export decompositions meet the same digits on paths of their own.
    total, parts = vs(io, by="world").iloc[0], borin_mancini(io, level="world").iloc[0]
    other = [parts["GVC"] / exports, parts["GVCF"] / exports, parts["FC"] / exports,
             parts["GVCB"] / exports, parts["VAX"] / exports, total["VS_KWW"] / exports,
             total["VS_HIY"] / exports, vax(io, by="world")["VAX"].item() / exports]
    names = ["GVCtr", "PF=PB", "FC", "HIYVS", "VAX", "FC", "HIYVS", "VAX"]
    for name, value in zip(names, other, strict=True):
        assert_printed(value, ROWS[year][COLUMNS.split().index(name)], name)


COUNTRIES = """
CHN .7548 .2176 .2257 .3840 .1189 .1574
USA .7904 .1490 .1559 .3738 .0722 .0826
DEU .6940 .2723 .2853 .4650 .2014 .1630
JPN .8152 .1700 .1728 .3765 .0819 .0822
KOR .5915 .4024 .4052 .5527 .2259 .2379
MEX .6885 .3001 .3028 .4385 .1381 .1482
IND .7791 .2167 .2175 .3597 .0763 .1194
TWN .5229 .4723 .4754 .6423 .2979 .2282
"""


def test_countries_2011(wiod):
    io = wiod(2011)
    terms = kww(io).set_index("exporter")
    trade = participation(io, definition="trade", by="country").set_index("exporter")
    f, b = (production(io, direction=d, by="country").set_index("country")["participation"]
            for d in ("forward", "backward"))
    both = participation(io, by="country").set_index("country")
    for line in COUNTRIES.strip().splitlines():
        code, *printed = line.split()
        k = terms.loc[code]
        got = [(k["T1"] + k["T2"] + k["T3"]) / k["exports"],
               (k["T7"] + k["T8"] + k["T9"]) / k["exports"], trade.loc[code, "backward"],
               trade.loc[code, "participation"], f[code], b[code]]
        for value, text in zip(got, printed, strict=True):
            assert_printed(value, text, code)
        assert both.loc[code, "forward"] == pytest.approx(f[code], rel=1e-12)
        assert both.loc[code, "backward"] == pytest.approx(b[code], rel=1e-12)


def test_positions_2011(wiod):
    io = wiod(2011)
    by = position(io, by="country").set_index("country")
    for code, value in {"CHN": ".9515", "USA": ".9719", "DEU": ".9910", "JPN": "1.0264",
                        "KOR": ".9912", "MEX": ".9331", "RUS": "1.0027", "LUX": "1.0723"}.items():
        assert_printed(by.loc[code, "position"], value, code)
    assert_printed(by.loc["CHN", "forward"], "4.8345")
    assert_printed(by.loc["CHN", "backward"], "5.0807")
    rows = position(io).set_index(["country", "sector"])
    assert_printed(rows.loc[("CHN", "c14"), "position"], ".8031")
    # Missing where there is no output, or no value chain on one side (households as employers
    # buy no inputs).
    chains = [production(io, direction=d)["participation"] for d in ("forward", "backward")]
    idle = io.zero | ~((chains[0].fillna(0) != 0) & (chains[1].fillna(0) != 0)).to_numpy()
    np.testing.assert_array_equal(rows["position"].isna(), idle)
    assert io.zero.sum() == 22


@pytest.mark.parametrize(("code", "strict", "loose"), [
    ("USA", "-.0345", ".1053"), ("CHN", "-.0861", "-.0144"), ("JPN", "-.0200", ".0766"),
    ("RUS", ".1159", ".3634")])
def test_koopman_definitions_change_the_sign_2011(wiod, code, strict, loose):
    io = wiod(2011)
    for iv, fv, printed in (("t3", "fva", strict), ("vs1", "fc", loose)):
        frame = position(io, definition="koopman", iv=iv, fv=fv).set_index("country")
        assert_printed(frame.loc[code, "position"], printed, f"{code} {iv} {fv}")


def test_wwz_sums_of_china_2011(wiod):
    io = wiod(2011)
    frame = position(io, definition="koopman", iv="wwz-t345", fv="wwz-fva",
                     by="country-sector")
    china = frame[frame["country"] == "CHN"][["iv", "fv", "exports"]].sum()
    assert round(china["exports"]) == 2084965
    # Terms printed in percent of exports with two decimals; sums may be off by one each.
    assert 100 * china["iv"] / china["exports"] == pytest.approx(5.93 + 5.93 + 1.47, abs=0.015)
    assert 100 * china["fv"] / china["exports"] == pytest.approx(1.13 + 0.96 + 8.64 + 6.33,
                                                                 abs=0.02)


@pytest.mark.parametrize(("code", "direct", "complete", "input_share", "share", "value"), [
    ("CHN", ".0908", ".3461", ".1134", ".1338", ".1081"),
    ("USA", ".1717", ".3964", ".2210", ".2188", ".2166"),
    ("DEU", ".0973", ".2930", ".1334", ".1652", ".1551")])
def test_digital_inputs_of_transport_equipment_2011(
        wiod, code, direct, complete, input_share, share, value):
    io = wiod(2011)
    for coefficient, texts in (("direct", (direct, input_share)), ("complete", (complete, share))):
        row = digital_inputs(io, sectors="wiod2013-digital", coefficient=coefficient).set_index(
            ["country", "sector"]).loc[(code, "c15")]
        for name, text in zip(("coefficient", "share"), texts, strict=True):
            assert_printed(row[name], text, f"{code} {coefficient} {name}")
        assert_printed(row["digital_va_share"], value, code)


def test_rows_without_output_are_missing_not_zero(wiod):
    io = wiod(1999)
    frame = accounts(io)
    assert frame["zero"].sum() == 19  # 18 by row sums, and LUX c8 rounded from -2
    for direction in ("forward", "backward"):
        shares = production(io, direction=direction)["participation"]
        assert shares.isna().to_numpy()[io.zero].all()
        assert np.isfinite(shares.to_numpy()[~io.zero & (io.VA > 0) & (io.y > 0)]).all()
