"""Split countries: solved on the split table, reported as the whole (exvatools' iciotest)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from exports_golden import GROUPS, exvatools_table

from gvckit.icio.leontief import Leontief
from gvckit.measures.accounts import accounts
from gvckit.measures.borin_mancini import borin_mancini
from gvckit.measures.extraction import extraction
from gvckit.measures.groups import of_exporters
from gvckit.measures.kww import kww
from gvckit.measures.lengths import lengths
from gvckit.measures.origin import value_added_origin
from gvckit.measures.participation import participation
from gvckit.measures.position import position
from gvckit.measures.production import production
from gvckit.measures.tiva import tiva
from gvckit.measures.vertical import vax, vs
from gvckit.measures.wwz import wwz, wwz_to_kww

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def iciotest(golden) -> Leontief:
    return Leontief(exvatools_table(golden / "decomposition/exvatools/iciotest_inputs"))


def matrix(golden, name: str) -> pd.DataFrame:
    return pd.read_csv(golden / f"decomposition/exvatools/iciotest_inputs/in_{name}.csv",
                       index_col="row")


def test_parts_are_one_country(iciotest):
    assert iciotest.countries == ("ESP", "FRA", "MEX", "USA", "CHN", "ROW")
    assert iciotest.G * iciotest.N == 18
    assert iciotest.n == 30
    assert [entry.after for entry in iciotest.table.audit
            if entry.defect == "part of a split country"] == ["MEX", "MEX", "CHN", "CHN"]


def test_matrices_equal_exvatools(golden, iciotest):
    """Compare rows with output: exvatools prints zeros on the diagonal of empty rows."""
    names = matrix(golden, "X").index
    order = iciotest.order
    live = iciotest.X > 0
    assert live.sum() == 24
    blocks = [np.zeros((30, 30)) for _ in range(3)]
    for (a, b), A, L, B in zip(iciotest.bounds, iciotest.A_blocks, iciotest.L,
                               iciotest.B_blocks, strict=True):
        for out, own in zip(blocks, (A, L, B), strict=True):
            out[a:b, a:b] = own
    for name, ours in (("A", iciotest.A), ("B", iciotest.B), ("Ad", blocks[0]), ("Ld", blocks[1]),
                       ("Bd", blocks[2]), ("Bm", iciotest.B - blocks[2])):
        reference = matrix(golden, name).loc[names, names].to_numpy()[np.ix_(order, order)]
        cells = np.ix_(live, live)
        np.testing.assert_allclose(ours[cells], reference[cells], rtol=0, atol=1e-12)
    for name, ours in (("X", iciotest.X), ("VA", iciotest.VA), ("V", iciotest.v),
                       ("E", iciotest.E)):
        reference = matrix(golden, name).loc[names].to_numpy()
        reference = np.diag(reference) if name == "E" else reference[:, 0]
        np.testing.assert_allclose(ours, reference[order], rtol=1e-12, atol=1e-12)
    exports = matrix(golden, "EXGR").loc[names, list(iciotest.countries)].to_numpy()[order]
    np.testing.assert_allclose(iciotest.E_bilateral, exports, rtol=1e-12, atol=1e-11)


SPAIN = {"GEXP": 4666.96, "DVA": 1880.5967, "DDC": 284.5780, "FVA": 2176.2063, "FDC": 325.5779,
         "VAX": 1624.18, "REF": 256.41, "GVC": 4034.25, "GVCB": 2786.36, "GVCF": 1247.89}
CHINA = {"GEXP": 8575.51, "DC": 4409.66, "DVA": 3469.40, "VAX": 3117.58, "REF": 351.82,
         "DDC": 940.27, "FC": 4165.85, "FVA": 3273.60, "FDC": 892.25, "GVC": 7260.12}


def printed(got: float, value: float) -> None:
    text = repr(value)
    digits = max(2, len(text.partition(".")[2]))
    assert abs(got - value) <= 0.5000001 * 10.0**-digits, (got, value)


@pytest.mark.parametrize(("country", "values"), [("ESP", SPAIN), ("CHN", CHINA)])
@pytest.mark.parametrize("approach", ["source", "sink"])
def test_totals_are_the_published_ones(iciotest, country, values, approach):
    frame = borin_mancini(iciotest, level="country", approach=approach).set_index("exporter")
    for name, value in values.items():
        if name in frame.columns:
            printed(frame.loc[country, name], value)


def test_flows_of_spain_in_their_own_perimeters(iciotest):
    own = {level: borin_mancini(iciotest, level=level, perspective="self")
           for level in ("bilateral", "sector", "bilateral-sector")}
    cases = {
        "bilateral": ({"importer": "USA"}, (736.57, 342.2943, 6.8774, 380.1167, 7.2804)),
        "sector": ({"sector": "10T39"}, (1713.71, 766.0479, 40.8644, 860.8715, 45.9227)),
        "bilateral-sector": ({"importer": "USA", "sector": "10T39"},
                             (305.47, 142.8291, 1.0056, 160.5089, 1.1301)),
    }
    for level, (where, values) in cases.items():
        frame = own[level]
        for key, word in {"exporter": "ESP", **where}.items():
            frame = frame[frame[key] == word]
        for name, value in zip(("GEXP", "DVA", "DDC", "FVA", "FDC"), values, strict=True):
            printed(frame[name].item(), value)


def test_bilateral_flow_by_source_and_sink(iciotest):
    for approach, value in (("source", 305.14), ("sink", 309.92)):
        frame = borin_mancini(iciotest, level="bilateral", approach=approach)
        row = frame[(frame["exporter"] == "ESP") & (frame["importer"] == "USA")]
        printed(row["DVA"].item(), value)


def test_services_of_spain_to_the_united_states(iciotest):
    frame = borin_mancini(iciotest)
    row = frame[(frame["exporter"] == "ESP") & (frame["importer"] == "USA")
                & (frame["sector"] == "41T98")].iloc[0]
    for name, value in {"GEXP": 276.71, "DVA": 145.95, "DDC": 13.68, "FVA": 101.53, "FDC": 15.55,
                        "GVC": 221.62}.items():
        printed(row[name], value)


def test_sixteen_terms_of_the_united_states_to_china(iciotest):
    frame = wwz(iciotest)
    row = frame[(frame["exporter"] == "USA") & (frame["importer"] == "CHN")
                & (frame["sector"] == "10T39")].iloc[0]
    values = (400.89, 12.79, 13.95, 8.81, 36.55, 35.08, 13.25, 8.62, 2.19, 9.13, 23.82, 6.11,
              6.22, 66.07, 12.33, 12.56, 133.42)
    for got, value in zip(row.iloc[3:], values, strict=True):
        printed(got, value)


def test_split_of_foreign_content_is_not_the_same_in_both_methods(iciotest):
    terms = wwz(iciotest, by="country", aggregates=True).set_index("exporter").loc["ESP"]
    other = borin_mancini(iciotest, level="country").set_index("exporter").loc["ESP"]
    printed(terms["FVA"], 854.62)
    printed(terms["MDC"] + terms["ODC"], 1647.16)
    for theirs, ours in {"DVA": "DVA", "VAX": "VAX", "RDV": "REF"}.items():
        assert terms[theirs] == pytest.approx(other[ours], rel=1e-12)


def test_a_group_with_a_split_country_in_it(iciotest):
    frame = borin_mancini(iciotest, level="country", exporters={"NAFTA": ["MEX", "USA"]}).iloc[0]
    for name, value in {"GEXP": 10485.40, "DVA": 4613.26, "DDC": 1514.58, "FVA": 3276.30}.items():
        printed(frame[name], value)
    view = iciotest.joined({"NAFTA": GROUPS["NAFTA"]})
    assert of_exporters(wwz(view, by="country"), ["NAFTA"])["exports"].item() == pytest.approx(
        frame["GEXP"], rel=1e-12)


def test_tiva_of_spain(iciotest):
    row = tiva(iciotest).set_index("exporter").loc["ESP"]
    for name, value in {"EXGR": 4666.96, "EXGR_DVA": 2165.17, "EXGR_FVA": 2501.78,
                        "EXGR_DDC": 1757.25, "EXGR_IDC": 123.34, "EXGR_RIM": 284.58}.items():
        printed(row[name], value)
    own = iciotest.bounds[0]
    wrong = (iciotest.v * iciotest.E)[own[0]:own[1]].sum()
    printed(wrong, 1691.78)  # v_i E_i is not EXGR_DDC


def test_services_of_the_united_states_in_spanish_manufactures(iciotest):
    got = value_added_origin(iciotest, by="exporter", origin="USA", origin_sector="41T98",
                             exporter="ESP", sector="10T39")["value"].item()
    assert got == pytest.approx(51.31605, abs=5e-6)
    got = value_added_origin(iciotest, by="exporter", origin="USA", exporter="CHN",
                             sector="10T39", destination="USA")["value"].item()
    assert got == pytest.approx(53.81984, abs=5e-6)


def test_world_foreign_content_is_world_vs1(iciotest):
    total = vs(iciotest, by="world").iloc[0]
    printed(total["VS_KWW"], 19173.0340)
    printed(total["VS1"], 19173.0340)


def test_extraction_of_a_split_country(iciotest):
    lost = extraction(iciotest, exporters=["CHN", "MEX"]).set_index("exporter")
    ours = borin_mancini(iciotest, level="country").set_index("exporter")
    for country in ("CHN", "MEX"):
        assert lost.loc[country, "DVA"] == pytest.approx(ours.loc[country, "DVA"], rel=1e-11)


def test_every_measure_reports_the_whole(iciotest):
    frames = {
        "accounts": accounts(iciotest), "production": production(iciotest),
        "lengths": lengths(iciotest), "position": position(iciotest),
        "participation": participation(iciotest), "kww": kww(iciotest), "vax": vax(iciotest),
        "koopman": position(iciotest, definition="koopman", iv="wwz-t45", fv="fc",
                            by="country-sector"),
    }
    for name, frame in frames.items():
        key = "exporter" if "exporter" in frame else "country"
        assert list(frame[key].cat.categories) == list(iciotest.countries), name
        assert len(frame) in (6, 18), name
        assert not frame.isna().any().any(), name
    assert frames["accounts"]["X"].sum() == pytest.approx(iciotest.table.X.sum(), rel=1e-13)
    direct = frames["kww"].set_index("exporter")
    mapped = wwz_to_kww(wwz(iciotest, by="country")).set_index("exporter")
    np.testing.assert_allclose(mapped, direct, rtol=1e-11)


def test_parts_as_countries_of_their_own_are_another_answer(golden, iciotest):
    apart = Leontief(exvatools_table(golden / "decomposition/exvatools/iciotest_inputs",
                                     policy={"split_countries": "separate"}))
    assert apart.G == 10
    frame = borin_mancini(apart, level="country").set_index("exporter")
    whole = borin_mancini(iciotest, level="country").set_index("exporter")
    assert frame.loc[["CN1", "CN2"], "GEXP"].sum() > whole.loc["CHN", "GEXP"] + 1
    assert frame.loc["CHN", "GEXP"] == 0
