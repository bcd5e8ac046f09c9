"""What is stored comes back as it was, as the same bytes each time."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import hypothesis.extra.numpy as hnp
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gvckit.run.bundle import Bundle
from gvckit.run.canonical import dumps, jsonable
from gvckit.run.frames import decode_frame, encode_frame
from gvckit.run.stored import Stored

ANY_STORE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)

scalars = (st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text())
plain = st.recursive(
    scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4),
    max_leaves=20)
words = st.text(max_size=5)


def column(draw, rows: int) -> pd.Series:
    kind = draw(st.sampled_from(
        ["float64", "float32", "int64", "int8", "uint64", "bool", "str", "object", "string",
         "Int64", "Float64", "boolean", "datetime64[ns]", "datetime64[s]", "words", "years"]))
    if kind in ("str", "object", "string"):
        return pd.Series(draw(st.lists(words | st.none(), min_size=rows, max_size=rows)),
                         dtype=kind)
    if kind in ("Int64", "Float64", "boolean"):
        values = {"Int64": st.integers(-2**63, 2**63 - 1), "boolean": st.booleans(),
                  "Float64": st.floats(allow_nan=False)}[kind]
        return pd.Series(draw(st.lists(values | st.none(), min_size=rows, max_size=rows)),
                         dtype=kind)
    if kind in ("words", "years"):
        some = words if kind == "words" else st.integers(1900, 2100)
        categories = draw(st.lists(some, unique=True, max_size=5))
        codes = draw(st.lists(st.integers(-1, len(categories) - 1), min_size=rows, max_size=rows))
        index = pd.Index(categories, dtype="str" if kind == "words" else "int64")
        return pd.Series(pd.Categorical.from_codes(
            codes, categories=index, ordered=draw(st.booleans())))
    return pd.Series(draw(hnp.arrays(kind, rows)), dtype=kind)


@st.composite
def frames(draw) -> pd.DataFrame:
    rows = draw(st.integers(0, 6))
    names = draw(st.lists(words, unique=True, min_size=1, max_size=4))
    frame = pd.DataFrame({name: column(draw, rows) for name in names})
    levels = draw(st.integers(0, 2))
    if levels:
        keys = [column(draw, rows).set_axis(frame.index) for _ in range(levels)]
        frame.index = (pd.Index(keys[0], name=draw(st.none() | words)) if levels == 1 else
                       pd.MultiIndex.from_arrays(keys, names=["a", draw(st.none() | words)]))
    elif rows and draw(st.booleans()):
        frame = frame.iloc[::2]
    frame.columns.name = draw(st.none() | words)
    frame.attrs = draw(st.dictionaries(words, plain, max_size=3))
    return frame


@given(frames())
@ANY_STORE
def test_frames_come_back(frame):
    parts = encode_frame(frame)
    back = decode_frame(parts)
    pd.testing.assert_frame_equal(back, frame, check_exact=True, check_column_type=False)
    assert back.attrs == frame.attrs
    assert list(back.dtypes) == list(frame.dtypes)
    assert encode_frame(back) == parts


def test_bits_of_floats_come_back():
    values = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, 0.1])
    back = decode_frame(encode_frame(pd.DataFrame({"v": values})))["v"].to_numpy()
    assert back.tobytes() == values.tobytes()


def test_categories_keep_their_order_even_where_unused():
    keys = pd.Categorical(["USA", "CHN"], categories=["ZWE", "USA", "CHN"])
    back = decode_frame(encode_frame(pd.DataFrame({"c": keys})))
    assert list(back["c"].cat.categories) == ["ZWE", "USA", "CHN"]


def test_a_frame_with_an_index_only_comes_back():
    frame = pd.DataFrame(index=pd.Index([3, 1], name="k"))
    assert decode_frame(encode_frame(frame)).index.equals(frame.index)


@pytest.mark.parametrize(("frame", "message"), [
    (pd.DataFrame({1: [1]}), "unique texts"),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), "unique texts"),
    (pd.DataFrame({"a": [object()]}), "column 'a' has the dtype object"),
    (pd.DataFrame({"a": pd.to_datetime(["2000-01-01"], utc=True)}), "column 'a'"),
    (pd.DataFrame({"a": [1j]}), "column 'a' has the dtype complex128"),
])
def test_frames_that_would_not_come_back_are_refused(frame, message):
    with pytest.raises(TypeError, match=message):
        encode_frame(frame)


def test_attributes_must_be_plain():
    frame = pd.DataFrame({"a": [1]})
    frame.attrs = {"x": {1, 2}}
    with pytest.raises(TypeError, match=r"attrs\.x is a set"):
        encode_frame(frame)


@given(value=plain)
@ANY_STORE
def test_plain_values_come_back(store, value):
    stored = store.objects.save(value)
    assert dumps(store.objects.load(stored)) == dumps(jsonable(value))
    assert store.objects.save(value) == stored


@given(array=hnp.arrays(st.sampled_from(["f8", "f4", "i8", "u2", "?", "U3", "M8[D]"]),
                        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)))
@ANY_STORE
def test_arrays_come_back(store, array):
    stored = store.objects.save(array)
    back = store.objects.load(stored)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert store.objects.save(np.array(array, order="F")) == stored


def test_arrays_of_objects_are_refused(store):
    with pytest.raises(ValueError, match="allow_pickle"):
        store.objects.save(np.array([object()]))


@given(st.dictionaries(words, plain | st.binary(), max_size=4))
@ANY_STORE
def test_bundles_come_back_in_order(store, members):
    bundle = Bundle(members | {"inner": Bundle({"text": "x", "bytes": b"\x00"})})
    back = store.objects.load(store.objects.save(bundle))
    assert list(back) == list(bundle)
    assert dict(back["inner"]) == {"text": "x", "bytes": b"\x00"}
    for name, value in members.items():
        if name != "inner":
            assert back[name] == value


def test_bundles_read_only_what_is_asked_for(store):
    stored = store.objects.save(Bundle({"a": "first", "b": "second"}))
    store.objects.discard(stored.members[0][1].parts[0].sha256)
    assert store.objects.load(stored)["b"] == "second"


def test_numbers_of_numpy_become_plain(store):
    value = {"i": np.int64(3), "f": np.float64(0.1), "b": np.bool_(True), "n": float("nan")}
    back = store.objects.load(store.objects.save(value))
    assert (back["i"], back["f"], back["b"]) == (3, 0.1, True)
    assert math.isnan(back["n"])


@pytest.mark.parametrize("value", [{"f": pd.DataFrame()}, {1: 2}, [object()], {1, 2}])
def test_other_values_are_refused(store, value):
    with pytest.raises(TypeError):
        store.objects.save(value)


@given(value=plain)
@ANY_STORE
def test_descriptions_of_results_come_back(store, value):
    stored = store.objects.save(Bundle({"a": value, "b": "text"}))
    assert Stored.from_json(json.loads(json.dumps(stored.to_json()))) == stored


def test_tables_come_back(store):
    from gvckit.icio.table import IcioTable

    rng = np.random.default_rng(5)
    Z, F = rng.random((6, 6)), rng.random((6, 4)) + 3
    table = IcioTable.from_arrays(Z, F, countries=["AAA", "BBB"], sectors=["s", "t", "u"],
                                  categories=["c", "g"], year=2001, unit="M USD", source="toy")
    stored = store.objects.save(table)
    back = store.objects.load(stored)
    assert back.hash == table.hash
    assert back.meta() == table.meta()
    assert not back.Z.flags.writeable
    assert store.objects.load(stored) is back, "a table is kept for the next step"
    assert store.objects.save(back) == stored


def test_results_of_models_come_back(store):
    from gvckit.models.result import NotEstimated

    missing = NotEstimated(name="iv", reason="the instrument is constant", model={"y": "a"})
    assert store.objects.load(store.objects.save(missing)).to_dict() == missing.to_dict()


def test_choosing_a_codec_imports_nothing_heavy():
    script = ("import sys\nfrom gvckit.run.codecs import codec_for\ncodec_for({'a': 1})\n"
              "print([m for m in ('numpy', 'pandas', 'pyarrow', 'dask', 'rich') "
              "if m in sys.modules])")
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                         check=True).stdout
    assert out.strip() == "[]"
