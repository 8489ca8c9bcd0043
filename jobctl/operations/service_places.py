"""Where the unit of the daemon lies, and what starts a daemon here. Few imports: verbs that only look ask for it."""

from __future__ import annotations

import contextlib
import os
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


def _serves(unit: Path, jobs_file: Path) -> bool:
    try:
        text = unit.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(line.startswith("ExecStart=") and f" --config {jobs_file} " in line for line in text.splitlines())
