"""Show a resolved model as the spec would write it, and where each key comes from."""

from __future__ import annotations

from typing import Any

from gvckit.errors import SpecError, unknown
from gvckit.spec.render import width
from gvckit.spec.resolved import ModelSpec, Spec

__all__ = ["explain_model"]

_NEEDS_QUOTES = set(",[]{}:#&*!|>'\"%@`")
_WIDEST = 60


def explain_model(spec: Spec, name: str) -> str:
    """Return the model ``name`` with everything inherited written out.

    Each line says where its key comes from: the model itself, one that it is like, and the place.

    Raises
    ------
    SpecError
        Where there is no such model.
    """
    if name not in spec.models:
        raise SpecError(unknown("model", name, spec.models))
    model = spec.models[name]
    rows = [(f"  {key}: {_flow(value)}", _source(spec, model, key))
            for key, value in _written(model).items()]
    longest = min(max((width(text) for text, _ in rows), default=0), _WIDEST)
    lines = [f"{name}:  # {spec.path}:{model.origin.line}:{model.origin.column}"]
    if model.chain:
        lines[0] += f", like {', like '.join(model.chain)}"
    lines += [f"{text}{' ' * max(0, longest - width(text))}  # {source}" for text, source in rows]
    return "\n".join(lines)


def _written(model: ModelSpec) -> dict[str, Any]:
    written = dict(model.model)
    for key in ("sample", "vary", "must", "label", "note"):
        value = getattr(model, key)
        if value not in (None, False):
            written[key] = value
    return written


def _source(spec: Spec, model: ModelSpec, key: str) -> str:
    path = model.sources.get(key, ("models", model.name))
    owner = str(path[1]) if len(path) > 1 else model.name
    where = spec.document.key_at(path)
    said = f"{path[2]}: " if len(path) > 2 and path[2] != key else ""
    whose = "" if owner == model.name else f"from {owner}, "
    return f"{whose}{said}line {where.line}, column {where.column}"


def _flow(value: Any) -> str:
    """Return a JSON value as YAML in flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if not text or (isinstance(value, str) and _quoted(text)):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def _quoted(text: str) -> bool:
    plain_star = text.replace("*", "", 1) if text[:1].isalpha() else text
    return bool(set(plain_star) & _NEEDS_QUOTES) or text != text.strip() or text[:1] in "-?~"
