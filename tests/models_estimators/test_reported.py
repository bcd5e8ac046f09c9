"""What ``report`` asks for: the tests' own numbers on the model's rows, told in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import gvckit as gk
from gvckit.errors import SpecError
from gvckit.models import tests as gk_tests
from gvckit.models.fit import fit
from gvckit.models.reported import PANEL_TESTS

KEYS: dict[str, Any] = {"unit": "unit", "time": "year"}
BASE: dict[str, Any] = {"y": "y", "x": ["x"], "controls": ["z"], "fe": ["unit", "year"]}


@pytest.mark.parametrize("asked", list(PANEL_TESTS))
def test_a_reported_test_is_the_test_on_the_rows_used(unbalanced, asked):
    # the classical Hausman statistic exists in some samples only
    inside = unbalanced["year"] > 2003 if asked == "hausman" else unbalanced["unit"] > 0
    got = fit(unbalanced, {**BASE, "report": [asked]}, **KEYS, sample=inside)
    function, options = PANEL_TESTS[asked]
    expected = getattr(gk_tests, function.__name__)(unbalanced[inside], BASE, **KEYS, **options)
    key = asked.replace("-", "_")
    assert got.stats[key] == pytest.approx(expected.statistic, rel=1e-10)
    assert got.stats[f"{key}_p"] == pytest.approx(expected.p, rel=1e-8)
    assert any(w.startswith(f"{expected.name}: ") and expected.null in w for w in got.warnings)


def test_variance_inflation_is_reported_by_term(unbalanced):
    got = fit(unbalanced, {**BASE, "report": "vif"}, **KEYS)
    expected = gk_tests.variance_inflation(unbalanced, BASE, **KEYS)
    for term in ("x", "z"):
        assert got.stats[f"vif:{term}"] == pytest.approx(expected[term], rel=1e-10)
    assert got.stats["vif_max"] == expected.max()


def test_what_cannot_be_tested_is_one_sentence_and_the_fit_stands(unbalanced):
    got = fit(unbalanced, {"y": "y", "x": ["x"], "weights": "w",
                           "report": ["f-effects", "hausman"]}, **KEYS)
    assert "no f-effects: the model has no fixed effects to test" in got.warnings
    assert "no hausman: estimator 're' takes no weights, not 'w'" in got.warnings
    assert "hausman" not in got.stats
    with pytest.raises(SpecError, match="unknown report 'hausmann'; did you mean 'hausman'"):
        fit(unbalanced, {**BASE, "report": ["hausmann"]}, **KEYS)


SPEC = """
schema: 1
paper: {key: demo, title: {en: Demo}, languages: [en, zh]}
data:
  d: {file: d.csv, keys: {country: country, year: year}, take: [x, y, z, w]}
panel: {unit: country, time: year, rows: d}
variables: {net: {is: x, label: {en: Internet, zh: 互联网}}}
models:
  fe: {y: y, x: [net], fe: [country, year], report: [f-effects, wooldridge, modified-wald, vif]}
  re: {y: y, x: [net], estimator: re, report: [hausman, hausman-robust, breusch-pagan, pesaran-cd]}
  iv:
    like: fe
    se: hc1
    instruments: {net: [z, w]}
    report: [first-stage, reduced-form, kp-f, kp-lm, cragg-donald, effective-f, anderson-rubin,
             sanderson-windmeijer, hansen-j, endogeneity, tf]
  one: {like: iv, instruments: {net: [z]}, report: [hansen-j, tf]}
tables:
  tab: {columns: [fe, re, iv, one], stats: [n, hausman, hausman_p, kp_lm_p, endogeneity_p, vif_max]}
"""


def test_reports_are_in_the_notes_of_both_languages(tmp_path: Path):
    rng = np.random.default_rng(0)
    codes = ["AUS", "AUT", "BEL", "BRA", "CAN", "CHN", "CZE", "DEU", "DNK", "ESP", "FIN", "FRA"]
    frame = pd.MultiIndex.from_product([codes, range(2000, 2012)],
                                       names=["country", "year"]).to_frame(index=False)
    frame[["z", "w"]] = rng.normal(size=(144, 2))
    e = rng.normal(size=144)
    frame["x"] = frame["z"] + 0.3 * frame["w"] + e + rng.normal(size=12).repeat(12)
    frame["y"] = frame["x"] + e + rng.normal(size=144)
    frame.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
    text = (tmp_path / "out" / "tables" / "tab.tex").read_text(encoding="utf-8")
    text = text.replace("\\%", "%").replace("$-$", "−")
    iv = gk.fit(frame, {"y": "y", "x": ["x"], "fe": ["country", "year"], "se": "hc1",
                        "instruments": {"x": ["z", "w"]}}, unit="country", time="year").stats
    for said in ("F test of fixed effects (null: no effects): F(22, ", "(null: none): F(1, ",
                 "Modified Wald test (null: one error variance): ",
                 "Largest variance inflation factor, of Internet: 1.00",
                 "Hausman test (null: effects and regressors uncorrelated): ",
                 "Breusch-Pagan LM test (null: effects have variance zero): ",
                 "Pesaran CD test (null: no cross-sectional dependence): z = ",
                 f"Kleibergen-Paap rk Wald F: {iv['kp_f']:.2f}",
                 f"Kleibergen-Paap rk LM: {iv['kp_lm']:.2f} (2 df",
                 f"Cragg-Donald F: {iv['cd_f']:.2f}",
                 f"for a bias of 10 percent): {iv['effective_f']:.2f}",
                 f"Hansen J: {iv['hansen_j']:.2f} (1 df", "Reduced form on z: ",
                 f"Durbin-Wu-Hausman F: {iv['endogeneity_f']:.2f}",
                 "tF-adjusted 95 percent interval",
                 "no Hansen J: the model is just identified",
                 "Sanderson-Windmeijer F of Internet: "):
        assert said in text, said
    assert "Hausman $\\chi" in text or "Hausman χ" in text
    chinese = (tmp_path / "out" / "tables" / "tab.zh.tex").read_text(encoding="utf-8")
    for said in ("固定效应F检验（", "Wooldridge序列相关检验（", "修正Wald检验（",
                 "原假设：个体效应方差为零", "最大方差膨胀因子（互联网）", "第一阶段，互联网对",
                 "Hansen J统计量", "有效F值", "模型恰好识别", "tF调整后95",
                 "互联网的Anderson-Rubin 95"):
        assert said in chinese, said
    assert "Kleibergen-Paap rk Wald F值" in chinese
