"""Durations as options."""

from __future__ import annotations

from jobctl.domain.units import parse_duration
from jobctl.errors import UsageError


def seconds(option: str, text: str | None) -> float | None:
    """The seconds that an option names; None without it. UsageError names the option and what was expected."""
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f'{option} "{text}": {error}') from None
