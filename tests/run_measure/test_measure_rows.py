"""What ``gvckit measure`` offers: every row of the registry, each level, each word."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit import cli
from gvckit.errors import DataError, SpecError
from gvckit.measures.registry import MEASURES, SWITCH
from gvckit.run.measuring.plan import frame_rows, year_steps
from gvckit.run.measuring.request import make_request
from gvckit.run.tasks.measured import one_year

GIVEN = {"sectors": "s2", "iv": "t3", "fv": "fva", "inventory": "inventories", "industry": "CHN"}


@pytest.fixture(scope="module")
def table() -> gk.IcioTable:
    """Return six countries and the rest of them."""
    return gk.sample_icio(6, 7, 2000)


def words_of(row, parameter):
    """Return a few values of a parameter."""
    if parameter.allowed:
        return [w == "yes" for w in parameter.allowed] if parameter.allowed == SWITCH \
            else list(parameter.allowed)
    if parameter.name in GIVEN:
        return [GIVEN[parameter.name]]
    return [None]


def measured(table, row, level, arguments):
    keys = row.levels(arguments)[level]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gvckit.run.tasks.tables.read", lambda *_: table)
        out = one_year({}, {}, {"measures": [{
            "name": row.name, "function": row.function, "level": level, "keys": list(keys),
            "arguments": arguments}]})
    return out[row.name]


def check(table, row, level, arguments):
    frame = measured(table, row, level, arguments)
    keys = row.levels(arguments)[level]
    what = f"{row.name} {level} {arguments}"
    assert tuple(frame.columns[:len(keys)]) == keys, what
    assert not keys or not frame.duplicated(list(keys)).any(), what
    values = set(frame.columns) - set(keys)
    terms = {c for c in values if re.fullmatch(r"(VAX|REF|FVA)[1-4]", c)}
    assert not row.columns or values <= {*row.columns, *terms}, what
    assert max(frame.attrs["identities"].values(), default=0) < 1e-9, what
    return frame


ROWS = [pytest.param(row, id=row.name) for row in MEASURES.values()]


@pytest.mark.parametrize("row", ROWS)
def test_every_level_and_every_word(table, row):
    needed = {p.name: GIVEN.get(p.name, "s2") for p in row.parameters if p.required}
    for level in list(row.levels(needed))[:12]:
        check(table, row, level, needed)
    for parameter in row.parameters:
        for word in words_of(row, parameter):
            if word is None:
                continue
            arguments = needed | {parameter.name: word}
            if parameter.name in ("iv", "fv"):
                arguments |= {"definition": "koopman", "iv": "t3", "fv": "fva"}
            if word == "koopman":
                arguments |= {"iv": "wwz-t45", "fv": "wwz-fva"}
            if row.name == "position" and parameter.name.startswith("inventor"):
                arguments |= {"definition": "u-d"}
            check(table, row, next(iter(row.levels(arguments))), arguments)


@pytest.mark.parametrize("row", ROWS)
def test_the_registry_says_what_the_functions_take(row):
    taken = inspect.signature(row.load()).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in taken.values())
    for parameter in row.parameters:
        assert open_ended or parameter.name in taken, parameter.name
        if parameter.name in taken and parameter.default is not None:
            standard = taken[parameter.name].default
            ours = parameter.default == "yes" if parameter.allowed == SWITCH else parameter.default
            assert standard in (ours, None, inspect.Parameter.empty), parameter.name
    ours = {p.name for p in row.parameters}
    # What a line of text cannot say: an account's numbers, groups of countries or sectors.
    apart = {"io", "by", "level", "satellite", "slices"}
    if row.name == "borin-mancini":
        apart |= {"exporters", "partners", "sectors"}
    assert set(taken) - apart <= ours


@pytest.mark.parametrize(("perspective", "approach", "level"), [
    ("exporter", "source", "bilateral-sector"), ("exporter", "sink", "bilateral"),
    ("world", "source", "country"), ("world", "sink", "world"), ("self", "source", "sector")])
def test_borin_mancini_in_every_perimeter(table, perspective, approach, level):
    row = MEASURES["borin-mancini"]
    arguments = {"perspective": perspective, "approach": approach}
    frame = check(table, row, level, arguments)
    expected = gk.borin_mancini(table, level=level, **arguments)
    values = [c for c in frame.columns if frame[c].dtype == float]
    np.testing.assert_array_equal(frame[values], expected[values])


def test_imports_have_their_own_keys(table):
    row = MEASURES["borin-mancini"]
    levels = row.levels({"flow": "imports"})
    assert levels == {"country": ("importer",), "sector": ("importer", "sector"),
                      "bilateral": ("importer", "origin"),
                      "bilateral-sector": ("importer", "origin", "sector")}
    for level in levels:
        frame = check(table, row, level, {"flow": "imports"})
        pd.testing.assert_frame_equal(frame, gk.borin_mancini(table, flow="imports", level=level))


def test_any_slice_of_origins(table):
    row = MEASURES["value-added-origin"]
    fine = gk.value_added_origin(table, by=("origin", "exporter", "sector", "importer"))
    assert len(row.levels({})) == 2**6 - 1 + 2
    assert len(row.levels({"use": "final"})) == 2**5 - 1 + 2
    assert len(row.levels({"use": "output"})) == 2**4 - 1 + 2
    got = check(table, row, "origin-importer", {"exporter": "CHN", "content": "foreign"})
    want = fine[(fine["exporter"] == "CHN") & (fine["origin"] != "CHN")].groupby(
        ["origin", "importer"], observed=False)["value"].sum()
    both = got.set_index(["origin", "importer"])["value"]
    np.testing.assert_allclose(both, want.reindex(both.index), rtol=1e-12, atol=1e-9)
    seller = check(table, row, "country-sector", {"origin": ["USA", "DEU"]})
    want = fine[fine["origin"].isin(["USA", "DEU"])].groupby(
        ["exporter", "sector"], observed=False)["value"].sum()
    np.testing.assert_allclose(seller["value"], want, rtol=1e-12)
    for use in ("final", "output"):
        whole = check(table, row, "country", {"use": use})
        flow = gk.accounts(table, by="country")[{"final": "Y", "output": "X"}[use]]
        np.testing.assert_allclose(whole["value"], flow, rtol=1e-12)


def test_extraction_of_named_exporters_equals_its_twins(table):
    for row in (MEASURES["extraction"], MEASURES["miroudot-ye"]):
        frame = check(table, row, "bilateral", {"exporters": "CHN"} | (
            {"perspective": "self"} if row.name == "miroudot-ye" else {}))
        ours = gk.borin_mancini(table, level="bilateral", perspective="self")
        np.testing.assert_allclose(
            frame["DVA"], ours.loc[ours["exporter"] == "CHN", "DVA"], rtol=1e-10)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GVCKIT_STORE", raising=False)
    return tmp_path


def request(*measures, by=None, settings=()):
    return make_request("sample", measures, "2000", "{measure}.csv", by=by, settings=settings)


@pytest.mark.parametrize(("measures", "by", "settings", "part"), [
    (["borin-mancini"], "bilateral", ["perspective=world"],
     "unknown level of borin-mancini with perspective=world 'bilateral'"),
    (["borin-mancini"], "world", ["flow=imports"],
     "unknown level of borin-mancini with flow=imports 'world'"),
    (["borin-mancini"], None, ["perspective=mine"], "unknown perspective of borin-mancini 'mine'"),
    (["borin-mancini"], None, ["terms=true"], "unknown terms of borin-mancini 'true'"),
    (["miroudot-ye"], "sector", ["perspective=world"], "unknown level of miroudot-ye with"),
    (["participation"], "bilateral", [],
     "unknown level of participation with definition=production 'bilateral'"),
    (["value-added-origin"], "origin,importer", ["use=final"],
     "unknown level of value-added-origin with use=final 'origin,importer'"),
    (["digital-value-origin"], None, [], "digital-value-origin needs --set sectors=…"),
])
def test_what_means_nothing_is_refused_before_anything_runs(measures, by, settings, part):
    with pytest.raises(SpecError) as caught:
        request(*measures, by=by, settings=settings)
    assert part in str(caught.value)


def test_defaults_follow_the_parameters():
    def level(measure, *settings):
        return request(measure, settings=settings).asked[0].level

    assert level("borin-mancini") == "bilateral-sector"
    assert level("borin-mancini", "flow=imports") == "country"
    assert level("borin-mancini", "perspective=world") == "country"
    assert level("position", "definition=koopman", "iv=t3", "fv=fc") == "country"
    assert level("participation", "definition=trade") == "country-sector"
    assert level("value-added-origin") == "origin-origin_sector-exporter-sector"
    assert level("value-added-origin", "use=final") == "origin-origin_sector-destination"


def test_yes_and_no_are_true_and_false():
    asked = request("wwz", "borin-mancini", settings=["aggregates=yes", "terms=no"]).asked
    assert [dict(one.arguments) for one in asked] == [{"aggregates": True}, {"terms": False}]


def test_through_the_command_line(here, capsys):
    status = cli.main(["measure", "sample", "value-added-origin", "borin-mancini", "--years",
                       "2000-2001", "--out", "{measure}.parquet", "--by", "origin,importer",
                       "--set", "value-added-origin.exporter=CHN,USA", "--workers", "1"])
    assert status == 2
    assert "unknown level of borin-mancini 'origin,importer'" in capsys.readouterr().err
    status = cli.main(["measure", "sample", "value-added-origin", "--years", "2000-2001",
                       "--out", "o.parquet", "--by", "origin,importer", "--workers", "1",
                       "--set", "exporter=CHN,USA"])
    assert status == 0
    got = pd.read_parquet(here / "o.parquet")
    assert list(got.columns) == ["origin", "importer", "year", "value"]
    want = gk.value_added_origin(gk.sample_icio(20, 7, 2001), by=("origin", "importer"),
                                 exporter=["CHN", "USA"])
    np.testing.assert_array_equal(got.loc[got["year"] == 2001, "value"], want["value"])


def test_a_frame_that_no_memory_holds_is_refused_first(here, capsys, monkeypatch):
    monkeypatch.setattr("gvckit.run.measuring.verb.available_memory", lambda: 300 << 20)
    words = ["measure", "sample", "value-added-origin", "--years", "2000", "--out", "o.csv",
             "--by", "origin,origin_sector,exporter,sector,importer,destination", "--workers", "1"]
    assert cli.main([*words]) == 2
    err = capsys.readouterr().err
    assert "value-added-origin by origin, origin_sector, exporter" in err
    assert not Path("o.csv").exists()
    only = ["exporter=CHN", "origin=USA", "destination=USA"]
    request_ = make_request("sample", ["value-added-origin"], "2000", "o.csv", by=words[8],
                            settings=only)
    assert frame_rows(request_.asked[0], 140) == pytest.approx(140**1.5)
    assert year_steps(request_)[0].memory < 200 << 20
    assert cli.main([*words, *(w for o in only for w in ("--set", o))]) == 0


def test_a_combination_that_means_nothing_is_told_by_the_measure(table):
    with pytest.raises(DataError, match="there is one split"):
        measured(table, MEASURES["borin-mancini"], "country",
                 {"perspective": "self", "approach": "sink"})
