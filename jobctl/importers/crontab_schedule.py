"""The first part of a crontab line: five fields, or a word that begins with `@`."""

from __future__ import annotations

from jobctl.domain.cron_expression import PRESETS
from jobctl.domain.units import parse_duration, write_duration
from jobctl.importers.cron_fields import read_fields
from jobctl.importers.findings import CannotKeep, Fate, Remark

_AT_BOOT = (
    "@reboot became on_boot = true: it also runs when the daemon starts for the first time since the machine booted, "
    "where cron waits for the next boot"
)


def when(fields: tuple[str, ...]) -> tuple[dict[str, object], list[Remark]]:
    """The trigger's key. cron makes up for nothing that was missed, so neither does the job."""
    if len(fields) == 5:
        expression, remarks = read_fields(list(fields))
        return {"schedule": expression, "catch_up": "none"}, remarks
    word, _, rest = fields[0].lower().partition(" ")
    if word == "@reboot":
        return {"on_boot": True}, [Remark(Fate.CHANGED, _AT_BOOT)]
    if word in PRESETS and not rest:
        return {"schedule": word, "catch_up": "none"}, []
    if word == "@every_minute":
        return {"schedule": "* * * * *", "catch_up": "none"}, []
    if word == "@every" and rest:
        return {"every": _whole_seconds(rest.strip())}, [
            Remark(Fate.CHANGED, f"@every {rest.strip()} is counted from the epoch here, not from the start of cron")
        ]
    if word[1:].isdecimal():  # FreeBSD: so many seconds after the previous run ended
        return {"every_after": _whole_seconds(word[1:9] + "s")}, []
    raise CannotKeep(f'"{fields[0]}" is nothing that cron understands')


def _whole_seconds(text: str) -> str:
    try:
        seconds = int(parse_duration(text))
    except ValueError as problem:
        raise CannotKeep(f'"@every {text}": {problem}') from None
    if seconds < 1:
        raise CannotKeep(f'"{text}" is shorter than a second')
    return write_duration(seconds)
