"""What to say where a file of the state directory cannot be opened."""

from __future__ import annotations

import os
from pathlib import Path

from jobctl.errors import StoreUnusable


def cannot_open(path: Path, sentence: str, why: object) -> StoreUnusable:
    """The error for a file that the system refuses to open; a file system that nobody may write on is named as the
    cause, whatever the system says of the file."""
    folder = path.parent
    if _is_read_only(folder):
        return StoreUnusable(
            f"{sentence}: {folder} is on a file system that is mounted read-only",
            f"mount it for writing; to look at a copy meanwhile: `cp -a {folder} COPY`, then --state-dir COPY",
        )
    return StoreUnusable(
        f"{sentence}: {why}", f"the state directory {folder} and all in it must belong to whoever runs jobctl"
    )


def _is_read_only(folder: Path) -> bool:
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False
