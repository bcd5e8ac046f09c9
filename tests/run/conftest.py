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
            "PYTHONPATH": os.pathsep.join([
                str(package.parent), str(HERE), os.environ.get("PYTHONPATH", "")]),
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


@pytest.fixture
def uncovered(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Step to the source files that it ran although its code fingerprint does not cover them.

    Watches every step that runs in this process, and fills itself as they run: an independent
    check that keys are not too narrow, registries and dynamic imports included.  Reading inputs
    does not count, because their digests are in the key.
    """
    from gvckit.run import objects, work
    from gvckit.run.fingerprint import Fingerprints

    found: dict[str, set[str]] = {}
    reading = objects.Objects.load.__code__
    real = work._function

    def watched(order: work.Order) -> Callable[..., Any]:
        function = real(order)
        roots = {name: Path(path) for name, path in order.roots.items()}
        prints = Fingerprints(roots)
        covered = {prints._file(name) for name in prints.code(order.modules).modules}
        left_out = {str(roots[name] / "__init__.py") for name in roots if name == "gvckit"}

        def call(*args: Any) -> Any:
            depth, seen = 0, set()

            def profile(frame: Any, event: str, arg: Any) -> None:
                nonlocal depth
                if frame.f_code is reading:
                    depth += {"call": 1, "return": -1}.get(event, 0)
                elif event == "call" and not depth:
                    seen.add(frame.f_code.co_filename)

            sys.setprofile(profile)
            try:
                return function(*args)
            finally:
                sys.setprofile(None)
                folders = tuple(f"{root}{os.sep}" for root in roots.values())
                own = {str(Path(path)) for path in seen if path.startswith(folders)}
                missed = own - covered - left_out - {work.__file__, objects.__file__}
                if missed:
                    found.setdefault(order.name, set()).update(missed)

        return call

    monkeypatch.setattr(work, "_function", watched)
    return found
