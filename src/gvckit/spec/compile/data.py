"""Steps that read: one a year for tables, one for each data file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gvckit.errors import GvckitError, Problem, SpecError, listing, unknown
from gvckit.icio.policies import resolve
from gvckit.run.step import FileRef, Step
from gvckit.sources.catalogue import Source, source_named
from gvckit.sources.codes import code_tables
from gvckit.sources.roots import check_sha256
from gvckit.spec.compile.plan import Draft, plain
from gvckit.spec.positions import Parts
from gvckit.spec.schema.sources import FileEntry, IcioEntry

__all__ = ["compile_data", "table_years"]

TABLE_LIBRARIES = ("numpy", "rdata", "scipy")
FRAME_LIBRARIES = ("numpy", "pandas", "pyarrow", "python-calamine")
# Peak of a process that reads or solves one table, seen on 1435 rows.
TABLE_MEMORY = 600_000_000

OWN_READERS = {".npz": "gvckit.sources.npz:read", ".rdata": "gvckit.sources.wiod2013:read"}
"""Reader of the spec's own table files, by the end of their names."""

@dataclass(frozen=True, slots=True)
class Made:
    """A source of a frame that is computed: ``module:function`` of years and seed, its columns."""

    function: str
    columns: tuple[str, ...]


_READING = ("long", "types", "na", "codes", "unknown_codes", "duplicates", "keep", "sheet",
            "delimiter", "decimal", "encoding", "sha256")
"""Keys of a data entry that say how a file is read."""

_COUNTRY_SERIES = ("gdp_pc", "internet", "mobile", "broadband", "patents", "y_country")

MADE = {
    "sample-panel": Made("gvckit.sources.world_panel:panel_frame", (
        "country", "sector", "year", "y", "dig", "ln_gdp", *_COUNTRY_SERIES, "dig_eco")),
    "sample-countries": Made("gvckit.sources.world_panel:country_frame", (
        "country", "year", *_COUNTRY_SERIES)),
    "data-bridges": Made("gvckit.sources.bridges:bridge_frame", (
        "country", "year", "adequacy", "eea", "cbpr", "free_flow")),
}
"""Sources of frames that are computed, by name."""


def compile_data(draft: Draft) -> None:
    """Add the steps that read the spec's data entries."""
    for name, entry in draft.spec.data.items():
        try:
            if isinstance(entry, IcioEntry):
                _tables(draft, name, entry)
            else:
                _frame(draft, name, entry)
        except GvckitError as error:
            draft.blame(error)


def table_years(draft: Draft, name: str) -> list[int]:
    """Return the years of the tables ``name``; none where the entry is wrong."""
    entry = draft.spec.data.get(name)
    if not isinstance(entry, IcioEntry):
        return []
    return [year for year in entry.years or () if f"data.{name}.{year}" in draft.steps]


def _tables(draft: Draft, name: str, entry: IcioEntry) -> None:
    spec = draft.spec
    source = _source(draft, name, entry)
    if entry.years is None:
        draft.problems.append(Problem(
            f"{name!r} does not say which years", spec.where("data", name, key=True),
            allowed=f"years: {source.years[0]}-{source.years[1]}"))
        return
    where = spec.where("data", name, "years")
    policy = _policy(draft, name, entry)
    first, last = source.years
    outside = [year for year in entry.years if not first <= year <= last]
    if outside:
        draft.problems.append(Problem(
            f"{source.name} has no year {', '.join(map(str, outside))}", where,
            allowed=f"{first}-{last}"))
    wrong: dict[int, tuple[Problem, ...]] = {}
    for year in entry.years:
        if year not in outside:
            try:
                draft.add(_table(draft, name, entry, source, policy, year))
            except GvckitError as error:
                wrong[year] = error.problems
    draft.problems += _once(wrong, source, entry.years)


def _once(wrong: Mapping[int, Sequence[Problem]], source: Source, years: Sequence[int]
          ) -> list[Problem]:
    """Return the problems of single years; what is the same for several years is told once."""
    same: dict[Problem, list[tuple[int, Problem]]] = {}
    own = {name for year in years for name in source.files(year)}
    for year, problems in wrong.items():
        for problem in problems:
            what = problem.what
            for name, pattern in zip(source.files(year), source.patterns, strict=True):
                what = what.replace(name, pattern)
            near = None if problem.nearest in own else problem.nearest
            told = replace(problem, nearest=near)
            same.setdefault(replace(told, what=what, nearest=None), []).append((year, told))
    found = []
    for group in same.values():
        others = listing([str(year) for year, _ in group[1:]], 40)
        first = group[0][1]
        found.append(replace(first, what=f"{first.what}; the same of {others}")
                     if others else first)
    return found


def _source(draft: Draft, name: str, entry: IcioEntry) -> Source:
    """Return the catalogue's source, or one made of the spec's own file name."""
    spec = draft.spec
    if entry.source is not None:
        return source_named(entry.source, spec.where("data", name, "source"))
    where = spec.where("data", name, "file")
    years = entry.years or (0,)
    pattern = str(entry.file)
    if "{" in pattern.replace("{year}", "") or (len(years) > 1 and "{year}" not in pattern):
        raise SpecError(Problem(f"{pattern!r} does not name one file a year", where,
                                allowed='a name with {year} in it, such as "tables/{year}.npz"'))
    reader = OWN_READERS[Path(pattern).suffix.lower()]
    return Source(name, "icio", {}, (pattern,), (min(years), max(years)), "", "", reader,
                  (entry.citation or {}).get("en", ""), {})


def _table(draft: Draft, name: str, entry: IcioEntry, source: Source,
           policy: dict[str, str | float], year: int) -> Step:
    spec = draft.spec
    origin = spec.where("data", name, key=True)
    sized = {"countries": entry.countries, "sectors": entry.sectors, "seed": entry.seed}
    sized = {key: value for key, value in sized.items() if value is not None}
    if source.name == "sample" and sized:
        return Step(f"data.{name}.{year}", "gvckit.run.tasks.tables:sample",
                    params={**plain(sized), "year": year}, libraries=TABLE_LIBRARIES,
                    origin=origin)
    if sized:
        draft.problems.append(Problem(
            f"{', '.join(sized)} cannot be chosen for tables that are read: decompositions need "
            "the whole world", origin, allowed="drop: in the panel or in a sample"))
    files, named = {}, ""
    if source.patterns:
        names = source.files(year)
        key = "source" if entry.file is None else "file"
        path = draft.roots.first(names, spec.where("data", name, key))
        wanted = entry.sha256.get(str(year))
        check = check_sha256(path, wanted, spec.where("data", name, "sha256")) if wanted else None
        files = {"table": FileRef(path, check, names[0])}
        named = next((n for n in names if Path(n).name == path.name), names[0])
    return Step(
        f"data.{name}.{year}", "gvckit.run.tasks.tables:read",
        params={"source": plain(asdict(source)), "year": year, "policy": policy},
        files=files, code=(source.reader.split(":")[0],), libraries=TABLE_LIBRARIES,
        origin=origin, parts=Parts(spec.document, ("data", name)),
        subject=f"data {name}, file {named}", memory=TABLE_MEMORY if source.patterns else 0)


def _frame(draft: Draft, name: str, entry: FileEntry) -> None:
    spec = draft.spec
    origin = spec.where("data", name, key=True)
    if entry.file is None:
        draft.add(_made(draft, name, entry))
        return
    where = spec.where("data", name, "file")
    _check_codes(draft, name, entry)
    path = draft.roots.resolve(entry.file, where)
    check = (check_sha256(path, entry.sha256, spec.where("data", name, "sha256"))
             if entry.sha256 else None)
    draft.add(Step(
        f"data.{name}", "gvckit.run.tasks.frames:read",
        params=plain({**entry.reading, **_more(entry),
                      **({"years": entry.years} if entry.years else {})}),
        files={"file": FileRef(path, check, entry.file)}, libraries=FRAME_LIBRARIES,
        origin=origin, parts=Parts(spec.document, ("data", name)),
        subject=f"data {name}, file {entry.file}"))


def _more(entry: FileEntry) -> dict[str, Any]:
    """Return what is derived from what is read; nothing where nothing is."""
    return {"derive": dict(entry.derive)} if entry.derive else {}


def _check_codes(draft: Draft, name: str, entry: FileEntry) -> None:
    tables = code_tables()
    if entry.codes is not None and entry.codes not in tables:
        draft.problems.append(unknown("table of country codes", entry.codes, tables,
                                      draft.spec.where("data", name, "codes")))


def _policy(draft: Draft, name: str, entry: IcioEntry) -> dict[str, str | float]:
    """Return the spec's policies with numbers as numbers; complain about unknown ones."""
    given: dict[str, str | float] = {}
    for key, text in entry.policy.items():
        try:
            given[key] = float(text)
        except ValueError:
            given[key] = text
        where = draft.spec.where("data", name, "policy", key)
        draft.problems += [Problem(p.what, where, p.allowed, p.nearest)
                           for p in resolve({key: given[key]})[1]]
    return given


def _made(draft: Draft, name: str, entry: FileEntry) -> Step:
    spec = draft.spec
    where = spec.where("data", name, "source")
    if entry.source not in MADE:
        raise SpecError(unknown("source of a data file", str(entry.source), MADE, where))
    if entry.years is None:
        raise SpecError(Problem(f"{name!r} does not say which years",
                                   spec.where("data", name, key=True),
                                   allowed="years: 2000-2011"))
    draft.problems += [
        Problem(f"{entry.source} is computed: nothing is read, and {option} says how to",
                spec.where("data", name, option, key=True),
                allowed="keys, take, derive, years, seed")
        for option in _READING if option in entry.model_fields_set]
    arguments = {"years": list(entry.years), "seed": 1 if entry.seed is None else entry.seed}
    function, parts = MADE[entry.source].function, Parts(spec.document, ("data", name))
    for part, columns in (("keys", entry.keys), ("take", entry.take)):
        draft.problems += [
            unknown(f"column of {entry.source}", column, MADE[entry.source].columns,
                    parts.get((part, new)) or spec.where("data", name, part))
            for new, column in columns.items() if column not in MADE[entry.source].columns]
    return Step(
        f"data.{name}", "gvckit.run.tasks.frames:made",
        params={"function": function, "arguments": arguments, "source": entry.source,
                "keys": dict(entry.keys), "take": dict(entry.take), **_more(entry)},
        code=(function.split(":")[0],), libraries=("numpy", "pandas", "scipy"),
        origin=spec.where("data", name, key=True), parts=parts)
