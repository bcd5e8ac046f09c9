"""P values adjusted over a list of models, and curves as tables, from a spec."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

import gvckit as gk
from gvckit.errors import GvckitError

SPEC = """
schema: 1
paper: {key: fam, title: {en: Families}, languages: [en, zh], seed: 11}
data:
  d: {file: d.csv, keys: {country: country, year: year}, take: [x, y1, y2, y3, y4, c]}
panel: {unit: country, time: year, rows: d}
variables:
  z: {is: x, label: {en: Exposure, zh: 敞口}}
samples: {all: {}, late: {keep: {year: [2003-2009]}}}
models:
  one: {y: y1, x: [z], controls: [c], fe: [country, year], se: {cluster: country}, wild: {reps: 0}}
  two: {like: one, y: y2}
  three: {like: one, y: y3}
  four: {like: one, y: y4, x: [z, lag(z)]}
  curve:
    like: one
    vary: {y: [y1, y2], controls: [[], [c]], sample: [all, late], winsor: [0, 0.02]}
tables:
  holm: {columns: [one, two], show: [z], adjust: holm, family: [three, four]}
  bh: {columns: [one], adjust: bh, family: [two, three, one]}
  rw: {columns: [one], show: [z], adjust: romano-wolf, family: [two, three]}
  curve: {kind: specification-curve, of: curve, coefficient: z, title: {en: All choices}}
"""


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    codes = ["AUS", "AUT", "BEL", "BRA", "CAN", "CHN", "CZE", "DEU", "DNK", "ESP", "FIN", "FRA"]
    frame = pd.MultiIndex.from_product([codes, range(2000, 2010)],
                                       names=["country", "year"]).to_frame(index=False)
    frame[["x", "c"]] = rng.normal(size=(120, 2))
    for j, slope in enumerate((0.25, 0.15, 0.1, 0.0), start=1):
        frame[f"y{j}"] = slope * frame["x"] + rng.normal(size=120)
    return frame


MODEL = {"x": ["x"], "controls": ["c"], "fe": ["country", "year"], "se": {"cluster": "country"},
         "wild": {"reps": 0}}
KEYS = {"unit": "country", "time": "year"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("families")
    panel().to_csv(folder / "d.csv", index=False)
    (folder / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(folder / "paper.yaml", out=folder / "out")
    return folder / "out" / "tables"


def adjusted(out: Path, table: str) -> dict[tuple[str, str], float]:
    with (out / f"{table}.csv").open(encoding="utf-8") as file:
        return {(r["model"], r["term"]): float(r["value"]) for r in csv.DictReader(file)
                if r["kind"] == "adjusted p"}


def test_holm_and_bh_are_statsmodels_over_the_whole_family(out):
    frame = panel()
    p = {f"y{j}": gk.fit(frame, {**MODEL, "y": f"y{j}"}, **KEYS).p for j in (1, 2, 3)}
    p["y4"] = gk.fit(frame, {**MODEL, "y": "y4", "x": ["x", "lag(x)"]}, **KEYS).p
    tests = [p[y]["x"] for y in ("y1", "y2", "y3", "y4")]
    expected = multipletests(tests, method="holm")[1]
    got = adjusted(out, "holm")
    assert got["one", "z"] == pytest.approx(expected[0], rel=1e-9)
    assert got["two", "z"] == pytest.approx(expected[1], rel=1e-9)
    assert set(got) == {("one", "z"), ("two", "z")}
    expected = multipletests(tests[:3], method="fdr_bh")[1]
    assert adjusted(out, "bh")["one", "z"] == pytest.approx(expected[0], rel=1e-9)
    text = (out / "holm.tex").read_text(encoding="utf-8")
    assert "over the 4 coefficients of interest in the table and in the models three, four" in text
    chinese = (out / "holm.zh.tex").read_text(encoding="utf-8")
    assert "对表中及模型three、four中共4个核心系数进行多重检验调整" in chinese


def test_romano_wolf_over_a_list_of_models_is_the_call_on_them(out):
    frame = panel().assign(z=lambda f: f["x"])
    models = {name: {**MODEL, "y": y, "x": ["z"]} for name, y in (("one", "y1"), ("two", "y2"),
                                                                  ("three", "y3"))}
    found = gk.romano_wolf_across([gk.Hypotheses(name, frame, model, ("z",))
                                   for name, model in models.items()], seed=11, **KEYS)
    assert adjusted(out, "rw") == {("one", "z"): found.p["one"]["z"]}
    alone = gk.romano_wolf_across([gk.Hypotheses("one", frame, models["one"], ("z",))], seed=11,
                                  **KEYS)
    assert found.p["one"]["z"] >= alone.p["one"]["z"]


def test_a_curve_is_a_table_of_its_choices(out):
    frame = panel()
    late = (frame["year"] >= 2003).to_numpy()
    expected = gk.curve(frame, {**MODEL, "y": "y1"}, vary={
        "y": ["y1", "y2"], "controls": [[], ["c"]], "sample": ["all", "late"], "winsor": [0, 0.02]},
        samples={"all": np.ones(120, dtype=bool), "late": late}, **KEYS)
    with (out / "curve.csv").open(encoding="utf-8") as file:
        rows = {(r["choice"], r["alternative"]): r for r in csv.DictReader(file)}
    assert list(rows) == [("all", "all"), ("y", "y1"), ("y", "y2"), ("controls", "none"),
                          ("controls", "c"), ("sample", "all"), ("sample", "late"),
                          ("winsor", "none"), ("winsor", "0.02")]
    for (choice, alternative), row in rows.items():
        part = expected if choice == "all" else expected[expected[choice] == alternative]
        assert int(row["specifications"]) == int(row["estimated"]) == len(part)
        assert float(row["median"]) == pytest.approx(part["estimate"].median(), rel=1e-9)
        assert float(row["lowest"]) == pytest.approx(part["estimate"].min(), rel=1e-9)
        assert float(row["significant"]) == pytest.approx((part["p"] < 0.05).mean())
    every = pd.read_csv(out / "curve.specifications.csv", keep_default_na=False)
    np.testing.assert_allclose(every["estimate"], expected["estimate"], rtol=1e-8)
    text = (out / "curve.tex").read_text(encoding="utf-8")
    assert "Coefficients of Exposure" in text
    assert "Joint tests of no effect in any specification (500 draws of signs by country" in text
    assert r"\textit{Outcome}" in text or "Outcome" in text
    chinese = (out / "curve.zh.tex").read_text(encoding="utf-8")
    assert "敞口的系数" in chinese
    assert "被解释变量" in chinese


@pytest.mark.parametrize(("line", "message"), [
    ("  bad: {columns: [one], family: [two]}", "family: widens what adjust: adjusts over"),
    ("  bad: {columns: [one], adjust: bh, family: [tow]}", "did you mean 'two'"),
    ("  bad: {kind: specification-curve, of: one}", "'one' has no vary:"),
    ("  bad: {kind: specification-curve, of: curve, coefficient: w}", "unknown term"),
    ("  bad: {kind: specification-curve, columns: [curve]}", "has no 'of'"),
    ("  bad: {columns: [one], coefficient: z}", "belongs to a table of kind specification-curve"),
])
def test_what_is_written_wrong_is_told_with_its_place(tmp_path, line, message):
    panel().to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "paper.yaml").write_text(f"{SPEC.rstrip()}\n{line}\n", encoding="utf-8")
    with pytest.raises(GvckitError, match=message) as told:
        gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
    assert f"paper.yaml:{len(SPEC.rstrip().splitlines()) + 1}:" in str(told.value)
