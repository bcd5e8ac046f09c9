"""What a run was made of: the manifest beside its results, written, read and continued."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gvckit.errors import DataError
from gvckit.run.key import library_versions
from gvckit.run.result import RunResult
from gvckit.run.step import Step

__all__ = ["FORMAT", "MANIFEST", "build_manifest", "continued", "read_manifest"]

MANIFEST = "manifest.json"
FORMAT = 1

_SHA256 = re.compile("[0-9a-f]{64}")
# What says how outputs came about.
_DETAILS = ("gvckit", "inputs", "packages", "seed", "steps")


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


def read_manifest(out: Path) -> dict[str, Any] | None:
    """Return the manifest in the folder ``out``; None where nothing is called that.

    Raises
    ------
    DataError
        For a file or folder of that name which no version of gvckit wrote, or that is damaged.
    """
    path = out / MANIFEST
    try:
        plain = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder, not a manifest of gvckit") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise DataError(f"{path} is no manifest of gvckit, or it is damaged: it is not JSON"
                        ) from None
    if not isinstance(plain, dict) or not {"format", "outputs"} <= plain.keys():
        raise DataError(f"{path} is no manifest of gvckit: another program wrote it")
    version = plain["format"]
    if type(version) is int and version > FORMAT:
        raise DataError(f"{path} has the format {version}, of a newer gvckit; this one writes "
                        f"{FORMAT}")
    if version != FORMAT or not _digests(plain["outputs"]) or not _groups(plain.get("kept", [])):
        raise DataError(f"{path} is no manifest of gvckit, or it is damaged: what it says of "
                        "formats and outputs is not what gvckit writes")
    return plain


def continued(
    manifest: Mapping[str, Any], before: Mapping[str, Any], made: Iterable[str]
) -> dict[str, Any]:
    """Return the manifest of a run that made only some outputs of a folder.

    What ``before`` lists and this run did not make stays listed with what it was made of: among
    the steps of this run where both agree, otherwise in ``kept``, one entry for each earlier run.

    Parameters
    ----------
    manifest
        Of this run, without outputs.
    before
        What stands in the folder.
    made
        The outputs of this run.

    Returns
    -------
    dict
        The manifest with ``outputs`` (those that stay) and, where needed, ``kept``.
    """
    written = set(made)
    stay = {name: digest for name, digest in before["outputs"].items() if name not in written}
    earlier = [{**group, "outputs": [name for name in group["outputs"] if name in stay]}
               for group in before.get("kept", [])]
    apart = {name for group in earlier for name in group["outputs"]}
    own = {key: before[key] for key in _DETAILS if key in before}
    earlier.insert(0, {"outputs": sorted(stay.keys() - apart), **own})
    result: dict[str, Any] = {**manifest, "outputs": stay}
    kept = []
    for group in earlier:
        if not group["outputs"]:
            continue
        if _agree(manifest, group):
            for key in ("inputs", "packages", "steps"):
                both = {**group.get(key, {}), **result.get(key, {})}
                result[key] = dict(sorted(both.items()))
        else:
            kept.append(group)
    if kept:
        result["kept"] = sorted(kept, key=lambda group: list(group["outputs"]))
    return result


def _agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether no step, input or package of two runs has the same name and differs."""
    if any(one.get(key) != other.get(key) for key in ("gvckit", "seed")):
        return False
    return all(
        one.get(key, {}).get(name, value) == value
        for key in ("inputs", "packages", "steps") for name, value in other.get(key, {}).items())


def _digests(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(digest, str) and _SHA256.fullmatch(digest) for digest in value.values())


def _groups(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(group, dict) and isinstance(group.get("outputs"), list)
        and all(isinstance(name, str) for name in group["outputs"]) for group in value)
