"""Models that could not be estimated are told in the language of the table."""

from __future__ import annotations

import pytest

from gvckit.report.placebo_table import Drawn, placebo_table
from gvckit.report.uncertainty_table import Uncertain, uncertainty_table

REASON = "no coefficient was estimated"


@pytest.mark.parametrize(("language", "said"), [
    ("en", "no coefficient was estimated"), ("zh", "没有可估计的系数")])
def test_a_reason_is_told_in_the_language_of_the_table(language, said):
    drawn = placebo_table([Drawn("m", "y", (), ("s1",), {}, REASON)], {}, language)
    varied = uncertainty_table([Uncertain("m", "y", (), ("weights",), REASON)], {}, language)
    for layout in (drawn, varied):
        assert said in " ".join(layout.notes)
        assert layout.groups[0].rows[0].cells[0].text == "n.e."
