"""What a line of text can say beside measures: groups, a satellite account, policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gvckit.errors import DataError, Problem, listing, unknown
from gvckit.icio.policies import POLICIES, resolve
from gvckit.run.step import FileRef
from gvckit.run.tasks.account import read_account

__all__ = ["Groups", "account_file", "chosen_policies", "named_groups"]

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups by name.

    Attributes
    ----------
    country
        Countries that are, together, one more country.
    importer, sector
        Importers, and sectors, in place of their members.
    """

    country: Names = field(default_factory=dict)
    importer: Names = field(default_factory=dict)
    sector: Names = field(default_factory=dict)

    @property
    def takes(self) -> tuple[str, ...]:
        """What a measure must take for them."""
        return (*(["partners"] if self.importer else []), *(["sectors"] if self.sector else []))


def named_groups(texts: Sequence[str], problems: list[Problem]) -> Groups:
    """Return the groups of ``[KEY:]NAME=MEMBER,MEMBER``; note what is wrong."""
    found: dict[str, dict[str, tuple[str, ...]]] = {"country": {}, "importer": {}, "sector": {}}
    for text in texts:
        left, equals, right = text.partition("=")
        key, colon, name = left.strip().rpartition(":")
        key = key or "country"
        members = tuple(part.strip() for part in right.split(",") if part.strip())
        if not equals or not name or not members or (colon and not key):
            problems.append(Problem(f"--group {text!r} is no group",
                                    allowed="EU=DEU,FRA; importer:EU=DEU,FRA; sector:FOOD=c1,c3"))
        elif key not in found:
            problems.append(unknown("key of --group", key, found))
        elif name in found[key]:
            problems.append(Problem(f"--group {name} is given twice"))
        else:
            found[key][name] = members
    return Groups(**found)


def account_file(
    path: str | None, years: Sequence[int], problems: list[Problem]
) -> FileRef | None:
    """Return the file of a satellite account, read once to see that every year is there."""
    if path is None:
        return None
    file = Path(path)
    if not file.is_file():
        problems.append(Problem(f"--satellite {path}: there is no such file",
                                allowed="a csv with country, sector[, year] and one more column"))
        return None
    for year in years:
        try:
            read_account(file, year)
        except DataError as error:
            problems.extend(error.problems)
            break
    return FileRef(file, None, file.name)


def chosen_policies(
    texts: Sequence[str], problems: list[Problem]
) -> dict[str, str | float]:
    """Return the policies of ``NAME=CHOICE``; note what is wrong."""
    given: dict[str, str | float] = {}
    for text in texts:
        name, equals, choice = (part.strip() for part in text.partition("="))
        if not equals or not name or not choice:
            problems.append(Problem(f"--policy {text!r} is not name=choice",
                                    allowed=listing(POLICIES)))
        elif name in given:
            problems.append(Problem(f"--policy {name} is given twice"))
        else:
            row = POLICIES.get(name)
            given[name] = _number(choice) if row is not None and not row.choices else choice
    problems.extend(resolve(given)[1])
    return given


def _number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
