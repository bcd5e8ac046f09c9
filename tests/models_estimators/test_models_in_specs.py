"""Every kind of model and standard error from a spec file to a table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gvckit as gk

SPEC = """
schema: 1
paper: {key: demo, title: {en: Demo}}
data:
  d: {file: d.csv, keys: {country: country, year: year}, take: [x, y, z, c, trade, lat, lon]}
panel: {unit: country, time: year, rows: d}
models:
  base: {y: y, x: [x], controls: [c], fe: [country, year], se: {driscoll-kraay: 2}}
  trend: {like: base, fe: ["country[year]", year], se: {cluster: country}}
  space: {like: base, se: {conley: {lat: lat, lon: lon, cutoff: 2000}}}
  jack: {like: base, se: {crv3: country}}
  iv:
    like: base
    se: {cluster: country}
    instruments: {x: [z]}
    report: [first-stage, kp-f, effective-f, anderson-rubin]
  liml: {like: iv, estimator: liml}
  re: {y: y, x: [x], controls: [c], estimator: {re: amemiya}}
  ppml: {y: trade, x: [c], fe: [country, year], estimator: ppml, se: {cluster: country}}
  bad: {like: iv, instruments: {x: [lat]}}
tables:
  tab:
    title: {en: T}
    columns: [base, trend, space, jack, iv, liml, re, ppml, bad]
    show: [x, c]
    stats: [n, kp_f, r2_pseudo]
"""


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    codes = ["AUS", "AUT", "BEL", "BRA", "CAN", "CHN", "CZE", "DEU", "DNK", "ESP", "FIN", "FRA"]
    frame = pd.MultiIndex.from_product([codes, range(2000, 2012)],
                                       names=["country", "year"]).to_frame(index=False)
    n = len(frame)
    e = rng.normal(size=n)
    frame[["z", "c"]] = rng.normal(size=(n, 2))
    frame["x"] = 0.7 * frame["z"] + e + rng.normal(size=n)
    frame["y"] = 2 * frame["x"] + e + frame["c"] + rng.normal(size=12).repeat(12)
    frame["trade"] = np.exp(0.3 * frame["c"] + 0.3 * rng.normal(size=n))
    frame["lat"] = np.linspace(-40, 60, 12).repeat(12)
    frame["lon"] = np.linspace(-100, 100, 12).repeat(12)
    return frame


def test_a_spec_with_every_kind_of_model(tmp_path: Path):
    frame = panel()
    frame.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "paper.yaml").write_text(SPEC, encoding="utf-8")
    gk.run(tmp_path / "paper.yaml", out=tmp_path / "out")
    with (tmp_path / "out" / "tables" / "tab.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {(r["model"], r["kind"], r["term"]): r for r in rows}
    iv = gk.fit(frame, {"y": "y", "x": ["x"], "controls": ["c"], "fe": ["country", "year"],
                        "se": {"cluster": "country"}, "instruments": {"x": ["z"]}},
                unit="country", time="year")
    assert float(found["iv", "term", "x"]["estimate"]) == pytest.approx(iv.coef["x"], rel=1e-12)
    assert float(found["iv", "stat", "kp_f"]["value"]) == pytest.approx(iv.stats["kp_f"], rel=1e-9)
    assert float(found["liml", "term", "x"]["estimate"]) == pytest.approx(iv.coef["x"], rel=1e-8)
    assert "Bartlett kernel with lag 2" in str(found["base", "convention", ""]["text"])
    assert "2000 km" in str(found["space", "convention", ""]["text"])
    table = (tmp_path / "out" / "tables" / "tab.tex").read_text(encoding="utf-8")
    assert "instrument lat has no variation within country, year" in table
    assert "Anderson-Rubin 95" in table
