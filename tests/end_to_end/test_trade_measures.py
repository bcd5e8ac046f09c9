"""Every measure of exports in specs, of product files and of tables, against the functions."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import GvckitError
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store
from gvckit.sophistication.registry import TRADE_MEASURES
from gvckit.sophistication.sectors import DVA, product_shares, sector_exports

COUNTRIES = ("CHN", "USA", "DEU", "JPN", "KOR", "MEX")
YEARS = range(2000, 2003)
HEAD = """\
schema: 1
paper: {key: measures}
data:
  trade: {file: trade.csv, keys: {country: iso3, product: product, year: year}, take: {exports: value}}
  added: {file: trade.csv, keys: {country: iso3, product: product, year: year}, take: {gross: value, own: dva, part: dvar}}
  grouped: {file: trade.csv, keys: {country: iso3, product: product, branch: branch, year: year}, take: {sold: value}}
  flows: {file: flows.csv, keys: {country: iso3, product: product, importer: partner, year: year}, types: {importer: country}, take: {worth: value, kilos: quantity}}
  income: {file: income.csv, keys: {country: iso3, year: year}, take: {gdp: gdp}}
  people: {file: income.csv, keys: {country: iso3, year: year}, take: {pop: pop}}
  concordance: {file: products.csv, keys: {product: product, isic: sector}, take: {}}
  broad: {file: sectors.csv, keys: {sector: sector, kind: kind}, take: {}}
  shares: {file: income.csv, keys: {country: iso3, year: year}, take: {dvar_c: share}}
  worth: {file: products.csv, keys: {product: product}, take: {level: level}}
  elastic: {file: products.csv, keys: {product: product}, take: {sig: sigma}}
  icio: {source: sample, countries: 6, sectors: 5, seed: 2, years: 2000-2002}
indices:
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("trade")
    rng = np.random.default_rng(3)
    rows = [(c, f"p{p}", y, rng.gamma(.8, 100)) for c in COUNTRIES for p in range(10) for y in YEARS]
    trade = pd.DataFrame(rows, columns=["iso3", "product", "year", "value"])
    trade["dvar"] = rng.uniform(.3, 1, len(trade))
    trade["dva"] = trade["value"] * trade["dvar"]
    trade["branch"] = trade["product"].map(lambda p: "low" if p < "p4" else "high")
    trade.to_csv(place / "trade.csv", index=False)
    income = pd.DataFrame([(c, y, np.exp(rng.normal(9, 1)), rng.integers(1, 90),
                            rng.uniform(.4, .9)) for c in COUNTRIES for y in YEARS],
                          columns=["iso3", "year", "gdp", "pop", "share"])
    income.to_csv(place / "income.csv", index=False)
    pd.DataFrame([(f"p{p}", f"s{p % 5 + 1}", 1000.0 * (p + 1), 2.0 + p / 4) for p in range(10)],
                 columns=["product", "sector", "level", "sigma"]).to_csv(
        place / "products.csv", index=False)
    pd.DataFrame([(f"s{s}", "goods" if s < 4 else "services") for s in range(1, 6)],
                 columns=["sector", "kind"]).to_csv(place / "sectors.csv", index=False)
    flows = pd.DataFrame([(c, f"p{p}", m, y, rng.lognormal(5, 1), rng.lognormal(3, 1))
                          for c in COUNTRIES for p in range(4) for m in ("FRA", "ITA", "ESP")
                          for y in YEARS],
                         columns=["iso3", "product", "partner", "year", "value", "quantity"])
    flows.to_csv(place / "flows.csv", index=False)
    return place


def result(folder: Path, entry: str) -> pd.DataFrame:
    path = folder / "paper.yaml"
    path.write_text(f"{HEAD}  it: {{{entry}}}\n", encoding="utf-8")
    done = execute(api.prepare(path).compiled.steps, ["indices.it"], Store(folder / "store"))
    assert done.ok, done.error()
    return done.outputs["indices.it"]


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv").rename(
        columns={"iso3": "country", "partner": "importer"})


def income(folder: Path, column: str = "gdp") -> pd.DataFrame:
    return read(folder, "income")[["country", "year", column]]


def tables(dva: str = "backward") -> pd.DataFrame:
    parts = [sector_exports(gk.sample_icio(6, 5, y, 2), dva=dva, negative="zero").assign(year=y)
             for y in YEARS]
    return pd.concat(parts, ignore_index=True).astype({"country": str, "product": str})


def same(got: pd.DataFrame, wanted: pd.DataFrame, value: str, **words: str) -> None:
    keys = [c for c in wanted if c in ("country", "product", "industry", "partner", "importer",
                                       "year")]
    wanted = wanted.astype({k: str for k in keys if k != "year"}).rename(columns=words)
    keys = [words.get(k, k) for k in keys]
    assert sorted(got.columns) == sorted([*keys, "it"])
    both = got.merge(wanted[[*keys, value]], on=keys, how="outer", validate="one_to_one")
    assert len(both) == len(got) == len(wanted) > 0
    np.testing.assert_allclose(both["it"], both[value], rtol=1e-10, atol=1e-12)


FLOORS = "population: people, min_population: 10, min_exports: 10, min_product_exports: 1"


@pytest.mark.parametrize(("entry", "made", "value"), [
    ("measure: complexity, exports: trade, by: [country], convention: atlas, sign: ubiquity, "
     "ddof: 0, standardise: own, " + FLOORS,
     lambda f, t: gk.complexity(t, convention="atlas", sign="ubiquity", ddof=0, standardise="own",
                                population=income(f, "pop"), min_population=10, min_exports=10,
                                min_product_exports=1).country, "index"),
    (("measure: complexity, exports: trade, by: [product], method: fitness, iterations: 7, value: "
     "rank"), lambda f, t: gk.fitness(t, iterations=7).product, "rank"),
    (("measure: complexity, exports: trade, by: [country], method: reflections, iterations: 4, "
     "presence: continuous"), lambda f, t: gk.complexity(
         t, "reflections", iterations=4, presence="continuous").country, "index"),
    ("measure: advantage, exports: trade, by: [country, product], kind: normalised",
     lambda f, t: gk.advantage(t, "normalised"), "advantage"),
    *(((f"measure: diversification, exports: trade, by: [country], threshold: 20, reference: rest, "
       f"value: {v}"), lambda f, t: gk.diversification(t, threshold=20, reference="rest"), v)
      for v in ("hhi", "theil", "theil_between", "theil_within", "extensive", "intensive",
                "relative", "products")),
    ("measure: similarity, exports: trade, by: [country, partner]",
     lambda f, t: gk.similarity(t), "similarity"),
    ("measure: proximity, exports: trade, by: [product, partner]",
     lambda f, t: gk.proximity(t, pairs=True), "proximity"),
    ("measure: proximity, exports: trade, by: [country, partner], kind: correlation",
     lambda f, t: gk.proximity(t, of="country", kind="correlation", pairs=True), "proximity"),
    *((f"measure: product-space, exports: trade, by: [country, product], value: {v}, {FLOORS}",
       lambda f, t: gk.product_space(t, population=income(f, "pop"), min_population=10,
                                     min_exports=10, min_product_exports=1).products, v)
      for v in ("density", "distance", "gain", "presence")),
    ("measure: product-space, exports: trade, by: [country], outlook: ecomplexity",
     lambda f, t: gk.product_space(t, outlook="ecomplexity").country, "outlook"),
    ("measure: prody, exports: trade, income: income, by: [product], balanced: false",
     lambda f, t: gk.prody(t, income(f), balanced=False), "prody"),
    ("measure: expy, exports: trade, levels: worth, by: [country]",
     lambda f, t: gk.expy(t, prody=read(f, "products")[["product", "level"]].rename(
         columns={"level": "prody"})), "expy"),
    ("measure: expy, exports: added, dva: own, part: x", None, ""),
])
def test_of_products(folder: Path, entry: str, made: object, value: str) -> None:
    if made is None:
        with pytest.raises(GvckitError, match="unknown key 'part'"):
            result(folder, entry)
        return
    same(result(folder, entry), made(folder, read(folder, "trade")), value)


@pytest.mark.parametrize("adjust", ["dva", "dva-shares", "yao-zhang"])
@pytest.mark.parametrize("source", ["dva", "dvar", "entry", "tables"])
def test_value_added_of_products(folder: Path, adjust: str, source: str) -> None:
    """From a column of the file, from another file, and from tables by the product's sector."""
    trade = read(folder, "trade")
    one = "added_one"
    head = HEAD.replace("  income:", (
        f"  {one}: {{file: trade.csv, keys: {{country: iso3, product: product, year: year}}, "
        f"take: {{gross: value, extra: {source}}}}}\n  income:" if source in ("dva", "dvar")
        else "  income:"), 1).replace(
            "  added: {file: trade.csv, keys: {country: iso3, product: product, year: year}, take: "
            "{gross: value, own: dva, part: dvar}}\n", "")
    words, given = {
        "dva": (f"exports: {one}, dva: extra", {"dva": "dva"}),
        "dvar": (f"exports: {one}, dvar: extra", {"dvar": "dvar"}),
        "entry": ("exports: trade, dvar: shares", {"dvar": income(folder, "share").rename(
            columns={"share": "dvar"})}),
        "tables": ("exports: trade, icio: icio, industries: concordance", {"dvar": None}),
    }[source]
    if source == "tables":
        of = read(folder, "products").set_index("product")["sector"]
        given = {"dvar": product_shares(tables(), of)}
    path = folder / "paper.yaml"
    path.write_text(f"{head}  it: {{measure: expy, {words}, income: income, by: [country], "
                    f"adjust: {adjust}}}\n", encoding="utf-8")
    done = execute(api.prepare(path).compiled.steps, ["indices.it"], Store(folder / "store"))
    assert done.ok, done.error()
    same(done.outputs["indices.it"], gk.expy(trade, income(folder), adjust=adjust, **given), "expy")


def test_the_share_of_a_product_is_that_of_its_sector(folder: Path) -> None:
    sectors = tables()
    of = read(folder, "products").set_index("product")["sector"]
    got = product_shares(sectors, of)
    assert len(got) == 6 * 10 * 3
    one = got[(got["country"] == "DEU") & (got["product"] == "p7") & (got["year"] == 2001)]
    row = sectors[(sectors["country"] == "DEU") & (sectors["product"] == "s3")
                  & (sectors["year"] == 2001)].iloc[0]
    assert one["dvar"].item() == row["dva"] / row["value"]
    silent = sectors.assign(value=sectors["value"].where(sectors["product"] != "s3", 0.0))
    with pytest.raises(GvckitError, match=r"18 sectors export nothing.*CHN 2000 s3"):
        product_shares(silent, of)
    filled = product_shares(silent, of, gaps="country")
    whole = silent.groupby(["country", "year"])[["value", "dva"]].sum()
    here = filled[filled["product"] == "p2"].set_index(["country", "year"])["dvar"]
    np.testing.assert_allclose(here, (whole["dva"] / whole["value"])[here.index])
    with pytest.raises(GvckitError, match="unknown sector of the table 's9'"):
        product_shares(sectors, {"p1": "s9"})


@pytest.mark.parametrize(("entry", "made"), [
    ("definition: industry-prody, exports: trade, by: [isic], industries: concordance",
     lambda f, t, of: gk.technical_complexity(t, income(f), definition="industry-prody",
                                              industry=of)),
    ("definition: country-industry, exports: trade, by: [country, isic], industries: concordance",
     lambda f, t, of: gk.technical_complexity(t, income(f), definition="country-industry",
                                              industry=of)),
    (("definition: province, exports: grouped, by: [country, branch], industries: branch, "
     "weights: fixed, base: 2000-2001"),
     lambda f, t, of: gk.technical_complexity(t, income(f), definition="province",
                                              industry="branch", weights="fixed",
                                              base=[2000, 2001])),
    (("definition: country-industry, exports: trade, by: [country, isic], industries: concordance, "
     "icio: icio, adjust: yao-zhang, va: vax-backward"),
     lambda f, t, of: gk.technical_complexity(
         t, income(f), definition="country-industry", industry=of, adjust="yao-zhang",
         dvar=product_shares(tables("vax-backward"), of))),
])
def test_technical_complexity(folder: Path, entry: str, made: object) -> None:
    of = read(folder, "products").set_index("product")["sector"]
    got = result(folder, f"measure: technical-complexity, income: income, {entry}")
    word = "branch" if "branch" in entry else "isic"
    same(got, made(folder, read(folder, "trade"), of), "ets", industry=word)


@pytest.mark.parametrize(("entry", "made", "value", "words"), [
    ("measure: technical-complexity, definition: industry-prody, income: income, by: [sector]",
     lambda f, x: gk.technical_complexity(x, income(f), definition="industry-prody"), "ets",
     {"industry": "sector"}),
    (("measure: technical-complexity, definition: country-industry, income: income, adjust: "
     "yao-zhang, by: [country, sector]"),
     lambda f, x: gk.technical_complexity(x, income(f), definition="country-industry",
                                          adjust="yao-zhang", dva="dva"), "ets",
     {"industry": "sector"}),
    (("measure: technical-complexity, definition: country-industry, income: income, industries: "
     "broad, by: [country, kind]"),
     lambda f, x: gk.technical_complexity(
         x, income(f), definition="country-industry",
         industry=read(f, "sectors").set_index("sector")["kind"]), "ets", {"industry": "kind"}),
    ("measure: prody, income: income, by: [sector], adjust: dva",
     lambda f, x: gk.prody(x, income(f), adjust="dva", dva="dva"), "prody", {"product": "sector"}),
    ("measure: complexity, by: [country], adjust: dva, method: fitness",
     lambda f, x: gk.fitness(x, dva="dva").country, "index", {}),
    ("measure: complexity, by: [sector], method: fitness",
     lambda f, x: gk.fitness(x).product, "index", {"product": "sector"}),
    ("measure: similarity, by: [country, partner], adjust: dva",
     lambda f, x: gk.similarity(x, dva="dva"), "similarity", {}),
    ("measure: diversification, by: [country], adjust: dva, value: theil",
     lambda f, x: gk.diversification(x, dva="dva"), "theil", {}),
    ("measure: product-space, by: [country, sector], method: fitness, adjust: dva",
     lambda f, x: gk.product_space(x, method="fitness", dva="dva").products, "density",
     {"product": "sector"}),
    ("measure: proximity, by: [sector, partner]",
     lambda f, x: gk.proximity(x, pairs=True), "proximity", {"product": "sector"}),
    ("measure: advantage, by: [country, sector], adjust: dva, without: [MEX]",
     lambda f, x: gk.advantage(x[x["country"] != "MEX"], dva="dva"), "advantage",
     {"product": "sector"}),
])
def test_of_tables(folder: Path, entry: str, made: object, value: str, words: dict[str, str]
                   ) -> None:
    same(result(folder, f"{entry}, icio: icio"), made(folder, tables()), value, **words)


@pytest.mark.parametrize("va", list(DVA))
def test_which_value_added_of_tables(folder: Path, va: str) -> None:
    got = result(folder, "measure: advantage, icio: icio, by: [country, sector], adjust: dva, "
                         f"va: {va}")
    same(got, gk.advantage(tables(va), dva="dva"), "advantage", product="sector")


@pytest.mark.parametrize(("entry", "by", "sigma", "words"), [
    ("by: [country, product, importer], value: quality, sigma: 4", None, 4.0, {}),
    ("by: [country, product, importer], sigma: 4", ["country", "product", "importer", "year"],
     4.0, {}),
    ("by: [country], sigma: elastic, outliers: 3", ["country", "year"], "by product", {}),
    ("by: [country, product], effects: [product, importer, year]",
     ["country", "product", "year"], 5.0, {}),
    ("by: [country, isic], industries: concordance", ["country", "industry", "year"], 5.0,
     {"industry": "isic"}),
    ("by: [product]", ["product", "year"], 5.0, {}),
])
def test_quality(folder: Path, entry: str, by: list[str] | None, sigma: object,
                 words: dict[str, str]) -> None:
    flows = read(folder, "flows")
    products = read(folder, "products").set_index("product")
    flows["industry"] = flows["product"].map(products["sector"])
    got = result(folder, f"measure: quality, exports: flows, quantity: kilos, {entry}")
    wanted = gk.quality(
        flows, products["sigma"].to_dict() if sigma == "by product" else sigma, by=by,
        outliers=3.0 if "outliers" in entry else 50.0,
        effects=["product", "importer", "year"] if "effects" in entry else None)
    same(got, wanted.drop(columns="industry", errors="ignore") if by is None else wanted,
         "quality" if by is None else "standardised", **words)


@pytest.mark.parametrize(("entry", "made", "value", "words"), [
    ("measure: prody, by: [product]", gk.prody, "prody", {}),
    ("measure: technical-complexity, definition: industry-prody, by: [kind]",
     lambda t, i, **k: gk.technical_complexity(t, i, definition="industry-prody", **k), "ets",
     {"industry": "kind"}),
])
def test_fixed_weights_give_one_level_for_all_years(
        folder: Path, entry: str, made: object, value: str, words: dict[str, str]) -> None:
    got = result(folder, f"{entry}, exports: trade, income: income, weights: fixed, base: 2001")
    wanted = made(read(folder, "trade"), income(folder), weights="fixed", base=2001)
    same(got, wanted, value, **(words if "industry" in wanted else {}))


def test_one_cross_section_has_no_time(folder: Path) -> None:
    trade = read(folder, "trade")
    trade[trade["year"] == 2000].drop(columns="year").to_csv(folder / "one.csv", index=False)
    head = HEAD.replace("trade.csv, keys: {country: iso3, product: product, year: year}, take: "
                        "{exports: value}", "one.csv, keys: {country: country, product: product}, "
                        "take: {exports: value}")
    path = folder / "one.yaml"
    path.write_text(f"{head}  it: {{measure: complexity, exports: trade, by: [country]}}\n",
                    encoding="utf-8")
    done = execute(api.prepare(path).compiled.steps, ["indices.it"], Store(folder / "store"))
    assert done.ok, done.error()
    got = done.outputs["indices.it"]
    assert list(got.columns) == ["country", "it"]
    wanted = gk.complexity(trade[trade["year"] == 2000].drop(columns="year")).country
    np.testing.assert_allclose(got.set_index("country")["it"][list(wanted["country"])],
                               wanted["index"])


def test_a_cross_section_joins_a_panel_by_country(folder: Path) -> None:
    trade = read(folder, "trade")
    trade[trade["year"] == 2000].drop(columns="year").to_csv(folder / "base.csv", index=False)
    path = folder / "joined.yaml"
    path.write_text(HEAD.replace("  income:", "  base: {file: base.csv, keys: {country: country, "
                                 "product: product}, take: {sold0: value}}\n  income:", 1) + """\
  eci0: {measure: complexity, exports: base, by: [country], method: fitness}
  expy: {measure: expy, exports: trade, income: income, by: [country], weights: fixed, base: 2000}
panel:
  unit: [country]
  time: year
  rows: expy
  merge:
    - {with: [eci0], on: [country], match: many-to-one}
    - {with: [income], on: [country, year], match: one-to-one}
models: {m: {y: expy, x: [eci0], controls: [gdp], fe: [year]}}
tables: {tab1: {columns: [m]}}
""", encoding="utf-8")
    gk.run(path, out=folder / "out", store=folder / "store")
    cells = pd.read_csv(folder / "out/tables/tab1.csv").set_index("term")
    assert cells.loc["n", "value"] == 18
    assert np.isfinite(cells.loc["eci0", "estimate"])


@pytest.mark.parametrize("row", TRADE_MEASURES.values(), ids=lambda row: row.name)
def test_the_registry_says_what_the_functions_take(row: object) -> None:
    module, name = row.function.split(":")
    taken = inspect.signature(getattr(__import__(module, fromlist=[name]), name)).parameters
    apart = {"adjust", "va", "gaps", "without"}
    for parameter in row.parameters:
        assert parameter.name in taken or parameter.name in apart, parameter.name
        if parameter.name in taken and parameter.default is not None:
            assert taken[parameter.name].default == parameter.default, parameter.name
    assert set(row.roles.values()) - set(taken) <= {"industry"}
    assert row.adjusts == ("adjust" in taken)
    reachable = {p.name for p in row.parameters} | set(row.roles.values()) | {
        "dva", "dvar", "country", "product", "value", "time", "quantity", "market"}
    own = {"proximity": {"of", "pairs"}, "quality": {"by"}, "expy": set()}
    # The frame itself comes first.
    assert set(list(taken)[1:]) - reachable <= own.get(row.name, set())
    va = next((p.allowed for p in row.parameters if p.name == "va"), tuple(DVA))
    assert va == tuple(DVA)


@pytest.mark.parametrize(("entry", "words"), [
    ("measure: complexity, exports: trade, income: income, by: [country]",
     "complexity takes no income (allowed: population)"),
    ("measure: complexity, exports: trade, min_population: 3, by: [country]",
     "min_population without a population"),
    ("measure: complexity, exports: trade, by: [country], ddof: 2", "ddof"),
    ("measure: expy, exports: trade, income: income, levels: worth, by: [country]",
     "expy needs income or levels"),
    ("measure: expy, exports: trade, income: income, by: [country], adjust: dva",
     "adjust: dva needs domestic value added"),
    ("measure: expy, exports: trade, income: income, by: [country], icio: icio",
     "value added comes from icio"),
    ("measure: expy, exports: trade, income: income, by: [country], icio: icio, adjust: dva",
     "value added of tables needs the sector of each product"),
    (("measure: expy, exports: trade, income: income, by: [country], icio: icio, adjust: dva, "
     "industries: concordance, va: forward"), "va is what tables give"),
    ("measure: expy, exports: added, income: income, by: [country]", "'added' has 3 values"),
    ("measure: expy, exports: added, income: income, by: [country], dva: owm, adjust: dva",
     "unknown value of 'added' 'owm'; did you mean 'own'?"),
    ("measure: technical-complexity, exports: trade, income: income, by: [country, isic]",
     "technical-complexity needs 'definition'"),
    (("measure: technical-complexity, definition: country-industry, exports: trade, income: income,"
     " by: [country, isic]"), "country-industry needs the industry of each product"),
    (("measure: technical-complexity, definition: industry-prody, exports: trade, income: income,"
     " by: [country, isic], industries: concordance"), "the same for every country"),
    (("measure: technical-complexity, definition: industry-prody, exports: trade, income: income,"
     " by: [isic], industries: concordanse"), "did you mean 'concordance'?"),
    (("measure: technical-complexity, definition: industry-prody, exports: trade, income: income,"
     " by: [isic], industries: people"), "'people' has the keys country, year"),
    ("measure: advantage, exports: trade, by: [country, product], industries: concordance",
     "advantage takes no industries"),
    ("measure: advantage, icio: icio, by: [country, sector], dva: x", "tables have no column"),
    ("measure: quality, exports: flows, by: [country]", "quality needs a quantity"),
    ("measure: quality, icio: icio, by: [country]", "quality needs flows with a quantity"),
    ("measure: quality, exports: trade, quantity: exports, by: [country, importer]",
     "the flows have no importer"),
    ("measure: quality, exports: flows, quantity: kilos, by: [country], sigma: elastik",
     "did you mean 'elastic'?"),
    ("measure: quality, exports: flows, quantity: kilos, by: [country], sigma: 0.5",
     "have a sigma up to 1"),
    ("measure: advantage, exports: trade, by: [country, product], without: [MEX, FRA]",
     "unknown country of without in it 'FRA'"),
    ("measure: similarity, exports: trade, by: [country]", "by: [country, partner]"),
    ("measure: diversification, exports: trade, by: [country], threshold: -1", "threshold is -1"),
])
def test_what_is_wrong_is_told(folder: Path, entry: str, words: str) -> None:
    path = folder / "wrong.yaml"
    path.write_text(f"{HEAD}  it: {{{entry}}}\n", encoding="utf-8")
    with pytest.raises(GvckitError) as caught:
        _executed(folder, path)
    assert words in str(caught.value)


def _executed(folder: Path, path: Path) -> None:
    done = execute(api.prepare(path).compiled.steps, ["indices.it"], Store(folder / "store"))
    assert not done.ok
    raise done.error()
