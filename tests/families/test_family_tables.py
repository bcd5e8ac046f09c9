"""Coverage and index-uncertainty tables, bridges of trust, and models that lose indicators."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import SpecError
from gvckit.indices.composite import composite
from gvckit.indices.coverage import composite_coverage, coverage, spans
from gvckit.report.coverage_table import Covered, coverage_table
from gvckit.report.request import VariableInfo
from gvckit.report.uncertainty_table import Uncertain, uncertainty_table
from gvckit.run.tasks.replaced import replace
from gvckit.sources.bridges import bridge_frame
from gvckit.spec.index_models import Lineage
from gvckit.spec.load import load_text
from gvckit.spec.resolve import resolve
from gvckit.spec.resolved import Spec

NAN = float("nan")


def frame() -> pd.DataFrame:
    """Two countries over 2010–2015; ``b`` begins in 2012 and has no 2014."""
    return pd.DataFrame({
        "country": ["A"] * 6 + ["B"] * 6 + ["C"] * 6, "year": [*range(2010, 2016)] * 3,
        "a": [1., 2, 3, 4, 5, 6, 2, 3, 4, 5, 6, 7, *[NAN] * 6],
        "b": [NAN, NAN, 1, 2, NAN, 4, NAN, NAN, 3, 1, NAN, 2, *[NAN] * 6]})


def test_coverage_counts_values_units_times_and_gaps() -> None:
    found = coverage(frame(), ["a", "b"], ["country"], "year").set_index("node")
    assert found.loc["b", ["observed", "units", "units_observed", "first", "last"]].tolist() == [
        6, 3, 2, 2012, 2015]
    assert found.loc["b", "absent"] == "2014"
    assert found.loc["b", "never"] == "C"
    assert found.loc["b", "with_values"] == "A B"
    assert found.loc["a", "mean"] == pytest.approx(4.0)


def test_coverage_of_a_composite_is_that_of_its_scored_rows() -> None:
    data = frame()
    over = data["year"] >= 2012
    done = composite(data, {"composite": {"missing": "interpolate"}, "pillars": ["a", "b"]},
                     unit="country", time="year", over=over)
    scores = done.scores.rename(columns={"index": "mine"})
    found = composite_coverage(data, scores, done.imputed, "mine", ["country"], "year"
                               ).set_index("node")
    assert found.loc["mine", ["rows", "observed", "units_observed"]].tolist() == [12, 8, 2]
    assert found.loc["b", ["rows", "observed", "filled"]].tolist() == [8, 6, 2]
    # the series begins outside the years of the index
    assert found.loc["a", "first"] == 2010
    assert found.loc["b", "absent"] == "2014"


def test_spans() -> None:
    assert spans([]) == ""
    assert spans([2011, 2013, 2014, 2019, 2020, 2021]) == "2011, 2013, 2014, 2019–2021"


def test_the_coverage_table_shows_directions_sources_and_years() -> None:
    parts = composite_coverage(
        frame(), frame()[["country", "year"]].assign(mine=[1.0] * 12 + [NAN] * 6),
        frame()[["country", "year"]].assign(a=False, b=False), "mine", ["country"], "year")
    layout = coverage_table(
        [Covered("mine", parts, {"a": "+", "b": "-"}, True, {"en": "Read me"})],
        {"b": VariableInfo(label={"en": "Barrier"}, unit={"en": "points"}, source={"en": "OECD"})})
    rows = {row.label: [getattr(c, "text", "") for c in row.cells] for row in layout.rows}
    assert rows["Barrier"][:6] == ["−", "OECD", "2", "2012–2015", "2014", "6"]
    assert [row.indent for row in layout.rows] == [0, 1, 1]
    assert any("Read me" in note for note in layout.notes)
    assert any("scored for A, B" in note for note in layout.notes)
    assert layout.data.rows[2][5:7] == ("points", "OECD")


@pytest.mark.parametrize(("language", "words"), [
    ("en", "no year between them is without data"), ("zh", "其间各年均有数据")])
def test_columns_that_no_row_fills_are_left_out(language: str, words: str) -> None:
    whole = frame().assign(b=1.0)
    parts = composite_coverage(
        whole, whole[["country", "year"]].assign(mine=1.0),
        whole[["country", "year"]].assign(a=False, b=False), "mine", ["country"], "year")
    parts = parts.assign(absent="")
    layout = coverage_table([Covered("mine", parts, {}, True)], {}, language)
    named = [column.name for column in layout.columns]
    assert named == ["units_observed", "years_observed", "observed", "filled", "mean", "sd"]
    assert {len(row.cells) for row in layout.rows} == {6}
    assert len(layout.header[0].spans) == 6
    assert words in layout.notes[0]
    assert "absent" in layout.data.fields


def test_the_uncertainty_table_tells_what_could_not_be_estimated() -> None:
    summary = {"term": "dig", "estimate": .5, "se": .1, "mean": .4, "sd": .05, "p05": .3,
               "p50": .4, "p95": .5, "same_sign": 1.0, "significant": .9, "total_se": .12,
               "variants": 300, "failed": 2}
    models = [Uncertain("base", "y", [summary], ("missing", "weights")),
              Uncertain("bad", "y", [], ("weights",), "no observations left")]
    layout = uncertainty_table(models, {"dig": VariableInfo(label={"en": "Digital", "zh": "数字"})})
    assert [g.label for g in layout.groups] == ["(1) y", "(2) y"]
    assert layout.rows[0].label == "Digital"
    assert [getattr(c, "text", "") for c in layout.rows[0].cells][:2] == ["0.500", "0.100"]
    assert layout.rows[1].cells[0].text == "n.e."
    assert "missing rule, weights" in layout.notes[0]
    assert "no observations left" in layout.notes[1]
    chinese = uncertainty_table(models, {"dig": VariableInfo(label={"zh": "数字"})}, "zh")
    assert chinese.rows[0].label == "数字"
    assert chinese.data == layout.data


def test_bridges_of_trust_stand_for_their_years() -> None:
    found = bridge_frame(range(2000, 2025)).set_index(["country", "year"])
    assert found.loc[("JPN", 2018), "adequacy"] == 0
    assert found.loc[("JPN", 2019), "adequacy"] == 1
    usa = found.loc["USA", "adequacy"]
    assert usa.loc[[2000, 2015, 2016, 2020, 2021, 2022, 2023]].tolist() == [1, 1, 1, 1, 0, 0, 1]
    # the United Kingdom leaves the EEA as the adequacy decision comes
    assert found.loc["GBR", "free_flow"].eq(1).all()
    assert found.loc[("DEU", 2010), ["eea", "adequacy", "cbpr"]].tolist() == [1, 0, 0]
    assert found["free_flow"].eq(found[["eea", "adequacy"]].max(axis=1)).all()
    assert found[["adequacy", "eea", "cbpr"]].isin([0.0, 1.0]).all(axis=None)
    assert found.loc["HUN", "free_flow"].eq(1).all()


# The Official Journal's numbers, and the years in which the decisions were taken.
DECISIONS = {
    "CHE": ("2000/518/EC", 2000), "CAN": ("2002/2/EC", 2001), "ARG": ("2003/490/EC", 2003),
    "GGY": ("2003/821/EC", 2003), "IMN": ("2004/411/EC", 2004), "JEY": ("2008/393/EC", 2008),
    "FRO": ("2010/146/EU", 2010), "AND": ("2010/625/EU", 2010), "ISR": ("2011/61/EU", 2011),
    "URY": ("2012/484/EU", 2012), "NZL": ("2013/65/EU", 2012), "JPN": ("(EU) 2019/419", 2019),
    "GBR": ("(EU) 2021/1772", 2021), "KOR": ("(EU) 2022/254", 2021), "HUN": ("2000/519/EC", 2000)}


def test_every_bridge_cites_its_source_and_decisions_their_number() -> None:
    import gvckit.sources.bridges as room
    spells = pd.read_csv(Path(room.__file__).parent / "families" / "bridges.csv")
    assert spells["source"].str.len().gt(9).all()
    dated = spells[spells["date"].notna()]
    assert (dated["date"].str[:4].astype(int) == dated["from"]).all()
    adequate = spells[spells["bridge"] == "adequacy"]
    assert adequate["date"].notna().all()
    for code, (number, year) in DECISIONS.items():
        mine = adequate[adequate["iso3"] == code].iloc[0]
        assert number in mine["source"]
        assert mine["from"] == year
    states = adequate[adequate["iso3"] == "USA"]
    assert states["date"].tolist() == ["2000-07-26", "2016-07-12", "2023-07-10"]
    assert states["to"].tolist()[:2] == [2015, 2020]
    # APEC's news release of 15 April 2015 tells of four; Korea came in 2017, four more later.
    cbpr = spells[spells["bridge"] == "cbpr"].set_index("iso3")["from"]
    assert cbpr[["USA", "MEX", "JPN", "CAN", "KOR"]].tolist() == [2012, 2013, 2014, 2015, 2017]
    assert not spells.duplicated(["iso3", "bridge", "from"]).any()


SPEC = """
schema: 1
paper: {key: try}
data:
  f: {file: a.csv, keys: [country, year], take: [a, b, c, exports]}
indices:
  dig:
    composite: {by: [country, year]}
    pillars: {one: [a, log(exports)], two: [b]}
panel:
  unit: [country]
  time: year
  rows: f
  merge: [{with: [dig], on: [country, year], match: one-to-one}]
variables: {ln_x: log(exports), big: dig * 100, fd: diff(big)}
models:
  base: {y: ln_x, x: [fd], controls: [c], index_uncertainty: {index: dig, variants: 20}}
  safe: {like: base, leave_out: {dig: auto}}
tables: {t: {kind: index-uncertainty, columns: [base, safe]}}
"""


def made(text: str = SPEC) -> Spec:
    return resolve(load_text(text, "p.yaml"))


def told(old: str, new: str) -> str:
    assert old in SPEC
    with pytest.raises(SpecError) as caught:
        made(SPEC.replace(old, new))
    return str(caught.value)


def test_lineage_follows_variables_and_indices_to_columns() -> None:
    spec = made()
    lineage = Lineage(spec.data, spec.indices, spec.variables, spec.values)
    assert lineage.of("lag(fd)") == {("a.csv", "a"), ("a.csv", "b"), ("a.csv", "exports")}
    assert lineage.indices("fd * c") == ("dig",)
    assert lineage.shared("dig", "ln_x") == ("log(exports)",)
    assert lineage.shared("dig", "c") == ()


def test_index_keys_of_models_are_inherited_and_resolved() -> None:
    spec = made()
    assert spec.models["safe"].model["leave_out"] == {"dig": ["auto"]}
    assert spec.models["safe"].model["index_uncertainty"]["variants"] == 20
    assert spec.models["base"].model["index_uncertainty"]["vary"] == [
        "missing", "normalise", "weights", "aggregate", "drop_one"]


@pytest.mark.parametrize(("old", "new", "message"), [
    ("index: dig,", "index: digg,", "unknown composite index 'digg'; did you mean 'dig'?"),
    ("x: [fd]", "x: [b]", "no regressor of 'base' uses the index 'dig'"),
    ("variants: 20", "variants: 1", "variants: 1 is out of range"),
    ("variants: 20", "vary: [wieghts]", "did you mean 'weights'?"),
    ("{dig: auto}", "{dig: [aa]}", "unknown indicator 'aa' in 'dig'"),
    ("{dig: auto}", "{dug: auto}", "unknown composite index 'dug'; did you mean 'dig'?"),
    ("y: ln_x", "y: c, drop: [c]", "no indicator of 'dig' shares a source with the outcome 'c'"),
    ("index_uncertainty: {index: dig, variants: 20}", "note: x", "'base' has no index_uncertainty"),
    ("leave_out: {dig: auto}", "split: big", "'split' makes several of 'safe'"),
    ("leave_out: {dig: auto}", "vary: {controls: [[], [c]]}", "'vary' makes several of 'safe'"),
])
def test_index_keys_that_cannot_be_are_told(old: str, new: str, message: str) -> None:
    assert message in told(old, new)


def test_a_replaced_index_carries_over_to_what_is_derived_from_it() -> None:
    panel = pd.DataFrame({"country": ["A", "A", "B"], "year": [1, 2, 1], "dig": [1., 2, 3],
                          "big": [100., 200, 300]})
    panel["one"] = [1., 1, 1]
    scores = pd.DataFrame({"country": ["A", "B"], "year": [2, 1], "dig": [7., 9], "one": [2., 3],
                           "unused": 0.0})
    done = replace({"variables": {"frame": panel}, "indices": {"dig": {"scores": scores}}}, {},
                   {"unit": ["country"], "time": "year", "derived": {"big": "dig * 100"}})
    np.testing.assert_array_equal(done["frame"]["dig"], [NAN, 7, 9])
    np.testing.assert_array_equal(done["frame"]["one"], [NAN, 2, 3])
    assert "unused" not in done["frame"]
    np.testing.assert_array_equal(done["frame"]["big"], [NAN, 700, 900])
    assert panel["dig"].tolist() == [1, 2, 3]


PAPER = """
schema: 1
paper: {key: small, seed: 1, languages: [en, zh]}
data:
  f: {file: a.csv, keys: [country, year], take: [a, b, c, exports]}
  pairs: {file: p.csv, keys: {exporter: i, importer: j, year: year}, take: [clause, trade]}
indices:
  dig:
    label: {en: Digital, zh: 数字}
    composite: {by: [country, year], normalise: minmax-pooled}
    pillars: {one: [a, log(exports)], two: [b, c]}
  share: {build: partners, of: clause, by: [country, year], label: {en: Share, zh: 占比}}
  abroad: {build: faced-abroad, of: a, weights: trade, years: 2000-2001, by: [country, year]}
  gap: {build: heterogeneity, of: [a, b], distance: absolute, by: [exporter, importer, year]}
panel:
  unit: [country]
  time: year
  rows: f
  merge: [{with: [dig, share, abroad], on: [country, year], match: one-to-one}]
variables: {ln_x: log(exports), big: {is: dig, scale: 100}}
models:
  base: {y: ln_x, x: [big], fe: [country], index_uncertainty: {index: dig, variants: 6}}
  safe: {like: base, leave_out: {dig: auto}}
  plain: {y: ln_x, x: [big, share, abroad], fe: [country], leave_out: {dig: [b, c]}}
tables:
  t: {kind: index-uncertainty, columns: [base, safe]}
  r: {columns: [base, safe, plain], stats: [n, index_sd, index_same_sign]}
  k: {kind: coverage, indices: [dig, share, gap, f]}
"""


def test_a_paper_with_families_of_its_own_runs_end_to_end(tmp_path: Path) -> None:
    from gvckit.run.api import run
    rng = np.random.default_rng(1)
    keys = [(c, y) for c in ("AUT", "BEL", "CHE", "DEU", "ESP") for y in range(2000, 2008)]
    data = pd.DataFrame(keys, columns=["country", "year"])
    for name in ("a", "b", "c"):
        data[name] = rng.normal(size=len(data))
    data["exports"] = np.exp(data["a"] + rng.normal(size=len(data)))
    data.to_csv(tmp_path / "a.csv", index=False)
    pairs = [(i, j, y) for i, y in keys for j in ("AUT", "BEL", "CHE", "DEU", "ESP")]
    both = pd.DataFrame(pairs, columns=["i", "j", "year"])
    both["clause"] = rng.integers(0, 2, size=len(both))
    both["trade"] = rng.uniform(1, 2, size=len(both))
    both.to_csv(tmp_path / "p.csv", index=False)
    (tmp_path / "paper.yaml").write_text(PAPER, encoding="utf-8")
    run(tmp_path / "paper.yaml", out=tmp_path / "out")
    tables = tmp_path / "out" / "tables"
    done = pd.read_csv(tables / "t.csv").set_index("model")
    assert done["variants"].tolist() == [6, 6]
    cells = pd.read_csv(tables / "r.csv")
    base = cells[(cells["model"] == "base") & (cells["kind"] == "term")]["estimate"].iloc[0]
    assert done.loc["base", "estimate"] == pytest.approx(base, rel=1e-12)
    assert done.loc["base", "estimate"] != pytest.approx(done.loc["safe", "estimate"], rel=1e-3)
    text = (tables / "r.tex").read_text(encoding="utf-8")
    assert "contains ln exports" in text
    assert "is without ln exports" in text
    chinese = (tables / "r.zh.tex").read_text(encoding="utf-8")
    assert "机械相关" in chinese
    assert "over 6 variants" not in chinese
    covered = pd.read_csv(tables / "k.csv")
    assert covered.loc[covered["node"] == "gap", "units"].iloc[0] == 20
    plain = data.merge(
        composite(data.assign(**{"log(exports)": np.log(data["exports"])}),
                  {"pillars": ["a", "log(exports)"]}, unit="country", time="year").scores,
        on=["country", "year"])
    from gvckit.models.fit import fit
    alone = fit(plain.assign(y=np.log(plain["exports"]), big=100 * plain["index"]),
                {"y": "y", "x": ["big"], "fe": ["country"]}, unit="country", time="year")
    only = PAPER.replace("[big, share, abroad]", "[big]")
    (tmp_path / "paper.yaml").write_text(only, encoding="utf-8")
    run(tmp_path / "paper.yaml", out=tmp_path / "out")
    cells = pd.read_csv(tables / "r.csv")
    found = cells[(cells["model"] == "plain") & (cells["term"] == "big")]["estimate"].iloc[0]
    assert found == pytest.approx(alone.coef["big"], rel=1e-10)


TWO = """
schema: 1
paper: {key: two}
data:
  f: {file: a.csv, keys: [country, year], take: [a, b, c, d]}
indices:
  first:
    composite: {by: [country, year], missing: interpolate}
    pillars: {access: [a, b], use: [c]}
    labels: {access: {en: Access, zh: 接入}}
    PILLARS
  second: {composite: {by: [country, year]}, pillars: {access: [c], use: [d]}, PILLARS}
panel:
  unit: [country]
  time: year
  rows: f
  merge: [{with: [first, second], on: [country, year], match: one-to-one}]
tables: {t: {kind: descriptives, variables: [first, second, first_imputed, second_imputed MORE]}}
"""


def two(tmp_path: Path, pillars: str = "", more: str = "") -> pd.DataFrame:
    from gvckit.run.api import run
    keys = [(c, y) for c in ("AUT", "BEL", "CHE", "DEU") for y in range(2000, 2006)]
    data = pd.DataFrame(keys, columns=["country", "year"])
    for i, name in enumerate("abcd"):
        data[name] = np.random.default_rng(i).normal(size=len(data))
    data.loc[[2, 9, 10], "a"] = NAN
    data.loc[[9], "b"] = NAN
    data.to_csv(tmp_path / "a.csv", index=False)
    text = TWO.replace("    PILLARS\n", f"    {pillars}\n" if pillars else "").replace(
        "PILLARS", pillars).replace(", }", "}").replace(" MORE", more)
    (tmp_path / "paper.yaml").write_text(text, encoding="utf-8")
    run(tmp_path / "paper.yaml", out=tmp_path / "out")
    return pd.read_csv(tmp_path / "out" / "tables" / "t.csv").set_index("variable")


def test_indices_whose_pillars_share_a_name_stand_in_one_panel(tmp_path: Path) -> None:
    found = two(tmp_path)
    # Two of three indicators in one row and one in two others: 4/3 over 24 rows.
    assert found.loc["first_imputed", "mean"] == pytest.approx((2 + 1 + 1) / 3 / 24)
    assert found.loc["second_imputed", "max"] == 0


def test_pillars_can_bear_the_name_of_their_index(tmp_path: Path) -> None:
    found = two(tmp_path, "prefix_pillars: true", ", first_access, second_access, second_use")
    assert found.loc["first_access", "label"] == "Access"
    assert found.loc["first_imputed", "label"] == "Share of indicators imputed: first"
    assert found.loc["second_access", ["min", "max"]].tolist() == [0, 1]
    assert found.loc["first_access", "mean"] != found.loc["second_access", "mean"]


def test_pillars_of_one_name_are_told_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="'access' comes from 'second' and from 'first'"):
        two(tmp_path, "merge_pillars: true")
