"""Instants as options."""

from __future__ import annotations

from jobctl.errors import UsageError


def past(option: str, text: str | None, now: int) -> int | None:
    """The instant that an option names, in milliseconds; `2h` is two hours ago. None without the option."""
    return _read(option, text, now, forward=False)


def future(option: str, text: str | None, now: int) -> int | None:
    """The same where `2h` is in two hours."""
    return _read(option, text, now, forward=True)


def _read(option: str, text: str | None, now: int, *, forward: bool) -> int | None:
    if text is None:
        return None
    # Zones and their clock changes, for those who give a time.
    from jobctl.config.system_zone import system_zone
    from jobctl.domain.when import NotAnInstant, Toward, parse_instant

    try:
        return parse_instant(text, now, system_zone(), Toward.FUTURE if forward else Toward.PAST)
    except NotAnInstant as error:
        raise UsageError(f"{option}: {error.message}", error.hint) from None
