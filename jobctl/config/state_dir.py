"""The state directory that a jobs file names. It is asked by each verb, and mostly not parsed for it."""

import os
import re
from pathlib import Path

from jobctl.config.safety import content_of
from jobctl.errors import JobsFileError
from jobctl.presence import is_file, may_be_there

# Compiled where a jobs file has to be asked.
_DAEMON_TABLE = r"^[ \t]*\[[ \t]*daemon[ \t]*\][^\n]*\n((?:(?![ \t]*\[)[^\n]*(?:\n|\Z))*)"
_STATE_DIR = r"""^[ \t]*state_dir[ \t]*=[ \t]*(?:"([^"\\\n]+)"|'([^'\n]+)')"""


def configured_state_dir(jobs_file: Path) -> Path | None:
    """`[daemon] state_dir`, relative to the jobs file; None when it is not set."""
    if not may_be_there(jobs_file):
        return None
    try:
        return _state_dir_in(jobs_file, content_of(jobs_file))
    except JobsFileError:
        known = _state_dir_of_unsafe(jobs_file)
        if known is None:
            raise
        return known


def _state_dir_in(jobs_file: Path, content: bytes) -> Path | None:
    if b"state_dir" not in content:
        return None
    text = content.decode("utf-8", errors="replace")
    value = _state_dir_at_a_glance(text) or _state_dir_by_parsing(text)
    return Path(os.path.normpath(jobs_file.parent / value)) if value else None


def _state_dir_of_unsafe(jobs_file: Path) -> Path | None:
    """What a file says that others can write: good enough to look at a database that the caller made there, which
    nobody else can put in its place, and for nothing else."""
    try:
        directory = _state_dir_in(jobs_file, jobs_file.read_bytes()) if is_file(jobs_file) else None
        if directory is None or (directory / "jobctl.db").stat().st_uid != os.geteuid():
            return None
        return directory if directory.stat().st_uid == os.geteuid() else None
    except OSError:
        return None


def _state_dir_at_a_glance(text: str) -> str | None:
    """The value where it is written in the usual way. Works on a broken file too, and costs no parsing."""
    table = re.search(_DAEMON_TABLE, text, re.MULTILINE)
    if table is None or '"""' in text[: table.end()] or "'''" in text[: table.end()]:
        return None
    found = re.search(_STATE_DIR, table[1], re.MULTILINE)
    return (found[1] or found[2]) if found else None


def _state_dir_by_parsing(text: str) -> str | None:
    import rtoml  # only for a file that mentions state_dir in an unusual way

    try:
        daemon = rtoml.loads(text).get("daemon")
    except ValueError:
        return None
    value = daemon.get("state_dir") if isinstance(daemon, dict) else None
    return value if isinstance(value, str) else None
