"""Every promise names tests that exist."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PROMISES = tomllib.loads((REPOSITORY / "tests" / "acceptance.toml").read_text(encoding="utf-8"))
NAMED = [(p["text"], test) for p in PROMISES["promise"] for test in p["tests"]]


@pytest.mark.parametrize(("promise", "test"), NAMED, ids=[test for _, test in NAMED])
def test_the_test_of_a_promise_exists(promise: str, test: str) -> None:
    file, _, function = test.partition("::")
    path = REPOSITORY / file
    assert path.is_file(), f"{promise}: no file {file}"
    names = {node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.FunctionDef)}
    assert function in names if function else any(n.startswith("test_") for n in names), promise
