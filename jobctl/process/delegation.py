"""Which control group is ours to divide. Asked once by the daemon; one that nobody delegated is never touched."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from jobctl.presence import is_there
from jobctl.process.control_group import PREFIX, ControlGroup

_CONTROLLERS = ("memory", "pids", "io")  # for `limits`, and to count what is used
_UNITS = (".service", ".scope")
_MARKS = ("user.delegate", "trusted.delegate")  # set by systemd for Delegate=yes (systemd, CGROUP_DELEGATION)


def delegated_group(proc: Path = Path("/proc/self")) -> str | None:
    """The path of the group below which jobs may have groups of their own; None where there is none.

    That is the daemon's own, or the one above it, where the service manager put the daemon into a group of its own
    (DelegateSubgroup=). Delegated means marked so by systemd, or owned by the user, not root, whose daemon this is:
    the manager of a user sets no marks.
    """
    try:
        own = _own_group(proc)
    except OSError:
        return None
    if own is None:
        return None
    marked = (group for group in (own, own.parent) if any(_mark(group, name) == b"1" for name in _MARKS))
    owned = (group for group in _unit_first(own) if _is_owned(group))
    return next((str(group) for group in (*marked, *owned) if _is_usable(group)), None)


def hand_on_controllers(base: str) -> None:
    """Let the groups below limit memory and processes, and count what storage does. Where the daemon lives in that
    group itself the kernel refuses, and limits stay those of each process."""
    for controller in _CONTROLLERS:
        try:
            Path(base, "cgroup.subtree_control").write_text(f"+{controller}")
        except OSError:
            continue  # it was not delegated, or somebody lives in the group


def sweep(base: str, keepers: Collection[str]) -> None:
    """Remove the empty groups of all keepers but these."""
    for entry in os.scandir(base):
        if entry.name.startswith(PREFIX) and entry.name.removeprefix(PREFIX) not in keepers:
            ControlGroup(entry.path).remove()


def _own_group(proc: Path) -> Path | None:
    paths = [line[3:] for line in (proc / "cgroup").read_text().splitlines() if line.startswith("0::")]
    for line in (proc / "mountinfo").read_text().splitlines() if paths else ():
        before, _, after = line.partition(" - ")
        root, mounted = before.split()[3:5]  # proc_pid_mountinfo(5)
        if after.startswith("cgroup2 ") and (path := _below(paths[0], root)) is not None:
            return Path(mounted) / path
    return None


def _below(path: str, root: str) -> str | None:
    """`path` relative to the group that is mounted; None when it is not below that."""
    root = root.rstrip("/")
    if path != root and not path.startswith(root + "/"):
        return None
    return path[len(root) :].lstrip("/")


def _unit_first(own: Path) -> tuple[Path, ...]:
    """The group of the unit before the one that DelegateSubgroup= makes below it: both belong to the user, and only
    the unit's has controllers to hand on."""
    is_subgroup = own.parent.suffix in _UNITS and own.suffix not in _UNITS
    return (own.parent, own) if is_subgroup else (own,)


def _is_owned(group: Path) -> bool:
    try:
        return group.stat().st_uid == os.geteuid() != 0
    except OSError:
        return False


def _is_usable(group: Path) -> bool:
    """Whether the kernel has what is needed (`cgroup.kill`: 5.14), and lets us."""
    return is_there(group / "cgroup.kill") and os.access(group / "cgroup.procs", os.W_OK)


def _mark(group: Path, name: str) -> bytes | None:
    try:
        return os.getxattr(group, name)
    except OSError:
        return None
