"""Models that data do not allow say so in one sentence, name the variable, and print n.e."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.models.fit import estimate, fit
from gvckit.models.result import NotEstimated


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    codes = ["AUS", "AUT", "BEL", "BRA", "CAN", "CHN", "CZE", "DEU"]
    frame = pd.MultiIndex.from_product([codes, ["a", "b", "c"], range(2000, 2006)],
                                       names=["country", "sector", "year"]).to_frame(index=False)
    n = len(frame)
    frame["x"], frame["z"], frame["w"] = rng.normal(size=(3, n))
    frame["y"] = frame["x"] + rng.normal(size=n)
    frame["gdp"] = frame.groupby(["country", "year"])["w"].transform("mean")
    frame["area"] = frame["country"].map({c: float(i) for i, c in enumerate(codes)})
    frame["world"], frame["half"] = 1.0, (frame["country"] > "CAN").astype(float)
    frame["trade"] = np.where(frame["half"] == 1, rng.poisson(2, n), 0)
    frame["only"] = ((frame["trade"] == 0) & (frame["half"] == 1) & (frame["year"] < 2003)) * 1.0
    frame["twice"], frame["flat"] = 2 * frame["x"], 3.0
    return frame


TWO = ["country*sector", "year"]
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "absorbed": ({"x": ["gdp"], "fe": ["country*sector", "country*year"]},
                 r"'gdp' has no variation within country\*sector \+ country\*year in \d+ obs"),
    "one_cluster": ({"se": {"cluster": "world"}},
                    "clustering by 'world' needs two clusters or more"),
    "few_clusters": ({"controls": ["z", "w"], "se": {"cluster": "half"}, "fe": TWO},
                     "clustering by 'half' has 2 clusters, fewer than the 3 regressors"),
    "separated": ({"y": "trade", "x": ["only"], "estimator": "ppml", "fe": ["sector"],
                   "sample": "east"},
                  r"'only' has no variation within sector in \d+ observations, once \d+ separated"),
    "no_trade": ({"y": "trade", "estimator": "ppml", "sample": "west"},
                 r"'trade' is zero in all \d+ observations"),
    "instrument": ({"instruments": {"x": ["gdp"]}, "fe": ["country*year"]},
                   r"instrument 'gdp' has no variation within country\*year"),
    "no_instrument": ({"instruments": {"x": ["z"]}, "controls": ["c"]},
                      r"not identified: 0 instruments for 1 endogenous regressor \(x\); 'z' is"),
    "invariant": ({"x": ["area"], "fe": TWO},
                  r"'area' has no variation within country\*sector \+ year"),
    "constant": ({"x": ["flat"]}, "'flat' has no variation in 144 observations"),
    "constant_y": ({"y": "flat", "fe": TWO}, "the dependent variable 'flat' has no variation"),
    "single": ({"sample": "single"}, "one observation is left"),
    "single_between": ({"sample": "single", "estimator": "pooled"}, "one observation is left"),
    "alone": ({"sample": "single", "fe": ["country"]}, "no observations left: of 144 rows.*single"),
    "nothing": ({"x": ["lag(x, 9)"]}, r"'lag\(x, 9\)' is missing in all 144 rows"),
    "saturated": ({"fe": ["country*sector*year"]}, "no observations left.*144 singletons"),
    "one_unit": ({"sample": "unit", "estimator": "re"}, "needs two units or more"),
    "one_period": ({"sample": "period", "se": {"driscoll-kraay": 0}}, "needs two periods or more"),
    "jackknife": ({"fe": TWO, "controls": ["own"], "se": {"crv3": "country"}},
                  "without one of 1 clusters of 'country' a coefficient is not identified"),
}
SAMPLES = {"east": lambda f: f["half"] == 1, "west": lambda f: f["half"] == 0,
           "single": lambda f: f.index == 0, "period": lambda f: f["year"] == 2000,
           "unit": lambda f: (f["country"] == "AUS") & (f["sector"] == "a")}


@pytest.mark.parametrize("name", list(CASES))
def test_an_impossible_model_says_so_in_one_sentence(name):
    change, words = CASES[name]
    frame = panel().assign(c=lambda f: 2 * f["z"], own=lambda f: f["w"] * (f["country"] == "AUS"))
    change = dict(change)
    chosen = change.pop("sample", None)
    got = estimate(frame, {"y": "y", "x": ["x"], **change}, unit=["country", "sector"],
                   time="year", name="m",
                   sample=None if chosen is None else np.asarray(SAMPLES[chosen](frame)))
    assert isinstance(got, NotEstimated)
    assert re.search(words, got.reason)
    assert got.reason.startswith("model 'm': ")
    assert "\n" not in got.reason
    assert "Traceback" not in got.reason


def test_collinear_terms_leave_and_are_named():
    got = estimate(panel(), {"y": "y", "x": ["x", "twice"], "fe": TWO},
                   unit=["country", "sector"], time="year")
    assert not isinstance(got, NotEstimated)
    assert got.dropped == (("twice", "collinear with earlier regressors"),)
    assert got.warnings == ("dropped twice: collinear with earlier regressors",)


SPEC = """
schema: 1
paper: {key: imp, title: {en: Impossible}, languages: [en, zh]}
data:
  d:
    file: d.csv
    keys: {country: country, sector: sector, year: year}
    take: [x, y, z, w, gdp, area, world, half, trade, only]
panel: {unit: [country, sector], time: year, rows: d}
variables: {digital: {is: gdp, label: {en: Digital index, zh: 数字指数}}}
samples: {east: {where: half > 0}}
models:
  fine: {y: y, x: [x], fe: [country*sector, year], se: {cluster: country}, wild: {reps: 0}}
  absorbed: {like: fine, x: [digital], fe: [country*sector, country*year]}
  one: {like: fine, se: {cluster: world}}
  few: {like: fine, controls: [z, w], se: {cluster: half}}
  apart: {y: trade, x: [only], fe: [sector], estimator: ppml, sample: east}
  weak: {like: fine, instruments: {x: [digital]}, fe: [country*year]}
tables:
  tab: {columns: [fine, absorbed, one, few, apart, weak], stats: [n]}
"""


def test_the_five_print_ne_and_the_other_column_stands(tmp_path: Path):
    panel().to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
    tables = tmp_path / "out" / "tables"
    text = (tables / "tab.tex").read_text(encoding="utf-8").replace(r"\allowbreak{}", "")
    assert text.count("{n.e.}") >= 5
    text = text.replace(r"$\times$", "×")
    for said in ("Digital index has no variation within country × sector",
                 "clustering by world needs two clusters or more",
                 "clustering by half has 2 clusters, fewer than the 3 regressors",
                 "only has no variation in 53 observations", "separated observations are left out",
                 "instrument Digital index has no variation within country × year"):
        assert said in text, said
    fine = gk.fit(panel(), {"y": "y", "x": ["x"], "fe": TWO, "se": {"cluster": "country"},
                            "wild": False}, unit=["country", "sector"], time="year")
    assert f"{fine.coef['x']:.3f}" in text
    chinese = (tables / "tab.zh.tex").read_text(encoding="utf-8").replace(r"\allowbreak{}", "")
    for said in ("数字指数在144个观测值中于国家", "聚类至少需两个聚类", "少于解释变量数（3）",
                 "个分离观测", "工具变量数字指数在144个观测值中"):
        assert said in chinese, said


def test_a_clustered_variance_of_rounding_is_no_variance():
    """The regressor is the cluster: scores sum to zero in each, up to rounding."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(20), 5), "year": np.tile(range(5), 20)})
    frame["g"] = frame["unit"] % 2
    frame["y"] = rng.normal(size=100)
    done = fit(frame, {"y": "y", "x": ["g"], "fe": ["year"], "se": {"cluster": "g"}}, unit="unit",
               time="year")
    assert done.se["g"] == 0.0
    assert np.isnan(done.p["g"])
    assert "wild_p:g" not in done.stats
    assert ("no standard error of g: the clustered variance is zero up to rounding"
            in done.warnings)
