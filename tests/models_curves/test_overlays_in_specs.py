"""Overlays on a baseline, one line each, from a spec file to tables in two languages."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import GvckitError
from gvckit.models.multiple import benjamini_hochberg, holm

SPEC = """
schema: 1
paper: {key: demo, title: {en: Demo}, languages: [en, zh], seed: 7}
data:
  d: {file: d.csv, keys: {country: country, year: year}, take: [x, y, y2, c, m, x2, policy]}
panel: {unit: country, time: year, rows: d}
variables:
  rich: {is: m, label: {en: Rich, zh: 富裕}}
samples: {late: {keep: {year: [2004-2009]}}}
models:
  base: {y: y, x: [x], controls: [c], fe: [country, year], se: {cluster: country}, wild: {reps: 0}}
  lag: {like: base, swap: {x: lag(x)}}
  cut: {like: base, winsor: 0.02}
  late: {like: base, sample: late}
  outcome: {like: base, y: y2}
  index: {like: base, swap: {x: x2}}
  errors: {like: base, se: {driscoll-kraay: 2}}
  placebo: {like: base, x: [x, lead(x)]}
  fewer: {like: base, drop: [c]}
  quad: {like: base, quadratic: x}
  quadlag: {like: quad, swap: {x: lag(x)}}
  inter: {like: base, interact: {x: rich}}
  ri: {like: base, x: policy, fe: [year], randomise: {reps: 99, by: country}}
  split: {like: base, split: m, difference: permutation}
tables:
  rob:
    columns: [base, lag, cut, late, outcome, index, errors, placebo, fewer]
    show: [x, x2, lead(x)]
    adjust: holm
    mde: true
  rw: {columns: [base, lag, late, outcome, quad], show: [x], hide: [x^2], adjust: romano-wolf}
  het: {columns: [quad, quadlag, inter, ri, split], show: [x, policy], adjust: bh}
"""


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    codes = ["AUS", "AUT", "BEL", "BRA", "CAN", "CHN", "CZE", "DEU", "DNK", "ESP", "FIN", "FRA",
             "GBR", "GRC", "HUN", "IDN"]
    frame = pd.MultiIndex.from_product([codes, range(2000, 2010)],
                                       names=["country", "year"]).to_frame(index=False)
    n = len(frame)
    frame["x"] = rng.normal(size=n) + rng.normal(size=16).repeat(10)
    frame["c"] = rng.normal(size=n)
    frame["m"] = (np.arange(16) > 8).astype(int).repeat(10)
    frame["policy"] = (np.arange(16) % 4 == 0).astype(int).repeat(10)
    frame["y"] = (0.5 * frame["x"] - 0.3 * frame["x"] ** 2 + 0.4 * frame["x"] * frame["m"]
                  + frame["c"] + rng.normal(size=n))
    frame["y2"] = 0.1 * frame["x"] + rng.normal(size=n)
    frame["x2"] = frame["x"] + 0.5 * rng.normal(size=n)
    return frame


BASE = {"y": "y", "x": ["x"], "controls": ["c"], "fe": ["country", "year"],
        "se": {"cluster": "country"}, "wild": {"reps": 0}}
KEYS = {"unit": "country", "time": "year"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("overlays")
    panel().to_csv(folder / "d.csv", index=False)
    (folder / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(folder / "paper.yaml", out=folder / "out")
    return folder / "out" / "tables"


def rows(out: Path, table: str) -> dict[tuple[str, str, str], dict[str, str]]:
    with (out / f"{table}.csv").open(encoding="utf-8") as file:
        return {(r["model"], r["kind"], r["term"]): r for r in csv.DictReader(file)}


@pytest.mark.parametrize(("name", "change", "term"), [
    ("lag", {"x": ["lag(x)"]}, "lag(x)"),
    ("cut", {"winsor": 0.02}, "x"),
    ("late", {"sample": "late"}, "x"),
    ("outcome", {"y": "y2"}, "x"),
    ("index", {"x": ["x2"]}, "x2"),
    ("errors", {"se": {"driscoll-kraay": 2}}, "x"),
    ("placebo", {"x": ["x", "lead(x)"]}, "lead(x)"),
    ("fewer", {"controls": []}, "x"),
])
def test_a_robustness_check_is_one_line_and_the_model_that_it_says(out, name, change, term):
    frame = panel()
    sample = frame["year"] >= 2004 if change.pop("sample", None) else None
    by_hand = gk.fit(frame, {**BASE, **change}, sample=sample, **KEYS)
    got = rows(out, "rob")[name, "term", term]
    assert float(got["estimate"]) == pytest.approx(by_hand.coef[term], rel=1e-12)
    assert float(got["se"]) == pytest.approx(by_hand.se[term], rel=1e-12)
    assert got["shown"] == "yes"


def test_adjusted_p_values_stand_below_the_focal_coefficients(out):
    for table, adjust, function in (("rob", "holm", holm), ("het", "bh", benjamini_hochberg)):
        found = rows(out, table)
        tests = [key for key, row in found.items() if row["kind"] == "term" and (
            key[0], "adjusted p", key[2]) in found]
        p = function(np.array([float(found[key]["p"]) for key in tests]))
        got = [float(found[model, "adjusted p", term]["value"]) for model, _, term in tests]
        np.testing.assert_allclose(got, p, rtol=1e-12)
        assert {found[m, "adjusted p", t]["text"] for m, _, t in tests} == {adjust}
        assert "c" not in {term for _, _, term in tests}
    text = (out / "rob.tex").read_text(encoding="utf-8")
    assert text.count("Holm p}") == 4  # x, its lag, its lead, x2
    assert "Holm p values are adjusted over the 10 coefficients of interest" in text


def test_romano_wolf_draws_the_models_of_the_table_together(out):
    found = rows(out, "rw")
    adjusted = {key[0]: float(row["value"]) for key, row in found.items()
                if key[1] == "adjusted p"}
    assert sorted(adjusted) == ["base", "lag", "late", "outcome", "quad"]
    assert all(1 / 5_000 <= p <= 1 for p in adjusted.values())
    order = sorted(adjusted, key=lambda m: -abs(float(found[m, "term", "lag(x)" if m == "lag"
                                                            else "x"]["t"])))
    assert [adjusted[m] for m in order] == sorted(adjusted.values())
    text = (out / "rw.tex").read_text(encoding="utf-8")
    assert "Romano-Wolf p values are adjusted over the 5 coefficients" in text
    assert "x$^{2}$}" not in text  # hidden


def test_the_note_says_what_the_effects_leave_and_what_could_be_detected(out):
    found = rows(out, "rob")
    frame = panel()
    within = frame["x"] - frame.groupby("country")["x"].transform("mean") - frame.groupby(
        "year")["x"].transform("mean") + frame["x"].mean()
    share = (within**2).sum() / ((frame["x"] - frame["x"].mean()) ** 2).sum()
    assert float(found["base", "stat", "within_share:x"]["value"]) == pytest.approx(share)
    text = (out / "rob.tex").read_text(encoding="utf-8")
    assert "Share of the variance left by the fixed effects: x " in text
    assert f"x {100 * share:.0f}\\% in (1, " in text
    assert "Minimum detectable effect (5 percent level, power 80 percent): x " in text
    assert "Minimum detectable" not in (out / "rw.tex").read_text(encoding="utf-8")
    chinese = (out / "rob.zh.tex").read_text(encoding="utf-8")
    assert "方差中固定效应后剩余的占比：" in chinese
    assert "最小可检测效应" in chinese


def test_turning_points_and_regions_are_in_the_notes_of_both_languages(out):
    text = (out / "het.tex").read_text(encoding="utf-8")
    chinese = (out / "het.zh.tex").read_text(encoding="utf-8")
    assert "Column (1): inverse U in x, Lind-Mehlum p" in text
    assert "第(1)列：x呈倒U形，Lind-Mehlum检验p值" in chinese
    assert "x (t$-$1)$^{2}$" in text  # the square follows the swap
    found = rows(out, "het")
    zero, one = (found["inter", "term", t] for t in ("x", "x*rich"))
    assert f"effect of x {float(zero['estimate']):.3g}" in text
    both = float(zero["estimate"]) + float(one["estimate"])
    assert f"{both:.3g} (" in text
    assert "x $\\times$ Rich" in text
    assert "x $\\times$ 富裕" in chinese
    assert "(Johnson-Neyman)" in text
    assert "Randomisation p (" in text
    assert "between groups of country) of policy: 0." in text
    assert "(99 assignments between groups of country)" in text
    assert "随机化推断p值（在国家之间，随机分配99次）：" in chinese
    assert "policy的随机化推断p值" in chinese


@pytest.mark.parametrize(("change", "message"), [
    ("quad: {like: base, quadratic: z}", "unknown term of the model 'z'"),
    ("inter: {like: base, interact: {x: nothing}}", "nothing"),
    ("ri: {like: base, randomise: {by: continent}}", "continent"),
    ("cut: {like: base, winsor: 0.7}", "winsor is no share"),
    ("ri: {like: base, randomise: {reps: 0}}", "reps"),
])
def test_what_is_written_wrong_is_told_with_its_place(tmp_path, change, message):
    panel().to_csv(tmp_path / "d.csv", index=False)
    lines = SPEC.split("tables:")[0].splitlines()
    kept = [line for line in lines if not line.startswith(f"  {change.split(':')[0]}:")
            and "like: quad" not in line]
    (tmp_path / "paper.yaml").write_text("\n".join([*kept, f"  {change}"]), encoding="utf-8")
    with pytest.raises(GvckitError, match=message) as told:
        gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
    assert f"paper.yaml:{len(kept) + 1}:" in str(told.value)


def test_romano_wolf_does_not_take_groups(tmp_path):
    panel().to_csv(tmp_path / "d.csv", index=False)
    text = SPEC.replace("split], show: [x, policy], adjust: bh",
                        "split], show: [x, policy], adjust: romano-wolf")
    (tmp_path / "paper.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(GvckitError, match="does not draw the groups of the split model 'split'"):
        gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
