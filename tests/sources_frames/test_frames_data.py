"""The shared data files, read as papers read them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gvckit.errors import DataError
from gvckit.indices.composite import composite
from gvckit.sources.frames import FrameEntry, read_frame

pytestmark = pytest.mark.data
KEYS = {"country": "iso3", "year": "year"}
LONG = {"name": "variable", "value": "value"}
GAP = {"internet": "internet_users", "mobile": "cell_phones_per_100_people",
       "gdp_pc": "gdppercapita_us_inflation_adjusted", "open": "exports_percent_of_gdp"}


def test_gapminder_long(shared_data: Path) -> None:
    path = shared_data / "panel/gapminder_wdi_1960_2025.csv.gz"
    found = read_frame(path, FrameEntry(keys=KEYS, long=LONG, take=GAP))
    raw = pd.read_csv(path, keep_default_na=False)
    for new, name in GAP.items():
        assert found.frame[new].notna().sum() == (raw["variable"] == name).sum() - sum(
            (raw["variable"] == name) & raw["iso3"].isin(list(found.report.dropped)))
    wanted = raw[(raw["variable"] == "internet_users") & (raw["iso3"] == "NAM")]
    own = found.frame[found.frame["country"] == "NAM"].set_index("year")["internet"].dropna()
    assert own.to_dict() == dict(zip(wanted["year"], wanted["value"], strict=True))
    assert found.report.aliases["KOS"][0] == "XKX"


def test_pwt_wide(shared_data: Path) -> None:
    found = read_frame(shared_data / "panel/pwt1001.csv.gz",
                       FrameEntry(keys=KEYS, take={"hc": "hc"}))
    assert len(found.frame) == 12810 == found.report.rows_read
    assert found.frame["country"].nunique() == 183
    assert found.report.aliases == {} == found.report.dropped
    with pytest.raises(DataError, match="12810 of 12810 cells are not numbers: 'Aruban"):
        read_frame(shared_data / "panel/pwt1001.csv.gz",
                   FrameEntry(keys=KEYS, take={"c": "currency"}))


def test_barro_lee_has_moldova_under_romanias_old_code(shared_data: Path) -> None:
    path = shared_data / "panel/barro_lee.csv.gz"
    with pytest.raises(DataError, match="repeat the keys country, year"):
        read_frame(path, FrameEntry(keys=KEYS, take={"school": "yr_sch"}))
    entry = FrameEntry(keys=KEYS, take={"school": "yr_sch"}, keep={"agefrom": ("25",)})
    found = read_frame(path, entry)
    raw = pd.read_csv(path)
    moldova = raw[(raw["country"] == "Republic of Moldova") & (raw["agefrom"] == 25)]
    got = found.frame[found.frame["country"] == "MDA"].set_index("year")["school"]
    assert got.to_dict() == dict(zip(moldova["year"], moldova["yr_sch"], strict=True))
    assert found.report.aliases == {"ROM": ("MDA", 14), "SER": ("SRB", 14)}


def test_wdi_wide(shared_data: Path) -> None:
    found = read_frame(shared_data / "panel/wdi_wide_40x2000_2023.csv.gz", FrameEntry(
        keys=KEYS, take={"ict": "ICT_service_exports_pct_BX.GSR.CCIS.ZS"}))
    assert len(found.frame) == 40 * 24
    first = found.frame.set_index(["country", "year"])["ict"]
    assert first["ARG", 2000] == 5.83719372568351


def test_adb_parquet_with_numbered_countries(shared_data: Path) -> None:
    found = read_frame(shared_data / "indicators/adb_mrio/gvcp.parquet", FrameEntry(
        keys={"country": "s", "sector": "i", "year": "t"}, take={"part": "GVCP_trade"},
        keep={"agg": ("35",)}, codes="adb_mrio"))
    assert len(found.frame) == 73 * 35 * 6
    assert found.frame["country"].nunique() == 73
    assert found.report.missing == {"part": 501}
    names = read_frame(shared_data / "indicators/adb_mrio/countries.xlsx", FrameEntry(
        keys={"country": "mrio_code"}, take={"number": "mrio"}, sheet="MRIO", codes="adb_mrio"))
    assert set(names.frame["country"]) == set(found.frame["country"])


def test_un_ideal_points_repeats_yemen(shared_data: Path) -> None:
    path = shared_data / "panel/un_ideal_points.csv.gz"
    names = pd.read_csv(path)["variable"].unique()
    take = {f"v{i}": name for i, name in enumerate(names)}
    with pytest.raises(DataError, match=r"row.* 8746 \(YAR 1967\), .*: 69 rows repeat the keys"):
        read_frame(path, FrameEntry(keys=KEYS, long=LONG, take=take))
    found = read_frame(path, FrameEntry(keys=KEYS, long=LONG, take=take, duplicates="first"))
    assert found.report.merged == 69


@pytest.mark.parametrize(("file", "keys", "take"), [
    ("bench_agtpa_gravity", ["exporter", "importer"], "trade"),
    ("penppml_trade_deep_provisions", ["exp", "imp"], "export"),
    ("cepii_dist", ["iso_o", "iso_d"], "dist"),
])
def test_codes_of_bilateral_files_are_known(shared_data: Path, file: str, keys: list[str],
                                            take: str) -> None:
    named = {"exporter": keys[0], "importer": keys[1]}
    if file != "cepii_dist":
        named["year"] = "time" if file.startswith("penppml") else "year"
    found = read_frame(shared_data / f"panel/{file}.csv.gz", FrameEntry(keys=named,
                                                                       take={"v": take}))
    assert found.report.aliases["ROM"][0] == "ROU"
    assert "ROU" in set(found.frame["exporter"])


@pytest.mark.parametrize("file", [
    "bipa_digital_governance_xs", "dstri_oecd_goingdigital", "dstri_oecd_sdmx", "eci_panels",
    "gapminder_wdi_1960_2025", "uis_tertiary_enrolment", "un_egdi", "unctad_digital_economy",
    "unstats_sdg_2000_2019", "wdi_wgi_2018_2025", "wgi_1996_2022", "wipo_gii_2021_2025",
])
def test_every_long_file_is_read_whole(shared_data: Path, file: str) -> None:
    path = shared_data / f"panel/{file}.csv.gz"
    raw = pd.read_csv(path, usecols=["variable", "value", "iso3"], keep_default_na=False)
    take = {f"v{i}": name for i, name in enumerate(raw["variable"].unique())}
    found = read_frame(path, FrameEntry(keys=KEYS, long=LONG, take=take))
    values = pd.to_numeric(raw["value"].replace({"": None, "NA": None, "..": None}))
    kept = values.notna() & ~raw["iso3"].isin(list(found.report.dropped))
    assert found.frame[list(take)].notna().sum().sum() == kept.sum()


def test_a_digital_index_of_the_wiod_years(shared_data: Path) -> None:
    found = read_frame(shared_data / "panel/gapminder_wdi_1960_2025.csv.gz",
                       FrameEntry(keys=KEYS, long=LONG, take=GAP))
    frame = found.frame
    over = frame["year"].between(1995, 2011) & frame["country"].isin(
        ["DEU", "USA", "CHN", "ROU", "EST", "IND"])
    tree = {"composite": {"by": ["country", "year"], "missing": "interpolate",
                          "normalise": "minmax-pooled", "weights": "entropy",
                          "aggregate": "arithmetic"},
            "pillars": {"access": ["internet", {"is": "mobile", "direction": "+"}]}}
    result = composite(frame, tree, unit="country", time="year", over=over)
    scores = result.scores.set_index(["country", "year"])["index"]
    assert scores.notna().sum() == over.sum() == 6 * 17
    assert scores["USA", 2011] > scores["IND", 2011] > scores["IND", 1995]
    assert result.weights.query("level == 2")["effective"].sum() == pytest.approx(1)
