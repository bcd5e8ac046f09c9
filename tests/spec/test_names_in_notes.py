"""Notes tell how variables were made without the names that only the spec knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from gvckit.measures.sets import sector_sets
from gvckit.report.definitions import definition_notes
from gvckit.report.placebo_figure import placebo_words
from gvckit.report.placebo_table import Drawn, placebo_table
from gvckit.report.steps import sectors_sentence
from gvckit.sources.sector_names import sector_names
from gvckit.spec.compile.definitions import definitions
from gvckit.spec.compile.sectors import sectors_of
from gvckit.spec.resolve import read_spec

SPEC = """
schema: 1
paper: {key: names, languages: [en, zh]}
data:
  d:
    file: d.csv
    keys: {country: country, year: year}
    take: [gdp, users_in, lines_in]
    labels:
      gdp: {en: GDP, zh: GDP}
      users_in: {en: Users, zh: 用户}
      lines_in: {en: Lines, zh: 线路}
  icio: {source: wiod2013, years: 2000-2001}
indices:
  dig:
    measure: digital-inputs
    sectors: wiod2013-digital
    value: share
    icio: icio
    by: [country]
    label: {en: Digital inputs, zh: 数字投入}
  one:
    measure: digital-inputs
    sectors: [c7, c14]
    value: share
    icio: icio
    by: [country]
    label: {en: Two inputs, zh: 两类投入}
  eco:
    label: {en: Digital economy, zh: 数字经济}
    composite:
      by: [country, year]
      missing: interpolate
      normalise: goalposts
      weights: equal
      aggregate: arithmetic
    pillars:
      all:
        - {is: users_in, goalposts: [0, 90]}
        - {is: lines_in, goalposts: [0, 60], missing: zero}
panel:
  unit: country
  time: year
  rows: d
  merge:
    - {with: [dig, one, eco], on: [country, year], match: one-to-one}
variables:
  big: {is: gdp > 9, label: {en: GDP above 9, zh: GDP大于9}}
  region: {is: "first(gdp, by=country)", label: {en: Region, zh: 地区}}
  g: {is: "only(gdp, big)", label: {en: "g: GDP of the big", zh: g：大国GDP}}
  g2: {is: "only(gdp, big)"}
  z: {is: "standardise(g, by=year)", label: {en: GDP score, zh: GDP得分}}
  zz: {is: "winsor(z, 0.02, by=[region, year])", label: {en: Capped score, zh: 缩尾得分}}
  every: {is: "standardise(gdp, by=year)", label: {en: Score of all, zh: 全体得分}}
  plain: {is: standardise(gdp), label: {en: Plain score, zh: 简单得分}}
  capped: {is: "standardise(winsor(only(gdp, big), 0.01))", label: {en: Other score, zh: 其他得分}}
  outer: {is: "only(standardise(gdp, by=year), big)", label: {en: Score of some, zh: 部分得分}}
models:
  m: {y: z, x: [zz], fe: [country], se: {cluster: country}}
"""


@pytest.fixture(scope="module")
def spec_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("names") / "paper.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def notes(spec_file: Path, terms: Sequence[str], language: str) -> list[str]:
    return definition_notes(definitions(read_spec(spec_file), terms), language)


@pytest.mark.parametrize(("terms", "english", "chinese"), [
    (["z"], ["Standardised within year, over rows with GDP above 9: GDP score"],
     ["按年份标准化（限GDP大于9）：GDP得分"]),
    (["every"], ["Standardised within year, over all rows of the panel: Score of all"],
     ["按年份标准化（面板全部观测）：全体得分"]),
    (["plain"], ["Standardised, over all rows of the panel: Plain score"],
     ["标准化（面板全部观测）：简单得分"]),
    (["zz"], [("Winsorised at 2 percent at each end within region and year, standardised within "
               "year, over rows with GDP above 9: Capped score")],
     ["按地区、年份上下各缩尾2%、按年份标准化（限GDP大于9）：缩尾得分"]),
])
def test_what_was_done_is_told_with_groups_and_rows(
        spec_file: Path, terms: list[str], english: list[str], chinese: list[str]) -> None:
    """Through the variable in between, whose name and label begin with ``g``."""
    assert notes(spec_file, terms, "en") == english
    assert notes(spec_file, terms, "zh") == chinese


def test_rows_chosen_after_standardising_are_not_those_it_is_over(spec_file: Path) -> None:
    (english,) = notes(spec_file, ["outer"], "en")
    assert english == ("Rows with GDP above 9 only, standardised within year, over all rows of the "
                       "panel: Score of some")
    (chinese,) = notes(spec_file, ["outer"], "zh")
    assert chinese.startswith("仅限GDP大于9")
    assert chinese.endswith("、按年份标准化（面板全部观测）：部分得分")


def test_a_step_between_keeps_the_rows(spec_file: Path) -> None:
    (english,) = notes(spec_file, ["capped"], "en")
    assert english == ("Standardised, over rows with GDP above 9, winsorised at 1 percent at each "
                       "end, rows with GDP above 9 only: Other score")


def test_variables_made_alike_share_a_sentence(spec_file: Path) -> None:
    first, second = notes(spec_file, ["z", "every", "zz"], "en")[:2]
    assert first.endswith(": GDP score")
    assert second.endswith(": Score of all")


def test_sectors_have_their_names_once(spec_file: Path) -> None:
    english = notes(spec_file, ["dig", "one"], "en")
    assert english[-1] == ("Sectors: c7 (pulp, paper, printing and publishing), c14 (electrical "
                           "and optical equipment), c27 (post and telecommunications), c30 "
                           "(renting of machinery; other business activities)")
    assert "sectors c14, c27, c30" in english[0]
    assert "wiod2013-digital" not in " ".join(english)
    chinese = notes(spec_file, ["dig", "one"], "zh")
    assert chinese[-1] == ("部门代码：c7（造纸、印刷和出版）、c14（电气与光学设备）、"
                           "c27（邮政和电信）、c30（租赁及其他商务服务）")
    assert "部门c14、c27、c30" in chinese[0]


def test_tables_without_names_keep_the_name_of_the_set(tmp_path: Path) -> None:
    path = tmp_path / "paper.yaml"
    path.write_text(SPEC.replace("wiod2013-digital", "sample-digital").replace(
        "{source: wiod2013, years: 2000-2001}",
        "{source: sample, countries: 5, sectors: 4, seed: 3, years: 2000-2001}"), encoding="utf-8")
    (english,) = notes(path, ["dig"], "en")
    assert english.endswith("sectors s2, s3 of set sample-digital")


def test_every_sector_of_a_set_has_a_name() -> None:
    names = sector_names("wiod2013")
    assert len(names) == 35
    assert all(one["en"] and one["zh"] for one in names.values())
    for one in sector_sets():
        if one.name.startswith("wiod2013"):
            assert set(one.sectors) <= set(names)
    assert sector_names("sample") == {}


def test_rules_and_options_of_an_index_name_indicators_by_label(spec_file: Path) -> None:
    (english,) = notes(spec_file, ["eco"], "en")
    assert "of Lines: 0 where there is none" in english
    assert "_in" not in english
    (chinese,) = notes(spec_file, ["eco"], "zh")
    assert "其中线路：" in chinese
    assert "_in" not in chinese
    told = definitions(read_spec(spec_file), ["eco"])["indices"][0]
    options = {**told, "options": {"leave_out": ["lines_in"], "moments": {"users_in": [1.0, 2.0]}},
               "names": {"users_in": {"en": "Users", "zh": "用户"},
                         "lines_in": {"en": "Lines", "zh": "线路"}}}
    for language, words in (("en", ("Lines", "Users 1, 2")), ("zh", ("线路", "用户 1、2"))):
        (text,) = definition_notes({"indices": [options]}, language)
        assert all(word in text for word in words)
        assert "_in" not in text


def test_placebos_name_their_sectors(spec_file: Path) -> None:
    sectors = sectors_of(read_spec(spec_file), ["dig"], ["c35"])
    assert [one["code"] for one in sectors] == ["c14", "c27", "c30", "c35"]
    asked = {"draws": 20, "exclude": ["c35"], "among": "others", "own": "keep", "scale": "none"}
    place = {"draws": 20, "failed": 0, "estimate": 0.5, "percentile": 0.4, "beyond": 0.3,
             "p": 0.2, "p_rank": 0.1}
    for language, words in (("en", "c35 (private households with employed persons)"),
                            ("zh", "c35（有雇工的私人家庭）")):
        sentence = sectors_sentence(sectors, language)
        assert words in sentence
        assert sentence in placebo_words(place, ["c14", "c27", "c30"], asked, language, sectors)
        table = placebo_table([Drawn("m", "y", (), ("c14",), asked, "no rows")], {}, language,
                              sectors=sectors)
        assert sentence in " ".join(table.notes)
        assert sentence not in placebo_words(place, ["c14"], asked, language)
