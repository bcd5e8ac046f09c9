"""The paper on digital inputs: its first looks by other code, its placebo as drawn."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.spec.resolve import read_spec
from gvckit.spec.schema.measured import MeasureEntry

DIGITAL = {"c14", "c27", "c30"}


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "specs" / "digital-gvc"


def test_every_table_and_figure_speaks_both_languages(folder: Path) -> None:
    spec = read_spec(folder / "paper.yaml")
    for shown in [*spec.tables.values(), *spec.figures.values()]:
        assert shown.title is not None
        assert set(shown.title) == {"en", "zh"}, shown.name
        for note in getattr(shown, "notes", ()):
            assert set(note) == {"en", "zh"}, shown.name


def test_groups_of_industries_are_those_of_the_sets(folder: Path, repository: Path) -> None:
    with (folder / "sectors.csv").open(encoding="utf-8") as file:
        given = {row["sector"]: row["manufacturing"] for row in csv.DictReader(file)}
    sets = repository / "src" / "gvckit" / "measures" / "sector_sets"
    for name, mark in (("manufacturing", "1"), ("services", "0")):
        text = (sets / f"wiod2013-{name}.toml").read_text(encoding="utf-8")
        assert {s for s, m in given.items() if m == mark} == set(tomllib.loads(text)["sectors"])


def test_placebo_suppliers_are_the_drawn_ones(folder: Path) -> None:
    """The trios are those of the seed, not those that suit; their industries are left out."""
    spec = read_spec(folder / "paper.yaml")
    others = [f"c{i}" for i in range(1, 35) if f"c{i}" not in DIGITAL]
    rng = np.random.default_rng(20250101)
    for k in range(1, 7):
        drawn = sorted(rng.choice(others, 3, replace=False), key=lambda s: int(s[1:]))
        for kind in ("trio", "level"):
            index = spec.indices[f"{kind}_{k}"]
            assert isinstance(index, MeasureEntry)
            assert list(index.sectors or ()) == drawn
        assert list(spec.samples[f"not_{k}"].drop["sector"]) == drawn


def panel_of(shared_data: Path, name: str, *variables: str) -> pd.DataFrame:
    long = pd.read_csv(shared_data / "panel" / f"{name}.csv.gz")
    long = long[long["variable"].isin(variables)]
    return long.pivot(index="year", columns=["variable", "iso3"], values="value")


def short_gaps(values: pd.Series) -> pd.Series:
    """Return a yearly series with gaps of up to three years between known values interpolated."""
    gap = values.isna()
    length = gap.groupby((gap != gap.shift()).cumsum()).transform("size")
    return values.interpolate(limit_area="inside").where(~gap | (length <= 3))


BROADBAND, PATENTS = "broadband_subscribers_per_100_people", "patent_applications_total"
NAMES = ("internet_users", BROADBAND, "cell_phones_per_100_people", PATENTS)


def indicators_by_hand(shared_data: Path) -> pd.DataFrame:
    """Five indicators as the files have them: years by (variable, country)."""
    wide = panel_of(shared_data, "gapminder_wdi_1960_2025", *NAMES).join(
        panel_of(shared_data, "unstats_sdg_2000_2019", "gb_xpd_rsdv"), how="outer")
    return wide.reindex(range(1960, 2026))


def rows_of(wide: pd.DataFrame, countries: set[str]) -> pd.DataFrame:
    tidy = wide.stack("iso3", future_stack=True)
    return tidy[tidy.index.get_level_values("iso3").isin(countries)]


def entropy_index(scaled: pd.DataFrame) -> pd.Series:
    p = scaled / scaled.sum()
    entropy = -(p * np.log(p.where(p > 0, 1.0))).sum() / np.log(len(p))
    weights = (1 - entropy) / (1 - entropy).sum()
    return (scaled @ weights).rename("index")


def index_by_hand(shared_data: Path, countries: set[str]) -> pd.Series:
    """Five indicators, 2000-2011: minimum-maximum over countries and years, entropy weights."""
    wide = indicators_by_hand(shared_data)
    broadband = wide[BROADBAND]
    before = broadband.ffill().isna() & broadband.notna().any()
    wide[BROADBAND] = broadband.mask(before, 0.0)
    wide[PATENTS] = np.log(wide[PATENTS])
    tidy = rows_of(wide.apply(short_gaps).loc[2000:2011], countries).dropna()
    return entropy_index((tidy - tidy.min()) / (tidy.max() - tidy.min()))


def looked_by_hand(shared_data: Path, countries: set[str]) -> pd.Series:
    """The same with the scale of 1995-2011, gaps filled inside 2000-2011, broadband 0 in gaps."""
    wide = indicators_by_hand(shared_data)
    wide[PATENTS] = np.log1p(wide[PATENTS])
    wide[BROADBAND] = wide[BROADBAND].fillna(0.0)
    scale = rows_of(wide.loc[1995:2011], countries)
    inside = wide.loc[2000:2011].interpolate(limit_area="inside")
    tidy = rows_of(inside, countries).dropna()
    return entropy_index((tidy - scale.min()) / (scale.max() - scale.min()))


def forward_by_hand(shared_data: Path) -> pd.DataFrame:
    """Forward participation of the rows of the sample; v L A^F X over value added."""
    frames = []
    for year in range(1995, 2012):
        table = gk.read_icio("wiod2013", year, data=shared_data)
        n, sectors = table.n, len(table.sectors)
        with np.errstate(divide="ignore", invalid="ignore"):
            A = np.where(table.X > 0, table.Z / table.X, 0.0)
            v = np.where(table.X > 0, table.VA / table.X, 0.0)
        home = np.kron(np.eye(n // sectors), np.ones((sectors, sectors)))
        crossing = np.linalg.solve(np.eye(n) - A * home, (A * (1 - home)) @ table.X)
        frames.append(pd.DataFrame({
            "iso3": np.repeat(table.countries, sectors), "sector": table.sectors * (n // sectors),
            "year": year, "forward": v * crossing / np.where(table.VA > 0, table.VA, np.nan),
            "buys": table.Z.sum(axis=0) > 0,
            "kept": (table.X >= 50) & (table.VA > 0) & (table.Y.sum(axis=1) > 0)}))
    rows = pd.concat(frames)
    rows = rows[rows["kept"] & (rows["iso3"] != "ROW") & ~rows["sector"].isin(DIGITAL)]
    return rows.assign(forward=rows["forward"].clip(*rows["forward"].quantile([0.01, 0.99])))


def regression_by_hand(rows: pd.DataFrame, index: pd.Series) -> tuple[float, float, int, int]:
    """Slope, clustered error, rows and countries: unit means and dummies for the years."""
    rows = rows.merge(index.reset_index(), on=["iso3", "year"])
    rows = rows[rows.groupby(["iso3", "sector"])["year"].transform("size") > 1]
    unit, country = (pd.factorize(k)[0] for k in (rows["iso3"] + rows["sector"], rows["iso3"]))
    columns = np.column_stack([rows["forward"], rows["index"],
                               pd.get_dummies(rows["year"]).to_numpy(float)])
    count = np.bincount(unit)
    for j in range(columns.shape[1]):
        columns[:, j] -= (np.bincount(unit, columns[:, j]) / count)[unit]
    years = columns[:, 2:]
    y, x = (columns[:, :2] - years @ np.linalg.lstsq(years, columns[:, :2], rcond=None)[0]).T
    slope = (x @ y) / (x @ x)
    scores = np.bincount(country, x * (y - slope * x))
    groups, n, k = len(scores), len(rows), 1 + years.shape[1]
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    return slope, np.sqrt(factor * (scores @ scores)) / (x @ x), n, groups


@pytest.mark.data
@pytest.mark.slow
def test_the_index_regressions_by_hand(made: Callable[[str], Path], shared_data: Path) -> None:
    """Ours and the .091 of a first look, by pandas, NumPy and dummies for the years."""
    rows = forward_by_hand(shared_data)
    countries = set(rows["iso3"])
    for table, model, term, index, sample in (
            ("first_look", "fwd_five", "dig5", index_by_hand, rows),
            ("gaps", "five_look", "dig5_look", looked_by_hand, rows[rows["buys"]])):
        slope, error, n, groups = regression_by_hand(sample, index(shared_data, countries))
        found = cells(made("digital-gvc"), table, model)
        assert found["n"] == n
        assert found["country"] == groups == 38
        assert found[term] == pytest.approx(slope, rel=1e-6)
        assert found[f"se {term}"] == pytest.approx(error, rel=1e-3)


def cells(out: Path, table: str, model: str) -> dict[str, float]:
    """Return the numbers of a column; standard errors as ``se <term>``."""
    with (out / "tables" / f"{table}.csv").open(encoding="utf-8") as file:
        own = [row for row in csv.DictReader(file) if row["model"] == model]
    found = {r["term"]: float(r["estimate"] or r["value"]) for r in own
             if r["kind"] in ("term", "stat", "clusters")}
    return found | {f"se {r['term']}": float(r["se"]) for r in own if r["kind"] == "term"}


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(("table", "first", "reduced", "instrumented", "z", "x"), [
    ("endogeneity", "first_five", "reduced_fwd", "fwd_five_iv", "lines_net", "dig5"),
    ("endogeneity_long", "first_lines", "reduced_lines", "fwd_iv", "lines_net", "dig_eco"),
    ("bartik_appendix", "first_bartik5", "reduced_bartik5", "fwd_bartik5", "bartik5", "dig5"),
])
def test_instrumented_is_reduced_over_first(
    made: Callable[[str], Path], table: str, first: str, reduced: str, instrumented: str, z: str,
    x: str,
) -> None:
    """One instrument and the same rows: the ratio of the two columns beside it."""
    stage, form, iv = (cells(made("digital-gvc"), table, m) for m in (first, reduced, instrumented))
    assert stage["n"] == form["n"] == iv["n"]
    assert iv[x] == pytest.approx(form[z] / stage[z], rel=1e-9)


@pytest.mark.data
@pytest.mark.slow
def test_the_first_look_is_met(made: Callable[[str], Path]) -> None:
    """Share of complete use on backward participation, three-way: −.160 (.044), by other code."""
    found = cells(made("digital-gvc"), "tab2", "bwd_share")
    assert (round(found["dig"], 3), round(found["se dig"], 3)) == (-0.160, 0.044)
    look = cells(made("digital-gvc"), "gaps", "five_look")
    assert (round(look["dig5_look"], 3), round(look["se dig5_look"], 3)) == (0.091, 0.027)
    assert (look["country"], round(look["n"], -2)) == (38, 13_500)
    assert round(look["wild_p:dig5_look"], 2) == 0.01
