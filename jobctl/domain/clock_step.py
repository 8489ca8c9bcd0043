"""Was the clock set? CLOCK_REALTIME against CLOCK_BOOTTIME, from one wake to the next (SEMANTICS, clock steps).

CLOCK_BOOTTIME runs on through a suspend, so that a suspend is no step; it shows as a long time between two wakes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

IGNORED = 2_000  # ms: what NTP slews and one slow tick may look like
REPEATED = 3 * 3_600_000  # ms: Debian cron's bound between a change of the clock and a correction


class StepKind(enum.Enum):
    """What a step of the clock means for slots."""

    NONE = enum.auto()
    FORWARD = enum.auto()  # slots jumped over are late or missed
    BACKWARD_SMALL = enum.auto()  # WILD and intervals run again, FIXED do not repeat
    REBASE = enum.auto()  # the old time was wrong: every job starts from now, with a new clock epoch


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Both clocks, read together, in milliseconds."""

    realtime: int
    boottime: int


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A step and its size in milliseconds, negative when the clock was put back."""

    kind: StepKind
    size: int


def detect_step(previous: ClockReading, now: ClockReading) -> ClockStep:
    """By how much the clock was set between two wakes of one boot."""
    size = (now.realtime - previous.realtime) - (now.boottime - previous.boottime)
    if abs(size) < IGNORED:
        return ClockStep(StepKind.NONE, size)
    if size > 0:
        return ClockStep(StepKind.FORWARD, size)
    return ClockStep(StepKind.BACKWARD_SMALL if -size <= REPEATED else StepKind.REBASE, size)


def watermark_after(step: StepKind, wild: bool, watermark: int, now_s: int) -> int:
    """The last decided slot of a job after a step, in seconds; what is not after it is never decided again.

    After REBASE nothing is caught up, so that a clock once a year ahead does not block a job for a year.
    """
    if step is StepKind.REBASE:
        return now_s
    if step is StepKind.BACKWARD_SMALL and wild:
        return min(watermark, now_s)
    return watermark
