"""Data frames to parquet and back, with everything that parquet forgets in a side part."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gvckit.run.canonical import dumps, jsonable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["decode_frame", "encode_frame", "share_frame"]

TEXT = {"str", "string"}
NULLABLE = {"boolean", "Float32", "Float64"} | {
    f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}


def encode_frame(frame: pd.DataFrame) -> dict[str, bytes]:
    """Return the parts of ``frame``: ``data.parquet`` and ``meta.json``.

    Kept are values (missing ones included), dtypes, categories with their order, the index and
    ``attrs`` (which must be plain JSON).

    Raises
    ------
    TypeError
        For column labels that are not text or not unique, and dtypes that do not come back as they
        were.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    labels = list(frame.columns)
    if not all(isinstance(label, str) for label in labels) or not frame.columns.is_unique:
        raise TypeError(f"the column labels of a stored frame are unique texts, not {labels!r}")
    series = [(label, frame[label]) for label in labels]
    index, index_series = _index_meta(frame.index)
    arrays, columns = [], []
    for label, values in series + index_series:
        array, kind = _encode_column(label, values, pa)
        arrays.append(array)
        columns.append(kind)
    meta = {
        "attrs": jsonable(frame.attrs, "attrs"),
        "labels": labels,
        "label_name": jsonable(frame.columns.name, "the name of the columns"),
        "kinds": columns,
        "index": index,
    }
    names = [f"c{i}" for i in range(len(arrays))]
    # Numbers rarely repeat: a dictionary of them takes twice the time and a fifth more space.
    texts = [name for name, array in zip(names, arrays, strict=True)
             if pa.types.is_large_string(array.type)]
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays, names=names), sink, compression="zstd", version="2.6",
                   use_dictionary=texts or False, write_statistics=False, store_schema=True)
    return {"meta.json": dumps(meta).encode(), "data.parquet": sink.getvalue()}


def decode_frame(parts: Mapping[str, bytes]) -> pd.DataFrame:
    """Return the frame whose parts `encode_frame` made."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    meta = json.loads(parts["meta.json"])
    # Not read_table: it hands the bytes to a thread that can outlive the interpreter and abort it.
    table = pq.ParquetFile(pa.BufferReader(parts["data.parquet"])).read(use_threads=False)
    values = [
        _decode_column(column, kind, pa)
        for column, kind in zip(table.itercolumns(), meta["kinds"], strict=True)
    ]
    labels = meta["labels"]
    index = _index(meta["index"], values[len(labels):])
    frame = pd.DataFrame(dict(enumerate(values[:len(labels)])), index=None if labels else index)
    frame.index = index
    frame.columns = pd.Index(labels, dtype=None if labels else "str", name=meta["label_name"])
    frame.attrs = meta["attrs"]
    return frame


def share_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame that its reader may change without changing ``frame``."""
    import pandas as pd

    return frame.copy(deep=int(pd.__version__.partition(".")[0]) < 3)


def _encode_column(label: str, values: pd.Series, pa: Any) -> tuple[Any, Any]:
    """Return the arrow array of one column, and what restores its dtype."""
    import numpy as np
    import pandas as pd

    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        categories, kind = _encode_column(label, pd.Series(dtype.categories), pa)
        return pa.array(values.cat.codes.to_numpy(np.int32)), {
            "categories": categories.to_pylist(), "kind": kind, "ordered": bool(dtype.ordered),
            "name": jsonable(dtype.categories.name, f"the name of the categories of {label!r}")}
    name = str(dtype)
    if name in NULLABLE or name in TEXT:
        array = pa.array(values, type=pa.large_string() if name in TEXT else None,
                         from_pandas=True)
        # An object that wraps another table's memory may come in several pieces.
        return (array.combine_chunks() if hasattr(array, "combine_chunks") else array), name
    if isinstance(dtype, np.dtype):
        if dtype.kind in "fiub" and dtype.itemsize <= 8 and dtype != np.float16:
            return pa.array(values.to_numpy(), from_pandas=False), name
        if dtype.kind == "M":
            return pa.array(values.to_numpy().view(np.int64)), name
        if dtype.kind == "O" and all(isinstance(v, str) or v is None or v != v for v in values):
            return pa.array(values.tolist(), type=pa.large_string(), from_pandas=True), name
    raise TypeError(f"column {label!r} has the dtype {name}, which a stored frame cannot keep")


def _decode_column(column: Any, kind: Any, pa: Any) -> Any:
    """Return the values of one column as an array with the dtype that it had."""
    import pandas as pd

    if isinstance(kind, dict):
        categories = _decode_column(
            pa.chunked_array([_plain_array(kind["categories"], kind["kind"], pa)]), kind["kind"],
            pa)
        dtype = pd.CategoricalDtype(
            pd.Index(categories, name=kind["name"]), ordered=kind["ordered"])
        return pd.Categorical.from_codes(column.to_numpy(), dtype=dtype)
    if kind == "object":
        return pd.Series(column.to_pylist(), dtype=object)
    if kind in TEXT:
        return column.to_pandas().astype(kind)
    if kind in NULLABLE:
        return pd.array(column.to_pylist(), dtype=kind)
    values = column.to_numpy()
    return values.view(kind) if kind.startswith("datetime64") else values.astype(kind, copy=True)


def _plain_array(values: list[Any], kind: str, pa: Any) -> Any:
    """Return categories, which came through JSON, as an arrow array."""
    import numpy as np

    if kind in TEXT or kind == "object":
        return pa.array(values, type=pa.large_string())
    if kind.startswith("datetime64"):
        return pa.array(values, type=pa.int64())
    return pa.array(np.array(values, dtype=kind.lower() if kind in NULLABLE else kind))


def _index_meta(index: pd.Index) -> tuple[Any, list[tuple[str, pd.Series]]]:
    """Return the plain description of an index, and the columns that hold its labels."""
    import pandas as pd

    names = [jsonable(name, "the name of an index") for name in index.names]
    if isinstance(index, pd.RangeIndex):
        return {"range": [index.start, index.stop, index.step], "names": names}, []
    levels = [pd.Series(index.get_level_values(i)) for i in range(index.nlevels)]
    named = [(f"index {name!r}", level) for name, level in zip(names, levels, strict=True)]
    return {"names": names, "multi": isinstance(index, pd.MultiIndex)}, named


def _index(meta: Mapping[str, Any], levels: list[Any]) -> pd.Index:
    import pandas as pd

    if "range" in meta:
        start, stop, step = meta["range"]
        return pd.RangeIndex(start, stop, step, name=meta["names"][0])
    if meta["multi"]:
        return pd.MultiIndex.from_arrays(levels, names=meta["names"])
    index: pd.Index = pd.Index(levels[0]).rename(meta["names"][0])
    return index
