"""Tables of a small paper in two languages: what their notes, heads and rows say."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chinese import english_in

import gvckit as gk
from gvckit.errors import GvckitError

COUNTRIES = ("CHN", "USA", "DEU", "JPN", "KOR")
YEARS = range(2000, 2008)
SPEC = """\
schema: 1
paper: {key: notes, title: {en: Notes, zh: 注}, seed: 7, languages: [en, zh]}
data:
  icio: {source: sample, countries: 5, sectors: 4, seed: 3, years: 2000-2007}
  macro:
    file: macro.csv
    keys: {country: iso3, year: year}
    take: {gdp: gdp, users: users, lines: lines}
    label: {en: Made up, zh: 虚构数据}
    labels: {users: {en: Users, zh: 用户}, lines: {en: Lines, zh: 线路}, gdp: {en: GDP, zh: GDP}}
    units: {users: {en: share, zh: 占比}}
indices:
  pos: {measure: position, icio: icio, by: [country, sector], label: {en: Position, zh: 地位}}
  dig: {measure: digital-inputs, sectors: sample-digital, icio: icio, by: [country, sector], value: share, label: {en: Digital inputs, zh: 数字投入}}
  eco:
    label: {en: Digital economy, zh: 数字经济}
    composite: {by: [country, year], missing: interpolate, normalise: minmax-pooled, weights: entropy, aggregate: arithmetic}
    pillars: {one: [users, {is: lines, missing: zero-before}]}
panel:
  unit: [country, sector]
  time: year
  rows: pos
  merge:
    - {with: [dig], on: [country, sector, year], match: one-to-one}
    - {with: [macro, eco], on: [country, year], match: many-to-one}
variables:
  ln_gdp: {is: log(gdp), label: {en: Ln GDP, zh: GDP对数}}
  ln_pos: {is: log(pos), label: {en: Ln position, zh: 地位对数}}
  dig_w: {is: "winsor(dig, 0.05)", label: {en: Digital share, zh: 数字占比}}
  gap: {is: dig_w - eco, label: {en: Gap, zh: 差距}}
  rich: {is: "where(first(gdp, by=country) > 9, 1, 0)", label: {en: Richer, zh: 较富}}
  east: {is: "where(users >= 0, 1, 0) * rich", label: {en: East, zh: 东部}}
samples:
  all: {}
  late: {keep: {year: [2002-2007]}, label: {en: From 2002, zh: 2002年起}}
models:
  base: {y: ln_pos, x: [dig_w], controls: [ln_gdp], fe: [country*sector, year], se: {cluster: country}}
  eco: {like: base, x: [eco], fe: [country*sector]}
  ecolag: {like: eco, x: [lag(eco)], sample: late}
  both: {like: eco, x: [dig_w, gap]}
  trends: {like: base, fe: ["country*sector[year]", year]}
  iv: {like: eco, instruments: {eco: [lines]}, report: [first-stage, anderson-rubin]}
  hopeless: {like: base, x: [rich]}
  jack: {like: base, se: {crv3: country}}
  silent: {like: base, wild: {reps: 0}}
  random: {like: base, fe: [], estimator: re}
  halves: {like: base, split: rich, difference: interaction}
  unwild: {like: halves, wild: {reps: 0}}
  dealt: {like: halves, difference: permutation}
  named: {like: halves, groups: {0: {en: Poor, zh: 贫}, 1: {en: Rich, zh: 富}}}
tables:
  t: {title: {en: T, zh: 表}, columns: [base, eco, ecolag, both, trends, iv, hopeless, jack, silent, random], show: [dig_w, eco, lag(eco), gap], labels: {dig_w: {en: Share, zh: 占比}}}
  rows: {title: {en: R, zh: 行}, columns: [base, eco, ecolag], show: [dig_w, eco, lag(eco)], stats: [n, "wild_p:eco", within_share, mde, imputed_share, clusters]}
  groups: {title: {en: G, zh: 组}, columns: [halves, named], show: [dig_w], labels: {halves: {en: By wealth, zh: 按财富}}}
  gaps: {title: {en: D, zh: 差}, columns: [halves, unwild, dealt], show: [dig_w], stats: [n, difference_wild_p]}
  heads: {title: {en: H, zh: 头}, columns: [base, ecolag], show: [dig_w, lag(eco)]}
  words: {kind: definitions, title: {en: D, zh: 定义}, variables: [users, pos, eco, gap, dig_w], notes: [{en: Own words., zh: 自注。}], source: {en: Here, zh: 此处}, sideways: true}
  sums: {kind: descriptives, title: {en: S, zh: 统计}, variables: [ln_pos, dig_w, eco], sample: late, stats: [mean, sd], decimals: 2, notes: [{en: Own words., zh: 自注。}]}
  cors: {kind: correlations, title: {en: C, zh: 相关}, variables: [ln_pos, dig_w], decimals: 2, sideways: true}
  weights: {kind: weights, of: eco, decimals: 1, notes: [{en: Own words., zh: 自注。}]}
"""


def macro() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    keys = [(c, y) for c in COUNTRIES for y in YEARS]
    frame = pd.DataFrame(keys, columns=["iso3", "year"])
    n = len(frame)
    frame["gdp"] = np.exp(2.2 + 0.3 * rng.normal(size=len(COUNTRIES)).repeat(len(YEARS))
                          + 0.05 * rng.normal(size=n))
    frame["users"] = rng.uniform(0, 1, n)
    frame["lines"] = rng.uniform(0, 1, n)
    # inside gaps are interpolated, those at the ends stay; lines are zero before they begin
    frame.loc[[2, 3, 10, 15, 21, 39], "users"] = np.nan
    frame.loc[[16, 17], "lines"] = np.nan
    return frame


def flagged() -> pd.DataFrame:
    """Return by country and year whether the index has a value, and whether it rests on filling."""
    frame = macro()
    users = frame.groupby("iso3")["users"]
    inside = users.ffill().notna() & users.bfill().notna()
    return pd.DataFrame({
        "country": frame["iso3"], "year": frame["year"], "scored": inside,
        "filled": (frame["users"].isna() & inside) | frame["lines"].isna()})


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    macro().to_csv(folder / "macro.csv", index=False)
    (folder / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(folder / "paper.yaml", out=folder / "out")
    return folder / "out" / "tables"


def text(out: Path, table: str, language: str = "") -> str:
    name = f"{table}.{language}.tex" if language else f"{table}.tex"
    tex = (out / name).read_text(encoding="utf-8")
    return tex.replace("\\allowbreak{}", "").replace("\\%", "%").replace("\\_", "_")


def facts(out: Path, table: str) -> dict[tuple[str, str, str], str]:
    with (out / f"{table}.csv").open(encoding="utf-8") as file:
        return {(r["model"], r["kind"], r["term"]): r["value"] for r in csv.DictReader(file)}


def test_imputed_observations_are_counted_as_by_hand(out: Path) -> None:
    known = flagged()
    sectors = 4
    expected = {}
    expected["eco"] = int(known["filled"].sum()) * sectors
    before = known.assign(year=known["year"] + 1)
    both = before[(before["year"] >= 2002) & (before["year"] <= 2007) & before["scored"]]
    expected["ecolag"] = int(both["filled"].sum()) * sectors
    found = facts(out, "t")
    assert float(found["eco", "rows", "used"]) == known["scored"].sum() * sectors
    assert float(found["ecolag", "rows", "used"]) == len(both) * sectors
    assert {m: int(float(found[m, "imputed", "eco"])) for m in expected} == expected
    assert ("base", "imputed", "eco") not in found
    shares = [f"{100 * float(found[m, 'imputed', 'eco']) / float(found[m, 'rows', 'used']):.0f}%"
              for m in ("eco", "ecolag")]
    assert shares[0] != shares[1]
    assert (f"rest on imputed values of Digital economy: {shares[0]} in (2, 4), {shares[1]} in "
            "(3)") in text(out, "t")
    assert f"依赖数字经济插补值的观测占比：{shares[0]}（第2、4列）" in text(out, "t", "zh")


def test_variables_are_traced_to_their_indices(out: Path) -> None:
    """Through a logarithm, a lag, winsorising and a difference; each index is defined once."""
    note = text(out, "t")
    for once in (
            "Ln position: position by Wang, Wei, Yu and Zhu (2017b), forward over backward length",
            ("Digital share: inputs from the sectors named; share of all inputs; complete "
            "coefficients (B $-$ I); from all countries; sectors s2, s3 of set sample-digital"),
            ("Digital economy: composite of 2 indicators; min-max over all units and times; "
            "entropy weights over the panel and all indicators, k = 1/ln(T·U); arithmetic mean; "
            "missing values: linear interpolation within a unit; of Lines: linear interpolation, "
            "0 before the first value"),
            "Gap = Digital share $-$ Digital economy",
            "Winsorised at 5 percent at each end: Digital share"):
        assert note.count(once) == 1, once
    assert "entropy" not in text(out, "groups")
    for table in ("sums", "words", "weights"):
        assert text(out, table).count("entropy weights over the panel") == 1
    assert "地位对数：Wang等（2017b）的地位指数" in text(out, "t", "zh")


def test_each_thing_is_said_once_with_its_columns(out: Path) -> None:
    note = text(out, "t")
    for words in ("small-sample correction as in fixest", "Wild cluster bootstrap p", "Fewer than 50 clusters",
                  "Rows lost of", "left by the fixed effects", "First stage of"):
        assert note.count(words) == 1, words
    assert "Fewer than 50 clusters in columns (1)–(10)" in note
    assert re.search(r"Wild restricted efficient bootstrap p of 2SLS \(.*?null imposed\) of Digital "
                     r"economy: \S+ in \(6\)", note)
    assert "The wild bootstrap p in column (8) is of t with the clustered errors CRV1" in note
    assert "No wild bootstrap p in column (9): not asked for" in note
    assert "The wild bootstrap in column (10) holds the variance components of random" in note
    chinese = text(out, "t", "zh")
    assert "第(10)列的野自助固定随机效应的方差成分" in chinese
    assert "两阶段最小二乘的受约束有效野自助p值" in chinese
    assert "第(8)列的野自助p值取自聚类标准误CRV1的t值" in chinese
    assert "Column (6): two-stage least squares, Digital economy instrumented by Lines" in note
    assert "Column (7): Richer dropped (no variation within country" in note
    found = facts(out, "t")
    assert 0 < float(found["trends", "stat", "wild_p:dig_w"]) <= 1
    lost = re.search(r"Rows lost of 160 in the panel: (.*?)\. ", note)
    assert lost is not None
    assert lost[1].startswith("outside the sample, 40 in (3); ")


def test_statistics_of_terms_are_rows(out: Path) -> None:
    found, tex = facts(out, "rows"), text(out, "rows")
    p = float(found["eco", "stat", "wild_p:eco"])
    assert f"Wild bootstrap p, Digital economy}} &  & {p:.3f} &  \\\\" in tex
    shares = [float(found[m, "stat", f"within_share:{t}"])
              for m, t in (("base", "dig_w"), ("eco", "eco"), ("ecolag", "lag(eco)"))]
    cells = " & ".join(f"{s:.3f}" for s in shares)
    assert f"{{Variance left by fixed effects}} & {cells} \\\\" in tex
    assert "{Minimum detectable effect} & " in tex
    assert "{Share on imputed values} & 0.000 & " in tex
    # what a row says of every column the note does not repeat
    assert "Share of the variance" not in tex
    assert "rest on imputed" not in tex
    assert "Wild cluster bootstrap p (" in tex  # the row is of one term only


@pytest.mark.parametrize(("stat", "message"), [
    ("wild_p:dig_v", r"paper\.yaml:\d+:\d+: unknown term of wild_p 'dig_v'; did you mean 'dig_w'"),
    ("mde:ln_gdp", "unknown term of mde 'ln_gdp'"),
    ("withinshare:eco", "unknown statistic 'withinshare:eco'; did you mean 'within_share'"),
])
def test_a_statistic_of_no_term_is_told_with_its_place(
    tmp_path: Path, stat: str, message: str
) -> None:
    macro().to_csv(tmp_path / "macro.csv", index=False)
    spec = SPEC.replace('"wild_p:eco"', f'"{stat}"')
    (tmp_path / "paper.yaml").write_text(spec, encoding="utf-8")
    with pytest.raises(GvckitError, match=message) as error:
        gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
    (problem,) = error.value.problems
    line = spec.splitlines()[problem.where.line - 1]  # type: ignore[union-attr]
    term = stat.partition(":")[2] if "unknown term" in message else stat
    assert line[problem.where.column - 1:].lstrip('"').startswith(term)  # type: ignore[union-attr]


def test_a_statistic_of_a_shown_control_is_refused_with_the_reason(tmp_path: Path) -> None:
    macro().to_csv(tmp_path / "macro.csv", index=False)
    spec = SPEC.replace('show: [dig_w, eco, lag(eco)], stats: [n, "wild_p:eco"',
                        'show: [dig_w, eco, lag(eco), ln_gdp], stats: [n, "wild_p:ln_gdp"')
    assert spec != SPEC
    (tmp_path / "paper.yaml").write_text(spec, encoding="utf-8")
    with pytest.raises(GvckitError, match="'ln_gdp' is a control in every column"):
        gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")


def test_groups_have_labels_and_a_row_for_their_difference(out: Path) -> None:
    tex, chinese = text(out, "groups"), text(out, "groups", "zh")
    assert "\\multicolumn{2}{c}{By wealth}" in tex
    assert "{No} & \\multicolumn{1}{c}{Yes} & \\multicolumn{1}{c}{Poor}" in tex
    assert "\\multicolumn{2}{c}{按财富}" in chinese
    assert "{否} & \\multicolumn{1}{c}{是} & \\multicolumn{1}{c}{贫}" in chinese
    found = facts(out, "groups")
    gap = float(found["halves: rich = 1", "difference", "dig_w"])
    terms = pd.read_csv(out / "groups.csv")
    terms = terms[(terms["kind"] == "term") & (terms["term"] == "dig_w")].set_index("model")
    by_hand = (terms.loc["halves: rich = 1", "estimate"]
               - terms.loc["halves: rich = 0", "estimate"])
    assert gap == pytest.approx(by_hand, abs=0.5 * abs(by_hand) + 0.05)  # common controls
    assert f"{{Difference from the first group}} &  & {gap:.3f} &  & {gap:.3f}" in tex
    assert "{p of the difference} &  & " in tex
    assert "{与首组之差} &  & " in chinese
    assert "rich = 1" not in tex
    assert "Differences between groups are tested by interacting" in tex


def test_a_difference_has_the_wild_p_beside_that_of_t(out: Path) -> None:
    found = facts(out, "gaps")
    p = {name: float(found["halves: rich = 1", "stat", f"{name}:dig_w"])
         for name in ("difference_p", "difference_wild_p")}
    assert 0 < p["difference_wild_p"] <= 1
    tested = [(m, k) for m, kind, k in found if kind == "stat" and k.startswith("difference_wild")]
    assert tested == [("halves: rich = 1", "difference_wild_p:dig_w")]
    tex, chinese = text(out, "gaps"), text(out, "gaps", "zh")
    t, wild = (f"{value:.3f}" for value in p.values())
    assert ("Difference of Digital share between groups (wild cluster bootstrap: all 7,776 Webb "
            f"vectors, clusters of country, null imposed): p = {t}; wild bootstrap p = {wild} in "
            "(2)") in tex
    assert ("数字占比的组间差异（野聚类自助：国家层面，全部7,776个Webb向量，施加原假设）："
            f"p = {t}；野自助p = {wild}（第2列）") in chinese
    assert f"{{Wild bootstrap p of the difference}} &  & {wild} &  &  &  &  \\\\" in tex
    assert f"{{差异的野自助p值}} &  & {wild} &  &  &  &  \\\\" in chinese
    note = text(out, "groups")
    assert f"p = {t}; wild bootstrap p = {wild}" in note
    assert "{Wild bootstrap p of the difference}" not in note


def test_a_short_label_of_a_sample_heads_its_column(out: Path) -> None:
    assert " & \\multicolumn{1}{c}{From 2002} \\\\" in text(out, "heads")
    assert "{2002年起}" in text(out, "heads", "zh")
    assert "Sample of column (2): From 2002." in text(out, "heads")
    assert "Sample: From 2002." in text(out, "sums")


def test_every_kind_of_table_takes_notes_and_a_turn(out: Path) -> None:
    for table in ("words", "sums", "weights"):
        assert "Own words." in text(out, table)
        assert "自注。" in text(out, table, "zh")
    assert "Source: Here." in text(out, "words")
    for table in ("words", "cors"):
        assert "\\begin{sidewaystable}" in text(out, table)
    assert "\\begin{table}" in text(out, "sums")
    assert re.search(r"& -?0\.\d\d (&|\\\\)", text(out, "cors"))
    assert re.search(r"\{Digital share\} & 0\.\d\d & 0\.\d\d \\\\", text(out, "sums"))
    assert re.search(r"& 0\.\d (&|\\\\)", text(out, "weights"))


def test_a_label_given_to_a_term_is_its_row(out: Path) -> None:
    assert "{Share} & " in text(out, "t")
    assert "{占比} & " in text(out, "t", "zh")


def test_units_and_sources_speak_the_language_of_the_table(out: Path) -> None:
    assert "{share} & {Made up}" in text(out, "words")
    assert "{占比} & {虚构数据}" in text(out, "words", "zh")


def test_chinese_tables_have_no_english_sentences(out: Path) -> None:
    found = {p.name: english for p in sorted(out.glob("*.zh.tex")) if (english := english_in(p))}
    assert not found


def test_the_quickstart_in_chinese_has_no_english_sentences(
    repository: Path, tmp_path: Path
) -> None:
    gk.run(repository / "specs" / "quickstart" / "paper.yaml", out=tmp_path / "out",
           store=tmp_path / "store")
    tables = sorted((tmp_path / "out" / "tables").glob("*.zh.tex"))
    assert tables
    assert not {p.name: english for p in tables if (english := english_in(p))}


def test_english_is_seen_where_there_is_some(out: Path) -> None:
    assert "Wild cluster bootstrap" in " ".join(english_in(out / "t.tex"))


def test_group_labels_need_a_split(tmp_path: Path) -> None:
    macro().to_csv(tmp_path / "macro.csv", index=False)
    spec = SPEC.replace("  jack: {like: base, ", "  jack: {like: base, groups: {0: A}, ")
    (tmp_path / "paper.yaml").write_text(spec, encoding="utf-8")
    with pytest.raises(GvckitError, match="groups: labels the groups of split:"):
        gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
