"""Ids of runs: one 60-bit integer, written as 12 letters and digits that sort by time of making.

40 bits of milliseconds since 2026 (34 years) and 20 random bits. The letters are Crockford's base 32 in lower case
(https://www.crockford.com/base32.html), so that `o`, `i` and `l` typed by hand are understood. Hosts that share a
store need no number of their own: a collision meets the primary key and the maker takes the next id.
"""

from __future__ import annotations

from functools import lru_cache

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 12
EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
_RANDOM_BITS = 20
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_SHIFTS = range(5 * (LENGTH - 2) - _RANDOM_BITS, -1, -10)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {"o": 0, "i": 1, "l": 1}


def make(now: int, random_bits: int) -> int:
    """The id for an instant and 20 random bits."""
    return (max(0, now - EPOCH_MS) << _RANDOM_BITS) | (random_bits & ((1 << _RANDOM_BITS) - 1))


def made_at(run_id: int) -> int:
    """The instant, in milliseconds, that an id was made for."""
    return (run_id >> _RANDOM_BITS) + EPOCH_MS


@lru_cache(maxsize=256)
def to_text(run_id: int) -> str:
    """The twelve characters of an id."""
    return _of_instant(run_id >> _RANDOM_BITS) + _PAIRS[run_id >> 10 & 1023] + _PAIRS[run_id & 1023]


@lru_cache(maxsize=64)
def _of_instant(milliseconds: int) -> str:
    """The first eight, which runs that were made together share."""
    return "".join([_PAIRS[milliseconds >> shift & 1023] for shift in _SHIFTS])


def prefix_range(text: str) -> range | None:
    """All ids whose text begins with `text`; None when no id can begin so."""
    letters = text.strip().lower()
    if not 0 < len(letters) <= LENGTH or any(letter not in _VALUES for letter in letters):
        return None
    value = 0
    for letter in letters:
        value = value << 5 | _VALUES[letter]
    width = 5 * (LENGTH - len(letters))
    return range(value << width, (value + 1) << width)
