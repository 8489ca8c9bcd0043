"""Stamps of files as text, in which the store remembers what the definitions were read from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.config.safety import digest, stamp
from jobctl.domain.file_stamp import FileStamp

if TYPE_CHECKING:
    from jobctl.domain.settings import Configuration


def stamps_of(configuration: Configuration) -> dict[str, str]:
    """The stamp of every file and searched folder, by path."""
    return {one.path: _written(one) for one in configuration.files}


def is_unchanged(jobs_file: Path, stamps: Mapping[str, str]) -> bool:
    """Whether the stamps are those of this jobs file and nothing that was read has changed. A stat for each file; one
    that was written again is read to see whether it says the same."""
    return str(jobs_file) in stamps and all(_is_same(path, text) for path, text in stamps.items())


def _is_same(path: str, text: str) -> bool:
    size, mtime, inode, *digests = text.split(" ")
    now = stamp(path)
    if (str(now.size), str(now.mtime_ns), str(now.inode)) == (size, mtime, inode):
        return True
    if not digests or str(now.size) != size:
        return False
    try:
        return digest(Path(path).read_bytes()) == digests[0]
    except OSError:
        return False


def _written(one: FileStamp) -> str:
    return f"{one.size} {one.mtime_ns} {one.inode} {one.digest}".rstrip()
