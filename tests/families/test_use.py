"""use: families written out in a spec, with their own places."""

from __future__ import annotations

from pathlib import Path

import pytest

from gvckit.errors import SpecError
from gvckit.spec import families as room
from gvckit.spec.families import families, main_index, read_family, with_families
from gvckit.spec.load import load_text
from gvckit.spec.render import render
from gvckit.spec.resolve import resolve
from gvckit.spec.resolved import Spec
from gvckit.spec.schema.built import BuiltEntry
from gvckit.spec.schema.measured import CompositeEntry
from gvckit.spec.schema.sources import FileEntry
from gvckit.spec.sources import indicators

HEAD = "schema: 1\npaper: {key: try}\n"


def spec(body: str) -> Spec:
    return resolve(load_text(HEAD + body, "paper.yaml"))


def told(body: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        spec(body)
    return [str(p) for p in caught.value.problems]


def composite(made: Spec, name: str) -> CompositeEntry:
    entry = made.indices[name]
    assert isinstance(entry, CompositeEntry)
    return entry


def test_the_families_that_are_promised_are_there() -> None:
    assert families() == ("data-governance", "digital-barriers", "digital-economy",
                          "digital-trade", "oecd-dstri")


@pytest.mark.parametrize("name", families())
def test_a_family_is_a_spec_of_its_own_with_labels_units_and_sources(name: str) -> None:
    made = spec(f"use: {name}\n")
    assert main_index(name) in made.indices
    assert set(read_family(name).data) == {"family", "data", "indices"}
    for data in made.data.values():
        assert isinstance(data, FileEntry)
        assert data.citation
        assert data.label
        assert set(data.label) == {"en", "zh"}
        for value in data.take:
            assert data.unit or value in data.units, value
            labelled = value in data.labels or "provisions" in data.name
            assert labelled, value
    for index in made.indices.values():
        assert index.label
        assert index.unit
        if isinstance(index, BuiltEntry):
            assert index.citation
        elif isinstance(index, CompositeEntry):
            assert set(index.labels) <= set(index.pillars) if isinstance(
                index.pillars, dict) else not index.labels
            for leaf, _ in indicators(index.pillars):
                assert leaf.expression.isidentifier() or leaf.label


@pytest.mark.parametrize("name", families())
def test_names_of_families_do_not_meet(name: str) -> None:
    """Any two families can be used in one spec."""
    others = [n for n in families() if n != name]
    made = spec(f"use: [{name}, {', '.join(others)}]\n")
    assert len(made.indices) == sum(len(read_family(n).data["indices"]) for n in families())


def test_an_entry_takes_the_main_index_under_its_own_name_and_changes_it() -> None:
    made = spec("indices:\n  mine: {use: digital-trade, years: 2016-2020,"
                " composite: {weights: equal}, pillars: {dt_scale: ~, dt_technology: [dt_rd]}}\n")
    mine = composite(made, "mine")
    assert "equal" in (mine.composite.weights or ())
    assert mine.composite.normalise == "minmax-pooled"
    assert mine.years == (2016, 2017, 2018, 2019, 2020)
    assert isinstance(mine.pillars, dict)
    assert list(mine.pillars) == ["dt_infrastructure", "dt_technology", "dt_environment"]
    assert [leaf.expression for leaf, _ in indicators(mine.pillars)][5:7] == ["dt_rd", "dt_law"]
    assert "digital_trade" not in made.indices
    assert {"dt_wdi", "dt_unctad", "dt_un", "dt_oecd"} <= set(made.data)


def test_the_same_family_can_be_used_in_several_ways() -> None:
    made = spec("use: oecd-dstri\nindices:\n  a: {use: oecd-dstri, composite: {weights: entropy}}\n"
                "  b: {use: oecd-dstri}\n")
    assert {"a", "b", "dstri_reweighted"} <= set(made.indices)
    assert list(made.data) == ["dstri_oecd"]


def test_another_index_of_a_family_is_named_with_a_point() -> None:
    made = spec("indices: {xs: {use: data-governance.data_governance_xs}}\n")
    assert composite(made, "xs").by == ("country",)
    assert "data_governance" in made.indices


def test_places_are_those_of_the_family_and_of_what_is_changed() -> None:
    made = spec("indices:\n  mine:\n    use: digital-trade\n    composite: {weights: equal}\n")
    assert str(made.where("indices", "mine", "composite", "weights")) == "paper.yaml:6:26"
    inside = made.where("indices", "mine", "composite", "missing")
    assert inside.path == "families/digital-trade.yaml"
    line = read_family("digital-trade").text.split("\n")[inside.line - 1]
    assert line[inside.column - 1:].startswith("interpolate")
    assert made.where("data", "dt_oecd", key=True).path == "families/digital-trade.yaml"


def test_a_fault_that_a_change_makes_is_told_at_its_place() -> None:
    assert told("indices:\n  mine: {use: digital-trade, pillars: {dt_scale: [log(dt_servces)]}}\n"
                ) == [("paper.yaml:4:55: unknown indicator 'dt_servces'; did you mean "
                       "'dt_services'?")]


def test_a_fault_inside_a_family_is_told_in_its_file(tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    text = read_family("oecd-dstri").text
    text = text.replace("normalise: minmax-pooled", "normalize: minmax-pooled")
    text = text.replace("pillars: [dstri_infrastructure,", "pillars: [log(dstri_paymnt),")
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    room.families.cache_clear()
    monkeypatch.setattr(room, "FOLDER", tmp_path)
    try:
        with pytest.raises(SpecError) as caught:
            spec("use: broken\n")
        shown = render(caught.value)
    finally:
        room.families.cache_clear()
        room.read_family.cache_clear()
    line = text.split("\n").index(next(x for x in text.split("\n") if "normalize" in x)) + 1
    first, excerpt, caret, second, *_ = shown.split("\n")
    assert first.startswith(f"families/broken.yaml:{line}:")
    assert "unknown key 'normalize'; did you mean 'normalise'?" in first
    assert excerpt[caret.index("^"):].startswith("normalize")
    assert second.startswith(f"families/broken.yaml:{line + 1}:19: unknown indicator "
                             "'dstri_paymnt'; did you mean 'dstri_payment'?")


def test_unknown_families_and_taken_names_are_told_together() -> None:
    problems = told("use: [digital-trad]\ndata:\n  dstri_oecd: {file: a.csv, keys: [country],"
                    " take: [x]}\nindices:\n  mine: {use: oecd-dstrii}\n  ok: {use: oecd-dstri}\n")
    assert problems[0].startswith("paper.yaml:3:7: use: there is no family 'digital-trad'; did "
                                  "you mean 'digital-trade'?")
    assert len(problems) == 3
    assert problems[1].startswith("paper.yaml:5:3: 'dstri_oecd' is declared here and by the "
                                  "family 'oecd-dstri'")
    assert problems[2].startswith("paper.yaml:7:9: mine: there is no family 'oecd-dstrii' with an "
                                  "index; did you mean 'oecd-dstri'?")


def test_a_document_without_families_is_left_alone() -> None:
    document = load_text(HEAD + "indices: {}\n")
    assert with_families(document) is document
    assert with_families(load_text("- a\n")).data == ["a"]


@pytest.mark.parametrize(("entry", "message"), [
    ("{build: faced-abrod, of: d, by: [country, year]}", "did you mean 'faced-abroad'"),
    ("{build: faced-abroad, of: d, by: [country, year]}", "faced-abroad needs 'weights'"),
    ("{build: bilateral-mean, of: d, by: [country, year]}", "gives no index by country, year"),
    ("{build: bilateral-mean, of: [d, e], by: [exporter, importer, year]}", "of one value, not 2"),
    ("{build: partners, of: d, most: 3, by: [country, year]}", "unknown key 'most' for partners"),
    ("{build: partners, of: dd, by: [country, year]}", "unknown value 'dd'"),
])
def test_indices_that_cannot_be_built_are_told(entry: str, message: str) -> None:
    data = "data: {f: {file: a.csv, keys: [country, year], take: [d, e]}}\n"
    assert any(message in problem for problem in told(f"{data}indices:\n  i: {entry}\n"))
