"""The paper on data governance: its baseline by other code, its curve."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.data, pytest.mark.slow]

Row = dict[str, str]


@pytest.fixture(scope="module")
def out(made: Callable[[str], Path]) -> Path:
    """The output folder of the paper."""
    return made("governance-sophistication")


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


def test_no_specification_of_the_curve_is_significant(out: Path) -> None:
    with (out / "figures" / "curve.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 384
    assert all(float(r["low"]) < 0 < float(r["high"]) for r in rows)
