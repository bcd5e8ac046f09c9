"""A font with Chinese characters for figures: where it is looked for, and its use.

The font that is found decides the bytes of a figure; it is an input of the run like a data file,
and the manifest names it with its hash.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from gvckit.errors import DataError, Problem, listing

__all__ = ["FOLDERS_VARIABLE", "chinese_family", "chinese_font"]

FOLDERS_VARIABLE = "GVCKIT_FONTS"
"""Folders, separated like PATH, that are looked through in place of the usual ones."""

#: Files in order of preference: those with the simplified forms first.
_NAMES = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf", "SourceHanSansCN-Regular.otf", "wqy-microhei.ttc",
    "wqy-zenhei.ttc", "FandolHei-Regular.otf", "FandolSong-Regular.otf", "msyh.ttc", "simhei.ttf",
    "PingFang.ttc", "Hiragino Sans GB.ttc", "STHeiti Light.ttc", "DroidSansFallbackFull.ttf",
)
_FOLDERS = (
    "~/.local/share/fonts", "~/.fonts", "/usr/local/share/fonts", "/usr/share/fonts",
    "/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol",
    "/usr/share/texmf/fonts/opentype/public/fandol",
    "~/Library/Fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts",
)
_SIMPLIFIED = (" SC", " CN", " GB")


def chinese_font(environment: Mapping[str, str] | None = None) -> Path | None:
    """Return the file of the preferred font that this machine has, None where it has none."""
    given = (os.environ if environment is None else environment).get(FOLDERS_VARIABLE)
    folders = ([part for part in given.split(os.pathsep) if part] if given is not None
               else list(_FOLDERS))
    found: dict[str, Path] = {}
    for folder in folders:
        for place, below, names in os.walk(Path(folder).expanduser()):
            below.sort()
            for name in sorted(set(names).intersection(_NAMES)):
                found.setdefault(name, Path(place) / name)
    return next((found[name] for name in _NAMES if name in found), None)


@contextmanager
def chinese_family(path: Path, name: str, texts: Iterable[str]) -> Iterator[str]:
    """Make the font in ``path`` known to matplotlib and yield the name of its family.

    Parameters
    ----------
    path, name
        The file, and what its family is called.
    texts
        What will be written.

    Raises
    ------
    DataError
        Where the font cannot be read, or lacks characters.
    """
    from matplotlib import font_manager

    fonts = font_manager.fontManager.ttflist
    before = len(fonts)
    try:
        font_manager.fontManager.addfont(path)
    except (OSError, RuntimeError) as error:
        raise DataError(Problem(f"{path.name} is no font that can be read: {error}")) from None
    faces = fonts[before:]
    del fonts[before:]
    face = next((f for f in faces if f.name.endswith(_SIMPLIFIED)), faces[0])
    ours: Any = replace(face, name=f"gvckit {name}", weight=400)
    _check(ours, path, texts)
    fonts.append(ours)
    try:
        yield ours.name
    finally:
        fonts.remove(ours)


def _check(face: Any, path: Path, texts: Iterable[str]) -> None:
    from matplotlib import font_manager

    # Before matplotlib 3.11 a collection has its first face only.
    faced = getattr(font_manager, "FontPath", None)
    where = faced(face.fname, face.index) if faced else face.fname
    known = font_manager.get_font(where).get_charmap()
    lacking = sorted({sign for text in texts for sign in text
                      if ord(sign) >= 0x2E80 and ord(sign) not in known})
    if lacking:
        raise DataError(Problem(
            f"the font {path.name} lacks {listing(lacking)}",
            allowed=f"a font that has them, in a folder that {FOLDERS_VARIABLE} names"))
