"""Keys: what a step's result depends on, and its sha256."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from typing import Any

from gvckit.errors import DataError, Problem
from gvckit.run.canonical import dumps, sha256_text
from gvckit.run.filehash import FileHashes
from gvckit.run.fingerprint import Code, Fingerprints
from gvckit.run.step import InputNames, Step

__all__ = ["KEY_FORMAT", "KeyMaker", "library_versions"]

# Raise it when the meaning of a key or of a stored result changes.
KEY_FORMAT = 1


@cache
def library_versions(libraries: tuple[str, ...]) -> dict[str, str]:
    """Return the version of each distribution; one that is not installed says so."""
    return {name: _version(name) for name in sorted(libraries)}


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


class KeyMaker:
    """Makes the keys of one run."""

    def __init__(self, fingerprints: Fingerprints, hashes: FileHashes) -> None:
        self.fingerprints = fingerprints
        self.hashes = hashes

    def code(self, step: Step) -> Code:
        """Return the fingerprint of everything that the step's function may run."""
        return self.fingerprints.code((step.module, *step.code))

    def code_unchanged(self, step: Step) -> bool:
        """Return whether that code still is what the key says."""
        return self.fingerprints.unchanged((step.module, *step.code))

    def key(self, step: Step, digests: Mapping[str, str | None]) -> tuple[str, dict[str, Any]]:
        """Return the key of ``step`` and the parts that it is made of.

        Parameters
        ----------
        step
            The step.
        digests
            Step name to the digest of its output, for all inputs (None where a plan does not know
            it).  Their keys do not count: an input that was computed anew and came out equal
            changes nothing.

        Raises
        ------
        DataError
            For files that cannot be read.
        """
        parts: dict[str, Any] = {
            "format": KEY_FORMAT,
            "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
            "fn": step.fn,
            "code": self.code(step).digest,
            "params": step.plain_params,
            "files": self._files(step),
            "inputs": {arg: _digests(step.inputs[arg], digests) for arg in sorted(step.inputs)},
            "libraries": library_versions(step.libraries),
        }
        return sha256_text(dumps(parts)), parts

    def _files(self, step: Step) -> dict[str, str]:
        found, problems = {}, []
        for arg in sorted(step.files):
            file = step.files[arg]
            try:
                found[arg] = file.sha256 or self.hashes.sha256(file.path)
            except OSError as error:
                problems.append(Problem(
                    f"cannot read the file {file.label!r}: {error.strerror}", step.origin))
        if problems:
            raise DataError(problems)
        return found


def _digests(names: InputNames, digests: Mapping[str, str | None]) -> Any:
    if isinstance(names, str):
        return digests[names]
    if isinstance(names, Mapping):
        return {k: digests[name] for k, name in names.items()}
    return [digests[name] for name in names]
