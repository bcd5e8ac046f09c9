"""Exports of an ICIO table by sector feed the same measures as product trade."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gvckit.errors import DataError, SpecError
from gvckit.icio.table import IcioTable
from gvckit.sophistication.advantage import advantage
from gvckit.sophistication.complexity import complexity
from gvckit.sophistication.prody import expy, prody
from gvckit.sophistication.sectors import sector_exports
from gvckit.sophistication.technical import technical_complexity

G, N = 4, 5


@pytest.fixture(scope="module")
def table() -> IcioTable:
    rng = np.random.default_rng(7)
    Z = rng.lognormal(0, 1, (G * N, G * N))
    F = rng.lognormal(3, 1, (G * N, G))
    return IcioTable.from_arrays(Z, F, countries=["C", "A", "D", "B"],
                                 sectors=[f"s{i}" for i in range(N)], unit="M USD")


@pytest.mark.parametrize("dva", ["backward", "forward"])
def test_domestic_value_added_by_its_formula(table: IcioTable, dva: str) -> None:
    got = sector_exports(table, dva=dva)
    X = table.Z.sum(1) + table.F.sum(1)
    A, v = table.Z / X, 1 - table.Z.sum(0) / X
    for g in range(G):
        own = slice(g * N, (g + 1) * N)
        L = np.linalg.inv(np.eye(N) - A[own, own])
        abroad = [j for j in range(G * N) if not own.start <= j < own.stop]
        e = table.Z[own][:, abroad].sum(1) + np.delete(table.F[own], g, axis=1).sum(1)
        rows = got[got["country"] == table.countries[g]]
        np.testing.assert_allclose(rows["value"], e)
        want = v[own] @ L * e if dva == "backward" else v[own] * (L @ e)
        np.testing.assert_allclose(rows["dva"], want)


def test_both_perspectives_have_the_same_country_total(table: IcioTable) -> None:
    back, forth = (sector_exports(table, dva=d).groupby("country", observed=True)["dva"].sum()
                   for d in ("backward", "forward"))
    np.testing.assert_allclose(back, forth)


def test_measures_take_sectors_as_products(table: IcioTable) -> None:
    frame = sector_exports(table)
    income = {"A": 1e4, "B": 2e4, "C": 3e4, "D": 4e4}
    assert list(complexity(frame, "fitness").country["country"]) == ["C", "A", "D", "B"]
    assert list(prody(frame, income)["product"]) == [f"s{i}" for i in range(N)]
    gross, added = (expy(frame, income, **k)["expy"] for k in ({}, {"adjust": "dva", "dva": "dva"}))
    assert (gross != added).all()
    ets = technical_complexity(frame, income, definition="industry-prody")
    np.testing.assert_array_equal(ets["ets"], prody(frame, income)["prody"])
    np.testing.assert_allclose(
        advantage(sector_exports(table, dva="forward"), "normalised", dva="dva").groupby(
            "country", observed=True)["advantage"].sum(), 0, atol=1e-15)
    with pytest.raises(SpecError, match="unknown dva 'sideways'"):
        sector_exports(table, dva="sideways")


@pytest.mark.data
def test_wiod_of_1995_in_seven_regions(shared_data: Path) -> None:
    """Domestic value added is a share of exports; what stocks made negative is refused or told."""
    z = np.load(shared_data / "icio" / "wiod2013" / "wiod2013_regional7_1995.npz",
                allow_pickle=False)
    table = IcioTable.from_arrays(
        z["Z"], z["Y"], countries=list(z["countries"]), X=z["X"], VA=z["VA"],
        sectors=[f"c{i:02d}" for i in range(len(z["sectors"]))],
        categories=[f"k{i}" for i in range(5)])
    frame = sector_exports(table)
    share = (frame["dva"] / frame["value"])[frame["value"] != 0]
    assert ((share > 0) & (share <= 1)).all()
    with pytest.raises(DataError, match="value is negative in 2 rows: EUROZONE c34, CHN c28"):
        complexity(frame)
    told = sector_exports(table, negative="zero")
    assert told.attrs["set to zero"]["value"] == {"EUROZONE c34": pytest.approx(-.00033),
                                                  "CHN c28": pytest.approx(-.00416)}
    assert len(complexity(told).country) == 7
