"""World trade of 1998-2000 and WIOD through specs, against published numbers and loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store

pytestmark = pytest.mark.data

TRADE = """\
schema: 1
paper: {key: trade}
data:
  trade: {file: panel/exports_country_product_1998_2000.csv.gz, keys: {country: iso3, product: product}, take: {exports: value}}
  gdp: {file: panel/gdp_pc_1998_2000.csv.gz, keys: {country: country}, take: {gdp: value}, unknown_codes: drop}
indices:
  eci: {measure: complexity, exports: trade, by: [country]}
  expy: {measure: expy, exports: trade, income: gdp, by: [country], without: [ROU]}
  prody_p: {measure: prody, exports: trade, income: gdp, by: [product], without: [ROU]}
  expy_all: {measure: expy, exports: trade, income: gdp, by: [country]}
"""

TABLES = """\
schema: 1
paper: {key: tables}
data:
  icio: {source: wiod2013, years: 2010-2011}
  pwt: {file: panel/pwt1001.csv.gz, keys: {country: iso3, year: year}, take: {gdp: rgdpe}}
indices:
  expy_va: {measure: expy, icio: icio, income: pwt, by: [country], adjust: dva, without: [ROW]}
  ets: {measure: technical-complexity, definition: country-industry, icio: icio, income: pwt, by: [country, sector], adjust: yao-zhang, without: [ROW]}
  rca_va: {measure: advantage, icio: icio, by: [country, sector], adjust: dva, va: forward}
"""


def results(place: Path, text: str, data: Path, names: list[str]) -> dict[str, pd.DataFrame]:
    path = place / "paper.yaml"
    path.write_text(text, encoding="utf-8")
    wanted = [f"indices.{n}" for n in names]
    done = execute(api.prepare(path, data=[data]).compiled.steps, wanted, Store(place / "store"))
    assert done.ok, done.error()
    return {n: done.outputs[f"indices.{n}"] for n in names}


def test_published_numbers_of_world_trade(tmp_path: Path, shared_data: Path) -> None:
    """The 185 countries of the published numbers lack Romania: trade says ROM, income ROU."""
    got = results(tmp_path, TRADE, shared_data, ["eci", "expy", "prody_p", "expy_all"])
    expy = got["expy"].set_index("country")["expy"]
    assert len(expy) == 185
    for code, value in {"CHN": 9417.8, "USA": 11778.3, "DEU": 12441.5, "JPN": 12611.6,
                        "KOR": 10671.7, "MEX": 10267.3}.items():
        assert expy[code] == pytest.approx(value, abs=.05)
    levels = got["prody_p"].set_index("product")["prody_p"]
    assert levels.mean() == pytest.approx(9584.40, abs=5e-3)
    assert levels["0019"] == levels.min() == pytest.approx(661.467, abs=5e-4)
    assert levels["8959"] == levels.max() == pytest.approx(34650.11, abs=5e-3)
    assert len(got["expy_all"]) == 186
    eci = got["eci"].set_index("country")["eci"]
    for code, value in {"JPN": 2.2576, "DEU": 1.8802, "USA": 1.8210, "CHN": .6004}.items():
        assert eci[code] == pytest.approx(value, abs=5e-5)


def test_tables_give_exports_and_value_added(tmp_path: Path, shared_data: Path) -> None:
    """PRODY, EXPY and Yao and Zhang's correction of WIOD's sectors, written out in loops."""
    got = results(tmp_path, TABLES, shared_data, ["expy_va", "ets", "rca_va"])
    pwt = pd.read_csv(shared_data / "panel/pwt1001.csv.gz")
    year = 2011
    table = gk.read_icio("wiod2013", year, data=shared_data)
    G, N = table.G, table.N
    country = np.repeat(np.arange(G), N)
    A = np.divide(table.Z, table.X, out=np.zeros_like(table.Z), where=table.X > 0)
    v = np.divide(table.VA, table.X, out=np.zeros(table.n), where=table.X > 0)
    home = country[:, None] == country
    E = np.where(home, 0, table.Z).sum(1) + np.where(
        country[:, None] == np.arange(G), 0, table.Y).sum(1)
    L = np.linalg.inv(np.eye(table.n) - np.where(home, A, 0))
    # Runs on stocks make a few exports negative; they count as none.
    back = np.maximum(v @ L * E, 0).reshape(G, N)
    forth = np.maximum(v * (L @ E), 0).reshape(G, N)
    gross = np.maximum(E, 0).reshape(G, N)
    y = pwt[pwt["year"] == year].set_index("iso3")["rgdpe"].reindex(table.countries).to_numpy()
    stay = ~np.isnan(y) & (np.array(table.countries) != "ROW")
    y, names = y[stay], np.array(table.countries)[stay]
    share = back[stay] / back[stay].sum(1, keepdims=True)
    with np.errstate(invalid="ignore"):
        levels = np.nan_to_num(y @ (share / share.sum(0)))
    here = got["expy_va"][got["expy_va"]["year"] == year].set_index("country")["expy_va"]
    np.testing.assert_allclose(here[names], share @ levels, rtol=1e-9)
    share = gross[stay] / gross[stay].sum(1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        levels = y @ (share / share.sum(0))
        ratio = back[stay] / gross[stay]
    ets = got["ets"][got["ets"]["year"] == year].set_index(["country", "sector"])["ets"]
    c, i = np.nonzero(gross[stay] > 0)
    places = pd.MultiIndex.from_arrays([names[c], np.array(table.sectors)[i]])
    assert len(ets) == len(places)
    np.testing.assert_allclose(ets[places], (levels * ratio)[c, i], rtol=1e-8)
    rca = got["rca_va"][got["rca_va"]["year"] == year].set_index(["country", "sector"])["rca_va"]
    wanted = (forth / forth.sum(1, keepdims=True)) / (forth.sum(0) / forth.sum())
    np.testing.assert_allclose(rca["CHN", "c14"], wanted[list(table.countries).index("CHN"),
                                                         list(table.sectors).index("c14")])
    assert len(rca) == G * int((forth.sum(0) > 0).sum())
