"""``gvckit explain SPEC table.model.term``: everything that one number rests on."""

from __future__ import annotations

import hashlib
import re

import pandas as pd
import pytest
from tinypaper import Paper


def cell_of(paper: Paper, name: str) -> str:
    status, out, err = paper.run(name, verb="explain")
    assert status == 0, err
    return out


def test_the_provenance_of_a_cell(paper: Paper) -> None:
    out = cell_of(paper, "tab1.base.dig")
    assert f"cell      tab1.base.dig  # {paper.spec}:{paper.place('tab1:')}" in out
    # The number is the one that the table prints.
    table = pd.read_csv(paper.out / "tables" / "tab1.csv")
    [row] = table[(table["model"] == "base") & (table["term"] == "dig")].to_dict("records")
    found = re.search(r"value     (\S+), standard error (\S+),", out)
    assert found
    assert float(found[1]) == pytest.approx(row["estimate"], rel=1e-7)
    assert float(found[2]) == pytest.approx(row["se"], rel=1e-7)
    # Five countries, four sectors, six years; all are used.
    assert "rows      120 panel; " in out
    assert "; 120 used" in out
    assert "clusters  country 5" in out
    assert "errors    Standard errors clustered by country" in out
    assert "fe: [country*sector, year]" in out
    assert f"ln_gdp  log(gdp)  # {paper.spec}:{paper.place('ln_gdp: ')}" in out
    assert re.search(rf"gdp +data\.macro  # {re.escape(str(paper.spec))}:\d+", out)
    digest = hashlib.sha256(paper.macro.read_bytes()).hexdigest()
    assert f"data/macro.csv  sha256 {digest}" in out
    steps = out.partition("\nsteps ")[2]
    for name in ("data.icio.2000 … 2005 (6)", "data.macro", "panel", "rows.models.base",
                 "models.base", "tables.tab1"):
        assert re.search(rf"^  {re.escape(name)} +cached  gvckit", steps, re.MULTILINE), name
    assert "models.lagged" not in steps.replace("tables.tab1", "")


def test_the_rows_that_a_lag_loses_are_told(paper: Paper) -> None:
    out = cell_of(paper, "tab1.lagged.lag(dig)")
    assert "lagged:  # " in out
    assert ", like base" in out
    assert "20 missing lag(dig)" in out
    assert "100 used" in out


def test_a_published_number_stands_beside_ours(paper: Paper) -> None:
    text = paper.spec.read_text(encoding="utf-8")
    paper.spec.write_text(text + 'published: {tab1.base.dig: {b: "9.5", n: "120", source: Table 3, '
                          "status: info}}\n", encoding="utf-8")
    assert "published b 9.5, n 120 (info, rule: printed, Table 3)" in cell_of(
        paper, "tab1.base.dig")


def test_a_cell_that_is_not_up_to_date_says_why(paper: Paper) -> None:
    paper.edit("swap: {dig: lag(dig)}", "swap: {dig: 'lag(dig, 2)'}")
    out = cell_of(paper, "tab1.lagged.lag(dig, 2)")
    assert "value     not known: models.lagged is not up to date" in out
    assert "lag(dig, 2)" in out
    assert "value     1" not in out
    assert "value     " in cell_of(paper, "tab1.base.dig")


def test_a_model_that_was_not_estimated_says_why(paper: Paper) -> None:
    paper.edit("{like: base, swap: {dig: lag(dig)}}", "{like: base, x: [users], fe: [country*year]}")
    paper.edit("show: [dig]", "show: [dig, users]")
    assert paper.run()[0] == 0
    assert "value     not estimated: model 'lagged': 'users' has no variation" in cell_of(
        paper, "tab1.lagged.users")


@pytest.mark.parametrize(("name", "words"), [
    ("tab1.bass.dig", ("unknown column of 'tab1' 'bass'; did you mean 'base'?",)),
    ("tab1.base", ("a term is missing", "tab1.base.dig, tab1.base.ln_gdp")),
    ("tab1.base.", ("a term is missing",)),
    ("tab1.base.digg", ("unknown term of 'base' 'digg'; did you mean 'dig'?",)),
    ("tab1.", ("unknown model, variable, table, cell or step 'tab1.'",)),
    ("tab0.pos.mean", ("'tab0' is no table of models",)),
    ("tab9.base.dig", ("unknown model, variable, table, cell or step 'tab9.base.dig'",)),
    ("..", ("unknown model, variable, table, cell or step '..'",)),
    ("", ("unknown model, variable, table, cell or step ''",)),
])
def test_a_cell_that_is_not_there_is_told(paper: Paper, name: str, words: tuple[str, ...]) -> None:
    paper.edit("tables:\n", "tables:\n  tab0: {kind: descriptives, variables: [pos, dig]}\n")
    status, out, err = paper.run(name, verb="explain")
    assert (status, out) == (2, "")
    for word in words:
        assert word in err
    assert "Traceback" not in err
