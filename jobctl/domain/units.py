"""Durations and sizes as people write them: `"1d12h"`, `"1.5GB"`. Everything inside is seconds and bytes."""

from __future__ import annotations

import re
from functools import lru_cache

_DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_SIZE_UNITS = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_DURATION = r"(\d+(?:\.\d+)?)(ms|[smhdw])"  # compiled when first asked for: most verbs only write them
_SIZE = r"(\d+(?:\.\d+)?)\s*([a-z]+)"

DURATION_EXPECTED = 'a duration such as "90s", "15m", "2h" or "1d12h"'
SIZE_EXPECTED = 'a size such as "64KB" or "1.5GB"'


@lru_cache(maxsize=1024)  # jobs share their timeouts
def parse_duration(text: str) -> float:
    """Seconds in `text`. ValueError says what was expected."""
    compact = text.strip().lower().replace(" ", "")
    parts = re.findall(_DURATION, compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(f"expected {DURATION_EXPECTED}")
    return sum(float(number) * _DURATION_UNITS[unit] for number, unit in parts)


def parse_size(text: str) -> int:
    """Bytes in `text`; KB is 1000, KiB is 1024. ValueError says what was expected."""
    match = re.fullmatch(_SIZE, text.strip().lower())
    if not match or match[2] not in _SIZE_UNITS:
        whole = f': write "{match[1]}{match[2].upper()}B"' if match and match[2] + "b" in _SIZE_UNITS else ""
        raise ValueError(f"expected {SIZE_EXPECTED}{whole}")
    return int(float(match[1]) * _SIZE_UNITS[match[2]])


def format_duration(seconds: float) -> str:
    """The shortest honest text: `12ms`, `0.4s`, `12s`, `3m05s`, `2h10m`, `3d4h`."""
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if 0 < seconds < 0.1:
        return f"{max(1, round(seconds * 1000))}ms"
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f}s"
    whole = round(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d{hour}h" if hour else f"{days}d"
    if hours:
        return f"{hours}h{minute:02d}m" if minute else f"{hours}h"
    if minutes:
        return f"{minutes}m{second:02d}s" if second else f"{minutes}m"
    return f"{second}s"


def write_duration(seconds: float) -> str:
    """The text that `parse_duration` reads back as exactly these seconds (to the millisecond)."""
    rest = round(seconds * 1000)
    parts = []
    for unit, width in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, width)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def format_size(count: int) -> str:
    """The shortest honest text: `512B`, `64KB`, `1.5GB`."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f}{unit}" if unit == "B" or value >= 99.5 else f"{value:.3g}{unit}"
        value /= 1000
    return f"{value:.3g}TB"


def said(at: int) -> str:
    """`2026-11-22 19:05:09 UTC`; `at` in milliseconds since the epoch."""
    from datetime import UTC, datetime  # 2 ms, which verbs that only look need not pay

    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
