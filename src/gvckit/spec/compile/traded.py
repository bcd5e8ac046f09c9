"""What a measure of exports is taken of: a file or tables, which column, which value added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gvckit.errors import Problem, Where, listing, unknown
from gvckit.sophistication.registry import TradeMeasure
from gvckit.spec.compile.plan import Draft
from gvckit.spec.schema.measured import MeasureEntry
from gvckit.spec.schema.sources import FileEntry

__all__ = ["Traded", "exports_of"]


@dataclass(frozen=True, slots=True)
class Traded:
    """The exports that a measure is taken of.

    Attributes
    ----------
    step
        The step that gives them; None where tables do.
    timed
        Whether they have several periods.
    columns
        Column of the exports → what it is: value, quantity, dva, dvar.
    industry
        The exports' own key that holds the industry of a product.
    concordance
        The data entry that says the industry of a product, and its two keys: product, industry.
    given_shares
        The data entry that has the share of value added, and its value.
    table_shares
        Whether tables give the share of value added, by the sector of a product.
    """

    step: str | None = None
    timed: bool = True
    columns: Mapping[str, str] = field(default_factory=dict)
    industry: str | None = None
    concordance: tuple[str, str, str] | None = None
    given_shares: tuple[str, str] | None = None
    table_shares: bool = False


def exports_of(draft: Draft, name: str, entry: MeasureEntry, row: TradeMeasure, time: str
               ) -> Traded | None:
    """Return what the exports are; None, and the problems in ``draft``, where they cannot be."""
    asks = _Asks(draft, name, entry, row, time)
    before = len(draft.problems)
    concordance, industry = asks.industries()
    found: Traded | None = Traded(concordance=concordance)
    if entry.exports is None:
        asks.tables_alone()
    else:
        found = asks.file(concordance, industry)
    return found if len(draft.problems) == before else None


@dataclass(frozen=True, slots=True)
class _Asks:
    """One entry while its exports are looked up."""

    draft: Draft
    name: str
    entry: MeasureEntry
    row: TradeMeasure
    time: str

    @property
    def adjusted(self) -> bool:
        return (self.entry.adjust or "none") != "none"

    @property
    def through_tables(self) -> bool:
        return self.entry.exports is not None and self.entry.icio is not None

    def at(self, key: str, *, on_key: bool = False) -> Where:
        return self.draft.spec.where("indices", self.name, key, key=on_key)

    def complain(self, what: str, key: str | None = None, allowed: str | None = None) -> None:
        where = self.at(key, on_key=True) if key else self.draft.spec.where(
            "indices", self.name, key=True)
        self.draft.problems.append(Problem(what, where, allowed=allowed))

    def industries(self) -> tuple[tuple[str, str, str] | None, str | None]:
        """Return the concordance of products, or the exports' own key of industries."""
        entry, row = self.entry, self.row
        if entry.industries is None:
            if (row.name == "technical-complexity" and entry.adjust != "yao-zhang"
                    and entry.definition in ("country-industry", "province")):
                self.complain(f"{entry.definition} needs the industry of each product",
                              allowed="industries: a concordance, or a key of the exports")
            if self.through_tables and self.adjusted:
                self.complain("value added of tables needs the sector of each product",
                              allowed="industries: a concordance of products and sectors")
            return None, None
        if "industries" not in row.roles and not self.through_tables:
            self.complain(f"{row.name} takes no industries", "industries")
            return None, None
        exports = self.draft.spec.data.get(entry.exports or "")
        own = [k for k in exports.keys if k not in ("country", "product", self.time, "importer")
               ] if isinstance(exports, FileEntry) else []
        if entry.industries in own:
            return None, entry.industries
        data = self.draft.spec.data.get(entry.industries)
        if not isinstance(data, FileEntry):
            files = [n for n, e in self.draft.spec.data.items() if isinstance(e, FileEntry)]
            self.draft.problems.append(unknown(
                "concordance, or key of the exports,", entry.industries, [*files, *own],
                self.at("industries")))
            return None, None
        item = "sector" if entry.exports is None and "sector" in data.keys else "product"
        groups = [k for k in data.keys if k != item]
        if item not in data.keys or len(groups) != 1:
            self.draft.problems.append(Problem(
                f"{entry.industries!r} has the keys {listing(data.keys)}", self.at("industries"),
                allowed=f"keys: {{{item}: …, industry: …}} and take: {{}}"))
            return None, None
        return (entry.industries, item, groups[0]), None

    def tables_alone(self) -> None:
        """Check a measure of what tables export."""
        if self.row.name == "quality":
            self.complain("quality needs flows with a quantity",
                          allowed="exports: a data file that takes a value and a quantity")
        for key in ("dva", "dvar", "quantity"):
            if getattr(self.entry, key) is not None:
                self.complain(f"tables have no column for {key}", key,
                              "exports: a data file; tables give value added themselves")

    def file(self, concordance: tuple[str, str, str] | None, industry: str | None) -> Traded | None:
        """Return exports of a data file."""
        entry, where = self.entry, self.at("exports")
        source = str(entry.exports)
        data = self.draft.spec.data[source]
        if not isinstance(data, FileEntry):
            self.draft.problems.append(Problem(f"{source!r} holds tables, not exports", where,
                                               allowed="a data file"))
            return None
        keys = {"country", "product", *([industry] if industry else [])}
        more = {self.time, *(["importer"] if self.row.name == "quality" else [])}
        if not keys <= set(data.keys) <= keys | more:
            also = " and ".join(sorted(more))
            self.draft.problems.append(Problem(
                f"{source!r} has the keys {', '.join(data.keys)}", where,
                allowed=f"country, product, and {also} where there are several"))
        columns = self.columns(source, data)
        shares = self.shares(data)
        return Traded(f"data.{source}", self.time in data.keys, columns, industry, concordance,
                      shares, self.through_tables and self.adjusted)

    def columns(self, source: str, data: FileEntry) -> dict[str, str]:
        """Return what each column of the exports is."""
        entry = self.entry
        columns: dict[str, str] = {}
        for key in ("quantity", "dva", "dvar"):
            word = getattr(entry, key)
            if word is None or (key == "dvar" and word in self.draft.spec.data):
                continue
            if word not in data.values:
                self.draft.problems.append(unknown(f"value of {source!r}", word, data.values,
                                                   self.at(key)))
            columns[word] = key
        if self.row.name == "quality" and entry.quantity is None:
            self.complain("quality needs a quantity", allowed=f"quantity: a value of {source!r}")
        if self.row.name != "quality" and entry.quantity is not None:
            self.complain(f"{self.row.name} takes no quantity", "quantity")
        rest = [word for word in data.values if word not in columns]
        if "exports" in rest:
            rest = ["exports"]
        if len(rest) != 1:
            self.draft.problems.append(Problem(
                f"{source!r} has {len(rest)} values", self.at("exports"),
                allowed="an entry with one, or with one named exports"
                        + (f", beside {', '.join(columns)}" if columns else "")))
        return {**dict.fromkeys(rest, "value"), **columns}

    def shares(self, data: FileEntry) -> tuple[str, str] | None:
        """Return the data entry of shares of value added; check that value added comes once."""
        entry = self.entry
        given = [key for key in ("dva", "dvar") if getattr(entry, key) is not None]
        given += ["icio"] if self.through_tables else []
        if bool(given) != self.adjusted or len(given) > 1:
            self.complain(
                f"value added comes from {listing(given)}" if given else
                f"adjust: {entry.adjust} needs domestic value added",
                "adjust" if self.adjusted else given[0],
                "with adjust, one of: dva or dvar: a value of the exports; dvar: a data entry; "
                "icio with industries: tables; without adjust, none")
            return None
        if entry.va is not None and (not self.through_tables or "forward" in entry.va):
            self.complain("va is what tables give by the sector of a product", "va",
                          "with icio and exports: backward, vax-backward")
        source = entry.dvar
        shares = self.draft.spec.data.get(source or "")
        if source is None or not isinstance(shares, FileEntry):
            return None
        if not {"country"} <= set(shares.keys) <= {"country", "product", self.time} or len(
                shares.values) != 1:
            self.draft.problems.append(Problem(
                f"{source!r} has the keys {listing(shares.keys)} and {len(shares.values)} values",
                self.at("dvar"),
                allowed="country, and product and time where it differs by them; one value"))
        return source, next(iter(shares.values), "")
