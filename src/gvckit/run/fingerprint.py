"""The code part of a key: a module and everything in its packages that it imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gvckit.errors import Problem, StoreError
from gvckit.run.canonical import dumps, sha256_bytes, sha256_text
from gvckit.run.source import Import, Signature, Source, read_source, signature

__all__ = ["Code", "Fingerprints", "default_roots"]

# Its __init__ only names the public functions; steps import them from their rooms.
LEFT_OUT = frozenset({"gvckit"})


@dataclass(frozen=True, slots=True)
class Code:
    """The fingerprint of some modules.

    Attributes
    ----------
    digest
        sha256 over ``modules``.
    modules
        Module name, or path of a data file below its package, to its digest, sorted.
    """

    digest: str
    modules: Mapping[str, str]


@cache
def default_roots() -> Mapping[str, Path]:
    """Return the packages whose source counts: this one, where it is installed."""
    return {"gvckit": Path(__file__).resolve().parent.parent}


class Fingerprints:
    """Fingerprints of modules, each worked out once for the life of the object.

    Parameters
    ----------
    roots
        Package name to its folder (or, for a single module, its file); default: this package.
    """

    def __init__(self, roots: Mapping[str, Path] | None = None) -> None:
        self.roots = dict(roots or default_roots())
        self._codes: dict[tuple[str, ...], Code] = {}
        self._direct: dict[str, tuple[Source, tuple[str, ...]]] = {}
        self._paths: dict[str, Path | None] = {}
        self._signatures: dict[str, Signature] = {}
        self._files: dict[tuple[str, ...], list[tuple[str, Signature]]] = {}

    def code(self, modules: tuple[str, ...]) -> Code:
        """Return the fingerprint of ``modules`` with all that they import, at any depth.

        Raises
        ------
        StoreError
            For a module that is in none of the packages, or that cannot be parsed.
        """
        found = self._codes.get(modules)
        if found is None:
            found = self._codes[modules] = self._code(modules)
        return found

    def unchanged(self, modules: tuple[str, ...]) -> bool:
        """Return whether the files behind ``modules`` still say what they said at first."""
        code = self.code(modules)
        files = self._files.get(modules)
        if files is None:
            files = self._files[modules] = [
                (self._file(name), self._signatures[name]) for name in code.modules]
        try:
            touched = any(signature(path) != seen for path, seen in files)
        except OSError:
            return False
        return not touched or Fingerprints(self.roots).code(modules).digest == code.digest

    def _file(self, name: str) -> str:
        """Return the file of one entry of ``Code.modules``."""
        path = self._paths.get(name)
        if path is None:
            top, _, rest = name.partition("/")
            path = self.roots[top] / rest
        return str(path)

    def _code(self, modules: tuple[str, ...]) -> Code:
        stack: list[str] = []
        for module in modules:
            if self._path(module) is None:
                raise StoreError(Problem(
                    f"the code of module {module!r} is in none of the packages "
                    f"{', '.join(sorted(self.roots))}"))
            stack += self._with_parents(module)
        digests: dict[str, str] = {}
        while stack:
            module = stack.pop()
            if module in digests:
                continue
            source, imported = self._read(module)
            digests[module] = source.digest
            digests.update(self._data(module, source))
            stack += imported
        ordered = {name: digests[name] for name in sorted(digests)}
        return Code(sha256_text(dumps(ordered)), ordered)

    def _read(self, module: str) -> tuple[Source, tuple[str, ...]]:
        """Return a module's source and the modules that it imports directly, with their parents."""
        known = self._direct.get(module)
        if known is None:
            path = self._path(module)
            assert path is not None
            try:
                self._signatures[module] = signature(path)
                source = read_source(path)
            except (OSError, SyntaxError) as error:
                raise StoreError(f"cannot read the code of module {module!r}: {error}") from None
            imported = {
                name for statement in source.imports
                for target in self._targets(module, path, statement)
                for name in self._with_parents(target)
            }
            known = self._direct[module] = (source, tuple(sorted(imported)))
        return known

    def _targets(self, module: str, path: Path, statement: Import) -> Iterator[str]:
        """Yield the modules of our packages that one import statement loads."""
        base = statement.module
        if statement.level:
            parts = module.split(".")
            keep = len(parts) - statement.level + (path.name == "__init__.py")
            base = ".".join(parts[:keep] + ([base] if base else []))
        if base.partition(".")[0] not in self.roots:
            return
        submodules = [n for n in statement.names if self._path(f"{base}.{n}") is not None]
        if base in LEFT_OUT:
            for name in {*statement.names} - {*submodules} or (() if statement.names else (base,)):
                if not name.startswith("__"):
                    raise StoreError(Problem(
                        f"module {module!r} takes {name!r} from the package {base!r} itself, "
                        "which no fingerprint covers", f"{path.name}:{statement.line}",
                        allowed="an import from the module that defines it"))
        else:
            yield base
        for name in submodules:
            yield f"{base}.{name}"

    def _with_parents(self, module: str) -> Iterator[str]:
        """Yield ``module`` and its parent packages where they have code that counts."""
        parts = module.split(".")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if name not in LEFT_OUT and self._path(name) is not None:
                yield name

    def _path(self, module: str) -> Path | None:
        """Return the file of ``module``, or None where it is not a module of our packages."""
        if module not in self._paths:
            self._paths[module] = self._find(module)
        return self._paths[module]

    def _find(self, module: str) -> Path | None:
        top, *rest = module.split(".")
        root = self.roots.get(top)
        if root is None:
            return None
        if root.suffix == ".py":
            return None if rest else root
        place = root.joinpath(*rest)
        candidates = [place / "__init__.py"]
        if rest:
            candidates.append(place.with_name(f"{place.name}.py"))
        return next((path for path in candidates if path.is_file()), None)

    def _data(self, module: str, source: Source) -> Iterator[tuple[str, str]]:
        """Yield the data files that a module declares, by their path below the package."""
        if not source.data_files:
            return
        path = self._path(module)
        assert path is not None
        top = module.partition(".")[0]
        for pattern in source.data_files:
            files = sorted(found for found in path.parent.glob(pattern) if found.is_file())
            if not files:
                raise StoreError(f"module {module!r} declares data files {pattern!r}: none found")
            for file in files:
                name = file.relative_to(self.roots[top]).as_posix()
                self._signatures[f"{top}/{name}"] = signature(file)
                yield f"{top}/{name}", sha256_bytes(file.read_bytes())
