"""Curves and bootstraps are the same bytes for any number of workers, on processes or on Dask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.models.curve import curve, one_by_one
from gvckit.run.api import prepare
from gvckit.run.engine import execute
from gvckit.run.executors import Executor, make_executor
from gvckit.run.store import Store

SPEC = """
schema: 1
paper: {key: drawn, title: {en: Drawn}, seed: 5}
data:
  d: {file: d.csv, keys: {country: country, year: year}, take: [x, y, y2, trade, c, m, q]}
panel: {unit: country, time: year, rows: d}
models:
  base:
    {y: y, x: [x], controls: [c], fe: [country, year], se: {cluster: country}, wild: {reps: 999}}
  ri: {like: base, wild: {reps: 0}, randomise: {reps: 199, within: [year]}}
  channel: {like: base, mechanism: {through: m, reps: 199}}
  threshold: {like: base, threshold: {variable: q, regime_of: x, reps: 39}}
  curve:
    like: base
    vary:
      y: [y, y2, trade]
      controls: [[], [c], [c, q]]
      se: [{cluster: country}, hc3, {driscoll-kraay: 1}]
      winsor: [0, 0.02]
tables:
  tab: {columns: [base, ri, channel, threshold], show: [x]}
  rw: {columns: [base, ri], show: [x], adjust: romano-wolf}
figures: {fig: {kind: specification-curve, of: curve}}
"""


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    codes = ["AUS", "AUT", "BEL", "BRA", "CAN", "CHN", "CZE", "DEU", "DNK", "ESP", "FIN", "FRA"]
    frame = pd.MultiIndex.from_product([codes, range(2000, 2010)],
                                       names=["country", "year"]).to_frame(index=False)
    n = len(frame)
    for name in ("x", "c", "q"):
        frame[name] = rng.normal(size=n)
    frame["m"] = 0.5 * frame["x"] + rng.normal(size=n)
    frame["y"] = 0.4 * frame["x"] + 0.3 * frame["m"] + frame["c"] + rng.normal(size=n)
    frame["y2"] = frame["y"] + rng.normal(size=n)
    frame["trade"] = np.exp(0.2 * frame["x"] + 0.3 * rng.normal(size=n))
    return frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("workers")
    panel().to_csv(place / "d.csv", index=False)
    (place / "paper.yaml").write_text(SPEC, encoding="utf-8")
    return place


def digests(folder: Path, name: str, executor: Executor | None) -> dict[str, str]:
    """Run every table and the curve, and return the hash of each step's result."""
    steps = prepare(folder / "paper.yaml").compiled.steps
    targets = [s.name for s in steps if s.name.startswith(("tables.", "curves."))]
    try:
        done = execute(steps, targets, Store(folder / name), executor)
    finally:
        if executor is not None:
            executor.close()
    assert done.error() is None
    return {step: record.output.digest for step, record in done.records.items()}


@pytest.mark.slow
def test_the_same_bytes_on_one_worker_on_two_and_on_a_cluster(folder):
    from distributed import LocalCluster

    one = digests(folder, "one", None)
    assert {"models.base", "models.ri", "models.channel", "models.threshold", "adjusted.rw",
            "curves.curve", "curves.curve.part1", "tables.tab"} <= set(one)
    assert digests(folder, "two", make_executor(2)) == one
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1",
                      dashboard_address=None) as cluster:
        assert digests(folder, "dask", make_executor(scheduler=cluster.scheduler_address)) == one
    steps = prepare(folder / "paper.yaml").compiled.steps
    done = execute(steps, ["curves.curve", "models.base"], Store(folder / "one")).outputs
    curve_rows, base = done["curves.curve"], done["models.base"]
    assert len(curve_rows) == 54
    assert (curve_rows["reason"] == "").all()
    assert curve_rows.attrs["joint"]["draws"] == 500
    assert "wild_p:x" in base.stats


def test_what_is_estimated_one_by_one_is_shared_in_parts(folder):
    """36 of the 54 have a covariance that cross-products do not give: two parts, then the curve."""
    steps = {s.name: s for s in prepare(folder / "paper.yaml").compiled.steps}
    parts = [s for name, s in steps.items() if name.startswith("curves.curve.part")]
    assert [len(s.params["numbers"]) for s in parts] == [25, 11]
    assert steps["curves.curve"].inputs["parts"] == [s.name for s in parts]
    frame = panel()
    model = {"y": "y", "x": ["x"], "fe": ["country", "year"], "se": "hc3"}
    vary = {"y": ["y", "y2"], "controls": [[], ["c"]], "se": ["hc3", "hc1"]}
    keys = {"unit": "country", "time": "year"}
    whole = curve(frame, model, vary=vary, **keys)
    known = pd.concat([one_by_one(frame, model, numbers, vary=vary, **keys)
                       for numbers in ([6, 0], [2])])
    pd.testing.assert_frame_equal(curve(frame, model, vary=vary, known=known, **keys), whole)
    assert known["se"].notna().all()


def test_a_plain_curve_stays_one_step(folder):
    lines = [line for line in SPEC.splitlines() if not line.strip().startswith(("se: [{",
                                                                                "winsor: ["))]
    (folder / "plain.yaml").write_text("\n".join(lines), encoding="utf-8")
    steps = prepare(folder / "plain.yaml").compiled.steps
    assert [s.name for s in steps if s.name.startswith("curves.")] == ["curves.curve"]
