"""What a model is made of: the keys that are estimated, and the variables in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gvckit.spec.compile.plan import names_in, plain
from gvckit.spec.resolved import ModelSpec

__all__ = ["MODEL_LIBRARIES", "model_keys", "model_names"]

MODEL_LIBRARIES = ("numpy", "pandas", "pyfixest", "scipy")
NOT_A_MODEL_KEY = ("must", "label", "note", "sample", "index_uncertainty", "leave_out", "placebo",
                   "groups")


def model_keys(model: ModelSpec) -> dict[str, Any]:
    """Return the keys that are estimated; the first alternative of what varies and is not given."""
    keys = {k: plain(v) for k, v in model.model.items() if k not in NOT_A_MODEL_KEY}
    for key, alternatives in (model.vary or {}).items():
        if key not in (*NOT_A_MODEL_KEY, "winsor") and not keys.get(key):
            keys[key] = plain(alternatives[0])
    return keys


def model_names(model: ModelSpec) -> list[str]:
    """Return every variable that a model uses."""
    given = model_keys(model)
    texts = [given["y"], *given.get("x", ()), *given.get("controls", ()), *given.get("fe", ())]
    texts += [text for key in ("weights", "split") if (text := given.get(key))]
    se = given.get("se")
    if isinstance(se, Mapping):
        texts += [c for value in se.values() for c in _words(value)]
        texts += [str(value[key]) for value in se.values() if isinstance(value, Mapping)
                  for key in ("lat", "lon") if key in value]
    for ends in dict(given.get("instruments") or {}).values():
        texts += _words(ends)
    for moderators in dict(given.get("interact") or {}).values():
        texts += _words(moderators)
    for names in dict(given.get("randomise") or {}).values():
        texts += _words(names)
    texts += _words((given.get("mechanism") or {}).get("through"))
    texts += _words((given.get("threshold") or {}).get("variable"))
    return names_in(texts)


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(v) for v in value] if isinstance(value, list | tuple) else []
