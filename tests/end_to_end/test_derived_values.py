"""`derive:` of a data entry: values made of those that a file holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import GvckitError
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store

SPEC = """\
schema: 1
paper: {{key: derived}}
data:
  sales:
    file: sales.csv
    keys: {{country: iso3, product: product, year: year}}
    take: {{output: x, home: e}}
    derive: {derive}
  income: {{file: income.csv, keys: {{country: iso3, year: year}}, take: {{gdp: gdp}}}}
indices:
  own: {{measure: expy, exports: sales, income: income, by: [country]}}
  open:
    composite: {{by: [country, product, year], normalise: minmax-pooled, weights: equal, aggregate: arithmetic}}
    pillars: {{all: [share]}}
"""
GOOD = '{exports: output - home, share: exports / output, before: "lag(share)"}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    rows = [(c, f"p{p}", y) for c in ("CHN", "USA", "DEU") for p in range(4) for y in (2000, 2001)]
    sales = pd.DataFrame(rows, columns=["iso3", "product", "year"])
    sales["x"] = rng.uniform(5, 9, len(sales))
    sales["e"] = rng.uniform(1, 4, len(sales))
    sales.to_csv(tmp_path / "sales.csv", index=False)
    pd.DataFrame([(c, y, rng.uniform(1e4, 5e4)) for c in ("CHN", "USA", "DEU")
                  for y in (2000, 2001)], columns=["iso3", "year", "gdp"]).to_csv(
        tmp_path / "income.csv", index=False)
    return tmp_path


def run(folder: Path, derive: str, *wanted: str) -> dict[str, pd.DataFrame]:
    path = folder / "paper.yaml"
    path.write_text(SPEC.format(derive=derive), encoding="utf-8")
    steps = api.prepare(path).compiled.steps
    done = execute(steps, wanted, Store(folder / "store"))
    assert done.ok, done.error()
    return {name: done.outputs[name] for name in wanted}


def told(folder: Path, derive: str) -> list[str]:
    with pytest.raises(GvckitError) as caught:
        run(folder, derive, "data.sales")
    return [str(problem).split("paper.yaml:")[-1] for problem in caught.value.problems]


def test_values_are_made_in_order_and_lags_stay_within_units(folder: Path) -> None:
    frame = run(folder, GOOD, "data.sales")["data.sales"]["frame"]
    sales = pd.read_csv(folder / "sales.csv").sort_values(["iso3", "product", "year"])
    share = ((sales["x"] - sales["e"]) / sales["x"]).to_numpy()
    np.testing.assert_allclose(frame["share"], share, rtol=1e-15)
    np.testing.assert_allclose(frame["exports"], (sales["x"] - sales["e"]).to_numpy(), rtol=1e-15)
    first = frame["year"].to_numpy() == 2000
    assert frame.loc[first, "before"].isna().all()
    np.testing.assert_array_equal(frame.loc[~first, "before"], frame.loc[first, "share"])


def test_measures_of_exports_take_the_value_named_exports(folder: Path) -> None:
    found = run(folder, GOOD, "indices.own")["indices.own"]
    sales = pd.read_csv(folder / "sales.csv").assign(sold=lambda f: f["x"] - f["e"])
    income = pd.read_csv(folder / "income.csv").set_index(["iso3", "year"])["gdp"]
    expected = {}
    for year, own in sales.groupby("year"):
        shares = own.pivot(index="iso3", columns="product", values="sold").pipe(
            lambda w: w.div(w.sum(axis=1), axis=0))
        levels = shares.div(shares.sum()).mul(income.xs(year, level="year"), axis=0).sum()
        expected |= {(c, year): v for c, v in (shares * levels).sum(axis=1).items()}
    got = found.set_index(["country", "year"])["own"]
    assert len(got) == len(expected) == 6
    for key, value in expected.items():
        assert got[key] == pytest.approx(value, rel=1e-12)


def test_composites_take_derived_values(folder: Path) -> None:
    made = run(folder, GOOD, "data.sales", "indices.open")
    share = made["data.sales"]["frame"]["share"].to_numpy()
    expected = (share - share.min()) / (share.max() - share.min())
    np.testing.assert_allclose(np.sort(made["indices.open"]["frame"]["open"]),
                               np.sort(expected), rtol=1e-12)


@pytest.mark.parametrize(("derive", "said"), [
    ("{exports: output - hme, share: exports / output}",
     "8:32: unknown value 'hme'; did you mean 'home'?"),
    ("{share: exports / output, exports: output - home}",
     "8:21: unknown value 'exports' (allowed: country, home, output, product, year)"),
    ("{share: share / output}",
     "8:21: unknown value 'share' (allowed: country, home, output, product, year)"),
    ("{home: output, share: output}", "8:20: home: 'home' is taken and derived"),
    ("{year: output, share: output}", "8:20: year: 'year' is both a key and a variable"),
    ("{exports: output - home, share: 'open(output)'}", "8:46: unknown function 'open'"),
])
def test_a_wrong_derivation_is_told_at_its_place(folder: Path, derive: str, said: str) -> None:
    lines = told(folder, derive)
    assert any(said in line for line in lines), lines


def test_a_value_that_is_missing_everywhere_is_an_error(folder: Path) -> None:
    path = folder / "paper.yaml"
    path.write_text(SPEC.format(derive="{exports: output - home, share: 'log(0 - output)'}"),
                    encoding="utf-8")
    done = execute(api.prepare(path).compiled.steps, ["data.sales"], Store(folder / "store"))
    assert "paper.yaml:8:45: 'share' has no value in any row" in str(done.error())
    assert "24 values are not above 0" in str(done.error())


def test_a_derivation_that_fails_is_told_at_its_expression_and_made_sources_are_not_read(
    folder: Path
) -> None:
    path = folder / "paper.yaml"
    text = SPEC.format(derive='{exports: output - home, share: "first(output, by=year)"}')
    path.write_text(text, encoding="utf-8")
    done = execute(api.prepare(path).compiled.steps, ["data.sales"], Store(folder / "store"))
    assert "paper.yaml:8:46: " in str(done.error())
    made = text.replace("file: sales.csv", "source: sample-panel\n    years: 2000-2001\n"
                                           "    keep: {iso3: [CHN]}")
    path.write_text(made, encoding="utf-8")
    with pytest.raises(GvckitError, match="sample-panel is computed: nothing is read, and keep"):
        api.prepare(path)


def test_values_of_years_alone_have_lags(tmp_path: Path) -> None:
    (tmp_path / "oil.csv").write_text("yr,p\n2000,10\n2001,20\n2003,40\n")
    (tmp_path / "paper.yaml").write_text(
        "schema: 1\npaper: {key: years}\ndata:\n  oil: {file: oil.csv, keys: {year: yr}, "
        'take: {price: p}, derive: {dp: "diff(log(price))", twice: price * 2}}\n')
    steps = api.prepare(tmp_path / "paper.yaml").compiled.steps
    done = execute(steps, ["data.oil"], Store(tmp_path / "store"))
    assert done.ok, done.error()
    frame = done.outputs["data.oil"]["frame"]
    np.testing.assert_allclose(frame["dp"], [np.nan, np.log(2), np.nan], rtol=1e-12)
    assert list(frame["twice"]) == [20, 40, 80]
