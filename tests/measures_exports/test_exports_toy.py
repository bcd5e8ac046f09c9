"""The toy table `leather`: numbers that were worked out apart from any tool (methods.md 2.10)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gvckit.icio.leontief import Leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.borin_mancini import borin_mancini
from gvckit.measures.extraction import extraction
from gvckit.measures.kww import kww
from gvckit.measures.origin import value_added_origin
from gvckit.measures.vertical import vax, vs
from gvckit.measures.wwz import wwz

COUNTRIES = ("ARG", "TUR", "DEU")


pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def toy(golden: Path) -> Leontief:
    folder = golden / "decomposition" / "decompr6_leather"
    Z, F, X = (np.loadtxt(folder / f"in_{name}.csv", delimiter=",", skiprows=1,
                          usecols=range(1, width + 1))
               for name, width in (("Z", 9), ("Y", 3), ("X", 1)))
    return Leontief(IcioTable.from_arrays(
        Z, F, X=X, countries=COUNTRIES, sectors=("Agri", "Textile", "Transport"),
        source="leather"))


def rows(text: str) -> list[list[float]]:
    return [[float(x) for x in line.split()] for line in text.strip().splitlines()]


def test_nine_terms(toy):
    expected = rows("""
        19.3494 18.9712  8.4115  5.2595 0.8260 0.8724  3.4506 3.3886 3.7708
        43.3946 26.2068  7.7401 10.4758 2.0076 2.6369 10.2054 5.3597 5.5732
        78.7310 15.2397  2.7485  5.6897 4.4336 4.4482 26.6690 4.4550 5.1854""")
    np.testing.assert_allclose(kww(toy).iloc[:, 2:], expected, atol=5.1e-5)


def test_sixteen_terms_of_one_flow(toy):
    frame = wwz(toy)
    row = frame[(frame["exporter"] == "ARG") & (frame["sector"] == "Agri")
                & (frame["importer"] == "TUR")].iloc[0, 3:].astype(float)
    expected = rows("14.0 5.4744 2.6814 1.1363 1.4093 .5049 .7057 .3470 .1686 .0649 .0717 .2143 "
                    ".1021 .1755 .4113 .1959 .3367")[0]
    np.testing.assert_allclose(row, expected, atol=5.1e-5)


def test_value_added_and_double_counting(toy):
    frame = borin_mancini(toy, level="country").set_index("exporter")
    expected = {"DVA": (52.8176, 89.8248, 106.8424), "FVA": (10.4348, 20.5556, 35.0649),
                "FDC": (.1752, .5826, 1.2445), "DAVAX": (34.7988, 65.5036, 89.3169),
                "GEXP": (64.3, 113.6, 147.6), "VAX": (46.7321, 77.3414, 96.7191)}
    for name, values in expected.items():
        np.testing.assert_allclose(frame[name], values, atol=5.1e-5)
    world = frame.sum()
    assert world["GVC"] / world["GEXP"] == pytest.approx(0.417452, abs=5e-7)
    assert world["VAX"] / world["GEXP"] == pytest.approx(0.678319, abs=5e-7)


def test_vertical_specialisation(toy):
    frame = vs(toy)
    np.testing.assert_allclose(frame["VS_HIY"], (11.4824, 23.7752, 40.7576), atol=5.1e-5)
    np.testing.assert_allclose(frame["VS1"], (21.6347, 27.1004, 19.3226), atol=5.1e-5)
    # HIY's is foreign content and domestic double counting, not foreign content.
    DDC = borin_mancini(toy, level="country")["DDC"]
    np.testing.assert_allclose(frame["VS_HIY"], frame["VS_KWW"] + DDC, rtol=1e-12)
    terms = kww(toy)
    # What returns home in others' exports is T4 + T5 + T6.
    np.testing.assert_allclose(frame["VS1_star"], terms["T4"] + terms["T5"] + terms["T6"],
                               rtol=1e-12)


def test_vax_and_extraction(toy):
    values = (46.7321, 77.3414, 96.7191)
    np.testing.assert_allclose(vax(toy)["VAX"], values, atol=5.1e-5)
    np.testing.assert_allclose(extraction(toy)["DVA"], (52.8176, 89.8248, 106.8424), atol=5.1e-5)


def test_published_cells_of_the_leontief_decomposition(toy):
    exports = value_added_origin(toy)["value"].to_numpy().reshape(9, 9)
    output = value_added_origin(toy, use="output")["value"].to_numpy().reshape(9, 9)
    final = value_added_origin(toy, use="final")["value"].to_numpy()
    assert exports[0, 0] == pytest.approx(28.52278, abs=5e-6)
    assert exports[8, 8] == pytest.approx(34.74381, abs=1e-5)  # printed cut, not rounded
    assert output[0, 0] == pytest.approx(66.75361799, abs=5e-9)
    assert output[8, 8] == pytest.approx(96.78316785, abs=5e-9)
    assert final[0] == pytest.approx(24.3345824, abs=5e-8)
    assert final[19] == pytest.approx(23.6841309, abs=5e-8)
