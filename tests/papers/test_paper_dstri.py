"""The paper on restrictions on digital trade: its page, its concordance and its first look."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk

pytestmark = [pytest.mark.data, pytest.mark.slow]

DIGITAL = ["c14", "c27", "c30"]
CELL = r"`([a-z_]+)\.([^`.]+)\.([^`]+)`"
NUMBER = r"([−-]?[0-9]+\.[0-9]+)"
POWER = 2.8
DRAWS = 9_999


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "specs" / "dstri-position"


@pytest.fixture(scope="module")
def out(folder: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("dstri")
    gk.run(folder / "paper.yaml", out=made / "out", data=[shared_data], store=made / "store",
           workers=2)
    return made / "out"


@pytest.fixture(scope="module")
def cells(out: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    found = {}
    for path in sorted((out / "tables").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row.get("kind") in ("term", "stat", "clusters"):
                    found[path.stem, row["model"], row["term"]] = row
    return found


def rounded(value: float, printed: str) -> str:
    return f"{value:.{len(printed.partition('.')[2])}f}"


def number(printed: str) -> str:
    return printed.replace("−", "-")


def test_every_number_of_the_page_is_in_its_cell(
    folder: Path, cells: dict[tuple[str, str, str], dict[str, str]]
) -> None:
    page = (folder / "README.md").read_text(encoding="utf-8")
    estimates = re.findall(rf"{NUMBER} \({NUMBER}\) {CELL}", page)
    powers = re.findall(rf"MDE {NUMBER} {CELL}", page)
    statistics = re.findall(rf"(?<!MDE ){NUMBER} {CELL}", page)
    assert len(estimates) + len(powers) + len(statistics) == len(re.findall(CELL, page))
    for b, se, *cell in estimates:
        row = cells[cell[0], cell[1], cell[2]]
        shown = rounded(float(row["estimate"]), b), rounded(float(row["se"]), se)
        assert shown == (number(b), se), cell
    for least, *cell in powers:
        row = cells[cell[0], cell[1], cell[2]]
        assert rounded(POWER * float(row["se"]), least) == least, cell
    for value, *cell in statistics:
        assert rounded(float(cells[cell[0], cell[1], cell[2]]["value"]), value) == value, cell


def test_the_notes_say_the_smallest_effects(
    out: Path, cells: dict[tuple[str, str, str], dict[str, str]]
) -> None:
    for table, columns, term in (
            ("baseline", ("fwd_own", "part_own", "prod_own", "pos_own"), "dstri"),
            ("industries", ("i_bwd", "i_fwd", "i_prod", "i_pos"), "own_x_int")):
        least = [f"{POWER * float(cells[table, c, term]['se']):.2f}" for c in columns]
        for language, comma in (("", ", "), (".zh", "、")):
            text = (out / "tables" / f"{table}{language}.tex").read_text(encoding="utf-8")
            assert comma.join(least) in text


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


def test_permuted_paths(folder: Path, shared_data: Path) -> None:
    """The permutation p of the page: whole paths of the DSTRI dealt to other economies."""

    def within(a: np.ndarray) -> np.ndarray:
        return a - a.mean(1, keepdims=True) - a.mean(0) + a.mean()

    def statistics(x: np.ndarray) -> tuple[float, float]:
        x = within(x)
        b = float((x * y).sum() / (x**2).sum())
        scores = (x * (y - b * x)).sum(1)
        return abs(b), abs(b) * float((x**2).sum() / np.sqrt((scores**2).sum()))

    y, x = paths(shared_data)
    assert y.shape == (54, 6)
    y = within(y)
    seen = statistics(x)
    rng = np.random.default_rng(20260504)
    drawn = np.array([statistics(x[rng.permutation(len(x))]) for _ in range(DRAWS)])
    p = (1 + (drawn >= np.array(seen) * (1 - 1e-9)).sum(axis=0)) / (1 + DRAWS)
    page = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    assert f"is {p[0]:.2f} for the coefficient of the first look and {p[1]:.2f} for its t" in page
