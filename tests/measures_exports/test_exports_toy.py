"""The toy table `leather`: numbers that were worked out apart from any tool (methods.md 2.10)."""

from __future__ import annotations

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

CELLS = """
16.1 5.1 1.8  3.2  4.3 0.4  3.1  2.8  4.9   21.5  6.1  8.4   77.7
 2.4 8.0 3.2  0.1  3.2 1.6  1.2  3.9 11.5   16.2  1.9  5.1   58.3
 0.9 0.5 4.0  0.0  0.1 0.3  0.0  0.4  0.5   11.0  0.5  0.8   19.0
 1.1 1.9 0.2 18.0 13.2 6.1  9.0  3.1  8.9    7.5 29.5 14.2  112.7
 0.3 2.8 0.1  6.1 28.1 6.3  2.1  2.5 25.6    8.9 24.9 16.9  124.6
 0.0 0.1 0.3  4.1  3.2 8.9  0.2  0.0  1.8    1.2 18.5  4.9   43.2
 1.2 4.2 0.3  4.1  1.2 0.6 29.0 19.5 17.9    9.2 17.9 51.2  156.3
 1.3 1.1 0.0  3.2  4.8 2.6  5.1 29.1 24.1    7.9 10.1 38.5  127.8
 2.1 1.4 3.0  4.1  3.1 3.9 11.3  8.1 51.3   25.1 35.2 68.4  217.0
"""
COUNTRIES = ("ARG", "TUR", "DEU")


@pytest.fixture(scope="module")
def toy() -> Leontief:
    cells = np.array([float(x) for x in CELLS.split()]).reshape(9, 13)
    return Leontief(IcioTable.from_arrays(
        cells[:, :9], cells[:, 9:12], X=cells[:, 12], countries=COUNTRIES,
        sectors=("Agri", "Textile", "Transport"), source="leather"))


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
