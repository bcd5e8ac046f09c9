"""What a run was made of, for the manifest beside its results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gvckit.run.key import library_versions
from gvckit.run.result import RunResult
from gvckit.run.step import Step

__all__ = ["build_manifest"]


def build_manifest(
    steps: Iterable[Step], result: RunResult, *, seed: int | None = None
) -> dict[str, Any]:
    """Return the manifest of a run, without its outputs: no times, no hosts, no absolute paths.

    Parameters
    ----------
    steps
        The steps of the spec; those without a record in ``result`` are left out.
    result
        How the run went.
    seed
        The seed of the paper.

    Returns
    -------
    dict
        ``gvckit`` (version), ``seed``, ``inputs`` (file name under its data root to sha256),
        ``packages`` (distribution to version) and ``steps`` (name to key and digest of the result).
    """
    inputs: dict[str, str] = {}
    libraries: set[str] = set()
    done: dict[str, dict[str, str]] = {}
    for step in sorted(steps, key=lambda s: s.name):
        record = result.records.get(step.name)
        if record is None:
            continue
        done[step.name] = {"key": record.key, "result": record.output.digest}
        libraries.update(step.libraries)
        for arg in sorted(step.files):
            inputs[step.files[arg].label] = record.parts["files"][arg]
    return {
        "gvckit": library_versions(("gvckit",))["gvckit"],
        "seed": seed,
        "inputs": dict(sorted(inputs.items())),
        "packages": library_versions(tuple(sorted(libraries))),
        "steps": done,
    }
