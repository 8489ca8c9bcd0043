"""A real control group that is delegated as systemd does it. Root only; skipped where the kernel has none."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobctl.process.control_group import ControlGroup
from tests.process.conftest import wait_until


def mounted() -> Path:
    """Where version 2 is mounted."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 "):
            return Path(before.split()[4])
    pytest.skip("no control groups of version 2 are mounted")


@contextmanager
def delegated_group() -> Iterator[Path]:
    """A group that is marked as delegated; whoever is left in it at the end is killed."""
    group = mounted() / f"test-{secrets.token_hex(6)}"
    try:
        group.mkdir()
        os.setxattr(group, "user.delegate", b"1")
    except OSError as error:
        if group.is_dir():
            group.rmdir()
        pytest.skip(f"no control group can be delegated here: {error}")
    try:
        yield group
    finally:
        (group / "cgroup.kill").write_text("1")
        wait_until(ControlGroup(str(group)).remove, "the control group to be empty")
