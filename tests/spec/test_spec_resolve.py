"""Resolving: what models inherit, which names are declared, what every item knows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvckit.errors import SpecError, Where
from gvckit.spec.explain import explain_model
from gvckit.spec.load import load, load_text
from gvckit.spec.resolve import read_spec, resolve
from gvckit.spec.resolved import Spec

HERE = Path(__file__).parent
HEAD = """\
schema: 1
paper: {key: p}
data:
  icio: {source: wiod2013, years: 1995-1997}
  d: {file: d.csv, keys: [country, sector, year], take: [y, dig, a, b, z]}
  pwt: {file: p.csv, keys: [country, year], take: [hc]}
panel: {unit: [country, sector], time: year, rows: d}
"""


@pytest.fixture(scope="module")
def rich() -> Spec:
    return read_spec(HERE / "rich.yaml")


def spec_of(body: str) -> Spec:
    return resolve(load_text(HEAD + body, "f"))


def told(body: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        spec_of(body)
    return [p.what for p in caught.value.problems]


def design_example(shared: Path) -> str:
    text = (shared / "design.md").read_text(encoding="utf-8")
    found = re.search(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.mark.data
def test_the_example_of_the_design_resolves(shared: Path) -> None:
    spec = resolve(load_text(design_example(shared), "paper.yaml"))
    assert spec.data["icio"].years == tuple(range(1995, 2012))
    assert spec.data["gap"].reading["long"] == {"name": "variable", "value": "value"}
    assert spec.indices["dig_in"].parameters == {
        "coefficient": "complete", "sectors": "wiod2013-digital"}
    assert spec.indices["dig_eco"].pillars["access"][1].direction == "+"
    assert spec.panel is not None
    assert spec.panel.sources == ("gvc_pos", "gvc_fwd", "dig_in", "dig_eco", "gap", "pwt")
    assert spec.panel.merge[1].expect == {"countries": 38}
    assert spec.models["lagged"].model == {**spec.models["baseline"].model, "x": ["lag(dig)"]}
    assert spec.models["iv"].model["instruments"] == {"dig": ["bartik"]}
    assert spec.models["curve"].vary == {
        "y": ["ln_pos", "gvc_fwd"], "controls": [[], ["ln_gdp"], ["ln_gdp", "open"]],
        "sample": ["all", "no_crisis"]}
    assert spec.samples["no_crisis"].drop == {"year": (2008, 2009)}
    assert spec.published["tab2.baseline.dig"].entry.numbers == {
        "b": "0.132", "se": "0.021", "n": "41,230"}
    assert spec.variables["ln_gdp"].label == {"en": "Ln GDP per capita", "zh": "人均GDP对数"}


@pytest.mark.data
def test_the_example_of_the_design_is_read_quickly(shared: Path) -> None:
    text = design_example(shared)
    start = time.perf_counter()
    resolve(load_text(text, "paper.yaml"))
    assert time.perf_counter() - start < 0.3


def test_reading_a_spec_imports_no_numerical_library() -> None:
    code = ("import sys; from gvckit.spec.resolve import read_spec; read_spec(sys.argv[1]); "
            "print(sorted({'numpy', 'pandas', 'scipy', 'rich', 'dask', 'pyarrow'} "
            "& set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code, str(HERE / "rich.yaml")],
                          capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_values_keep_their_text(rich: Spec) -> None:
    gap = rich.data["gap"]
    assert gap.na == ("", "n/a", "0132")
    assert gap.take["pop"] == "2010_1"
    assert rich.data["wiod"].countries == ("NO", "ROW", "CHN")
    assert rich.data["icio"].countries == 8
    assert rich.data["icio"].years == (2000, 2001, 2002, 2003, 2004, 2006)
    assert rich.published["tab2.base.dig"].entry.b == "0.130"
    assert rich.published["tab2.lagged.lag(dig)"].entry.numbers == {"b": "-0.5", "t": "−2.10"}
    assert rich.samples["early"].drop == {"country": ("CHN", "NO")}
    assert rich.samples["early"].keep == {"year": (2000, 2001, 2002)}


def test_what_models_inherit(rich: Spec) -> None:
    base = rich.models["base"].model
    assert base == {"y": "pos", "x": ["dig"], "controls": ["ln_gdp"],
                    "fe": ["country*sector", "year"], "se": {"cluster": ["country", "year"]},
                    "ssc": "reghdfe"}
    assert rich.models["more"].model == {**base, "controls": ["ln_gdp", "rich", "access"]}
    assert rich.models["more"].sample == "early"
    lagged = rich.models["lagged"]
    assert lagged.chain == ("less", "more", "base")
    assert lagged.terms == ("lag(dig)", "rich", "lag(access, 2)")
    assert lagged.model["weights"] == "pop"
    assert lagged.sample == "early"
    assert "weights" not in rich.models["no_weights"].model
    assert rich.models["no_weights"].model["se"] == {"driscoll-kraay": 3}
    assert rich.models["iv_lag"].model["instruments"] == {"lag(dig)": ["dig_gap", "lag(dig, 2)"]}
    json.dumps([m.model for m in rich.models.values()])


def test_label_and_must_are_a_models_own(rich: Spec) -> None:
    assert rich.models["base"].must
    assert rich.models["base"].label == {"en": "Baseline", "zh": "基准"}
    assert not rich.models["more"].must
    assert rich.models["more"].label is None


def test_variables_stand_after_those_they_use(rich: Spec) -> None:
    order = list(rich.variables)
    assert order.index("dig") < order.index("dig_gap")
    assert rich.variables["ln_gdp"].scale == 100
    assert rich.variables["ln_gdp"].expression.names == ("gdp_pc", "pop")


def test_pillars_can_be_merged(rich: Spec) -> None:
    assert {k for k, source in rich.values.items() if source == "digital"} == {
        "digital", "digital_imputed", "access", "fixed", "people", "productivity"}


def test_every_item_knows_its_origin(rich: Spec) -> None:
    lines = (HERE / "rich.yaml").read_text(encoding="utf-8").split("\n")
    for section in ("data", "indices", "variables", "samples", "models", "tables", "figures",
                    "published"):
        for name, item in getattr(rich, section).items():
            where = item.origin
            assert isinstance(where, Where)
            assert lines[where.line - 1][where.column - 1 :].startswith(f"{name}:"), name
    assert rich.paper.origin.line == 4
    assert rich.panel is not None
    assert lines[rich.panel.origin.line - 1] == "panel:"


def test_where_points_into_the_file(rich: Spec) -> None:
    lines = (HERE / "rich.yaml").read_text(encoding="utf-8").split("\n")
    where = rich.where("models", "iv", "instruments", "dig", 1)
    assert lines[where.line - 1][where.column - 1 :].startswith('"lag(dig, 2)"]')
    key = rich.where("models", "iv", "instruments", key=True)
    assert lines[key.line - 1][key.column - 1 :].startswith("instruments:")


def test_entries_are_frozen(rich: Spec) -> None:
    with pytest.raises(ValueError, match="frozen"):
        rich.paper.seed = 3
    with pytest.raises(AttributeError):
        rich.models["base"].must = False  # type: ignore[misc]


def test_a_small_spec_needs_little() -> None:
    spec = resolve(load_text("schema: 1\npaper: {key: p}\ndata:\nsamples: ~\n", "f"))
    assert spec.panel is None
    assert spec.data == {}
    assert spec.paper.seed == 0


def test_explaining_a_model(rich: Spec) -> None:
    text = explain_model(rich, "lagged").replace(str(HERE), "")
    assert text.splitlines() == [
        "lagged:  # /rich.yaml:117:3, like less, like more, like base",
        "  y: pos                              # from base, line 107, column 5",
        "  x: [lag(dig)]                       # swap: line 117, column 24",
        '  controls: [rich, "lag(access, 2)"]  # swap: line 117, column 24',
        "  fe: [country*sector, year]          # from base, line 110, column 5",
        "  se: {cluster: [country, year]}      # from base, line 111, column 5",
        "  ssc: reghdfe                        # from base, line 112, column 5",
        "  weights: pop                        # from less, line 116, column 38",
        "  sample: early                       # from more, line 115, column 43",
    ]
    with pytest.raises(SpecError, match="did you mean 'lagged'"):
        explain_model(rich, "laged")


@pytest.mark.parametrize("name", ["base", "more", "less", "lagged", "iv", "iv_lag", "cut", "path"])
def test_what_is_explained_reads_as_the_same_model(rich: Spec, name: str) -> None:
    """The text is YAML that says the same without ``like``."""
    body = HERE.joinpath("rich.yaml").read_text(encoding="utf-8")
    head, tail = body.split("models:\n")[0], explain_model(rich, name)
    spec = resolve(load_text(head + "models:\n" + "\n".join(
        f"  {line}" for line in tail.splitlines()) + "\n", "f"))
    assert spec.models[name].model == rich.models[name].model
    assert spec.models[name].sample == rich.models[name].sample


@pytest.mark.parametrize(("body", "expected"), [
    ("models: {m: {y: y}}", ["the model 'm' has no x"]),
    ("models: {m: {x: dig}}", ["the model 'm' has no y"]),
    ("models: {m: {y: y, x: [dig, a], controls: [a]}}", ["'a' stands in the model twice"]),
    ("models: {m: {y: y, x: dig, difference: suest}}", [
        "difference: compares the groups of split:, which the model does not have"]),
    ("models: {m: {y: y, x: dig, instruments: {a: [z]}}}", ["unknown term of the model 'a'"]),
    ("models: {m: {y: y, x: dig, instruments: {dig: [dig]}}}", [
        "'dig' is a regressor of the model, so it is no instrument"]),
    ("models: {m: {y: y, x: dig, weights: hc}}", [
        "'hc' comes from 'pwt', which is not merged into the panel"]),
    ("models: {m: {y: y, x: dig, sample: al}}", ["unknown sample 'al'"]),
    ("models: {m: {y: y, x: dig, se: {cluster: }}}", ["cluster: expected a value, found nothing"]),
    ("models: {m: {y: y, x: dig, fe: [country*country]}}", [
        "'country' stands in 'country*country' twice"]),
    ("models: {m: {y: y, x: dig, fe: ['country*']}}", [
        "'country*' is not a name, nor names joined by *"]),
    ("models: {m: {y: y, x: dig, vary: {}}}", ["vary: nothing is varied"]),
    ("models: {m: {y: y, x: dig, vary: {controls: [[q]]}}}", ["unknown variable 'q'"]),
    ("models: {m: {y: y, x: dig, threshold: {variable: a, regime_of: b}}}", [
        "unknown term of the model 'b'"]),
    ("models: {m: {y: y, x: dig}, n: {like: m, add: dig}}", ["'dig' stands in the model twice"]),
    ("models: {m: {y: y, x: dig, controls: a}, n: {like: m, add: a}}", [
        "'a' is already among the controls"]),
    ("models: {m: {y: y, x: dig, controls: a}, n: {like: m, drop: b}}", ["unknown control 'b'"]),
    ("variables: {icio: a}\nmodels: {m: {y: y, x: icio}}", None),
    ("variables: {and: a}", [
        "the variable 'and' has the name of a word of the expression language"]),
    ("variables: {v: lgo(a)}", ["unknown function 'lgo'"]),
    ("samples: {s: {years: 1995-1996, keep: {year: 1995}}}", ["'year' is kept already"]),
    ("samples: {s: {drop: {year: 1995}, keep: {year: 1996}}}", [
        "'year' is both kept and dropped"]),
    ("indices: {i: {measure: position, by: country}}", [
        "i: the measure does not say what it measures"]),
    ("indices: {i: {measure: position, by: country, icio: d}}", [
        "unknown data entry with tables 'd'"]),
    ("indices: {pwt: {measure: position, by: country, icio: icio}}", [
        "'pwt' names a data entry and an index"]),
    ("indices: {i: {composite: {by: year}, pillars: {p: [j]}}, "  # noqa: ISC004
     "j: {composite: {by: year}, pillars: {p: [i]}}}", [
         "i needs j needs i: an index cannot need itself"]),
    ("indices: {i: {composite: {by: [country, year]}, pillars: {p: [hc], q: [hc]}}}", [
        "the indicator 'hc' stands in the index twice; first at f:8:63"]),
    ("indices: {i: {composite: {by: [country, year]}, pillars: {}}}", [
        "pillars: expected at least 1, found 0"]),
])
def test_what_does_not_resolve(body: str, expected: list[str] | None) -> None:
    if expected is None:
        assert spec_of(body)
    else:
        assert told(body) == expected


def test_one_mistake_is_told_once() -> None:
    """What follows from a broken entry is no further problem."""
    assert told(
        "indices: {i: {measure: position, icio: icio, by: [country], vlaue: position}}\n"
        "models:\n"
        "  base: {y: y, x: {a: b}, se: {cluster: contry}}\n"
        "  more: {like: base, add: [i]}\n"
        "tables: {t: {columns: [base, more], show: [dig]}}\n"
        "published: {t.base.dig: {b: '1'}}\n") == [
            "unknown key 'vlaue'", "x: expected a list, found a mapping",
            "unknown variable 'contry'",
            "'i' comes from 'i', which is not merged into the panel"]


CODES = st.from_regex(r"[A-Z0-9]{2,4}", fullmatch=True)


@given(st.lists(CODES, min_size=1, max_size=5, unique=True), st.integers(1800, 2190),
       st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_codes_and_years_survive(codes: list[str], first: int, more: int) -> None:
    spec = spec_of(f"samples: {{s: {{keep: {{country: [{', '.join(codes)}], "
                   f"year: {first}-{first + more}}}}}}}")
    assert spec.samples["s"].keep == {
        "country": tuple(codes), "year": tuple(range(first, first + more + 1))}


def test_the_same_text_resolves_to_the_same_spec() -> None:
    path = HERE / "rich.yaml"
    assert resolve(load(path)) == resolve(load(path))


def test_words_of_models_are_told_beside_unknown_names_and_once() -> None:
    """Whoever misspells an estimator and a variable reads of both at once, heirs add nothing."""
    found = told("""
models:
  base: {y: y, x: [dgi], estimator: olz, se: {clutser: country}}
  heir: {like: base, controls: [a]}
  other: {y: y, x: [dig], estimator: {ree: amemiya}, se: hc7}
""")
    assert found == ["unknown variable 'dgi'", "unknown estimator 'olz'", "unknown se 'clutser'",
                     "unknown estimator 'ree'", "unknown se 'hc7'"]
