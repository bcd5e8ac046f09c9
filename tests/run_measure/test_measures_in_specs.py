"""Parameters of measures in a spec's ``indices``: what they reach equals the functions."""

from __future__ import annotations

import numpy as np
import pytest

import gvckit as gk
from gvckit.errors import SpecError
from gvckit.run import api
from gvckit.run.engine import execute
from gvckit.run.store import Store

HEAD = """\
schema: 1
paper: {key: words}
data:
  icio: {source: sample, countries: 6, sectors: 4, seed: 2, years: 2000-2001}
indices:
"""
TAIL = """\
panel: {unit: [country], time: year, rows: base,
        merge: [{with: [dva], on: [country, year], match: one-to-one}]}
models: {m: {y: base, x: [dva], fe: [country]}}
tables: {t: {columns: [m]}}
"""
ENTRIES = {
    "base": ("kww, by: [country], value: T1", lambda t: gk.kww(t)["T1"]),
    "dva": ("wwz, by: [country], aggregates: yes, value: DVA",
            lambda t: gk.wwz(t, by="country", aggregates=True)["DVA"]),
    "vax3": ("borin-mancini, by: [country], terms: yes, value: VAX3",
             lambda t: gk.borin_mancini(t, level="country", terms=True)["VAX3"]),
    "foreign": (
        "value-added-origin, by: [country, sector], content: foreign, origin: [USA, DEU]",
        lambda t: gk.value_added_origin(t, by=["exporter", "sector"], content="foreign",
                                        origin=["USA", "DEU"])["value"]),
    "once": (
        "value-added-origin, by: [country], counted: value-added, importer: USA, goods: final",
        lambda t: gk.value_added_origin(t, by=["exporter"], counted="value-added",
                                        importer="USA", goods="final")["value"]),
    "final": (
        "value-added-origin, by: [origin], use: final, origin_sector: [s1], producer: [CHN]",
        lambda t: gk.value_added_origin(t, by=["origin"], use="final", origin_sector=["s1"],
                                        producer=["CHN"])["value"]),
    "taken": ("extraction, by: [exporter], exporters: [CHN, USA], value: DVA",
              lambda t: gk.extraction(t, exporters=["CHN", "USA"])["DVA"]),
    "net": ("position, by: [country], definition: u-d, inventories: raw",
            lambda t: gk.position(t, definition="u-d", inventories="raw",
                                  by="country")["position"]),
}


def prepared(tmp_path, lines):
    path = tmp_path / "paper.yaml"
    path.write_text(HEAD + "\n".join(lines) + "\n" + TAIL, encoding="utf-8")
    return api.prepare(path)


def test_every_word_reaches_its_function(tmp_path):
    lines = [f"  {name}: {{icio: icio, measure: {words}}}" for name, (words, _) in ENTRIES.items()]
    steps = prepared(tmp_path, lines).compiled.steps
    done = execute(steps, [f"indices.{name}" for name in ENTRIES], Store(tmp_path / "store"))
    assert done.ok, done.error()
    for name, (_, wanted) in ENTRIES.items():
        frame = done.outputs[f"indices.{name}"]
        for year in (2000, 2001):
            got = frame.loc[frame["year"] == year, name].to_numpy()
            table = gk.sample_icio(countries=6, sectors=4, seed=2, year=year)
            np.testing.assert_array_equal(got, wanted(table).to_numpy(), err_msg=name)


def test_words_that_mean_nothing_are_placed(tmp_path):
    with pytest.raises(SpecError) as caught:
        prepared(tmp_path, [
            "  dva: {icio: icio, measure: vax, by: [country], value: VAX}",
            "  base: {icio: icio, measure: kww, by: [country], terms: yes}",
            "  a: {icio: icio, measure: borin-mancini, by: [country], terms: perhaps}",
            "  b: {icio: icio, measure: position, by: [country], iv: t3}",
            "  c: {icio: icio, measure: value-added-origin, by: [origin], use: final, goods: all}",
        ])
    text = str(caught.value)
    for part in ("paper.yaml:7:51: unknown parameter of kww 'terms'",
                 "paper.yaml:8:65: unknown terms 'perhaps' (allowed: no, yes)",
                 "paper.yaml:9:53: 'iv' of position belongs to definition: koopman",
                 "paper.yaml:10:74: 'goods' of value-added-origin belongs to use: exports"):
        assert part in text, text


GROUPED = [
    ("wwz: {icio: icio, measure: wwz, by: [country], value: DVA_INT, "
    "groups: {NA: [USA, MEX], EA: [CHN, JPN]}}"),
    ("bm: {icio: icio, measure: borin-mancini, by: [exporter, sector, importer], value: DDC, "
    "groups: {NA: [USA, MEX]}}")]
SOLD = ("sold: {icio: icio, measure: borin-mancini, by: [exporter, sector, importer], "
        "value: GEXP, partners: {EA: [CHN, JPN]}, sector_groups: {both: [s1, s2]}}")


def test_groups_are_one_more_country_each(tmp_path):
    lines = [f"  {line}" for line in GROUPED]
    steps = prepared(tmp_path, ["  base: {icio: icio, measure: kww, by: [country], value: T1}",
                                "  dva: {icio: icio, measure: vax, by: [country], value: VAX}",
                                *lines]).compiled.steps
    done = execute(steps, ["indices.wwz", "indices.bm"], Store(tmp_path / "store"))
    assert done.ok, done.error()
    table = gk.sample_icio(countries=6, sectors=4, seed=2, year=2001)
    for name, wanted in (("wwz", gk.wwz), ("bm", gk.borin_mancini)):
        frame = done.outputs[f"indices.{name}"]
        frame = frame[frame["year"] == 2001]
        seller = "country" if name == "wwz" else "exporter"
        level = "country" if name == "wwz" else "bilateral-sector"
        value = "DVA_INT" if name == "wwz" else "DDC"
        alone = wanted(table, level=level)
        np.testing.assert_array_equal(frame[name].to_numpy()[:len(alone)], alone[value])
        groups = {"NA": ["USA", "MEX"], "EA": ["CHN", "JPN"]} if name == "wwz" else {
            "NA": ["USA", "MEX"]}
        assert list(frame[seller].to_numpy()[len(alone):]) == [
            g for g in groups for _ in range(int((frame[seller] == g).sum()))]
        for group, members in groups.items():
            view = wanted(gk.Leontief(table).joined({group: members}), level=level)
            own = view[view["exporter"] == group]
            np.testing.assert_array_equal(frame.loc[frame[seller] == group, name], own[value])
            assert len(own)
    # a group is not the sum of its members: what they sell each other is no export of it
    sums = done.outputs["indices.wwz"].query("year == 2001").set_index("country")["wwz"]
    assert sums["NA"] < sums[["USA", "MEX"]].sum()


def test_importers_and_sectors_in_groups_add_up(tmp_path):
    steps = prepared(tmp_path, [
        "  base: {icio: icio, measure: kww, by: [country], value: T1}",
        "  dva: {icio: icio, measure: vax, by: [country], value: VAX}",
        f"  {SOLD}"]).compiled.steps
    done = execute(steps, ["indices.sold"], Store(tmp_path / "store"))
    assert done.ok, done.error()
    frame = done.outputs["indices.sold"].query("year == 2000")
    plain = gk.borin_mancini(gk.sample_icio(countries=6, sectors=4, seed=2, year=2000))
    got = frame.query("exporter == 'USA' and importer == 'EA' and sector == 'both'")["sold"]
    want = plain.query("exporter == 'USA' and importer in ['CHN', 'JPN']").query(
        "sector in ['s1', 's2']")
    assert got.to_numpy() == pytest.approx([want["GEXP"].sum()], rel=1e-12)


def test_groups_where_there_are_none_are_placed(tmp_path):
    with pytest.raises(SpecError) as caught:
        prepared(tmp_path, [
            "  dva: {icio: icio, measure: vax, by: [country], value: VAX, partners: {EU: [DEU]}}",
            "  base: {icio: icio, measure: kww, by: [country], sector_groups: {a: [s1]}}",
        ])
    said = [str(p) for p in caught.value.problems]
    assert any("6:62: vax takes no groups of importers (allowed: borin-mancini)" in s for s in said)
    assert any("7:51: kww takes no groups of sectors (allowed: borin-mancini)" in s for s in said)


@pytest.mark.parametrize(("entry", "said"), [
    ("icio: icio, measure: complexity, by: [country], groups: {EU: [DEU]}",
     "complexity takes no groups (allowed: a measure of tables"),
    ("icio: icio, measure: diversification, by: [country], partners: {EU: [DEU]}",
     "diversification takes no partners"),
    ("icio: icio, measure: wwz, by: [country], value: DVA_FIN, groups: {EU: []}",
     "a group has members (allowed: [DEU, FRA])"),
])
def test_groups_that_cannot_be_are_told_before_the_run(tmp_path, entry, said):
    with pytest.raises(SpecError) as caught:
        prepared(tmp_path, ["  base: {icio: icio, measure: kww, by: [country], value: T1}",
                            f"  dva: {{{entry}}}"])
    assert any(said in str(p) for p in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(("groups", "said"), [
    ("{CHN: [CHN, USA]}", "group 'CHN' has the name of a country"),
    ("{EU: [DEU, XXX]}", "unknown country 'XXX'"),
    ("{EU: [DEU, DEU]}", "DEU in more than one place"),
])
def test_groups_that_cannot_be_of_the_table_are_told_at_their_place(tmp_path, groups, said):
    steps = prepared(tmp_path, [
        f"  base: {{icio: icio, measure: kww, by: [country], value: T1, groups: {groups}}}",
        "  dva: {icio: icio, measure: vax, by: [country], value: VAX}"]).compiled.steps
    done = execute(steps, ["indices.base"], Store(tmp_path / "store"))
    assert not done.ok
    assert said in str(done.error())
    assert "paper.yaml:6:70" in str(done.error())
