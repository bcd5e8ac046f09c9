"""Placebos in specs: the same numbers as from Python, shown in tables and a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import GvckitError
from gvckit.report.fonts import chinese_font
from gvckit.report.placebo_figure import placebo_words
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store

SPEC = """\
schema: 1
paper: {key: placebos, seed: 7, languages: [en, zh]}
data:
  icio: {source: sample, countries: 8, sectors: 9, seed: 2, years: 2000-2003}
indices:
  bwd: {measure: production, direction: backward, value: participation, icio: icio, by: [country, sector]}
  dig_in: {measure: digital-inputs, sectors: [s3, s4], value: share, icio: icio, by: [country, sector]}
  other: {measure: digital-placebo, sectors: [s3, s4], draws: 3, value: share, icio: icio, by: [draw, country, sector]}
panel: {unit: [country, sector], time: year, rows: bwd, merge: [{with: [dig_in], on: [country, sector, year], match: one-to-one}]}
variables: {dig: {is: "winsor(log(dig_in), 0.01)", label: {en: Digital share, zh: 数字投入占比}}}
samples: {users: {drop: {sector: [s3, s4]}}}
models:
  base: {y: bwd, x: [dig], fe: [country*sector, year], se: {cluster: country}, wild: {reps: 0}}
  test: {like: base, placebo: {of: dig_in, draws: 15}}
  all: {like: base, placebo: {of: dig_in, draws: 60, among: all}}
  own: {like: base, sample: users, placebo: {of: dig_in, draws: 12, own: drop, exclude: [s1], scale: sd}}
tables:
  tab1: {columns: [base, test, own], stats: [n, placebo_p, placebo_p_rank, placebo_percentile, placebo_beyond, placebo_draws]}
  tab2: {kind: placebo, columns: [test, all, own]}
figures:
  fig1: {kind: placebo, of: test, coefficient: dig, title: {en: Random suppliers}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("placebo")
    (place / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(place / "paper.yaml", out=place / "out", store=place / "store")
    return place


def step(folder: Path, name: str) -> object:
    done = execute(api.prepare(folder / "paper.yaml").compiled.steps, [name],
                   Store(folder / "store"))
    assert done.ok, done.error()
    return done.outputs[name]


def test_a_draw_is_the_model_with_another_set(folder: Path) -> None:
    rows = pd.read_csv(folder / "out/figures/fig1.csv")
    assert len(rows) == 15
    assert not rows["sectors"].str.contains("s3|s4").any()
    years = {y: gk.Leontief(gk.sample_icio(8, 9, y, 2)) for y in range(2000, 2004)}
    for row in rows.iloc[[0, 7]].to_dict("records"):
        parts = []
        for year, io in years.items():
            part = gk.digital_inputs(io, sectors=row["sectors"].split())[
                ["country", "sector", "share"]].assign(year=year)
            part["bwd"] = gk.production(io, direction="backward")["participation"]
            parts.append(part.astype({"country": str, "sector": str}))
        panel = pd.concat(parts, ignore_index=True)
        x = np.log(panel["share"])
        low, high = np.percentile(x, [1, 99])
        panel["dig"] = x.clip(low, high)
        model = {"y": "bwd", "x": ["dig"], "fe": ["country*sector", "year"],
                 "se": {"cluster": "country"}, "wild": False}
        wanted = gk.fit(panel, model, unit=["country", "sector"], time="year")
        assert row["estimate"] == pytest.approx(wanted.coef["dig"], rel=1e-6)
        assert row["t"] == pytest.approx(wanted.t["dig"], rel=1e-6)


def test_tables_say_where_the_coefficient_lies(folder: Path) -> None:
    rows = pd.read_csv(folder / "out/figures/fig1.csv")
    table = pd.read_csv(folder / "out/tables/tab2.csv").set_index("model")
    own = table.loc["test", "estimate"]
    assert table.loc["test", "percentile"] == pytest.approx((rows["estimate"] < own).mean())
    assert table.loc["test", "p"] == pytest.approx(
        (1 + (rows["estimate"].abs() >= abs(own)).sum()) / 16)
    assert list(table["draws"]) == [15, 35, 12]  # 9 choose 2, without the true set
    assert (table["sectors"] == "s3 s4").all()
    cells = pd.read_csv(folder / "out/tables/tab1.csv")
    stats = cells[cells["model"] == "test"].set_index("term")["value"]
    assert stats["placebo_p"] == pytest.approx(table.loc["test", "p"])
    assert stats["placebo_draws"] == 15
    english = (folder / "out/tables/tab2.tex").read_text(encoding="utf-8")
    assert "15 random sets of 2 suppliers without s3, s4" in english
    assert "all 35 sets of 2 suppliers, any but s3, s4 together" in english
    assert "without s3, s4, s1; the industries of each set are left out as users" in english
    chinese = (folder / "out/tables/tab2.zh.tex").read_text(encoding="utf-8")
    assert "随机抽取15组供给部门，每组2个，不含s3、s4" in chinese
    regression = (folder / "out/tables/tab1.zh.tex").read_text(encoding="utf-8")
    assert "以其他15组供给部门为参照的安慰剂p值：数字投入占比" in regression


def test_the_figure_comes_in_both_languages(folder: Path) -> None:
    """What it says in words is what the table says in numbers."""
    table = pd.read_csv(folder / "out/tables/tab2.csv").set_index("model").loc["test"]
    asked = {"draws": 15, "exclude": (), "among": "others", "own": "keep", "scale": "none"}
    place = {**table.to_dict(), "failed": 2}
    english, chinese = (placebo_words(place, ["s3", "s4"], asked, language)
                        for language in ("en", "zh"))
    assert english.startswith("Histogram: all 17 sets of 2 suppliers without s3, s4; 2 not ")
    assert f"placebo p = {table['p']:.3f}" in english
    assert f"larger than {100 * table['percentile']:.0f}% of the draws" in english
    assert chinese.startswith("直方图：每组2个供给部门的全部17种组合，不含s3、s4；2组未能估计。")
    assert f"安慰剂p值={table['p']:.3f}" in chinese
    made = {path.name for path in (folder / "out/figures").iterdir()}
    wanted = {f"fig1.{kind}" for kind in ("pdf", "png", "svg", "csv")}
    if chinese_font() is not None:
        wanted |= {f"fig1.zh.{kind}" for kind in ("pdf", "png", "svg")}
    assert made == wanted


def test_the_point_estimate_stays_what_it_is(folder: Path) -> None:
    base, test = step(folder, "models.base"), step(folder, "models.test")
    pd.testing.assert_series_equal(base.coef, test.coef)
    assert {k: v for k, v in test.stats.items() if not k.startswith("placebo")} == base.stats


def test_own_industries_are_left_out(folder: Path) -> None:
    rows = step(folder, "placebo.own")["rows"]
    assert not rows["sectors"].str.contains("s1|s3|s4").any()
    # 8 countries, 4 years, 9 - 2 - 2 sectors
    assert (rows["n"] == 8 * 4 * 5).all()


def test_draws_are_the_same_in_every_year_and_hang_on_the_seed(folder: Path) -> None:
    frame = step(folder, "indices.other")
    assert sorted(frame["draw"].unique()) == ["0", "1", "2", "3"]
    wide = frame.pivot(index=["country", "sector", "year"], columns="draw", values="other")
    sets = {}
    for year in range(2000, 2004):
        use = gk.supplier_use(gk.sample_icio(8, 9, year, 2))
        here = wide.xs(year, level="year").reset_index().merge(
            use.astype({"country": str, "sector": str}), on=["country", "sector"])
        names = [f"s{i}" for i in range(1, 10)]
        found = [(a, b) for i, a in enumerate(names) for b in names[i + 1:]
                 if np.allclose(here[a] + here[b], here["2"], rtol=1e-9)]
        assert len(found) == 1
        sets[year] = found[0]
    assert len(set(sets.values())) == 1
    first = pd.read_csv(folder / "out/figures/fig1.csv")["sectors"]
    other = folder / "other.yaml"
    other.write_text(SPEC.replace("seed: 7", "seed: 8"), encoding="utf-8")
    done = execute(api.prepare(other).compiled.steps, ["placebo.test"], Store(folder / "store"))
    assert list(done.outputs["placebo.test"]["rows"]["sectors"]) != list(first)


@pytest.mark.parametrize(("old", "new", "words"), [
    ("of: dig_in, draws: 15", "of: dig_inn, draws: 15", "did you mean 'dig_in'?"),
    ("of: dig_in, draws: 15", "of: bwd, draws: 15", "unknown measure of digital-inputs 'bwd'"),
    ("draws: 15", "draws: 0", "draws"),
    ("test: {like: base,", "test: {like: base, quadratic: dig,",
     "'test' has quadratic, which a placebo does not go with"),
    ("test: {like: base,", "test: {like: base, x: [lag(bwd)],",
     "no regressor of 'test' uses the measure 'dig_in'"),
    ("columns: [test, all, own]", "columns: [base]", "'base' has no placebo"),
    ("of: test, coefficient", "of: base, coefficient", "'base' has no placebo:"),
    ("stats: [n,", "adjust: romano-wolf, stats: [n,", "romano-wolf takes no placebo"),
])
def test_what_is_wrong_is_told(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in SPEC
    path = tmp_path / "paper.yaml"
    path.write_text(SPEC.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GvckitError) as caught:
        api.prepare(path)
    assert words in str(caught.value)
    assert "paper.yaml:" in str(caught.value)
