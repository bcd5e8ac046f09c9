"""The paper on restrictions on digital trade: its first look, its concordance, permutations."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk

pytestmark = [pytest.mark.data, pytest.mark.slow]

DIGITAL = ["c14", "c27", "c30"]
DRAWS = 9_999


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "specs" / "dstri-position"


@pytest.fixture(scope="module")
def cells(made: Callable[[str], Path]) -> dict[tuple[str, str, str], dict[str, str]]:
    found = {}
    for path in sorted((made("dstri-position") / "tables").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row.get("kind") in ("term", "stat", "clusters"):
                    found[path.stem, row["model"], row["term"]] = row
    return found


def test_the_first_look_is_met(cells: dict[tuple[str, str, str], dict[str, str]]) -> None:
    """−.100 (.049), N 324, 54 clusters: computed once by other code on the same files."""
    row = cells["baseline", "bwd_own", "dstri"]
    assert (round(float(row["estimate"]), 3), round(float(row["se"]), 3)) == (-0.100, 0.049)
    assert float(cells["baseline", "bwd_own", "n"]["value"]) == 324
    assert float(cells["baseline", "bwd_own", "country"]["value"]) == 54


def test_the_digital_intensities_are_those_of_the_tables(folder: Path, shared_data: Path) -> None:
    table = gk.read_icio("wiod2013", 2011, data=shared_data)
    used = gk.digital_inputs(table, sectors=DIGITAL, coefficient="complete", origin="all")
    used["output"] = table.X
    used = used[(used["country"] != "ROW") & (used["output"] >= 50)]
    mean = used.groupby("sector", observed=True)["share"].mean()
    usa = used[used["country"] == "USA"].set_index("sector")["share"]
    ours = pd.read_csv(folder / "sectors.csv").set_index("wiod")
    assert list(ours["adb"]) == list(range(1, 36))
    np.testing.assert_allclose(ours["digital_2011"], mean.reindex(ours.index), atol=5e-7)
    np.testing.assert_allclose(ours["digital_usa_2011"], usa.reindex(ours.index), atol=5e-7)


def paths(shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Backward participation and DSTRI, economies × years, from the files themselves."""
    book = pd.read_excel(shared_data / "indicators/adb_mrio/countries.xlsx", engine="calamine",
                         sheet_name="Consolidated", keep_default_na=False, dtype=str)
    named = book[book["mrio"].str.strip() != ""]
    codes = dict(zip(named["mrio"].astype(int), named["iso_a3"], strict=True))
    adb = pd.read_parquet(shared_data / "indicators/adb_mrio/gvcp.parquet")
    adb = adb[adb["agg"] == 0].assign(iso3=lambda d: d["s"].map(codes), year=lambda d: d["t"])
    oecd = pd.read_csv(shared_data / "panel/dstri_oecd_sdmx.csv.gz")
    both = adb.merge(oecd[oecd["variable"] == "dstri"], on=["iso3", "year"])
    wide = [both.pivot(index="iso3", columns="year", values=v) for v in ("GVCP_trade_b", "value")]
    return wide[0].to_numpy(), wide[1].to_numpy()


def within(values: np.ndarray) -> np.ndarray:
    return values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()


def test_permuted_paths(
    cells: dict[tuple[str, str, str], dict[str, str]], shared_data: Path
) -> None:
    """Whole paths of the DSTRI dealt to other economies: the first look is not beyond chance."""

    def statistics(x: np.ndarray) -> tuple[float, float]:
        x = within(x)
        b = float((x * y).sum() / (x**2).sum())
        scores = (x * (y - b * x)).sum(1)
        return abs(b), abs(b) * float((x**2).sum() / np.sqrt((scores**2).sum()))

    y, x = paths(shared_data)
    assert y.shape == (54, 6)
    y = within(y)
    seen = statistics(x)
    assert seen[0] == pytest.approx(0.0996, abs=5e-5)
    rng = np.random.default_rng(20260504)
    drawn = np.array([statistics(x[rng.permutation(len(x))]) for _ in range(DRAWS)])
    p = (1 + (drawn >= np.array(seen) * (1 - 1e-9)).sum(axis=0)) / (1 + DRAWS)
    assert (p > 0.05).all()
    for term, other in (("ri_p_coef:dstri", p[0]), ("ri_p:dstri", p[1])):
        ours = float(cells["placebo", "bwd_paths", term]["value"])
        assert ours == pytest.approx(other, abs=4 * np.sqrt(2 * 0.2 * 0.8 / DRAWS))


def test_permuted_changes(
    cells: dict[tuple[str, str, str], dict[str, str]], shared_data: Path
) -> None:
    """The p values of the column on 2017 to 2022, by a loop over other draws."""
    y, x = (v[:, -1] - v[:, 0] for v in paths(shared_data))
    y = y - y.mean()

    def statistics(x: np.ndarray) -> tuple[float, float]:
        x = x - x.mean()
        b = float(x @ y / (x @ x))
        return abs(b), abs(b) * float(x @ x / np.sqrt(((x * (y - b * x)) ** 2).sum()))

    seen = statistics(x)
    rng = np.random.default_rng(1)
    drawn = np.array([statistics(rng.permutation(x)) for _ in range(DRAWS)])
    p = (1 + (drawn >= np.array(seen) * (1 - 1e-9)).sum(axis=0)) / (1 + DRAWS)
    for term, other in (("ri_p_coef:dstri5", p[0]), ("ri_p:dstri5", p[1])):
        ours = float(cells["robust_samples", "bwd_long", term]["value"])
        assert ours == pytest.approx(other, abs=4 * np.sqrt(2 * 0.2 * 0.8 / DRAWS))
