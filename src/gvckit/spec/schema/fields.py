"""Types of the values in a spec: text coerced to numbers, truth values, years, lists, labels.

A spec file gives every scalar as text; an editor that checks the file against the JSON Schema sees
YAML's own numbers and truth values.  So each type here accepts text, and its JSON Schema names the
YAML types that the same characters have in an editor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from gvckit.spec.schema.coerce import (
    EARLIEST,
    LANGUAGES,
    LATEST,
    MAX_NAME,
    MOST_STARS,
    as_list,
    falling,
    flat_years,
    to_boolean,
    to_columns,
    to_count_or_selection,
    to_hash,
    to_labels,
    to_language,
    to_levels,
    to_name,
    to_number,
    to_paper_key,
    to_selection,
    to_setting,
    to_text,
    to_word,
    to_years,
    whole_between,
)

__all__ = [
    "Boolean", "Columns", "Count", "CountOrSelection", "Hash", "Labels", "Name", "Names",
    "Number", "OneOrMore", "OrEmpty", "PaperKey", "Scalar", "Scalars", "Selection", "Setting",
    "Stars", "Text", "Texts", "Word", "Words", "Years", "shorthand", "whole",
]


@dataclass(frozen=True, eq=False)
class _Coerced:
    """A core schema made of one function from whatever was given, and a JSON Schema."""

    function: Callable[[Any], Any]
    json: dict[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.function)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.json)


class OneOrMore:
    """A list of which one item may stand alone: ``x: dig`` for ``x: [dig]``."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(as_list, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        listed = handler(schema)
        return {"anyOf": [listed.get("items", {}), listed]}


class _YearList:
    """Years and ranges of years, alone or in a list, to one sorted tuple."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        span = core_schema.no_info_plain_validator_function(to_years)
        spans = core_schema.tuple_schema([span], variadic_item_index=0)
        listed = core_schema.no_info_before_validator_function(as_list, spans)
        return core_schema.no_info_after_validator_function(flat_years, listed)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        one = {"anyOf": [
            {"type": "integer", "minimum": EARLIEST, "maximum": LATEST},
            {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{4})?$"},
        ]}
        return {"anyOf": [one, {"type": "array", "items": one}]}


class OrEmpty:
    """A mapping that may be left empty: ``samples:`` for ``samples: {}``."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: {} if value is None else value, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "null"}]}


def shorthand(key: str) -> Any:
    """Return the annotations that let text ``t`` stand for the mapping ``{key: t}``."""

    class _Shorthand:
        def __get_pydantic_core_schema__(
            self, source: Any, handler: GetCoreSchemaHandler
        ) -> CoreSchema:
            return core_schema.no_info_before_validator_function(
                lambda v: {key: v} if isinstance(v, str | int | float) else v, handler(source))

        def __get_pydantic_json_schema__(
            self, schema: CoreSchema, handler: GetJsonSchemaHandler
        ) -> dict[str, Any]:
            return {"anyOf": [{"type": "string"}, handler(schema)]}

    return _Shorthand()


def whole(low: int, high: int = 10**9) -> Any:
    """Return the annotation of a whole number from ``low`` to ``high``."""
    return _Coerced(whole_between(low, high),
                    {"type": "integer", "minimum": low, "maximum": high})


_ANY_SCALAR = {"type": ["string", "number", "boolean"]}
_NAME_JSON = {"type": "string", "pattern": f"^[a-z][a-z0-9_]{{0,{MAX_NAME - 1}}}$"}
_TRUTH_JSON = {"type": "boolean"}

Scalar = Annotated[str, _Coerced(to_text, _ANY_SCALAR)]
"""Any text, kept as it was typed (codes, printed numbers); may be empty between quotes."""

Word = Annotated[str, _Coerced(to_word, {"type": "string", "minLength": 1})]
"""A word of the spec language, a reference to a name, or an expression."""

Name = Annotated[str, BeforeValidator(to_name), WithJsonSchema(_NAME_JSON)]
"""A name that the spec declares."""

PaperKey = Annotated[str, _Coerced(to_paper_key, {
    "type": "string", "pattern": "^[a-z][a-z0-9]*([-_][a-z0-9]+)*$"})]

Count = Annotated[int, whole(1)]
Number = Annotated[float, _Coerced(to_number, {"type": "number"})]
Boolean = Annotated[bool, _Coerced(to_boolean, _TRUTH_JSON)]
Years = Annotated[tuple[int, ...], _YearList()]
Words = Annotated[tuple[Word, ...], OneOrMore()]
Scalars = Annotated[tuple[Scalar, ...], OneOrMore()]
Names = Annotated[tuple[Name, ...], OneOrMore()]

_Language = Annotated[str, BeforeValidator(to_language),
                      WithJsonSchema({"type": "string", "enum": list(LANGUAGES)})]


class _Columns:
    """``{new: old}``, or a list of columns that keep their names."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(to_columns, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        names = {"type": "array", "items": _NAME_JSON, "uniqueItems": True}
        return {"anyOf": [_NAME_JSON, names, handler(schema)]}


_CODES_JSON = {"type": "array", "items": _ANY_SCALAR}
Selection = Annotated[str | tuple[str, ...],
                      _Coerced(to_selection, {"anyOf": [{"type": "string"}, _CODES_JSON]})]
"""The name of a list, or the codes themselves."""

CountOrSelection = Annotated[
    int | str | tuple[str, ...],
    _Coerced(to_count_or_selection,
             {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}, _CODES_JSON]})]
Setting = Annotated[
    str | dict[str, Any],
    _Coerced(to_setting, {"anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "object", "minProperties": 1, "maxProperties": 1}]})]
"""A word, or one word with its value: ``hc1``, ``{cluster: [country, year]}``."""

Hash = Annotated[str, _Coerced(to_hash, {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"})]
Columns = Annotated[dict[Name, Scalar], _Columns()]
Stars = Annotated[tuple[Number, ...], BeforeValidator(to_levels), AfterValidator(falling),
                  WithJsonSchema({"anyOf": [
                      {"const": False},
                      {"type": "array", "maxItems": MOST_STARS, "items": {"type": "number"}}]})]


class _LabelShape:
    """Text in one language for all, or a text by language."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(to_labels, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [_ANY_SCALAR, {
            "type": "object", "additionalProperties": False,
            "properties": dict.fromkeys(LANGUAGES, _ANY_SCALAR)}]}


Text = Annotated[dict[_Language, Word], _LabelShape()]
"""A title or label by language; a plain text serves every language."""

Texts = Annotated[tuple[Text, ...], OneOrMore()]
Labels = dict[Word, Text]
