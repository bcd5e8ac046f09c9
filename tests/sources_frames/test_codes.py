"""Country codes and the aliases of sources."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from gvckit.errors import DataError
from gvckit.sources.codes import (
    aliases_of,
    code_map,
    country_names,
    iso2_codes,
    iso3_codes,
    normalise,
)


def test_the_list_is_iso_3166_with_kosovo_and_the_rest_of_the_world() -> None:
    codes = iso3_codes()
    assert len(codes) == len(set(codes)) == 251
    assert {"ROW", "XKX", "TWN", "NAM", "ROU"} <= set(codes)
    assert all(len(c) == 3 and c.isascii() and c.isupper() for c in codes)
    assert len(iso2_codes()) == 250  # ROW has none
    assert iso2_codes()["NA"] == "NAM"
    assert country_names("zh")["CHN"] == "中国"
    assert len(set(country_names().values())) == len(set(country_names("zh").values())) == 251


def test_every_alias_leads_to_the_list_to_itself_or_to_nothing() -> None:
    text = (files("gvckit.sources") / "codes" / "aliases.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    known = set(iso3_codes())
    assert all(r["to"] in known or r["to"] in ("", r["from"]) or
               aliases_of(None).get(r["to"], ("",))[0] == r["to"] for r in rows)
    assert len({(r["source"], r["from"]) for r in rows}) == len(rows)
    assert all(r["note"] for r in rows)
    # A code of the list never means another country.
    assert not [r for r in rows if r["from"] in known and r["from"] != r["to"]]


def test_one_code_means_different_countries_in_different_sources() -> None:
    assert normalise(["ROM", "DEU", "RoW"], "wiod2013")[0] == ["ROU", "DEU", "ROW"]
    assert normalise(["ROM", "ROU"], "barro_lee")[0] == ["MDA", "ROU"]
    assert normalise(["ZAR", "BLX"], "penppml_trade_deep_provisions")[0] == ["COD", "BLX"]
    assert normalise(["YUG"], "cepii_geo")[0] == ["SCG"]
    assert normalise(["YUG"], None)[0] == ["YUG"]
    assert normalise(["63", "73"], "adb_mrio")[0] == ["ARG", "ROW"]
    assert normalise(["63"], "adb_mrio62")[0] == ["ROW"]
    assert normalise(["EL", "UK", "NA"], "iso2")[0] == ["GRC", "GBR", "NAM"]


def test_aliases_and_aggregates_are_reported() -> None:
    codes, found = normalise(["XKV", "WLD", "afg", "DEU"], None)
    assert codes == ["XKX", None, "AFG", "DEU"]
    assert found.aliases == {"XKV": "XKX", "afg": "AFG"}
    assert found.dropped == {"WLD": "World Bank aggregate"}


def test_unknown_codes_are_refused_all_at_once_or_dropped() -> None:
    with pytest.raises(DataError) as caught:
        code_map(["ROM", "DEUU", "", "USA"], "pwt1001", where="pwt1001.csv.gz")
    text = str(caught.value)
    assert len(caught.value.problems) == 3
    assert "unknown country code 'ROM'; it means MDA in barro_lee; ROU in " in text
    assert "barro_lee" in text
    assert "did you mean 'DEU'" in text
    assert "a country code is blank" in text
    found = code_map(["DEUU", "", "USA"], None, unknown="drop")
    assert found.iso3 == {"USA": "USA"}
    assert found.dropped == {"DEUU": "unknown code", "": "blank code"}
