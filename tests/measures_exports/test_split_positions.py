"""exvatools' iciotest, whose China and Mexico come in parts: positions of the wholes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from exports_golden import exvatools_table

from gvckit.icio.leontief import Leontief
from gvckit.measures.apl import apl
from gvckit.measures.crossings import border_crossings
from gvckit.measures.digital_linkages import digital_linkages, supplier_use
from gvckit.measures.final_shares import final_shares
from gvckit.measures.participation import participation
from gvckit.measures.upstreamness import upstreamness
from gvckit.sophistication.sectors import sector_exports

pytestmark = pytest.mark.data


def test_no_measure_of_iciotest_has_a_row_too_many(golden):
    io = Leontief(exvatools_table(golden / "decomposition/exvatools/iciotest_inputs"))
    frames: dict[str, pd.DataFrame] = {
        "upstreamness": upstreamness(io, inventories="raw"), "apl": apl(io),
        "border-crossings": border_crossings(io), "final-shares": final_shares(io),
        "linkages": digital_linkages(io, sectors=["41T98"]), "supplier": supplier_use(io),
        "cells": participation(io, definition="output_cells"), "exports": sector_exports(io),
    }
    for name, frame in frames.items():
        assert len(frame) == 18, name
        assert not frame.duplicated(list(frame.columns[:2])).any(), name
        assert not frame.isna().any().any(), name
    world = {"X": io.table.X.sum(), "E": io.E.sum()}
    assert frames["cells"]["output"].sum() == pytest.approx(world["X"], rel=1e-13)
    assert frames["exports"]["value"].sum() == pytest.approx(world["E"], rel=1e-13)
    separate = Leontief(exvatools_table(golden / "decomposition/exvatools/iciotest_inputs",
                                        policy={"split_countries": "separate"}))
    parts = upstreamness(separate, inventories="raw")
    weighted = (parts["U"].fillna(0) * separate.X).groupby(
        parts["country"].astype(str).replace({"CN1": "CHN", "CN2": "CHN", "MX1": "MEX",
                                              "MX2": "MEX"})).sum()
    ours = (frames["upstreamness"]["U"] * np.array(
        [io.X[a:b].reshape(-1, io.N).sum(axis=0) for a, b in io.bounds]).ravel()).groupby(
        frames["upstreamness"]["country"].astype(str)).sum()
    pd.testing.assert_series_equal(ours, weighted[ours.index], check_names=False, rtol=1e-12)
