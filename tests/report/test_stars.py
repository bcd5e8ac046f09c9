"""Stars by the coefficient's own p value, or by its wild bootstrap p."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_samples import DICTIONARY, baseline, forward, request

import gvckit as gk
from gvckit.errors import SpecError
from gvckit.report.cells import TableLayout
from gvckit.report.csv import render
from gvckit.report.layout import regression_table

SENTENCES = {"en": "Stars of coefficients with a wild bootstrap p follow that p.",
             "zh": "有野自助p值的系数，其星号依该p值标注。"}
WILD = {"wild_p:dig": 0.079}


def table(language: str = "en", **options: object) -> TableLayout:
    """Two columns: dig has t = 6.2 and a wild p of .079, then t = 1.6 and no wild p."""
    return regression_table(request(**options), [baseline(**WILD), forward()],
                            DICTIONARY, language)


def printed(layout: TableLayout, label: str) -> list[str]:
    (row,) = [r for r in layout.rows if r.label == label]
    return [cell.text for cell in row.cells]


def test_stars_follow_the_own_p_unless_asked() -> None:
    assert printed(table(), "Digital input") == ["0.132***", "-12.500"]
    for language, sentence in SENTENCES.items():
        assert sentence not in " ".join(table(language).notes)


def test_stars_follow_the_wild_p_where_there_is_one() -> None:
    assert printed(table(stars_by="wild"), "Digital input") == ["0.132*", "-12.500"]
    # ln_gdp, t = -2.6 and no wild p, keeps the stars of its own
    assert printed(table(stars_by="wild"), "Ln GDP per capita")[0] == "-0.210**"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_note_says_so_once_and_only_where_a_coefficient_has_one(language: str) -> None:
    sentence = SENTENCES[language]
    assert " ".join(table(language, stars_by="wild").notes).count(sentence) == 1
    assert sentence not in " ".join(table(language, stars_by="wild", stars=False).notes)
    # the coefficient with a wild p is not printed
    assert sentence not in " ".join(table(language, stars_by="wild", show=["ln_gdp"]).notes)
    without = regression_table(request(stars_by="wild"), [forward()], DICTIONARY, language)
    assert sentence not in " ".join(without.notes)


def test_the_twin_holds_the_stars_and_both_p_values() -> None:
    def rows(**options: object) -> dict[tuple[str, str], dict[str, str]]:
        read = csv.DictReader(io.StringIO(render(table(**options))))
        return {(r["column"], r["term"]): r for r in read}

    own, wild = rows(), rows(stars_by="wild")
    assert own["1", "dig"]["p"] == wild["1", "dig"]["p"]
    assert float(own["1", "dig"]["p"]) < 0.01
    assert (own["1", "dig"]["stars"], own["1", "dig"]["text"]) == ("3", "")
    assert (wild["1", "dig"]["stars"], wild["1", "dig"]["text"]) == ("1", "stars by wild p")
    assert wild["1", "wild_p:dig"]["value"] == "0.079"
    assert (wild["1", "ln_gdp"]["stars"], wild["1", "ln_gdp"]["text"]) == ("2", "")


@pytest.mark.parametrize(("stars_by", "stars"), [("own", "0.132***"), ("wild", "0.132*")])
def test_adjusted_p_values_make_no_stars(stars_by: str, stars: str) -> None:
    """Holm's p over two tests doubles the smaller own p, and stands in a row of its own."""
    found = table(stars_by=stars_by, adjust="holm")
    assert printed(found, "Digital input")[0] == stars
    assert printed(found, "Holm p") == ["<0.001", "0.123"]


def test_a_word_that_is_neither_is_refused() -> None:
    with pytest.raises(SpecError, match=r"unknown p value behind stars 'wlid'.*own, wild"):
        request(stars_by="wlid")


SPEC = """
schema: 1
paper: {key: stars, languages: [en, zh], stars_by: wild}
data: {d: {file: d.csv, keys: {country: country, year: year}, take: [x, y]}}
panel: {unit: country, time: year, rows: d}
models:
  m: {y: y, x: [x], fe: [country, year], se: {cluster: country}, wild: {reps: 199}}
tables:
  asked: {columns: [m]}
  own: {columns: [m], stars_by: own}
published:
  asked.m.x: {p: "0.000", status: must, source: planted}
"""


def test_a_table_of_a_spec_wins_over_its_paper(tmp_path: Path) -> None:
    """Six clusters whose slopes differ: t is large, but few clusters leave the bootstrap coarse."""
    rng = np.random.default_rng(3)
    frame = pd.MultiIndex.from_product(
        [["AUS", "AUT", "BEL", "BRA", "CAN", "CHN"], range(2000, 2010)],
        names=["country", "year"]).to_frame(index=False)
    frame["x"] = rng.normal(size=60)
    frame["y"] = frame["x"] * np.repeat([0.5, 0.6, 0.7, 0.8, 0.9, 0.7], 10)
    frame["y"] += 0.05 * rng.normal(size=60)
    frame.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
    stars, rows = {}, {}
    for name in ("asked", "own"):
        with (tmp_path / "out" / "tables" / f"{name}.csv").open(encoding="utf-8") as file:
            rows[name] = {r["term"]: r for r in csv.DictReader(file)}
        stars[name] = int(rows[name]["x"]["stars"])
    wild = float(rows["own"]["wild_p:x"]["value"])
    assert float(rows["own"]["x"]["p"]) < 0.01 <= wild
    assert stars == {"asked": (wild < 0.1) + (wild < 0.05), "own": 3}
    # the report card compares with the coefficient's own p
    card = json.loads((tmp_path / "out" / "report-card.json").read_text(encoding="utf-8"))
    (check,) = card["checks"]
    assert (check["quantity"], check["verdict"]) == ("p", "exact")
    for name, told in (("asked", True), ("own", False)):
        for tail, language in (("", "en"), (".zh", "zh")):
            text = (tmp_path / "out" / "tables" / f"{name}{tail}.tex").read_text(encoding="utf-8")
            assert (SENTENCES[language] in text) == told
