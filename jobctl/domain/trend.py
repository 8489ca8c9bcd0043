"""How a job does against the period before, as one plain verdict."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from jobctl.domain.tally import Tally

_ENOUGH = 5  # runs in both periods, before anything is said about durations
_NOTABLE = 0.20  # of a duration
_MANY_TIMES = 4.0  # a growth beyond that is said as a factor: five times and more
_NOTABLE_MS = 100  # nobody waits for less
_NOTABLE_RATE = 0.05  # of all runs
_OFTEN = 0.10  # so many failures are worth a word without any change


class Trend(enum.IntEnum):
    """What stands out, worst first."""

    FAILS_MORE = 1
    FAILS_OFTEN = 2
    SLOWER = 3
    FAILS_LESS = 4
    FASTER = 5
    STOPPED = 6  # it ran in the period before and not in this one
    NEW = 7  # it did not run in the period before
    STEADY = 8
    IDLE = 9


@dataclass(frozen=True, slots=True)
class Verdict:
    """A trend in words, with its size to sort by: a growth of p95 or a share of failures."""

    trend: Trend
    words: str
    size: float = 0.0


def judge(now: Tally, before: Tally) -> Verdict:
    """The verdict on two periods of the same length; what fails goes before what is slow."""
    if not now.finished:
        if before.finished:
            return Verdict(Trend.STOPPED, f"no run ended, {before.finished} before")
        return Verdict(Trend.IDLE, "no run ended")
    fails, lasts = _on_failures(now, before), _on_durations(now, before)
    if fails is not None and lasts is not None:
        return replace(fails, words=f"{fails.words}; {lasts.words}")
    return fails or lasts or _on_presence(before)


def _on_failures(now: Tally, before: Tally) -> Verdict | None:
    share = now.bad / now.finished
    share_before = before.bad / before.finished if before.finished else 0.0
    known = before.finished > 0
    if known and share - share_before >= _NOTABLE_RATE:
        return Verdict(Trend.FAILS_MORE, f"fails {share:.0%}, {share_before:.0%} before", share)
    if share >= _OFTEN:
        return Verdict(Trend.FAILS_OFTEN, f"fails {share:.0%}", share)
    if known and share_before - share >= _NOTABLE_RATE:
        return Verdict(Trend.FAILS_LESS, f"fails {share:.0%}, {share_before:.0%} before", share_before - share)
    return None


def _on_durations(now: Tally, before: Tally) -> Verdict | None:
    if min(now.measured, before.measured) < _ENOUGH:
        return None
    p95, p95_before = now.percentile(0.95), before.percentile(0.95)
    if p95 is None or not p95_before or abs(p95 - p95_before) < _NOTABLE_MS:
        return None
    growth = p95 / p95_before - 1
    if growth >= _NOTABLE:
        words = f"p95 up {growth:.0%}" if growth < _MANY_TIMES else f"p95 ×{growth + 1:.0f}"
        return Verdict(Trend.SLOWER, words, growth)
    if growth <= -_NOTABLE:
        return Verdict(Trend.FASTER, f"p95 down {-growth:.0%}", -growth)
    return None


def _on_presence(before: Tally) -> Verdict:
    return Verdict(Trend.STEADY, "steady") if before.finished else Verdict(Trend.NEW, "new")
