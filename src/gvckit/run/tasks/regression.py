"""Render a table of estimates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gvckit.report.layout import regression_table
from gvckit.report.request import TableRequest, dictionary_from
from gvckit.run.bundle import Bundle
from gvckit.run.tasks.written import written


def render(inputs: Mapping[str, Any], files: Mapping[str, Path], params: Mapping[str, Any]
) -> Bundle:
    """Return the files of a table of estimates, one LaTeX file a language and one CSV."""
    request = TableRequest.from_dict(params["id"], params["table"])
    dictionary = dictionary_from(params["dictionary"])
    fits = [dict(inputs["fits"])[name] for name in request.columns]
    return written([regression_table(request, fits, dictionary, language)
                     for language in params["languages"]])
