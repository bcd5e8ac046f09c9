"""Fixtures of the tests of the run engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture
def store(tmp_path: Path) -> Any:
    from gvckit.run.store import Store

    return Store(tmp_path / "store")


@pytest.fixture
def toy_copy(tmp_path: Path) -> Path:
    """A copy of the toy package that a test may edit, for runs in another process."""
    return Path(shutil.copytree(HERE / "toypaper", tmp_path / "copy" / "toypaper",
                                ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def start_toy() -> Callable[..., subprocess.Popen[str]]:
    """Start toyrun.py in a process of its own."""

    def start(store: Path, kind: str, package: Path = HERE / "toypaper", workers: int = 1,
              **environment: str) -> subprocess.Popen[str]:
        variables = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(package.parent), str(HERE)]),
            "PYTHONDONTWRITEBYTECODE": "1"} | environment
        return subprocess.Popen(
            [sys.executable, str(HERE / "toyrun.py"), str(store), str(package), kind,
             str(workers)],
            env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.fixture
def run_toy(start_toy: Callable[..., subprocess.Popen[str]]) -> Callable[..., dict[str, Any]]:
    """Run toyrun.py to its end, and return what it printed."""

    def run(*args: Any, **kwargs: Any) -> dict[str, Any]:
        process = start_toy(*args, **kwargs)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return json.loads(out) | {"stderr": err}

    return run
