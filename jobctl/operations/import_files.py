"""Reading what is imported: text that may hold any bytes, and only so much of it."""

from __future__ import annotations

from pathlib import Path

from jobctl.config.safety import shown
from jobctl.errors import JobctlError

LARGEST = 16_000_000  # bytes; whatever is larger is neither a crontab nor a unit


def text_of(path: Path) -> str:
    """The file's text; bytes that are not UTF-8 are lone surrogates in it. JobctlError: it cannot be read."""
    try:
        with path.open("rb") as file:
            return as_text(file.read(LARGEST + 1))
    except OSError as error:
        raise JobctlError(f"cannot read {shown(path)}: {error.strerror}", "name another one to import") from None


def as_text(content: bytes) -> str:
    """The same for bytes. JobctlError: there are too many."""
    if len(content) > LARGEST:
        raise JobctlError("that cannot be meant: it is larger than 16 MB", "name another one to import")
    return content.decode("utf-8", "surrogateescape")
