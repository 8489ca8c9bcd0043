"""Where the unit of the daemon lies, and what starts a daemon here. Few imports: verbs that only look ask for it."""

from __future__ import annotations

import os
from pathlib import Path

UNIT_NAME = "jobctl.service"
BY_HAND = "jobctl daemon"
SYSTEM_FOLDER = Path("/etc/systemd/system")


def user_folder() -> Path:
    """The folder for units of one's own."""
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(config) if config.startswith("/") else Path.home() / ".config") / "systemd" / "user"


def start_command(jobs_file: Path) -> str:
    """What a person types to have a daemon for the jobs file: the service, where its unit is there."""
    for folder, command in (
        (SYSTEM_FOLDER, "systemctl start jobctl"),
        (user_folder(), "systemctl --user start jobctl"),
    ):
        if _serves(folder / UNIT_NAME, jobs_file):
            return command
    return "jobctl daemon"


def _serves(unit: Path, jobs_file: Path) -> bool:
    try:
        text = unit.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(line.startswith("ExecStart=") and f" --config {jobs_file} " in line for line in text.splitlines())
