"""Stamps of files as text, in which the store remembers what the definitions were read from."""

from __future__ import annotations

from jobctl.config.safety import stamp
from jobctl.domain.settings import Configuration, FileStamp


def stamps_of(configuration: Configuration) -> dict[str, str]:
    """The stamp of every file and searched folder, by path."""
    return {one.path: _written(one) for one in configuration.files}


def is_as_written(path: str, text: str) -> bool:
    """Whether the file still has the stamp that was written down. Costs one stat."""
    return _written(stamp(path)) == text


def _written(one: FileStamp) -> str:
    return f"{one.size} {one.mtime_ns} {one.inode}"
