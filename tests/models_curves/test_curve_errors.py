"""What figure and table of a curve say of its errors, its distribution and its p values."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from curve_panels import make_panel

import gvckit as gk
from gvckit.models.curve import curve, one_by_one
from gvckit.report.curve_errors import errors_sentences
from gvckit.report.curve_figure import curve_note
from gvckit.report.curve_table import curve_table

BASE = {"y": "y", "x": ["x"], "controls": ["a"], "fe": ["unit", "year"],
        "se": {"cluster": "country"}, "wild": False}
KEYS = {"unit": "unit", "time": "year"}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return make_panel()


def fits(panel: pd.DataFrame, vary: dict[str, list[Any]]) -> list[Any]:
    return [gk.fit(panel, {**BASE, **dict(zip(vary, values, strict=True))}, **KEYS)
            for values in itertools.product(*vary.values())]


SES = ["hc1", {"cluster": "country"}, {"cluster": ["country", "year"]}, {"crv3": "country"}]


def test_errors_are_those_of_the_fits_fast_and_slow(panel: pd.DataFrame) -> None:
    vary: dict[str, list[Any]] = {"se": SES, "controls": [[], ["a"]]}
    found = curve(panel, BASE, vary=vary, **KEYS)
    done = fits(panel, vary)
    assert list(found["clusters"]) == [min(f.clusters.values(), default=0) for f in done]
    expected: dict[tuple[str, tuple[str, ...]], list[Any]] = {}
    for one in done:
        key = (one.se_kind["kind"], tuple(one.se_kind["by"]))
        expected.setdefault(key, []).append(one)
    assert [(e["kind"], tuple(e["by"])) for e in found.attrs["errors"]] == list(expected)
    for entry, own in zip(found.attrs["errors"], expected.values(), strict=True):
        dof = [f.stats["dof"] for f in own]
        counts = [min(f.clusters.values()) for f in own if f.clusters]
        assert entry["count"] == len(own)
        assert entry["dof"] == [min(dof), max(dof)]
        assert entry["clusters"] == ([min(counts), max(counts)] if counts else [])
        assert entry["few"] == sum(c < 50 for c in counts)


def test_what_workers_estimated_has_its_clusters_too(panel: pd.DataFrame) -> None:
    vary: dict[str, list[Any]] = {"se": SES}
    known = one_by_one(panel, BASE, [3], vary=vary, **KEYS)
    assert curve(panel, BASE, vary=vary, known=known, **KEYS).attrs == curve(
        panel, BASE, vary=vary, **KEYS).attrs


def told(frame: pd.DataFrame, language: str) -> tuple[str, str]:
    """Return the sentences of figure and table after what they said before."""
    note = curve_note(frame, language, {"country": "国家"}.get if language == "zh" else str)
    table = curve_table(frame, {}, language).notes[0]
    return (note[note.index({"en": "Bars", "zh": "竖线"}[language]):],
            table[table.index({"en": "P values: ", "zh": "p值："}[language]):])


def test_the_sentences_on_few_clusters(panel: pd.DataFrame) -> None:
    frame = curve(panel, BASE, vary={"controls": [[], ["a"]]}, **KEYS)
    count = panel["country"].nunique()
    assert count < 50
    english = (f"standard errors clustered by country, t with {count - 1} degrees of freedom; "
               f"significant: own p below 0.05. Fewer than 50 clusters ({count}): these p values "
               "are not those of the bootstrap.")
    assert told(frame, "en") == (f"Bars: 95 percent intervals; {english}", f"P values: {english}")
    chinese = (f"国家层面聚类稳健标准误，t分布自由度{count - 1}；显著指自身p值低于0.05。"
               f"聚类数少于50（{count}个）：所用p值并非自助法p值。")
    assert told(frame, "zh") == (f"竖线为95%置信区间；{chinese}", f"p值：{chinese}")


def test_several_degrees_of_freedom_are_a_range(panel: pd.DataFrame) -> None:
    left = panel["country"] != panel["country"].iloc[0]
    masks = {"all": np.ones(len(panel), bool), "without one": left.to_numpy()}
    frame = curve(panel, BASE, vary={"sample": list(masks)}, samples=masks, **KEYS)
    count = panel["country"].nunique()
    for language, words in (("en", f"t with {count - 2} to {count - 1} degrees of freedom"),
                            ("zh", f"t分布自由度{count - 2}至{count - 1}")):
        for text in told(frame, language):
            assert words in text
    assert f"({count - 1} to {count})" in told(frame, "en")[0]
    assert f"（{count - 1}至{count}个）" in told(frame, "zh")[0]


def test_several_kinds_and_which_have_few_clusters(panel: pd.DataFrame) -> None:
    frame = curve(panel, BASE, vary={"se": ["hc1", {"cluster": "country"}]}, **KEYS)
    hc1 = int(fits(panel, {"se": ["hc1"]})[0].stats["dof"])
    count = panel["country"].nunique()
    assert errors_sentences(frame, "en", str, bars=True) == [
        (f"Bars: 95 percent intervals; heteroskedasticity-robust standard errors, t with {hc1:,} "
        f"degrees of freedom; standard errors clustered by country, t with {count - 1} degrees of "
        "freedom; significant: own p below 0.05"),
        (f"Fewer than 50 clusters ({count}) in 1 of 2 specifications: these p values are not "
        "those of the bootstrap")]
    assert errors_sentences(frame, "zh", lambda _: "国家") == [
        (f"p值：异方差稳健标准误，t分布自由度{hc1:,}；国家层面聚类稳健标准误，t分布自由度"
         f"{count - 1}；显著指自身p值低于0.05"),
        f"2个设定中1个的聚类数少于50（{count}个）：所用p值并非自助法p值"]


def test_many_clusters_and_other_estimators(panel: pd.DataFrame) -> None:
    units = panel["unit"].nunique()
    assert units >= 50
    frame = curve(panel, {**BASE, "se": {"cluster": "unit"}}, vary={"controls": [[], ["a"]]},
                  **KEYS)
    assert errors_sentences(frame, "en", str) == [
        (f"P values: standard errors clustered by unit, t with {units - 1} degrees of freedom; "
        "significant: own p below 0.05")]
    random = curve(panel, {**BASE, "fe": [], "estimator": "re", "se": {"cluster": "unit"}},
                   vary={"controls": [[], ["a"]]}, **KEYS)
    assert errors_sentences(random, "en", str)[0].startswith(
        "P values: standard errors clustered by unit, normal distribution; ")
    assert errors_sentences(random, "zh", lambda _: "个体")[0].startswith(
        "p值：个体层面聚类稳健标准误，正态分布；")


def test_nothing_is_said_of_a_curve_that_does_not_tell(panel: pd.DataFrame) -> None:
    frame = curve(panel, BASE, vary={"controls": [[], ["a"]]}, **KEYS)
    frame.attrs.pop("errors")
    assert errors_sentences(frame, "en", str) == []
