"""World trade of 1998-2000 and 2017 against R economiccomplexity and the published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.sophistication.advantage import advantage
from gvckit.sophistication.complexity import complexity
from gvckit.sophistication.product_space import product_space
from gvckit.sophistication.prody import expy, prody
from gvckit.sophistication.proximity import proximity

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def folder(golden: Path) -> Path:
    return golden / "trade" / "economiccomplexity"


@pytest.fixture(scope="module")
def trade(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "in_trade.csv", dtype={"product": str}, keep_default_na=False)


@pytest.fixture(scope="module")
def gdp(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "in_gdp.csv", keep_default_na=False)


def published(path: Path) -> pd.Series:
    return pd.read_csv(path, dtype={"name": str}, keep_default_na=False).set_index("name")["value"]


def named(frame: pd.DataFrame, key: str, value: str) -> pd.Series:
    return frame.astype({key: str}).set_index(key)[value]


def wide(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, index_col=0, keep_default_na=False, dtype={"row": str}).astype(float)


def close(got: pd.Series, want: pd.Series, tolerance: float = 1e-9) -> None:
    assert sorted(got.index) == sorted(want.index)
    np.testing.assert_allclose(got[want.index], want, rtol=tolerance, atol=tolerance)


def test_balassa_is_exact(folder: Path, trade: pd.DataFrame) -> None:
    got = advantage(trade).astype({"country": str, "product": str}).pivot(
        index="country", columns="product", values="advantage")
    for name, ours in (("continuous", got), ("discrete", (got >= 1).astype(float))):
        want = wide(folder / f"balassa_{name}.csv")
        assert (ours.loc[want.index, want.columns].to_numpy() == want.to_numpy()).all()


@pytest.mark.parametrize("of", ["country", "product"])
def test_proximity_is_exact(folder: Path, trade: pd.DataFrame, of: str) -> None:
    want = wide(folder / f"proximity_proximity_{of}.csv{'.gz' if of == 'product' else ''}")
    got = proximity(trade, of=of)
    assert (got.loc[want.index, want.columns].to_numpy() == want.to_numpy()).all()


@pytest.mark.parametrize(("method", "file"), [("eigenvalue", "eigenvalues"),
                                              ("fitness", "fitness")])
def test_complexity(folder: Path, trade: pd.DataFrame, method: str, file: str) -> None:
    got = complexity(trade, method)
    for side in ("country", "product"):
        want = published(folder / f"complexity_{file}_complexity_index_{side}.csv")
        close(named(getattr(got, side), side, "index"), want)


def test_published_eci_and_fitness(trade: pd.DataFrame) -> None:
    eci = named(complexity(trade).country, "country", "index")
    for code, value in {"jpn": 2.2576, "deu": 1.8802, "usa": 1.8210, "chn": .6004}.items():
        assert eci[code] == pytest.approx(value, abs=5e-5)
    fit = complexity(trade, "fitness").country
    values = named(fit, "country", "index")
    for code, value in {"afg": .78606, "ago": .04, "aia": 1.05646, "alb": 1.24261}.items():
        assert values[code] == pytest.approx(value, abs=5e-6)
    assert list(fit.sort_values("rank")["country"].head(3)) == ["deu", "esp", "ita"]
    # One iteration more moves the values by 1.4e-4.
    more = named(complexity(trade, "fitness", iterations=20).country, "country", "index")
    assert np.abs(more - values).max() > 1e-5
    assert fit.attrs["convergence"]["iterations"] == 19
    assert fit.attrs["convergence"]["largest relative change"] > 0


def test_prody_and_expy(folder: Path, trade: pd.DataFrame, gdp: pd.DataFrame) -> None:
    levels = prody(trade, gdp)
    close(named(levels, "product", "prody"), published(folder / "productivity_level_product.csv"))
    assert len(levels.attrs["countries"]) == 185
    assert len(levels.attrs["dropped"]["no income"]) == 41
    series = named(levels, "product", "prody")
    assert series.mean() == pytest.approx(9584.40, abs=5e-3)
    assert (series.idxmin(), series.idxmax()) == ("0019", "8959")
    assert series.min() == pytest.approx(661.467, abs=5e-4)
    assert series.max() == pytest.approx(34650.11, abs=5e-3)
    baskets = named(expy(trade, gdp), "country", "expy")
    close(baskets, published(folder / "productivity_level_country.csv"))
    for code, value in {"chn": 9417.8, "usa": 11778.3, "deu": 12441.5, "jpn": 12611.6,
                        "kor": 10671.7, "mex": 10267.3}.items():
        assert baskets[code] == pytest.approx(value, abs=.05)
    income = gdp.set_index("country")["value"].astype(float)[baskets.index]
    assert np.corrcoef(np.log(baskets), np.log(income))[0, 1] == pytest.approx(.7561, abs=5e-5)


def test_outlook_as_the_manual_of_economiccomplexity_prints_it(trade: pd.DataFrame) -> None:
    """The example of `complexity_outlook` in its reference manual."""
    got = product_space(trade, outlook="economiccomplexity", method="fitness")
    want = {"afg": 103.948610, "ago": 9.962401, "aia": 122.311158, "alb": 152.107317,
            "and": 151.295380}
    outlook = named(got.country, "country", "outlook")
    np.testing.assert_allclose(outlook[list(want)], list(want.values()), rtol=0, atol=5e-7)
    gain = got.products.astype({"country": str, "product": str}).pivot(
        index="country", columns="product", values="gain")
    np.testing.assert_allclose(gain.iloc[[0, 4], :4], [[.8615531, .7613878, .7537907, 1.0961458],
                                                       [0, .7118512, .6829531, .9987236]],
                               rtol=0, atol=5e-8)


def test_ecomplexity_standardises_products_by_countries(trade: pd.DataFrame) -> None:
    """ECI is then the mean PCI of a country's products, and of sd 1 with ddof 0."""
    got = complexity(trade, convention="ecomplexity")
    rca = advantage(trade).astype({"country": str, "product": str})
    has = rca[rca["advantage"] >= 1]
    pci = named(got.product, "product", "index")
    mean = pci[has["product"]].groupby(has["country"].to_numpy()).mean()
    close(named(got.country, "country", "index"), mean)
    assert got.country["index"].std(ddof=0) == pytest.approx(1, abs=1e-12)
    own = complexity(trade)
    assert got.product["index"].corr(own.product["index"]) == pytest.approx(1, abs=1e-12)


@pytest.fixture(scope="module")
def trade2017(shared_data: Path) -> pd.DataFrame:
    frame = pd.read_csv(shared_data / "panel" / "exports_country_product_2017.csv.gz",
                        dtype={"product_code": str}, keep_default_na=False,
                        na_values={"export_value_usd": ["NA"]})
    return frame.rename(columns={"reporter_iso": "country", "product_code": "product",
                                 "export_value_usd": "value"})


def test_ranks_of_2017(trade2017: pd.DataFrame, shared_data: Path) -> None:
    """The stored series are reflections of order 18 and 19, from another version of the tool."""
    got = complexity(trade2017, "reflections", na="zero")
    for side, file, key in ((got.country, "eci", "country"), (got.product, "pci", "product")):
        want = pd.read_csv(
            shared_data / "panel" / f"ref_{file}_2017_R_economiccomplexity.csv.gz",
            dtype={key: str}, keep_default_na=False).set_index(key)["value"]
        ours = named(side, key, "index")
        assert (ours[want.index].rank() == want.rank()).all()
        close(ours, want, 1e-8)
    # The eigenvector is what the reflections converge to.
    eigen = named(complexity(trade2017, na="zero").country, "country", "index")
    assert eigen.corr(named(got.country, "country", "index"), method="spearman") > .9999


def test_ranks_of_1998_2000(trade: pd.DataFrame, shared_data: Path) -> None:
    """These stored series are fitness, under the file names of ECI and PCI."""
    got = complexity(trade, "fitness")
    for side, file, column, key in ((got.country, "eci", "eci", "country"),
                                    (got.product, "pci", "pci", "product")):
        want = pd.read_csv(
            shared_data / "panel" / f"ref_{file}_1998_2000_R_economiccomplexity_v2.csv.gz",
            dtype={key: str}, keep_default_na=False).set_index(key)[column]
        close(named(side, key, "index"), want)
        assert (named(side, key, "index")[want.index].rank() == want.rank()).all()


def test_the_atlas_of_2017(trade2017: pd.DataFrame, shared_data: Path) -> None:
    """Other data and other cleaning: near the Atlas in rank, not equal."""
    people = pd.read_csv(shared_data / "panel" / "gdp_pop_2017.csv.gz", keep_default_na=False,
                         na_values={"population_total": ["NA"]})
    people = people.rename(columns={"reporter_iso": "country", "population_total": "population"})
    got = complexity(trade2017, convention="atlas", population=people[["country", "population"]],
                     min_population=1e6, min_exports=1e9, na="zero")
    assert "sgs" in got.country.attrs["dropped"]["no population"]
    atlas = pd.read_csv(shared_data / "panel" / "eci_panels.csv.gz")
    atlas = atlas[(atlas["variable"] == "atlas_hs_eci") & (atlas["year"] == 2017)]
    want = atlas.set_index(atlas["iso3"].str.lower())["value"]
    ours = named(got.country, "country", "index")
    both = ours.index.intersection(want.index)
    assert len(both) > 125
    assert ours[both].corr(want[both], method="spearman") > .98


def test_the_observatory_of_2020(shared_data: Path) -> None:
    """Other cleaning and another sample of countries: near in rank, not equal."""
    trade2020 = pd.read_csv(shared_data / "panel" / "exports_country_product_2020.csv.gz",
                            keep_default_na=False, usecols=["iso3", "product", "value"])
    ours = named(complexity(trade2020.rename(columns={"iso3": "country"}), min_exports=1e9,
                            convention="atlas").country, "country", "index")
    theirs = pd.read_csv(shared_data / "panel" / "eci_panels.csv.gz")
    theirs = theirs[(theirs["variable"] == "oec_eci_hs96") & (theirs["year"] == 2020)]
    want = theirs.set_index("iso3")["value"]
    both = ours.index.intersection(want.index)
    assert len(both) == 128
    assert ours[both].corr(want[both], method="spearman") > .96
