"""Time spans of systemd: `5min 20s`, `1h30`, `infinity`."""

from __future__ import annotations

import math
import re

from jobctl.importers.findings import CannotKeep

_PIECE = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?)\s*([A-Za-zµμ]*)\s*")
_UNITS = {
    "": 1.0, "us": 1e-6, "usec": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9, "nsec": 1e-9, "ms": 1e-3, "msec": 1e-3,
    "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "hours": 3600.0, "d": 86400.0, "day": 86400.0, "days": 86400.0,
    "w": 604800.0, "week": 604800.0, "weeks": 604800.0, "M": 2629800.0, "month": 2629800.0, "months": 2629800.0,
    "y": 31557600.0, "year": 31557600.0, "years": 31557600.0,
}  # fmt: skip


def read_span(key: str, text: str) -> float:
    """Seconds; infinite for `infinity`. CannotKeep names the key."""
    if text.strip() == "infinity":
        return math.inf
    total, at = 0.0, 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None or match[2] not in _UNITS:
            raise CannotKeep(f"{key}={text} is no time span")
        total += float(match[1]) * _UNITS[match[2]]
        at = match.end()
    return total
