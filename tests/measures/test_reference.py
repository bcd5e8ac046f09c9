"""Against other software: nine terms (R decompr 6, 7) and the tripartite split (gvcAnalyzer)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.icio.table import IcioTable
from gvckit.measures.kww import kww
from gvckit.measures.participation import participation

pytestmark = pytest.mark.data

TERMS = {"DVA_FIN": "T1", "DVA_INT": "T2", "DVA_INTrex": "T3", "RDV_FIN": "T4", "RDV_INT": "T5",
         "DDC": "T6", "FVA_FIN": "T7", "FVA_INT": "T8", "FDC": "T9"}


def table(folder: Path, prefix: str, parts: str) -> IcioTable:
    Z, Y = (pd.read_csv(folder / f"{prefix}in_{name}.csv", index_col="row") for name in "ZY")
    countries = list(Y.columns)
    sectors = [row.partition(".")[2] for row in Z.index[:len(Z) // len(countries)]]
    assert list(Z.index) == list(Z.columns) == [f"{c}.{s}" for c in countries for s in sectors]
    return IcioTable.from_arrays(Z, Y, countries=countries, sectors=sectors, source=parts)


@pytest.mark.parametrize(("folder", "prefix"), [
    ("decompr6_leather", ""), ("decompr7", "leather_"), ("decompr7", "gvcatoy_")])
def test_nine_terms_equal_decompr(golden, folder, prefix):
    place = golden / "decomposition" / folder
    expected = pd.read_csv(place / f"{prefix}kww.csv").set_index("Country")
    got = kww(table(place, prefix, folder)).set_index("exporter").loc[expected.index]
    largest = expected[list(TERMS)].to_numpy().max()
    for theirs, ours in TERMS.items():
        np.testing.assert_allclose(got[ours], expected[theirs], rtol=0, atol=1e-12 * largest)


def test_tripartite_equals_gvcanalyzer(golden):
    place = golden / "decomposition" / "gvcAnalyzer"
    expected = pd.read_csv(place / "leather_bm_2025_tripartite_trade_all.csv").set_index(
        ["exporter", "importer"])
    got = participation(table(place, "leather_", "gvcAnalyzer"), definition="tripartite",
                        by="bilateral").set_index(["exporter", "importer"]).loc[expected.index]
    for theirs, ours in {"E_sr": "exports", "DAVAX_sr": "DAVAX", "GVC_PF": "PF", "GVC_PB": "PB",
                         "GVC_TS": "TS"}.items():
        np.testing.assert_allclose(got[ours], expected[theirs], rtol=0, atol=1e-12 * 147.6)
    np.testing.assert_allclose(got["participation"], expected["GVC_sr"] / expected["E_sr"],
                               rtol=1e-12)
