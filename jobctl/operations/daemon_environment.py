"""The environment of the living daemon: jobs take variables over from it, not from that of whoever asks."""

from __future__ import annotations

import os

from jobctl.operations.context import Context
from jobctl.process import identity


def daemon_environment(ctx: Context) -> dict[str, str] | None:
    """What the daemon was started with; None where none lives, or where it is not to be read."""
    pid = ctx.daemon_pid
    if pid is None:
        return None
    pairs = [os.fsdecode(entry).partition("=") for entry in identity.environment(pid) if b"=" in entry]
    return {name: value for name, _, value in pairs} or None
