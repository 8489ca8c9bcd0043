"""Which machine this is: the name by which `spread` draws its offsets, the same after every restart (machine-id(5))."""

from __future__ import annotations

import socket
from pathlib import Path

_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def machine_id() -> str:
    """The machine's id, or its host name where there is none."""
    for file in _FILES:
        try:
            text = file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text and text != "uninitialized":
            return text
    return socket.gethostname()
