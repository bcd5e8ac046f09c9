"""Channels and thresholds from a spec file to a table in two languages."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import GvckitError

SPEC = """
schema: 1
paper: {key: demo, title: {en: Demo}, languages: [en, zh], seed: 3}
data:
  d: {file: d.csv, keys: {country: country, year: year}, take: [x, y, c, m, q]}
panel: {unit: country, time: year, rows: d}
variables:
  hc: {is: m, label: {en: Human capital, zh: 人力资本}}
  wealth: {is: q, label: {en: Wealth, zh: 富裕程度}}
models:
  base: {y: y, x: [x], controls: [c], fe: [country, year], se: {cluster: country}, wild: {reps: 0}}
  channel: {like: base, mechanism: {through: hc, reps: 99}}
  stepwise: {like: base, mechanism: {through: hc, style: three-step, reps: 0}}
  crossed: {like: base, mechanism: {through: hc, style: interaction}}
  threshold: {like: base, threshold: {variable: wealth, regime_of: x, max: 2, reps: 49}}
  lagged: {like: threshold, swap: {x: lag(x)}}
tables:
  tab: {columns: [base, channel, stepwise, crossed], show: [x], stats: [n]}
  thr: {columns: [base, threshold, lagged], show: [x], stats: [n], adjust: holm}
published: {tab.channel.x: {b: "0.70", status: info, rule: interval}}
"""


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    codes = ["AUS", "AUT", "BEL", "BRA", "CAN", "CHN", "CZE", "DEU", "DNK", "ESP", "FIN", "FRA",
             "GBR", "GRC", "HUN", "IDN"]
    frame = pd.MultiIndex.from_product([codes, range(2000, 2015)],
                                       names=["country", "year"]).to_frame(index=False)
    n = len(frame)
    effect = rng.normal(size=16).repeat(15)
    frame["x"], frame["c"], frame["q"] = rng.normal(size=n) + effect, rng.normal(size=n), \
        rng.normal(size=n)
    frame["m"] = 0.8 * frame["x"] + effect + 0.5 * rng.normal(size=n)
    frame["y"] = (0.3 + 0.9 * (frame["q"] > 0.2)) * frame["x"] + 0.5 * frame["m"] + frame["c"] \
        + effect + 0.5 * rng.normal(size=n)
    return frame


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("channels")
    panel().to_csv(folder / "d.csv", index=False)
    (folder / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(folder / "paper.yaml", out=folder / "out")
    return folder / "out"


def rows(out: Path, table: str) -> dict[tuple[str, str, str], dict[str, str]]:
    with (out / "tables" / f"{table}.csv").open(encoding="utf-8") as file:
        return {(r["model"], r["kind"], r["term"]): r for r in csv.DictReader(file)}


def test_the_equations_of_a_channel_stand_side_by_side(out):
    found = rows(out, "tab")
    frame = panel().assign(hc=lambda f: f["m"])
    base = {"y": "y", "x": ["x"], "controls": ["c"], "fe": ["country", "year"],
            "se": {"cluster": "country"}, "wild": {"reps": 0}}
    keys = {"unit": "country", "time": "year"}
    for column, change, term in (
            ("channel", {}, "x"), ("channel: hc", {"y": "m"}, "x"),
            ("stepwise: direct", {"x": ["x", "m"]}, "x"),
            ("stepwise: direct", {"x": ["x", "m"]}, "hc"),
            ("crossed: interaction", {"interact": {"x": "m"}}, "x*hc")):
        by_hand = gk.fit(frame, {**base, **change}, **keys)
        expected = by_hand.coef[term.replace("hc", "m")]
        assert float(found[column, "term", term]["estimate"]) == pytest.approx(expected, rel=1e-9)
        assert found[column, "term", term]["shown"] == "yes"
    indirect = float(found["channel", "stat", "indirect:x:hc"]["value"])
    assert indirect == pytest.approx(float(found["stepwise", "stat", "indirect:x:hc"]["value"]))
    text = (out / "tables" / "tab.tex").read_text(encoding="utf-8")
    assert "effect of x through Human capital" in text
    assert "99 draws of country)" in text
    assert "for theory to argue" in text
    assert "warning: stepwise mediation is biased" in text
    assert "(Johnson-Neyman)" in text
    chinese = (out / "tables" / "tab.zh.tex").read_text(encoding="utf-8")
    assert "x经人力资本的间接效应" in chinese
    assert "机制检验采用两步法" in chinese
    assert "in interval" in (out / "report-card.md").read_text(encoding="utf-8")


def test_a_threshold_divides_its_regressor_in_the_table(out):
    found = rows(out, "thr")
    gamma = float(found["threshold", "stat", "threshold_1"]["value"])
    assert gamma == pytest.approx(0.2, abs=0.15)
    assert float(found["threshold", "stat", "threshold_1_p"]["value"]) == pytest.approx(0.02)
    low, high = f"x*(wealth<={gamma:.4g})", f"x*(wealth>{gamma:.4g})"
    assert found["threshold", "term", low]["shown"] == "yes"
    assert float(found["threshold", "term", high]["estimate"]) - float(
        found["threshold", "term", low]["estimate"]) == pytest.approx(0.9, abs=0.2)
    assert ("threshold", "adjusted p", low) in found
    lagged = [t for m, kind, t in found if m == "lagged" and kind == "term"]
    assert lagged[0].startswith("lag(x)*(wealth<=")
    text = (out / "tables" / "thr.tex").read_text(encoding="utf-8")
    assert rf"x $\times$ (Wealth $\leq$ {gamma:.4g})" in text
    assert "panel threshold regression (Hansen 1999), slope of x by Wealth: threshold 1 at" in text
    assert "with bootstrap p 0.020" in text
    assert "49 bootstrap draws of residuals by country" in text
    chinese = (out / "tables" / "thr.zh.tex").read_text(encoding="utf-8")
    assert "面板门槛回归（Hansen 1999），x的斜率随富裕程度变化：第1个门槛值" in chinese
    assert rf"x $\times$ (富裕程度 $\leq$ {gamma:.4g})" in chinese


@pytest.mark.parametrize(("model", "message"), [
    ("{like: base, mechanism: {through: nothing}}", "nothing"),
    ("{like: base, mechanism: {through: x}}", "'x' is in the model already"),
    ("{like: base, threshold: {variable: wealth, regime_of: z}}", "unknown term of the model"),
    ("{like: base, threshold: {variable: wealth, regime_of: x, trim: 0.7}}", "trim is no share"),
])
def test_what_is_written_wrong_is_told_with_its_place(tmp_path, model, message):
    panel().to_csv(tmp_path / "d.csv", index=False)
    lines = SPEC.split("  channel:")[0].splitlines()
    (tmp_path / "paper.yaml").write_text("\n".join([*lines, f"  bad: {model}"]), encoding="utf-8")
    with pytest.raises(GvckitError, match=message) as told:
        gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
    assert f"paper.yaml:{len(lines) + 1}:" in str(told.value)
