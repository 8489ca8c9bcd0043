"""Where the unit of the daemon lies, and what starts a daemon here. Few imports: verbs that only look ask for it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from jobctl.errors import UsageError

UNIT_NAME = "jobctl.service"
BY_HAND = "jobctl daemon"
SYSTEM_FOLDER = Path("/etc/systemd/system")


def user_folder() -> Path:
    """The folder for units of one's own. Raises UsageError where the caller has no home directory."""
    config = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        return (Path(config) if config.startswith("/") else Path.home() / ".config") / "systemd" / "user"
    except RuntimeError:
        raise UsageError(
            f"user id {os.geteuid()} has no home directory for units of its own", "set HOME, or leave out --user"
        ) from None


def start_command(jobs_file: Path) -> str:
    """What a person types to have a daemon for the jobs file: the service, where its unit is there."""
    for folder, command in _services():
        if _serves(folder / UNIT_NAME, jobs_file):
            return command
    return BY_HAND


def _services() -> Iterator[tuple[Path, str]]:
    yield SYSTEM_FOLDER, "systemctl start jobctl"
    with contextlib.suppress(UsageError):
        yield user_folder(), "systemctl --user start jobctl"


def unit_word(word: str) -> str:
    """As it stands in a command line of a unit (systemd.service(5), "Command lines"). UsageError: it cannot."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    if re.search(r"[\x00-\x1f\x7f]", word):
        raise UsageError(f"a unit cannot name {word!a}", "use a path without line ends and other control characters")
    return escaped if re.fullmatch(r"[\w@%+=:,./-]+", word, re.ASCII) else f'"{escaped}"'


def _serves(unit: Path, jobs_file: Path) -> bool:
    try:
        text, named = unit.read_text(encoding="utf-8", errors="replace"), unit_word(str(jobs_file))
    except (OSError, UsageError):
        return False
    return any(line.startswith("ExecStart=") and f" --config {named} " in line for line in text.splitlines())
