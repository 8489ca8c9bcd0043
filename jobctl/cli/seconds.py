"""Durations as options."""

from __future__ import annotations

from jobctl.domain.units import parse_duration
from jobctl.errors import UsageError

_LONGEST = 100 * 365.25 * 86400  # instants in milliseconds stay far within 64 bits, and calendars within their years


def seconds(option: str, text: str | None, *, may_be_zero: bool = False) -> float | None:
    """The seconds that an option names; None without it. UsageError names the option and what was expected."""
    if text is None:
        return None
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise UsageError(f'{option} "{text}": {error}', f"write {option} 2h, for example") from None
    if found == 0 and not may_be_zero:
        raise UsageError(f"{option} {text} is no time at all", "leave it out, or write a longer one")
    if found > _LONGEST:
        raise UsageError(f"{option} {text} is longer than 100 years", "write a shorter one, or leave it out")
    return found
