"""Tables that audit an index, from the spec to the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gvckit.errors import SpecError
from gvckit.indices.audit import audit_index
from gvckit.indices.composite import composite
from gvckit.indices.vary import VARIED, plan_of
from gvckit.run.api import run
from gvckit.spec.load import load_text
from gvckit.spec.resolve import resolve

SPEC = """
schema: 1
paper: {key: audited, seed: 3, languages: [en, zh]}
data:
  f: {file: a.csv, keys: [country, year], take: [a, b, c, d, e]}
indices:
  dig:
    label: {en: Digital, zh: 数字}
    composite: {by: [country, year], missing: interpolate-carry, weights: entropy}
    pillars: {one: [a, b], two: {inner: [c, {is: d, direction: "-"}]}}
  judged:
    composite: {by: [country, year], weights: ahp, judgements: {index: [[2, 4], [3]]}}
    pillars: [b, c, e]
panel:
  unit: [country]
  time: year
  rows: f
tables:
  s: {kind: index-structure, of: dig}
  c: {kind: index-correlations, of: dig}
  k: {kind: index-sensitivity, of: dig, variants: 40, points: 16}
  r: {kind: index-ranks, of: dig, year: 2002}
  w: {kind: weights, of: judged}
"""


def world() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame([(c, y) for c in ("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "GBR")
                          for y in range(2000, 2005)], columns=["country", "year"])
    level = rng.normal(size=7).repeat(5)
    for name in "abcde":
        frame[name] = 5 + level + .5 * rng.normal(size=len(frame))
    frame["d"] *= -1
    frame.loc[[3, 11], "a"] = np.nan
    return frame


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    world().to_csv(folder / "a.csv", index=False)
    (folder / "paper.yaml").write_text(SPEC, encoding="utf-8")
    run(folder / "paper.yaml", out=folder / "out")
    return folder / "out" / "tables"


TREE = {"composite": {"missing": "interpolate-carry", "weights": "entropy"},
        "pillars": {"one": ["a", "b"], "two": {"inner": ["c", {"is": "d", "direction": "-"}]}}}


def test_the_structure_is_that_of_the_audit(out: Path) -> None:
    found = pd.read_csv(out / "s.csv").set_index("node")
    assert list(found.index) == ["index", "one", "a", "b", "two", "inner", "c", "d"]
    done = audit_index(world(), TREE, unit="country", time="year", plan={"variants": 1}, seed=1)
    loadings = done.loadings.set_index("node")
    np.testing.assert_allclose(found.loc[loadings.index, "with_index"], loadings["with_index"])
    alpha = done.reliability.set_index("pillar")["alpha"]
    np.testing.assert_allclose(found.loc[alpha.index, "alpha"], alpha)
    within = done.variance.set_index("node")["within"]
    np.testing.assert_allclose(found["within"], within[found.index])
    shift = done.leave_out.set_index("node")["shift"]
    np.testing.assert_allclose(found.loc[shift.index, "shift"], shift)
    tex = (out / "s.tex").read_text(encoding="utf-8")
    assert "Digital" in tex
    assert "Cronbach" in tex
    assert "克朗巴赫" in (out / "s.zh.tex").read_text(encoding="utf-8")


def test_correlations_stand_on_both_sides_of_the_diagonal(out: Path) -> None:
    found = pd.read_csv(out / "c.csv").set_index(["node", "other"])
    assert len(found) == 4 * 3 / 2
    scores = composite(world(), TREE, unit="country", time="year").scores
    assert len(scores) == 35
    both = world()[["b", "c"]]
    assert found.loc[("b", "c"), "pearson"] == pytest.approx(both.corr().iloc[0, 1])
    assert found.loc[("b", "c"), "spearman"] == pytest.approx(both.corr("spearman").iloc[0, 1])


def test_sensitivity_names_every_choice_and_what_is_left_out(out: Path) -> None:
    found = pd.read_csv(out / "k.csv").set_index("factor")
    assert list(found.index) == ["missing", "normalise", "weights", "aggregate", "drop", "noise"]
    assert found.loc["drop", "options"] == 5
    # What the index has is one of the usual choices but for the missing rule.
    assert found.loc[["missing", "weights", "aggregate"], "options"].tolist() == [4, 3, 2]
    assert found["total"].between(0, 1.5).all()
    tex = (out / "k.tex").read_text(encoding="utf-8")
    assert "16 base points" in tex
    assert "z-score over all units and times" in tex
    assert "Over 40 variants" in tex


def test_ranks_of_one_year_lie_in_their_bands(out: Path) -> None:
    found = pd.read_csv(out / "r.csv")
    assert found["time"].unique().tolist() == [2002]
    assert found["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert (found["low"] <= found["median"]).all()
    assert (found["median"] <= found["high"]).all()
    plan = plan_of(500, VARIED)
    scores = composite(world(), TREE, unit="country", time="year").scores
    now = scores[scores["year"] == 2002].sort_values("index", ascending=False)
    assert now["country"].tolist() == found["unit"].tolist()
    assert plan["missing"][0] == "declared"


def test_the_weights_of_judgements_tell_their_consistency(out: Path) -> None:
    # λ³ - 3λ² = 4/6 + 6/4 - 2: λ = 3.0183, CI .00915, CR .0158
    assert "Consistency ratios of the judgements: Index 0.016" in (
        out / "w.tex").read_text(encoding="utf-8")
    assert "判断矩阵一致性比率：总指数0.016" in (out / "w.zh.tex").read_text(
        encoding="utf-8").replace(" ", "")


@pytest.mark.parametrize(("old", "new", "message"), [
    ("points: 16", "points: 20", "20 base points are no power of 2"),
    ("kind: weights, of: judged", "kind: weights, of: judged, variants: 20",
     "'variants' belongs to a table of kind"),
    ("of: dig, year: 2002", "of: digg, year: 2002", "did you mean 'dig'?"),
    ("kind: index-structure, of: dig", "kind: index-structure, year: 2001", "has no 'of'"),
])
def test_faults_are_told(old: str, new: str, message: str) -> None:
    assert old in SPEC
    with pytest.raises(SpecError) as caught:
        resolve(load_text(SPEC.replace(old, new), "p.yaml"))
    assert message in str(caught.value)
