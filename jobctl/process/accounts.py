"""Users and groups by name, resolved to the numbers that an attempt runs with."""

# ruff: noqa: PTH112
# Every attempt passes here.

from __future__ import annotations

import functools
import grp
import os
import pwd
from dataclasses import dataclass

from jobctl.process.problem import LaunchProblem
from jobctl.process.spec import Owner


@dataclass(frozen=True, slots=True)
class Account:
    """Who an attempt runs as. `owner` is None when that is the daemon's own user: nothing changes hands."""

    name: str
    home: str
    shell: str
    uid: int
    owner: Owner | None


def resolve(user: str | None, group: str | None) -> Account:
    """The account for `user` and `group_name` of a job. LaunchProblem when there is no such user or group, or when
    the daemon may not change to it."""
    if user is None and group is None:
        return own_account()
    entry = _user(user) if user is not None else _own_entry()
    gid = entry.pw_gid if group is None else _group(group)
    if os.geteuid() != 0:
        if entry.pw_uid == os.geteuid() and gid in (os.getegid(), entry.pw_gid):
            return own_account()
        raise LaunchProblem(
            f"the job wants to run as {entry.pw_name}, but the daemon runs as {own_account().name} and may not",
            hint="run the daemon as root or take `user` and `group_name` out of the job",
        )
    groups = {gid, *os.getgrouplist(entry.pw_name, entry.pw_gid)}
    owner = Owner(entry.pw_uid, gid, tuple(sorted(groups)))
    return Account(entry.pw_name, entry.pw_dir, entry.pw_shell or "/bin/sh", entry.pw_uid, owner)


@functools.cache
def own_account() -> Account:
    """The user that this process runs as; it need not be in the user database (containers)."""
    entry = _own_entry()
    return Account(entry.pw_name, entry.pw_dir, entry.pw_shell or "/bin/sh", entry.pw_uid, None)


def home_or_root(account: Account) -> str:
    """The home directory, or `/` for accounts without one."""
    return account.home if os.path.isdir(account.home) else "/"


def _own_entry() -> pwd.struct_passwd:
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return pwd.struct_passwd((str(uid), "x", uid, os.getegid(), "", os.environ.get("HOME", "/"), "/bin/sh"))


def _user(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(int(name)) if name.isdigit() else pwd.getpwnam(name)
    except KeyError:
        raise LaunchProblem(f"there is no user {name!r} on this machine", hint="correct `user` of the job") from None


def _group(name: str) -> int:
    try:
        return (grp.getgrgid(int(name)) if name.isdigit() else grp.getgrnam(name)).gr_gid
    except KeyError:
        raise LaunchProblem(
            f"there is no group {name!r} on this machine", hint="correct `group_name` of the job"
        ) from None
