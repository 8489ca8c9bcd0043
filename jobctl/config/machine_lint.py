"""What a job names and this machine does not have. Found by looking around, so only where somebody asked for it."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from jobctl.config.concerns import Concerns
from jobctl.config.drafts import Draft
from jobctl.config.places import at_home
from jobctl.config.suggest import did_you_mean
from jobctl.domain.job import FromEnv, FromFile
from jobctl.domain.own_variables import is_set_by_jobctl
from jobctl.plain_file import NotPlain, read_plain, why_not_plain

# Where jobs look that name no PATH of their own, whoever asks; a job's environment is not the caller's.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PLAIN = "no run starts so: let it be a plain file of at most 1 MB"


def warn_of_what_is_missing(drafts: Sequence[Draft], starters: Mapping[str, str] | None = None) -> None:
    """Note users, folders, files, variables and programs that are not there now; they may be when the job starts.
    `starters`: the environment that jobs take variables over from, the living daemon's; without one it is this
    process's own."""
    _is_absent.cache_clear()
    _is_unknown_user.cache_clear()
    _is_unknown_group.cache_clear()
    for draft in drafts:
        _CONCERNS.check(draft)
        if not _MAY_BORROW.isdisjoint(draft.keys):
            _warn_of_borrowed(draft, starters)
        _warn_of_program(draft)


def warn_of_queues(drafts: Iterable[Draft], queues: Iterable[str]) -> None:
    """Note a queue without limits where the file declares others: it is allowed, and more often a slip."""
    limited = tuple(queues)
    for draft in drafts:
        name = draft.values.get("queue", "default")
        if not limited or name == "default" or name in limited:
            continue
        hint = (
            did_you_mean(name, limited)
            or f"write [queues.{name}] with its max_concurrent, or name a queue that has one"
        )
        draft.warn("queue", f'there is no [queues.{name}], so queue "{name}" has no limits', hint)


def _warn_of_accounts(draft: Draft) -> None:
    user, group = draft.values.get("user"), draft.values.get("group_name")
    if user is not None and _is_unknown_user(str(user)):
        draft.warn("user", f'this machine has no user "{user}"', "every run fails until there is one")
    if group is not None and _is_unknown_group(str(group)):
        draft.warn("group_name", f'this machine has no group "{group}"', "every run fails until there is one")


def _warn_of_paths(draft: Draft) -> None:
    for key, what in (("cwd", "directory"), ("env_file", "file")):
        path = draft.values.get(key)
        if path is not None and _is_absent(str(path)):
            draft.warn(key, f"there is no {what} {path}", f"the job fails unless it is there: make it, or mend {key}")


def _warn_of_variables(draft: Draft) -> None:
    for name, value in draft.values.get("env", {}).items():
        if isinstance(value, FromFile):
            _warn_of_secret(draft, name, value.path)


def _warn_of_borrowed(draft: Draft, starters: Mapping[str, str] | None) -> None:
    """Variables of the daemon that it does not have."""
    found, where = (os.environ, "here") if starters is None else (starters, "for the daemon that runs")
    for name, value in draft.values.get("env", {}).items():
        if isinstance(value, FromEnv) and value.name not in found:
            hint = f"the daemon needs {value.name} in its own environment"
            draft.warn("env", f"{name}: {value.name} is not set {where}", hint)
    url = draft.values.get("heartbeat")
    if isinstance(url, FromEnv) and url.name not in found:
        hint = f"the daemon needs {url.name} in its environment"
        draft.warn("heartbeat", f"{url.name} is not set {where}", hint)


def _warn_of_file_of_variables(draft: Draft) -> None:
    """An `env_file` that no run can read, and lines in it that set what jobctl sets."""
    path = draft.values.get("env_file")
    if path is None:
        return
    try:
        text = read_plain(Path(path)).text
    except NotPlain as error:
        draft.warn("env_file", f"{path}: {error.strerror}", _PLAIN)
        return
    except OSError:
        return  # it may be readable for whom the job runs as
    for number, line in enumerate(text.splitlines(), 1):
        name = line.strip().removeprefix("export").partition("=")[0].strip()
        if is_set_by_jobctl(name, draft.values.get("params", {})):
            draft.warn("env_file", f"{path}:{number} does nothing: jobctl sets {name} itself", "take the line out")


def _warn_of_heartbeat(draft: Draft) -> None:
    value, hint = draft.values.get("heartbeat"), "nothing is told until there is one"
    if isinstance(value, FromFile) and _is_absent(value.path):
        draft.warn("heartbeat", f"there is no file {value.path}", hint)


def _warn_of_secret(draft: Draft, name: str, path: str) -> None:
    if _is_absent(path):
        draft.warn("env", f"{name}: there is no file {path}", "every run fails until there is one")
        return
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return
    if why := why_not_plain(status):
        draft.warn("env", f"{name}: {path}: {why}", _PLAIN)
        return
    mode = status.st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        who = "everybody" if mode & stat.S_IWOTH else "its group"
        draft.warn("env", f"{name}: {path} can be written by {who}", f"no run starts so: `chmod go-w {path}`")
    elif mode & stat.S_IROTH:
        draft.warn("env", f"{name}: {path} can be read by everybody", f"if it is a secret: `chmod o= {path}`")


def _warn_of_program(draft: Draft) -> None:
    command = draft.values.get("command")
    if not isinstance(command, tuple) or "{" in command[0]:
        return
    program, path = command[0], draft.values.get("env", {}).get("PATH")
    if program.startswith("/"):
        missing = _is_absent(program)
    elif "/" in program:
        missing = _is_absent(str(Path(draft.values.get("cwd") or _home(), program)))
    else:
        missing = shutil.which(program, path=path if isinstance(path, str) else _PATH) is None
    if missing:
        draft.warn("command", f"there is no program {program}", "install it, or write its whole path", (0,))


def _home() -> Path:
    """Where jobs of the caller run that name no place: `/` where there is no home."""
    home = at_home(Path("~"))
    return home if home.is_absolute() else Path("/")


@lru_cache(maxsize=4096)  # many jobs share their folders
def _is_absent(path: str) -> bool:
    try:
        os.stat(path)  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # it may be there for whom the job runs as
        return False
    return False


@lru_cache(maxsize=1024)
def _is_unknown_user(name: str) -> bool:
    return _is_unknown(name, pwd.getpwnam)


@lru_cache(maxsize=1024)
def _is_unknown_group(name: str) -> bool:
    return _is_unknown(name, grp.getgrnam)


def _is_unknown(name: str, by_name: Callable[[str], object]) -> bool:
    try:
        by_name(name)
    except KeyError:
        return not name.isdigit()
    return False


_MAY_BORROW = frozenset({"env", "heartbeat"})
_CONCERNS = Concerns(
    (_warn_of_accounts, ("user", "group_name")),
    (_warn_of_paths, ("cwd", "env_file")),
    (_warn_of_variables, ("env",)),
    (_warn_of_file_of_variables, ("env_file",)),
    (_warn_of_heartbeat, ("heartbeat",)),
)
