"""Which signs a stream has: those of its encoding, and ASCII alone where the locale says so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

_PLAIN = str.maketrans({"…": "~", "×": "x", "█": "#", "░": "-"})
_ASCII_LOCALES = frozenset({"C", "POSIX"})
_DECIDING = ("LC_ALL", "LC_CTYPE", "LANG")  # the first that is set and not empty
_COERCED = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})  # what Python makes of LC_CTYPE where the locale is C (PEP 538)


def locale_is_ascii() -> bool:
    """Whether this process was started with a locale that promises no more than ASCII. Python writes UTF-8 there all
    the same; a terminal whose owner has said C may not show it."""
    said = next(filter(None, map(_said, _DECIDING)), "")
    return said in _ASCII_LOCALES


def is_plain(stream: TextIO, *, ascii_locale: bool) -> bool:
    """Whether the stream has no signs beyond ASCII that can be relied on."""
    return ascii_locale or not (stream.encoding or "ascii").lower().replace("-", "").startswith("utf")


def plain(text: str, stream: TextIO, *, ascii_locale: bool) -> str:
    """The text in the signs of a plain stream: our own have others that are as wide, the rest become escapes."""
    if text.isascii():
        return text
    encoding = "ascii" if ascii_locale else stream.encoding or "ascii"
    return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)


def _said(name: str) -> str:
    """The variable as the caller has set it: Python's own word for it hides a C of LC_CTYPE or LANG."""
    value = os.environ.get(name, "")
    if name != "LC_CTYPE" or value not in _COERCED:
        return value
    try:
        given = Path("/proc/self/environ").read_bytes()
    except OSError:
        return value
    return next(
        (word[9:].decode("ascii", "replace") for word in given.split(b"\0") if word.startswith(b"LC_CTYPE=")), ""
    )
