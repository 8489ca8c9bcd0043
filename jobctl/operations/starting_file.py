"""A jobs file for those who have none."""

from __future__ import annotations

import os
from pathlib import Path

from jobctl.config.places import find_jobs_file
from jobctl.config.starter import starter_text
from jobctl.errors import JobctlError, Refused

_MODE = 0o600  # commands with the daemon's rights, and perhaps secrets


def write_starter(path: Path | None) -> Path:
    """Write it to `path`, or to where the jobs file is looked for, and return the place.

    Refused when a file is there already; the folder is made where it is missing.
    """
    target = find_jobs_file(path)
    if os.path.lexists(target):
        raise Refused(f"{target} is there already and stays as it is", "name another file: jobctl init FILE")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    except OSError as error:
        raise JobctlError(f"cannot write {target}: {error.strerror}", "name another file: jobctl init FILE") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(starter_text())
    return target
