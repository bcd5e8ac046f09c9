import importlib
import os
import signal
import time
from pathlib import Path

from gvckit.errors import DataError, Problem, Where


def told(inputs, files, params):
    raise DataError([Problem("no country 'XYZ'"), Problem("no year 1066", Where("d.csv", 3, 4))])


class OwnError(DataError):
    """An error class that only this module knows."""

    def __init__(self, problems, extra):
        super().__init__(problems)
        self.extra = extra


def own(inputs, files, params):
    raise OwnError("something of my own", extra=lambda: None)


class UnpicklableError(Exception):
    def __init__(self, first, second):
        super().__init__("odd\nindeed")
        self.callback = lambda: (first, second)


def unpicklable(inputs, files, params):
    raise UnpicklableError(1, 2)


def leaves(inputs, files, params):
    raise SystemExit(7)


def eats(inputs, files, params):
    raise MemoryError


def strange(inputs, files, params):
    return object()


def dies(inputs, files, params):
    os.kill(os.getpid(), signal.SIGKILL)


def slow(inputs, files, params):
    """Sleep, add its name to a file, and return a text that depends on its inputs."""
    time.sleep(params.get("seconds", 0.0))
    with Path(params["log"]).open("a") as log:
        log.write(params["name"] + "\n")
    return {"text": params["name"] + "".join(value["text"] for value in inputs.get("before", []))}


def reads(inputs, files, params):
    return files["file"].read_text()


def rewrites(inputs, files, params):
    text = files["file"].read_text()
    files["file"].write_text(text + "more")
    return text


def counts(inputs, files, params):
    """Return something else each time: what no step may do."""
    path = Path(params["count"])
    number = int(path.read_text()) + 1 if path.exists() else 0
    path.write_text(str(number))
    return {"number": number}


def doubles(inputs, files, params):
    return {"number": 2 * inputs["source"]["number"]}


def environment(inputs, files, params):
    return {name: os.environ.get(name) for name in params["names"]}


def registry(inputs, files, params):
    """Reach code by a name that no fingerprint sees."""
    return importlib.import_module(params["module"]).base(2001)
