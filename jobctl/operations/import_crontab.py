"""Crontabs of a person or of the system become a jobs file."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from jobctl.config.safety import shown
from jobctl.errors import JobctlError
from jobctl.importers.crontab import Source, read_crontabs
from jobctl.importers.findings import Fate, Finding, Imported, Place
from jobctl.operations.import_files import LARGEST, as_text, text_of
from jobctl.operations.import_report import ImportReport, report
from jobctl.presence import is_file, is_folder, is_there

_SYSTEM_FILE = Path("/etc/crontab")
_SYSTEM_FOLDER = Path("/etc/cron.d")
_SPOOLS = (Path("/var/spool/cron/crontabs"), Path("/var/spool/cron"))  # Debian's, and that of most others
_READ_BY_CRON = re.compile(r"[A-Za-z0-9_-]+")


def import_crontab(path: str | None, *, system: bool, now: int) -> ImportReport:
    """The jobs of the file, of standard input (`-`), of the caller's crontab, or with `system` of the machine's.

    `now` is in milliseconds. JobctlError: there is nothing to read.
    """
    findings: list[Finding] = []
    if path is None:
        sources = _of_the_system(findings) if system else [Source("crontab", as_text(_own_crontab()), system=False)]
    elif path == "-":
        sources = [Source("stdin", as_text(sys.stdin.buffer.read(LARGEST + 1)), system=system)]
    else:
        sources = [_file(path, findings, system=system)]
    title = f"from {', '.join(source.file for source in sources)}"
    imported = read_crontabs(sources)
    doubts = _about_users(imported, {source.file for source in sources if source.system})
    return report(replace(imported, findings=(*imported.findings, *doubts)), findings, title, now)


def _about_users(imported: Imported, files: Collection[str]) -> list[Finding]:
    """Users of the column that this machine does not know: likely the first word of a command."""
    doubts = []
    for draft in imported.drafts:
        user = str(draft.keys.get("user", ""))
        if draft.place.file in files and user and not user.isdecimal() and not _is_user(user):
            message = f"there is no user `{user}` on this machine: make it, or does the line lack its column of users?"
            doubts.append(Finding(draft.place, draft.name, Fate.CHANGED, message))
    return doubts


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _file(path: str, findings: list[Finding], *, system: bool) -> Source:
    """One file, read as cron reads it where it lies."""
    real = Path(os.path.realpath(path))
    text = text_of(Path(path))
    message = ""
    owner = None
    if not system and (real == _SYSTEM_FILE or real.parent == _SYSTEM_FOLDER):
        system = True
        message = "read with a column of users, as cron does there"
    elif not system and real.parent in _SPOOLS:
        owner = real.name
        message = f'it is the crontab of {owner}: user = "{owner}"'
    if message:
        findings.append(Finding(Place(shown(path), 0), "", Fate.KEPT, message))
    return Source(shown(path), text, system, owner)


def _of_the_system(findings: list[Finding]) -> list[Source]:
    paths = [_SYSTEM_FILE] if is_there(_SYSTEM_FILE) else []
    for entry in sorted(_SYSTEM_FOLDER.iterdir()) if is_folder(_SYSTEM_FOLDER) else []:
        if _READ_BY_CRON.fullmatch(entry.name):
            paths.append(entry)
        elif not entry.name.startswith("."):
            message = "not read, as Debian's cron passes over files with such a name"
            findings.append(Finding(Place(str(entry), 0), "", Fate.KEPT, message))
    for spool in _SPOOLS:
        for entry in sorted(spool.iterdir()) if os.access(spool, os.R_OK) and is_folder(spool) else []:
            if is_file(entry):
                message = f"a person's crontab, not read now: `jobctl import crontab {entry}`"
                findings.append(Finding(Place(str(entry), 0), "", Fate.KEPT, message))
    if not paths:
        raise JobctlError(f"there is neither {_SYSTEM_FILE} nor a file in {_SYSTEM_FOLDER}", "name a FILE")
    return [Source(str(path), text_of(path), system=True) for path in paths]


def _own_crontab() -> bytes:
    try:
        listed = subprocess.run(["crontab", "-l"], capture_output=True, check=False)
    except OSError as error:
        raise JobctlError(f"cannot call `crontab -l`: {error.strerror}", "name a FILE, or `-` for stdin") from None
    if listed.returncode != 0:
        said = listed.stderr.decode(errors="replace").strip().split("\n")[0] or f"exit status {listed.returncode}"
        raise JobctlError(f"`crontab -l`: {said}", "name a FILE, or take the machine's crontabs with --system")
    return listed.stdout
