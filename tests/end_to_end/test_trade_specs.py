"""Measures of exports in specs: from a product file and from tables, equal to the functions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import SpecError
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store
from gvckit.sophistication.sectors import sector_exports

SPEC = """\
schema: 1
paper: {key: trade}
data:
  trade: {file: trade.csv, keys: {country: iso3, product: product, year: year}, take: {exports: value}}
  income: {file: income.csv, keys: {country: iso3, year: year}, take: {gdp: gdp}}
  icio: {source: sample, countries: 6, sectors: 5, seed: 2, years: 2000-2002}
indices:
  eci: {measure: complexity, exports: trade, by: [country]}
  expy: {measure: expy, exports: trade, income: income, by: [country], weights: fixed, base: 2000-2001}
  prody_p: {measure: prody, exports: trade, income: income, by: [product]}
  va_expy: {measure: expy, icio: icio, income: income, by: [country], adjust: dva}
  rca: {measure: advantage, icio: icio, by: [country, sector], kind: symmetric}
panel: {unit: [country], time: year, rows: eci, merge: [{with: [expy, va_expy, income], on: [country, year], match: one-to-one}]}
models: {base: {y: expy, x: [eci], fe: [country]}}
tables: {tab1: {columns: [base]}}
"""
COUNTRIES = ("CHN", "USA", "DEU", "JPN", "KOR", "MEX")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    rng = np.random.default_rng(11)
    rows = [(c, f"p{p}", y, rng.gamma(0.4, 100)) for c in COUNTRIES for p in range(12)
            for y in range(2000, 2003)]
    pd.DataFrame(rows, columns=["iso3", "product", "year", "value"]).to_csv(
        tmp_path / "trade.csv", index=False)
    income = [(c, y, np.exp(rng.normal(9, 1))) for c in COUNTRIES for y in range(2000, 2003)]
    pd.DataFrame(income, columns=["iso3", "year", "gdp"]).to_csv(
        tmp_path / "income.csv", index=False)
    path = tmp_path / "paper.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def result(spec: Path, name: str) -> pd.DataFrame:
    prepared = api.prepare(spec)
    done = execute(prepared.compiled.steps, [f"indices.{name}"], Store(spec.parent / "store"))
    assert done.ok, done.error()
    return done.outputs[f"indices.{name}"]


def trade(spec: Path) -> pd.DataFrame:
    frame = pd.read_csv(spec.parent / "trade.csv")
    return frame.rename(columns={"iso3": "country"})


def income(spec: Path) -> pd.DataFrame:
    return pd.read_csv(spec.parent / "income.csv").rename(
        columns={"iso3": "country", "gdp": "income"})


def same(got: pd.DataFrame, wanted: pd.DataFrame, keys: list[str], name: str, value: str) -> None:
    both = got.merge(wanted.astype({k: str for k in keys if k != "year"}), on=keys, how="outer",
                     validate="one_to_one")
    assert len(both) == len(got) == len(wanted)
    np.testing.assert_allclose(both[name], both[value], rtol=1e-12)


def test_complexity_of_products(spec: Path) -> None:
    wanted = gk.complexity(trade(spec), time="year").country
    same(result(spec, "eci"), wanted, ["country", "year"], "eci", "index")


def test_expy_with_fixed_weights(spec: Path) -> None:
    wanted = gk.expy(trade(spec), income(spec), weights="fixed", base=[2000, 2001], time="year")
    got = result(spec, "expy").rename(columns={"expy": "ours"})
    same(got, wanted, ["country", "year"], "ours", "expy")


def test_prody_by_product(spec: Path) -> None:
    wanted = gk.prody(trade(spec), income(spec), time="year")
    same(result(spec, "prody_p"), wanted, ["product", "year"], "prody_p", "prody")


def test_value_added_expy_of_tables(spec: Path) -> None:
    parts = [sector_exports(gk.sample_icio(6, 5, year, 2), negative="zero").assign(year=year)
             for year in range(2000, 2003)]
    flows = pd.concat(parts).astype({"country": str, "product": str})
    wanted = gk.expy(flows, income(spec), adjust="dva", dva="dva", time="year")
    same(result(spec, "va_expy"), wanted, ["country", "year"], "va_expy", "expy")


def test_advantage_of_sectors_has_the_panel_key(spec: Path) -> None:
    got = result(spec, "rca")
    assert list(got.columns) == ["country", "sector", "year", "rca"]
    assert got["rca"].between(-1, 1).all()


@pytest.mark.parametrize(("old", "new", "words"), [
    ("income: income, by: [country], weights", "by: [country], weights", "expy needs income"),
    ("measure: complexity, exports: trade, by: [country]",
     "measure: complexity, exports: income, by: [country]", "has the keys country, year"),
    ("kind: symmetric", "kind: symetric", "did you mean 'symmetric'?"),
    ("measure: prody, exports: trade, income: income, by: [product]",
     "measure: prody, exports: trade, income: income, by: [country]", "by: [product]"),
    ("measure: expy, icio", "measure: exyp, icio", "did you mean 'expy'?"),
])
def test_what_is_wrong_is_told(spec: Path, old: str, new: str, words: str) -> None:
    text = spec.read_text(encoding="utf-8")
    assert old in text
    spec.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        api.prepare(spec)
    assert words in str(caught.value)
    assert "paper.yaml:" in str(caught.value)


def test_the_paper_runs(spec: Path) -> None:
    summary = gk.run(spec, out=spec.parent / "out", store=spec.parent / "store")
    assert "tables/tab1.tex" in summary.files
