"""Sources of frames that are computed: their columns are known before anything runs."""

from __future__ import annotations

import importlib

import pytest

from gvckit.errors import DataError
from gvckit.run.tasks.frames import made
from gvckit.spec.compile.data import MADE


@pytest.mark.parametrize("name", MADE)
def test_the_columns_that_are_checked_are_those_that_are_made(name: str) -> None:
    module, function = MADE[name].function.split(":")
    frame = getattr(importlib.import_module(module), function)(years=[2000, 2001], seed=1)
    assert set(MADE[name].columns) == set(frame.columns)
    # A wrong name is the user's mistake also where no check came before.
    with pytest.raises(DataError) as caught:
        made({}, {}, {"function": MADE[name].function, "source": name,
                      "arguments": {"years": [2000, 2001], "seed": 1},
                      "keys": {"country": "country", "year": "yeer"},
                      "take": {"x": frame.columns[-1], "y": "countri"}})
    assert [(p.at, p.nearest) for p in caught.value.problems] == [
        (("keys", "year"), "year"), (("take", "y"), "country")]
