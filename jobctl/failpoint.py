"""Named places where a test lets this process die.

`JOBCTL_FAILPOINT=name` (or `name:3`: at the third passage) makes `hit("name")` send SIGKILL to the own process,
and only where `JOBCTL_ALLOW_FAILPOINTS=1` says that this is a test. Otherwise `hit` is one comparison.
`JOBCTL_FAILPOINT_WITNESS=path` has the name written there first, so that the test knows that the place was reached.
"""

from __future__ import annotations

import os


def _armed() -> tuple[str, int]:
    if os.environ.get("JOBCTL_ALLOW_FAILPOINTS") != "1":
        return "", 0
    name, _, count = os.environ.get("JOBCTL_FAILPOINT", "").partition(":")
    return name, int(count or 1)


_name, _left = _armed()


def hit(name: str) -> None:
    """Die here if a test asked for it; otherwise do nothing."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        import signal  # keepers pass here too, and its enums would cost each of them 0.8 MB

        _testify(name)
        os.kill(os.getpid(), signal.SIGKILL)


def _testify(name: str) -> None:
    path = os.environ.get("JOBCTL_FAILPOINT_WITNESS")
    if path:
        witness = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.write(witness, name.encode() + b"\n")
