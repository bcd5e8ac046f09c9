"""Read the text of a spec file: UTF-8, of a sane size, without control characters."""

from __future__ import annotations

import re
from pathlib import Path

from gvckit.errors import Problem, SpecError, Where

__all__ = ["MAX_BYTES", "REFUSED", "place_after", "read_text"]

MAX_BYTES = 1_000_000

# Control characters, the line breaks of YAML 1.1 only, and marks that reorder what is shown.
REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path) -> str:
    r"""Return the text of ``path`` with ``\n`` line ends.

    Raises
    ------
    SpecError
        Where the file is missing, too long, not UTF-8 or not text.
    """
    shown = str(path)
    raw = _read_bytes(path)
    if len(raw) > MAX_BYTES:
        raise SpecError(Problem("the file is longer than a spec can be", Where(shown),
                                allowed=f"at most {MAX_BYTES:,} bytes"))
    if raw.startswith(_UTF16):
        raise SpecError(Problem("the file is saved as UTF-16; save it as UTF-8",
                                Where(shown, 1, 1)))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", errors="replace")
        raise SpecError(Problem(
            f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8 "
            "(it may be in GBK, Big5 or Latin-1)", place_after(before, shown))) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    refused = REFUSED.search(text)
    if refused:
        code = f"U+{ord(refused[0]):04X}"
        what = ("the file is not text: it holds a zero byte" if refused[0] == "\x00"
                else f"the character {code} cannot stand in a spec")
        raise SpecError(Problem(what, place_after(text[: refused.start()], shown)))
    return text


def place_after(before: str, path: str) -> Where:
    """Return the place of the character that follows the text ``before``."""
    before = before.replace("\r\n", "\n").replace("\r", "\n")
    return Where(path, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _read_bytes(path: Path) -> bytes:
    where = Where(str(path))
    try:
        if not path.exists():
            raise SpecError(Problem("there is no such file", where))
        if not path.is_file():
            raise SpecError(Problem("this is not a file", where,
                                    allowed="the path of a spec, such as specs/mypaper/paper.yaml"))
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecError(Problem(f"the file cannot be read: {reason}", where)) from None
