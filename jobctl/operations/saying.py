"""How an instant is said in a sentence of an operation."""

from __future__ import annotations

import time
from collections.abc import Callable

Say = Callable[[int], str]


def shortly(now: int) -> Say:
    """Local time, with the date where it is another day than `now`."""
    today = time.localtime(now / 1000)[:3]

    def say(at: int) -> str:
        then = time.localtime(at / 1000)
        return time.strftime("%H:%M:%S" if then[:3] == today else "%Y-%m-%d %H:%M:%S", then)

    return say


def with_instants(text: str, say: Say) -> str:
    """A stored sentence, whose instants are in UTC, with these said so."""
    if " UTC" not in text and "Z" not in text:
        return text
    import re  # for the few that name an instant
    from datetime import datetime

    def local(match: re.Match[str]) -> str:
        return say(round(1000 * datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00").timestamp()))

    return re.sub(r"\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:Z| UTC)\b", local, text)


def full_time(at: int) -> str:
    """Local time with date and offset: `2026-11-22 19:05:09 +01:00`."""
    then = time.localtime(at / 1000)
    offset = time.strftime("%z", then)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', then)} {offset[:3]}:{offset[3:5]}"
