"""Results to bytes and back, without pickle.

Each kind of result has one row in `CODECS`.  Rows look at what is loaded already, so that choosing
one imports nothing; encoding and decoding import what they need.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gvckit.run.canonical import dumps, jsonable

if TYPE_CHECKING:
    import numpy as np

__all__ = ["CODECS", "Codec", "codec_for", "codec_named"]

Parts = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Codec:
    """How one kind of result is stored.

    Attributes
    ----------
    tag
        Name and version of the layout; a new layout is a new tag.
    matches
        Whether a value is of this kind.
    encode
        Value to its files by name.
    decode
        Files by name (each read when it is asked for) to the value.
    share
        Gives a reader its own view of a decoded value, so that the value can be kept in memory for
        the next reader; None where it is decoded anew each time.
    """

    tag: str
    matches: Callable[[Any], bool]
    encode: Callable[[Any], dict[str, bytes]]
    decode: Callable[[Parts], Any]
    share: Callable[[Any], Any] | None = None


def codec_for(value: Any) -> Codec:
    """Return the codec for ``value``; TypeError where a step returned what cannot be stored."""
    for codec in CODECS:
        if codec.matches(value):
            return codec
    raise TypeError(f"a step returned a {type(value).__qualname__}, which the store cannot keep")


def codec_named(tag: str) -> Codec | None:
    """Return the codec that wrote ``tag``, or None where this version has none."""
    return next((codec for codec in CODECS if codec.tag == tag), None)


def _is(module: str, name: str) -> Callable[[Any], bool]:
    """Return a test for instances of a class of a module that may not be loaded yet."""

    def matches(value: Any) -> bool:
        loaded = sys.modules.get(module)
        return loaded is not None and isinstance(value, getattr(loaded, name))

    return matches


def _encode_json(value: Any) -> dict[str, bytes]:
    return {"value.json": dumps(jsonable(value)).encode()}


def _decode_json(parts: Parts) -> Any:
    return json.loads(parts["value.json"])


def _encode_array(array: np.ndarray[Any, Any]) -> bytes:
    """Return the npy bytes of ``array`` in row-major order; ValueError for objects."""
    import numpy as np

    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array, order="C"), allow_pickle=False)
    return buffer.getvalue()


def _decode_array(data: bytes) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)


def _encode_icio(table: Any) -> dict[str, bytes]:
    arrays = {f"{name}.npy": _encode_array(array) for name, array in table.to_arrays().items()}
    return {"meta.json": dumps(jsonable(table.meta())).encode()} | arrays


def _decode_icio(parts: Parts) -> Any:
    from gvckit.icio.table import IcioTable

    arrays = {
        name.removesuffix(".npy"): _decode_array(parts[name])
        for name in parts if name.endswith(".npy")
    }
    return IcioTable.from_stored(arrays, json.loads(parts["meta.json"]))


def _encode_dict(value: Any) -> dict[str, bytes]:
    return _encode_json(value.to_dict())


def _decode_result(name: str) -> Callable[[Parts], Any]:
    def decode(parts: Parts) -> Any:
        from gvckit.models import result

        return getattr(result, name).from_dict(_decode_json(parts))

    return decode


def _encode_frame(frame: Any) -> dict[str, bytes]:
    from gvckit.run.frames import encode_frame

    return encode_frame(frame)


def _decode_frame(parts: Parts) -> Any:
    from gvckit.run.frames import decode_frame

    return decode_frame(parts)


def _share_frame(frame: Any) -> Any:
    from gvckit.run.frames import share_frame

    return share_frame(frame)


CODECS: tuple[Codec, ...] = (
    Codec("text/1", lambda v: isinstance(v, str),
          lambda v: {"value.txt": v.encode()}, lambda parts: parts["value.txt"].decode()),
    Codec("bytes/1", lambda v: isinstance(v, bytes),
          lambda v: {"value": v}, lambda parts: parts["value"]),
    Codec("icio/1", _is("gvckit.icio.table", "IcioTable"), _encode_icio, _decode_icio,
          share=lambda table: table),
    Codec("fit/1", _is("gvckit.models.result", "Fit"), _encode_dict, _decode_result("Fit")),
    Codec("not-estimated/1", _is("gvckit.models.result", "NotEstimated"), _encode_dict,
          _decode_result("NotEstimated")),
    Codec("frame/1", _is("pandas", "DataFrame"), _encode_frame, _decode_frame, share=_share_frame),
    Codec("array/1", _is("numpy", "ndarray"),
          lambda v: {"value.npy": _encode_array(v)},
          lambda parts: _decode_array(parts["value.npy"])),
    Codec("json/1", lambda v: v is None or isinstance(v, bool | int | float | list | tuple | dict),
          _encode_json, _decode_json),
)
