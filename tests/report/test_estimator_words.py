"""Every estimator, method and lack of clusters has words of its own in notes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_samples import DICTIONARY, baseline, forward, request

from gvckit.models.registry import ESTIMATORS, METHODS
from gvckit.models.result import Fit
from gvckit.report.layout import regression_table
from gvckit.report.words import say

NAMED = [(estimator, method) for estimator in ESTIMATORS if estimator != "ols"
         for method in METHODS.get(estimator, ("",))]


@pytest.mark.parametrize(("estimator", "method"), NAMED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_note_names_the_estimator_in_words(estimator: str, method: str, language: str) -> None:
    fit = baseline()
    given = {estimator: method} if method else estimator
    fit = replace(fit, model={**fit.model, "estimator": given})
    note = " ".join(notes([fit], language))
    assert say(f"estimator_{estimator}", language) in note
    if method:
        assert say(f"method_{estimator}_{method}", language) in note
        assert f"({method})" not in note


def test_columns_without_clusters_are_named() -> None:
    fits = [baseline(), forward(kind="hc1", clusters={}), forward(kind="iid", clusters={})]
    assert ("Errors in columns (2), (3) are not clustered: no number of clusters, no wild "
            "bootstrap p.") in " ".join(notes(fits, "en"))
    assert "第(2)、(3)列的标准误未聚类，故无聚类数与野自助p值。" in "".join(notes(fits, "zh"))
    assert "not clustered" not in " ".join(notes(fits[:1], "en"))


def notes(fits: list[Fit], language: str) -> tuple[str, ...]:
    return tuple(regression_table(request(), fits, DICTIONARY, language).notes)
