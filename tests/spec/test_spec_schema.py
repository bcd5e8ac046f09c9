"""The schema: coercion of text, and the JSON Schema that editors use."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from gvckit.spec.schema.base import Entry
from gvckit.spec.schema.fields import Boolean, Number, Text, Word, Words, Years, whole
from gvckit.spec.schema.root import SpecFile, spec_json_schema

HERE = Path(__file__).parent


class Values(Entry):
    flag: Boolean | None = None
    number: Number | None = None
    count: Annotated[int, whole(0, 9)] | None = None
    years: Years | None = None
    words: Words | None = None
    text: Text | None = None
    word: Word | None = None


def said(**values: object) -> dict[str, Any]:
    return Values.model_validate(values).model_dump(exclude_none=True)


@pytest.mark.parametrize(("given_", "expected"), [
    ({"flag": "true"}, {"flag": True}),
    ({"number": "1e-3"}, {"number": 0.001}),
    ({"number": "-.5"}, {"number": -0.5}),
    ({"count": "7"}, {"count": 7}),
    ({"years": "1995-1998"}, {"years": (1995, 1996, 1997, 1998)}),
    ({"years": ["2001", "1995-1996"]}, {"years": (1995, 1996, 2001)}),
    ({"years": 2001}, {"years": (2001,)}),
    ({"words": "one"}, {"words": ("one",)}),
    ({"words": ["one", "NO"]}, {"words": ("one", "NO")}),
    ({"text": "Title"}, {"text": {"en": "Title", "zh": "Title"}}),
    ({"text": {"zh": "题"}}, {"text": {"zh": "题"}}),
    ({"word": " padded "}, {"word": "padded"}),
])
def test_text_is_coerced(given_: dict[str, object], expected: dict[str, object]) -> None:
    assert said(**given_) == expected


@pytest.mark.parametrize(("given_", "message"), [
    ({"flag": "no"}, "expected true or false, found 'no'"),
    ({"flag": "True"}, "expected true or false, found 'True'"),
    ({"number": "inf"}, "expected a number, found 'inf'"),
    ({"number": "1e999"}, "expected a number, found '1e999'"),
    ({"number": "1_000"}, "expected a number, found '1_000'"),
    ({"count": "07"}, "expected a whole number, found '07'"),
    ({"count": "10"}, "10 is out of range"),
    ({"count": "1" * 400}, "expected a whole number, found"),
    ({"years": "95-11"}, "expected a year or a range of years"),
    ({"years": "0999"}, "the year '0999' is out of range"),
    ({"years": ["1995", "1995"]}, "years given twice: 1995"),
    ({"words": {"a": "b"}}, "tuple"),
    ({"text": {"fr": "x"}}, "unknown language 'fr'"),
    ({"word": ""}, "expected text, found nothing"),
    ({"nothing": "1"}, "unknown key 'nothing'"),
])
def test_text_that_is_refused(given_: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        said(**given_)


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: abs(x) < 1e200))
def test_numbers_survive_their_text(number: float) -> None:
    assert said(number=repr(number)) == {"number": number}


@given(st.text(max_size=30))
def test_no_text_is_a_number_by_surprise(text: str) -> None:
    try:
        value = said(number=text)["number"]
    except ValidationError:
        return
    assert float(text.strip()) == value


def entries() -> list[type[Entry]]:
    found, waiting = [], [Entry]
    while waiting:
        for child in waiting.pop().__subclasses__():
            waiting.append(child)
            if child.__module__.startswith("gvckit."):
                found.append(child)
    return found


@pytest.mark.parametrize("entry", entries(), ids=lambda e: e.__name__)
def test_every_mapping_is_strict_and_documented(entry: type[Entry]) -> None:
    assert entry.model_config["extra"] == "forbid"
    assert entry.model_config["frozen"]
    assert entry.__doc__
    assert entry.__doc__ != BaseModel.__doc__
    assert not set(entry.SYNONYMS) & set(entry.allowed_keys())
    assert set(entry.SYNONYMS.values()) <= set(entry.allowed_keys())


def test_the_sections_stand_in_the_order_of_the_story() -> None:
    assert SpecFile.allowed_keys() == [
        "schema", "paper", "use", "data", "indices", "panel", "variables", "samples", "models",
        "tables", "figures", "published"]


def test_the_committed_json_schema_is_the_current_one(repository: Path) -> None:
    text = (repository / "specs/schema/spec.v1.json").read_text(encoding="utf-8")
    assert text == json.dumps(spec_json_schema(), indent=2, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def editor() -> jsonschema.Draft202012Validator:
    schema = spec_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_an_editor_reads(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def rich() -> Any:
    return as_an_editor_reads((HERE / "rich.yaml").read_text(encoding="utf-8"))


@pytest.mark.data
def test_an_editor_accepts_the_example_of_the_design(
    editor: jsonschema.Draft202012Validator, shared: Path
) -> None:
    text = (shared / "design.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    assert [e.message for e in editor.iter_errors(as_an_editor_reads(text))] == []


def test_an_editor_accepts_a_spec_with_every_section(
    editor: jsonschema.Draft202012Validator
) -> None:
    assert [e.message for e in editor.iter_errors(rich())] == []


@pytest.mark.parametrize(("path", "value"), [
    (("paper", "sead"), 3),
    (("paper", "decimals"), 99),
    (("models", "base", "must"), "yes"),
    (("models", "base", "ssc"), "stata"),
    (("models", "base", "se"), {"cluster": "a", "hc1": "b"}),
    (("data", "gap", "keyz"), {}),
    (("data", "icio", "years"), "95-11"),
    (("panel", "merge", 0, "match"), "many-to-many"),
    (("indices", "digital", "pillars"), {"p": [{"is": "a", "direction": "up"}]}),
    (("tables", "tab1", "kind"), "regresion"),
    (("schema",), 2),
    (("samples", "Bad-Name"), {}),
])
def test_an_editor_refuses(
    editor: jsonschema.Draft202012Validator, path: tuple[str | int, ...], value: object
) -> None:
    data = copy.deepcopy(rich())
    holder = data
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    assert list(editor.iter_errors(data))
