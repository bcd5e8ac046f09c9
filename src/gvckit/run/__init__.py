"""Steps, their keys, the store, executors and the journal; ``gvckit.run(...)`` runs a spec.

The package is both a room and the public function of the same name, so the module is callable.
The function is looked up by name when it is called: a plain import here would make every step's
code fingerprint reach the whole engine.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class _CallableRoom(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run a spec: see :func:`gvckit.run.api.run`."""
        return importlib.import_module("gvckit.run.api").run(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableRoom
