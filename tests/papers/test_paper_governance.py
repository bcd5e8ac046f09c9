"""The paper on data governance: its baseline by other code, its notes and page by its tables."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk

pytestmark = [pytest.mark.data, pytest.mark.slow]

CLAIM = re.compile(r"(\w+), column (\d+): ([−-]?[\d.]+), s\.e\. ([\d.]+)")
DETECTABLE = re.compile(r"standard error, columns \(1\)–\((\d+)\): ([\d., –]+)\.(?: |})")
POWER = 1.96 + 0.84
TABLES = ("baseline22", "baseline19", "governance", "fitness", "expy", "expy_outcomes",
          "expy_checks", "endogeneity", "endogeneity19", "robustness1", "robustness2", "pillars",
          "heterogeneity")

Row = dict[str, str]


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "specs" / "governance-sophistication"


@pytest.fixture(scope="module")
def out(folder: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the paper."""
    place = tmp_path_factory.mktemp("governance")
    gk.run(folder / "paper.yaml", out=place / "out", data=[shared_data], store=place / "store",
           workers=2)
    return place / "out"


def terms(out: Path, table: str, column: int) -> list[Row]:
    """The coefficients of a column, those printed first and in their order."""
    with (out / "tables" / f"{table}.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file)
                if row["kind"] == "term" and row["column"] == str(column) and row["estimate"]]


def read(shared_data: Path, name: str, *variables: str) -> pd.DataFrame:
    long = pd.read_csv(shared_data / "panel" / f"{name}.csv.gz")
    long = long[long["variable"].isin(variables)]
    return long.pivot(index=["iso3", "year"], columns="variable", values="value")


def test_the_baseline_equals_code_that_knows_nothing_of_the_program(
    out: Path, shared_data: Path
) -> None:
    """Balanced panel of 117 countries and 9 years: effects are swept out by double demeaning."""
    money = ("gdppercapita_us_inflation_adjusted", "total_gdp_us_inflation_adjusted")
    panel = read(shared_data, "eci_panels", "hs92_eci").join([
        read(shared_data, "dstri_oecd_sdmx", "dstri"),
        read(shared_data, "gapminder_wdi_1960_2025", *money)], how="inner").reset_index()
    people = panel[money[1]] / panel[money[0]]
    panel = panel[panel["year"].between(2014, 2022) & (people > 1e6) & (panel["iso3"] != "SSD")]
    panel = panel.dropna(subset=["hs92_eci", "dstri"])
    by_year = panel.groupby("year")["hs92_eci"]
    y = ((panel["hs92_eci"] - by_year.transform("mean")) / by_year.transform("std")).rename("y")
    assert (panel.groupby("iso3").size() == 9).all()

    def swept(values: pd.Series) -> np.ndarray:
        wide = values.groupby([panel["iso3"], panel["year"]]).first().unstack().to_numpy()
        return wide - wide.mean(0) - wide.mean(1, keepdims=True) + wide.mean()

    x, z = swept(panel["dstri"]), swept(y)
    slope = (x * z).sum() / (x * x).sum()
    score = (x * (z - slope * x)).sum(axis=1)
    countries, n = len(score), z.size
    factor = countries / (countries - 1) * (n - 1) / (n - 9)  # year effects and the slope count
    error = np.sqrt(factor * (score**2).sum()) / (x * x).sum()
    found = terms(out, "baseline22", 3)[0]
    assert found["term"] == "dstri"
    assert countries == 117
    assert float(found["estimate"]) == pytest.approx(slope, rel=1e-8)
    assert float(found["se"]) == pytest.approx(error, rel=2e-3)


def test_every_claim_of_the_page_is_a_cell(out: Path, folder: Path) -> None:
    claims = CLAIM.findall((folder / "README.md").read_text(encoding="utf-8"))
    assert len(claims) >= 15
    for table, column, estimate, error in claims:
        wanted = (estimate.replace("−", "-"), error)
        cells = {(f"{float(r['estimate']):.3f}", f"{float(r['se']):.3f}")
                 for r in terms(out, table, int(column)) if r["shown"] == "yes"}
        assert wanted in cells, (table, column, wanted, cells)


@pytest.mark.parametrize("table", TABLES)
def test_minimum_detectable_effects_are_those_of_the_standard_errors(out: Path, table: str) -> None:
    """Each number in the note is (1.96 + 0.84) standard errors of a focal regressor shown there."""
    text = (out / "tables" / f"{table}.tex").read_text(encoding="utf-8")
    found = DETECTABLE.search(text.replace("$\\times$", "×"))
    assert found
    numbers = found.group(2).split(", ")
    assert len(numbers) == int(found.group(1))
    for column, number in enumerate(numbers, 1):
        shown = {f"{POWER * float(r['se']):.3f}" for r in terms(out, table, column)
                 if r["shown"] == "yes" and r["se"]}
        assert number in shown or (number == "–" and not shown), (column, number, shown)


def test_no_specification_of_the_curve_is_significant(out: Path) -> None:
    with (out / "figures" / "curve.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 384
    assert all(float(r["low"]) < 0 < float(r["high"]) for r in rows)
