"""`include`: which files a pattern names, and which folders must be watched to notice another one."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path

from jobctl.config.safety import stamp
from jobctl.domain.settings import FileStamp
from jobctl.presence import is_file, is_folder

_MAGIC = frozenset("*?[")


def is_pattern(text: str) -> bool:
    """Whether the text may name several files, or none."""
    return not _MAGIC.isdisjoint(text)


def expand(pattern: str, folder: Path) -> tuple[list[Path], list[FileStamp]]:
    """The files that `pattern`, relative to `folder`, names now, sorted; and the stamps of every folder searched.

    `*`, `?` and `[…]` match within one name, hidden names excluded; `**` is any number of folders.
    """
    searched: dict[str, FileStamp] = {}
    start = Path("/") if pattern.startswith("/") else folder
    found = {start}
    for part in [part for part in pattern.split("/") if part not in ("", ".")]:
        found = {path for base in found for path in _step(base, part, searched)}
    return sorted(path for path in found if is_file(path)), list(searched.values())


def _step(base: Path, part: str, searched: dict[str, FileStamp]) -> list[Path]:
    if part == "**":
        return [Path(folder) for folder in _walk(base, searched)]
    if not is_pattern(part):
        return [Path(os.path.normpath(base / part))]
    return [base / name for name in _names(base, searched) if fnmatch.fnmatchcase(name, part)]


def _walk(base: Path, searched: dict[str, FileStamp]) -> list[Path]:
    folders, index = [base], 0
    while index < len(folders):
        names = _names(folders[index], searched)
        folders += [path for name in names if is_folder(path := folders[index] / name, follow_links=False)]
        index += 1
    return folders


def _names(folder: Path, searched: dict[str, FileStamp]) -> list[str]:
    searched[str(folder)] = stamp(folder)
    try:
        return [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []
