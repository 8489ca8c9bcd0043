"""Logs of attempts that nobody knows any more."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path


def remove_logs(logs: Iterable[Path]) -> list[OSError]:
    """Delete the files that are there, and the folders of days that are empty then. Returns why some remain: each
    error names its file."""
    problems, folders = [], set()
    for log in logs:
        folders.add(log.parent)
        try:
            log.unlink(missing_ok=True)
        except OSError as problem:
            problems.append(problem)
    for folder in folders:
        with contextlib.suppress(OSError):  # not empty, mostly; a keeper that is about to write there makes it again
            folder.rmdir()
    return problems
