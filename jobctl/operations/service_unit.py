"""The text of the systemd unit, and whether a person has changed one that was written here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from jobctl.operations.service_places import unit_word

_MARK = re.compile(r"# Written by `jobctl service install` \(([0-9a-f]{16})\)")


@dataclass(frozen=True, slots=True)
class UnitSettings:
    """What a unit depends on. `program` is what ExecStart= begins with. `state_dir` None: the jobs file names it."""

    program: tuple[str, ...]
    jobs_file: Path
    state_dir: Path | None
    for_user: bool
    systemd: int = 0  # the version that will read it; 0: not known
    manual: str = "man:jobctl(1)"  # where its pages are, as Documentation= names it; empty: nowhere


def unit_text(settings: UnitSettings) -> str:
    """The unit without a mark."""
    whose = "a user" if settings.for_user else "the machine"
    directory = None if settings.for_user else _state_directory(settings.state_dir)
    places = ["--config", str(settings.jobs_file)]
    if settings.state_dir is not None and directory is None:
        places += ["--state-dir", str(settings.state_dir)]
    call = " ".join(unit_word(word) for word in (*settings.program, *places))
    return _UNIT.format(
        whose=whose,
        jobs_file=settings.jobs_file,
        manual=f"Documentation={settings.manual.replace('%', '%%')}\n" if settings.manual else "",
        group=_GROUP if settings.systemd >= _WITH_SUBGROUPS else _GROUP_BEFORE,
        clock="" if settings.for_user else _CLOCK,
        start=f"{call} daemon",
        reload=f"{call} reload",
        state=f"StateDirectory={directory}\nStateDirectoryMode=0700\n" if directory else "",
        wanted_by="default.target" if settings.for_user else "multi-user.target",
    )


def marked(text: str) -> str:
    """The text as it is installed: with a line by which a later call sees whether somebody has changed it."""
    return (
        f"# Written by `jobctl service install` ({_digest(text)}). "
        "Changes of your own belong into `systemctl edit jobctl`.\n" + text
    )


def is_edited(installed: str) -> bool:
    """Whether it is not what `marked` once made."""
    first, _, rest = installed.partition("\n")
    found = _MARK.match(first)
    return found is None or found[1] != _digest(rest)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _state_directory(state_dir: Path | None) -> str | None:
    """The value of StateDirectory= that means this directory; None where none does."""
    if state_dir is None or state_dir.parent != Path("/var/lib"):
        return None
    return state_dir.name if re.fullmatch(r"[\w.-]+", state_dir.name, re.ASCII) else None


_WITH_SUBGROUPS = 254
_GROUP = """\
# Each running job gets a control group of its own: nobody of it escapes a stop, and its limits bind it as a whole. For
# that the daemon has to live in a group beside them.
Delegate=yes
DelegateSubgroup=daemon
"""
_GROUP_BEFORE = """\
# Each running job gets a control group of its own: nobody of it escapes a stop. (From systemd 254 on there would be
# DelegateSubgroup=, for limits that bind a job as a whole.)
Delegate=yes
"""
_CLOCK = """\
# Schedules want the right time.
After=time-sync.target
"""
_UNIT = """\
# The daemon of {whose}, with its jobs in {jobs_file}.
[Unit]
Description=jobctl, the job runner
{manual}{clock}# However often it dies, it comes back.
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={start}
ExecReload={reload}
# Running jobs survive a stop, a restart and an upgrade: only the daemon itself is signalled.
KillMode=process
{group}Restart=always
RestartSec=2s
# A start reads the whole database, and no restart makes that faster.
TimeoutStartSec=15min
# The daemon says that it lives only after it has written to its database.
WatchdogSec=60s
# A job that eats all memory ends alone.
OOMPolicy=continue
{state}LimitCORE=0

[Install]
WantedBy={wanted_by}
"""
