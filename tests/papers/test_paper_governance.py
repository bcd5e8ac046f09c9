"""The paper on data governance: its baseline by other code, its curve."""

from __future__ import annotations

import csv
import re
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


def test_expy_of_the_adb_tables_equals_code_that_knows_nothing_of_the_program(
    out: Path, shared_data: Path
) -> None:
    """Sales abroad are output less sales at home; PRODY is the mean of 2010-2012."""
    folder = shared_data / "indicators/adb_mrio"
    sales = pd.read_parquet(folder / "summary62.parquet")
    book = pd.read_excel(folder / "countries.xlsx", engine="calamine", sheet_name="Consolidated",
                         keep_default_na=False)
    codes = {int(n): iso for n, iso in zip(book["mrio62"], book["iso_a3"], strict=True)
             if str(n) and iso != "ROW"}
    sales = sales.assign(iso3=sales["s"].map(codes), sold=(sales["x"] - sales["e"]).clip(lower=0))
    wide = sales.dropna(subset=["iso3"]).pivot(index=["t", "iso3"], columns="i", values="sold")
    ppp = read(shared_data, "gapminder_wdi_1960_2025",
               "alternative_gdp_per_capita_ppp_wb").squeeze()
    income = pd.Series([ppp.get((c, t), np.nan) for t, c in wide.index], index=wide.index)
    known = income.groupby("iso3").transform(lambda own: own.notna().all())
    assert set(known[~known].index.unique("iso3")) == {"TWN"}
    share = wide[known].div(wide[known].sum(axis=1), axis=0)
    of_world = share.div(share.groupby("t").transform("sum"))
    levels = of_world.mul(income[known], axis=0).groupby("t").sum()
    prody = levels.loc[2010:2012].mean()
    expy = np.log((share * prody).sum(axis=1)).rename("y").swaplevel()
    expy.index.names = ["iso3", "year"]
    money = ("gdppercapita_us_inflation_adjusted", "total_gdp_us_inflation_adjusted")
    panel = read(shared_data, "dstri_oecd_sdmx", "dstri").join([
        read(shared_data, "gapminder_wdi_1960_2025", *money), expy], how="inner")
    years = panel.index.get_level_values("year")
    panel = panel[(panel[money[1]] / panel[money[0]] > 1e6) & (years >= 2014) & (years <= 2022)]
    y, x = (panel[name].unstack("year").to_numpy() for name in ("y", "dstri"))
    assert y.shape == x.shape == (46, 9)
    y, x = (v - v.mean(0) - v.mean(1, keepdims=True) + v.mean() for v in (y, x))
    row = terms(out, "expy22", 2)[0]
    assert row["term"] == "dstri"
    assert float(row["estimate"]) == pytest.approx((x * y).sum() / (x * x).sum(), rel=1e-8)


def choices(out: Path, curve: str) -> list[Row]:
    with (out / "figures" / f"{curve}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_other_curves_hold_what_the_page_says(out: Path) -> None:
    """How many combinations there are, and in which of them zero is outside the interval."""
    found = {name: choices(out, name)
             for name in ("curve_home", "curve_clause", "curve_expy", "curve_expy22")}
    sure = {name: [r for r in rows if float(r["low"]) > 0 or float(r["high"]) < 0]
            for name, rows in found.items()}
    assert {name: len(rows) for name, rows in found.items()} == {
        "curve_home": 4 * 4 * 2 * 6 * 2, "curve_clause": 4 * 2 * 4 * 2,
        "curve_expy": 3 * 4 * 2 * 2 * 2, "curve_expy22": 2 * 4 * 2 * 6 * 2}
    assert not sure["curve_clause"] + sure["curve_expy22"]
    assert sure["curve_home"]
    assert {(r["y"], r["fe"].endswith("country[year]"), float(r["estimate"]) < 0)
            for r in sure["curve_home"]} == {("eci_oec", True, True)}
    assert sure["curve_expy"]
    assert {(r["fe"], float(r["estimate"]) > 0) for r in sure["curve_expy"]} == {
        ("country + year", True)}


def test_columns_of_members_are_labelled_and_hold_members_only(
    out: Path, shared_data: Path
) -> None:
    """Column (8) alone has Asia; the others are 36 members times ten years, from the raw file."""
    money = ("gdppercapita_us_inflation_adjusted", "total_gdp_us_inflation_adjusted")
    people = read(shared_data, "gapminder_wdi_1960_2025", *money)
    many = people[money[1]] / people[money[0]] > 1e6
    wanted = {}
    for name in ("OECD", "OECD_ASIA"):
        file = shared_data / "panel" / f"taped_country_year_{name}.csv.gz"
        known = pd.read_csv(file).set_index(["iso3", "year"])["rta_data_cross_clause_mean"].dropna()
        years = known.index.get_level_values("year")
        known = known[(years >= 2010) & (years <= 2019)]
        wanted[name] = int(many.reindex(known.index, fill_value=False).sum())
    with (out / "tables" / "baseline19.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    rows = {(r["column"], r["term"]): int(r["value"]) for r in table if r["kind"] == "rows"}
    kept = {column: rows[column, "panel"] - lost for (column, term), lost in rows.items()
            if term == "outside the sample"}
    assert kept == {str(c): wanted["OECD_ASIA" if c == 8 else "OECD"] for c in range(1, 10)}
    for tail, members, asia in ((".tex", "OECD members above", "OECD and Asia, above"),
                                (".zh.tex", "OECD成员国", "OECD与亚洲")):
        text = (out / "tables" / f"baseline19{tail}").read_text(encoding="utf-8")
        note = next(line for line in text.splitlines() if "2010" in line and "6,708" in line)
        assert members in note
        assert asia in note


@pytest.mark.parametrize(("name", "fewest"), [
    ("definitions", 13), ("definitions_base", 16), ("definitions_x", 18)])
def test_every_variable_has_a_unit_in_both_languages(out: Path, name: str, fewest: int) -> None:
    for tail in (".tex", ".zh.tex"):
        text = (out / "tables" / f"{name}{tail}").read_text(encoding="utf-8")
        body = text.split("\\midrule")[1].split("\\bottomrule")[0]
        rows = [line.split(" & ") for line in body.splitlines() if line.endswith("\\\\")]
        assert len(rows) >= fewest
        assert not [row[0] for row in rows if not row[2].strip(" {}")]
        if tail == ".zh.tex":
            assert not [row[2] for row in rows if not re.search(r"[\u4e00-\u9fff]", row[2])]


def test_the_instrument_column_prints_anderson_and_rubin(out: Path) -> None:
    """With one instrument, no effect means no reduced form, whose t test is column (6)."""
    with (out / "tables" / "endogeneity.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stats = {r["term"]: float(r["value"]) for r in rows
             if r["model"] == "e_iv" and r["kind"] == "stat" and r["value"]}
    old = next(r for r in rows if r["model"] == "e_old" and r["term"] == "dstri_old")
    assert stats["ar_p"] == pytest.approx(float(old["p"]), rel=1e-8)
    for tail in (".tex", ".zh.tex"):
        text = (out / "tables" / f"endogeneity{tail}").read_text(encoding="utf-8")
        assert f"{stats['ar_p']:.3f}" in text
        assert "Anderson-Rubin" in text
