"""The whole spec file, and its JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from gvckit.spec.schema.arranged import Panel, Sample, Variable
from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.built import Family
from gvckit.spec.schema.coerce import fault, kind_of
from gvckit.spec.schema.estimated import ModelEntry
from gvckit.spec.schema.fields import Name, OneOrMore, OrEmpty, Word, shorthand, whole
from gvckit.spec.schema.measured import IndexEntry
from gvckit.spec.schema.shown import Figure, Published, Table
from gvckit.spec.schema.sources import DataEntry, Paper

__all__ = ["VERSION", "SpecFile", "spec_json_schema"]

VERSION = 1


def _version(value: object) -> object:
    if str(value) != str(VERSION):
        raise fault(f"this spec is of version {kind_of(value)}, which this gvckit does not read",
                    allowed=f"schema: {VERSION}")
    return value


class SpecFile(Entry):
    """A spec for gvckit: from inter-country input-output tables to the tables of a paper."""

    SYNONYMS: ClassVar[dict[str, str]] = {
        "sources": "data", "index": "indices", "indexes": "indices", "vars": "variables",
        "version": "schema", "targets": "published", "measures": "indices", "families": "use"}

    version: Annotated[int, whole(VERSION, VERSION), BeforeValidator(_version),
                       Field(alias="schema")]
    paper: Paper
    use: Annotated[tuple[Family, ...], OneOrMore()] = ()
    data: Annotated[dict[Name, DataEntry], OrEmpty()] = Field(default_factory=dict)
    indices: Annotated[dict[Name, IndexEntry], OrEmpty()] = Field(default_factory=dict)
    panel: Panel | None = None
    variables: Annotated[dict[Name, Annotated[Variable, shorthand("is")]], OrEmpty()] = Field(
        default_factory=dict)
    samples: Annotated[dict[Name, Annotated[Sample, OrEmpty()]], OrEmpty()] = Field(
        default_factory=dict)
    models: Annotated[dict[Name, ModelEntry], OrEmpty()] = Field(default_factory=dict)
    tables: Annotated[dict[Name, Table], OrEmpty()] = Field(default_factory=dict)
    figures: Annotated[dict[Name, Figure], OrEmpty()] = Field(default_factory=dict)
    published: Annotated[dict[Word, Published], OrEmpty()] = Field(default_factory=dict)


def _close_names(schema: Any) -> None:
    """Refuse the keys that match no pattern, in every mapping of declared names."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema.setdefault("additionalProperties", False)
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            _close_names(part)


def spec_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a spec file, for editors.

    An editor checks YAML's own values, so numbers and truth values are accepted where the same
    characters are read as text here.
    """
    schema = SpecFile.model_json_schema(by_alias=True, mode="validation")
    _close_names(schema)
    schema["properties"]["schema"] = {"const": VERSION, "description": "Version of the language."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema",
            **schema, "title": f"gvckit spec, version {VERSION}"}
