"""The environment of an attempt: clean, then jobctl's own variables, then `env_file`, then `env`."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping
from pathlib import Path

from jobctl.domain.job import EnvValue, FromEnv, FromFile
from jobctl.plain_file import NotPlain, read_plain
from jobctl.process.accounts import Account
from jobctl.process.problem import LaunchProblem

ROOT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER_PATH = "/usr/local/bin:/usr/bin:/bin"

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
_SINGLE_QUOTED = re.compile(r"'([^']*)'\s*(?:#.*)?")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def base(account: Account, timezone: str | None, starters: Mapping[str, str] | None = None) -> dict[str, str]:
    """What every job gets before anything of its own. `timezone` None leaves the system's zone, and TZ unset unless
    the daemon has one. `starters`: the environment of the daemon, where that is not this process."""
    variables = {
        "PATH": ROOT_PATH if account.uid == 0 else USER_PATH,
        "HOME": account.home,
        "USER": account.name,
        "LOGNAME": account.name,
        "SHELL": account.shell,
        "LANG": "C.UTF-8",
    }
    zone = timezone or (os.environ if starters is None else starters).get("TZ")
    return variables | {"TZ": zone} if zone else variables


def from_file(path: Path, owners: Collection[int]) -> dict[str, str]:
    """The variables of an `env_file`: `NAME=value` lines, `export` and quotes as in a shell, `#` comments.

    Nothing is expanded. LaunchProblem names the line that is something else, and refuses a file that anybody but the
    `owners` (user ids) can have written: variables such as LD_PRELOAD make a command do anything.
    """
    try:
        text, status = read_plain(path)
    except OSError as error:
        raise LaunchProblem(f"cannot read env_file {path}: {error.strerror}", hint=_way_out(error)) from None
    _refuse_unsafe(f"env_file {path}", path, status, owners)
    variables = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        value = _unquoted(match[2]) if match else None
        if match is None or value is None:
            raise LaunchProblem(
                f"{path}:{number}: expected NAME=value", hint="close the quotes or comment the line out"
            )
        variables[match[1]] = value
    return variables


def _way_out(error: OSError) -> str:
    return "let it be written to a plain file of at most 1 MB" if isinstance(error, NotPlain) else ""


def _refuse_unsafe(file: str, path: Path, status: os.stat_result, owners: Collection[int]) -> None:
    """`file`: what it is, to begin the sentence."""
    if status.st_uid not in owners:
        raise LaunchProblem(
            f"{file} belongs to user id {status.st_uid}, who could make the job do anything",
            hint=f"read it, and if you trust it: `chown {os.geteuid()} {path}`",
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        who = "everybody" if status.st_mode & stat.S_IWOTH else "its group"
        raise LaunchProblem(
            f"{file} can be written by {who}, who could make the job do anything", hint=f"`chmod go-w {path}`"
        )


def from_job(
    env: Mapping[str, EnvValue], owners: Collection[int] | None = None, starters: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables of `env`, with secrets read now. LaunchProblem names the one that is missing, and, where `owners`
    (user ids) are given, the one whose file anybody else can have written."""
    own = os.environ if starters is None else starters
    return {name: value if isinstance(value, str) else _secret(name, value, owners, own) for name, value in env.items()}


def _secret(name: str, source: FromFile | FromEnv, owners: Collection[int] | None, starters: Mapping[str, str]) -> str:
    if isinstance(source, FromEnv):
        value = starters.get(source.name)
        if value is None:
            raise LaunchProblem(
                f"{name} is taken from the daemon's variable {source.name}, which is not set",
                hint=f"set {source.name} in the environment of the daemon",
            )
        return value
    path = Path(source.path)
    try:
        text, status = read_plain(path)
    except OSError as error:
        raise LaunchProblem(f"{name} is read from {path}: {error.strerror}", hint=_way_out(error)) from None
    if owners is not None:
        _refuse_unsafe(f"{name}: {path}", path, status, owners)
    return text.removesuffix("\n")


def _unquoted(text: str) -> str | None:
    """The value behind the `=`; None when a quote is not closed."""
    if text.startswith('"'):
        match = _DOUBLE_QUOTED.fullmatch(text)
        return match and re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), match[1])
    if text.startswith("'"):
        match = _SINGLE_QUOTED.fullmatch(text)
        return match and match[1]
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].rstrip()
