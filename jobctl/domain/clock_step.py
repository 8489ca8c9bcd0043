"""Was the clock set? CLOCK_REALTIME against CLOCK_BOOTTIME, from one wake to the next (SEMANTICS, clock steps).

CLOCK_BOOTTIME runs on through a suspend, so that a suspend is no step; it shows as a long time between two wakes.
"""

from __future__ import annotations

import enum

IGNORED = 2_000  # ms: what NTP slews and one slow tick may look like
REPEATED = 3 * 3_600_000  # ms: Debian cron's bound between a change of the clock and a correction


class ClockStep(enum.Enum):
    """What a step of the clock means for slots, in words for the log."""

    NONE = "no step"
    FORWARD = "slots that were jumped over count as passed"
    BACKWARD_SMALL = "wildcard schedules and intervals run again, fixed times do not repeat"
    REBASE = "a correction: every job is planned anew from now"  # or a year ahead would block every job for a year


def judge(previous_realtime: int, previous_boottime: int, realtime: int, boottime: int) -> ClockStep:
    """What happened to the clock between two wakes of one boot. Both clocks in milliseconds, read together."""
    size = (realtime - previous_realtime) - (boottime - previous_boottime)
    if abs(size) < IGNORED:
        return ClockStep.NONE
    if size > 0:
        return ClockStep.FORWARD
    return ClockStep.BACKWARD_SMALL if -size <= REPEATED else ClockStep.REBASE
