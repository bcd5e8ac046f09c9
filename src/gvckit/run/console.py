"""Standard output and error as a command needs them: any character, and a reader that may leave."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

__all__ = ["patient_streams"]


class _Patient:
    """A stream whose reader may leave (``| head``): the work goes on, and nobody is told."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name

    def write(self, text: str) -> int:
        """Write, unless nobody reads any more."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            return len(text)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._name) from None

    def flush(self) -> None:
        """Flush, unless nobody reads any more."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            return
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._name) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def patient_streams() -> Iterator[None]:
    """Let what is printed be any text: what an encoding lacks is written with backslashes.

    Raises
    ------
    OSError
        Where what was printed cannot be written (a full disk); it names the stream.
    """
    before = sys.stdout, sys.stderr
    with ExitStack() as stack:
        stack.callback(_restore, *before)
        streams = []
        for stream, name in zip(before, ("standard output", "standard error"), strict=True):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
            # None where it was closed (``>&-``).
            open_stream: Any = stream or stack.enter_context(
                Path(os.devnull).open("w", encoding="utf-8"))
            streams.append(_Patient(open_stream, name))
        sys.stdout, sys.stderr = streams
        yield
        sys.stdout.flush()


def _restore(stdout: TextIO, stderr: TextIO) -> None:
    sys.stdout, sys.stderr = stdout, stderr
