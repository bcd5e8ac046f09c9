"""The base class of every mapping in a spec: unknown keys refused, frozen, with its origin."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails

from gvckit.errors import Where, listing, nearest
from gvckit.spec.schema.coerce import fault

__all__ = ["Entry"]

_UNPLACED = Where("spec")


class Entry(BaseModel):
    """A mapping of the spec.

    ``name`` and ``origin`` (where its key stands in the file) are stamped when the spec is
    resolved.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    # Keys that users bring from other tools, and what they are called here.
    SYNONYMS: ClassVar[dict[str, str]] = {}

    _name: str = PrivateAttr(default="")
    _origin: Where = PrivateAttr(default=_UNPLACED)

    @property
    def name(self) -> str:
        """The name under which it is declared."""
        return self._name

    @property
    def origin(self) -> Where:
        """Where its key stands in the spec file."""
        return self._origin

    @property
    def given(self) -> frozenset[str]:
        """The keys that the spec writes out, as the spec spells them."""
        fields = type(self).model_fields
        return frozenset(fields[name].alias or name for name in self.model_fields_set)

    def stamped(self, name: str, origin: Where) -> Self:
        """Record the name and the place; returns the same entry."""
        self._name, self._origin = name, origin
        return self

    @classmethod
    def allowed_keys(cls) -> list[str]:
        """Return the keys that may be written, in the order of the documentation."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="wrap")
    @classmethod
    def _name_unknown_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Say what the allowed keys are, which pydantic's own message does not."""
        try:
            return handler(data)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                error.title, [cls._explained(e) for e in error.errors(include_url=False)]
            ) from None

    @classmethod
    def _explained(cls, error: Any) -> InitErrorDetails:
        details = InitErrorDetails(type=error["type"], loc=error["loc"], input=error["input"])
        if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
            key, keys = str(error["loc"][0]), cls.allowed_keys()
            if key.endswith(")"):
                details["type"] = fault(f"stray key {key!r}: quote the expression")
            else:
                details["type"] = fault(
                    f"unknown key {key!r}", allowed=listing(keys, 40),
                    nearest=cls.SYNONYMS.get(key) or nearest(key, keys))
        elif error["type"] == "spec":
            details["type"] = fault(**error["ctx"])
        if "ctx" in error and error["type"] != "spec":
            details["ctx"] = error["ctx"]
        return details
