"""Variables of a crontab, of which some are cron's own and become keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from jobctl.domain.schedule_problem import ScheduleProblem
from jobctl.domain.wall_clock import zone
from jobctl.importers.crontab_lines import Setting
from jobctl.importers.findings import Fate, Remark, is_plain

CRON_PATH = "/usr/bin:/bin"  # what cron gives, whoever the user is
CRON_SHELL = "/bin/sh"  # and $SHELL of the commands, whose own would be /usr/sbin/nologin for www-data
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ABOUT_MAIL = ("MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING", "NO_MAIL_OUTPUT")
_ABOUT_ANACRON = ("START_HOURS_RANGE",)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for the lines below a place of the crontab."""

    variables: Mapping[str, str] = field(default_factory=lambda: {"PATH": CRON_PATH, "SHELL": CRON_SHELL})
    shell: str = CRON_SHELL
    home: str | None = None
    timezone: str | None = None
    delay: int = 0  # seconds at most, by chance
    is_mailed: bool = True  # False below MAILTO=""

    def with_variable(self, name: str, value: str) -> Surroundings:
        """The same with another variable."""
        return replace(self, variables={**self.variables, name: value})


def take(setting: Setting, before: Surroundings) -> tuple[Surroundings, list[Remark]]:
    """What holds from this setting on, and what there is to say about it."""
    name, value = setting.name, setting.value
    if not _NAME.fullmatch(name) or not is_plain(value):
        return before, [Remark(Fate.LOST, f"{name!a} = … cannot be a variable of a job")]
    if name == "SHELL":
        return replace(before.with_variable(name, value), shell=value), []
    if name == "HOME":
        return replace(before.with_variable(name, value), home=value), []
    if name == "CRON_TZ":
        return replace(before, timezone=value or None), [_about_zone(value)]
    if name == "RANDOM_DELAY" and value.isdecimal():
        return replace(before, delay=60 * int(value[:6])), [
            Remark(Fate.KEPT, f'RANDOM_DELAY became spread = "{int(value[:6])}m"')
        ]
    if name == "LOGNAME":
        return before, [Remark(Fate.KEPT, "LOGNAME cannot be set in a crontab: left out")]
    if name == "MAILTO":
        return replace(before, is_mailed=bool(value)), [_about_mail(value)]
    if name in _ABOUT_MAIL + _ABOUT_ANACRON:
        return before, [Remark(Fate.KEPT, f"{name} is about cron's mail: left out")]
    return before.with_variable(name, value), _about_variable(name, value)


def _about_zone(name: str) -> Remark:
    if not name:
        return Remark(Fate.KEPT, "CRON_TZ is empty: the machine's zone from here on")
    if not is_zone(name):
        return Remark(Fate.LOST, f'CRON_TZ: there is no time zone "{name}", so that the lines below it are left out')
    return Remark(
        Fate.CHANGED,
        f"CRON_TZ became timezone = \"{name}\": the schedule's zone as in cronie (Debian's cron ignores it), "
        "and $TZ of the commands",
    )


def is_zone(name: str) -> bool:
    """Whether there is a time zone of that name."""
    try:
        zone(name)
    except ScheduleProblem:
        return False
    return True


def _about_mail(address: str) -> Remark:
    if not address:
        return Remark(
            Fate.KEPT, 'MAILTO = "" became alert = { on = [] } of the jobs below: nobody is told when they fail'
        )
    to = ", ".join(f'"{one.strip()}"' for one in address.split(","))
    return Remark(
        Fate.CHANGED,
        f"MAILTO = {address}: cron mails what a command prints, jobctl tells of failures: write [channels.mail] with "
        f'type = "email", url = "sendmail:", to = [{to}] and [severity] medium = ["mail"]',
    )


def _about_variable(name: str, value: str) -> list[Remark]:
    if name == "TZ":
        return [Remark(Fate.KEPT, "TZ is for the commands alone, as in cron: the schedule stays in the machine's zone")]
    if "$" in value or (name == "PATH" and "~" in value):
        return [Remark(Fate.KEPT, f"nothing is expanded in {name}, neither by cron nor here: {value}")]
    return []
