"""Which slots still deserve a run: what is due now, what is caught up, what is missed.

A slot that came while the daemon was awake is ordinary. One that passed before `awake_since` (daemon down, host
suspended, clock set forward) follows `catch_up`. Whatever the gap, the work and the number of rows are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from jobctl.domain.job import CatchUp, Lateness
from jobctl.domain.last_seen import LastSeen
from jobctl.domain.run import Origin
from jobctl.domain.slots import Schedule
from jobctl.domain.units import format_duration

ORDINARY_LIMIT = 100  # slots of one job decided as ordinary at once; older ones count as passed
DAEMON_DOWN = "the daemon was not running"  # in the reasons of rows
A_MINUTE_LONGER = "and perhaps a minute longer"
SINCE_WHEN = STOPPED, LAST_AT_WORK = ("it stopped", "last at work")  # how its end is told behind that
_EXACT = 1 << 62  # more slots than any range holds
_ANSWERED = re.compile(r"(\d+) slots (?:from|since) (\S+Z)")


@dataclass(frozen=True, slots=True)
class DueRun:
    """A run to be made for `slot`. `stands_for` counts the slots it answers for, itself included."""

    slot: int
    origin: Origin
    stands_for: int = 1
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """One row for `count` slots that get no run, from `oldest` to `slot`, the newest of them."""

    slot: int
    oldest: int
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class DueDecision:
    """What becomes of all slots up to now. `runs` oldest first; `watermark` is the new last decided slot."""

    runs: tuple[DueRun, ...]
    missed: tuple[Missed, ...]
    watermark: int
    next_slot: int | None


def no_spread(slot: int) -> int:
    """A start is not put off."""
    return 0


def decide(
    schedule: Schedule,
    lateness: Lateness,
    watermark: int,
    now_s: int,
    awake_since: int,
    passed_while: str = DAEMON_DOWN,
    put_off: Callable[[int], int] = no_spread,
) -> DueDecision:
    """Decide every slot after `watermark` and up to `now_s`.

    `awake_since` is the second from which the daemon has been awake and deciding without a break; what was due up to
    it has passed, and `passed_while` says why in words. `put_off` is by how many seconds spread delays a slot's start:
    the slot is due then, and its deadline counts from then. A new job, a changed schedule and a re-enabled job come
    with `watermark = now_s`: nothing is caught up.
    """
    newest = schedule.newest_between(watermark, now_s, ORDINARY_LIMIT)
    if not newest:
        return DueDecision((), (), watermark, schedule.next_after(max(watermark, now_s)))
    rules = _Rules(lateness, now_s, passed_while, put_off)
    ordinary = [slot for slot in newest if slot + put_off(slot) > awake_since]
    runs: list[DueRun] = []
    missed: list[Missed] = []
    if len(ordinary) < len(newest) or len(newest) == ORDINARY_LIMIT:
        _Gap(schedule, rules, watermark, ordinary[0] - 1 if ordinary else now_s).decide(runs, missed)
    _decide_ordinary(ordinary, rules, runs, missed)
    return DueDecision(tuple(runs), tuple(missed), newest[-1], schedule.next_after(max(newest[-1], now_s)))


def _decide_ordinary(slots: list[int], rules: _Rules, runs: list[DueRun], missed: list[Missed]) -> None:
    late = [slot for slot in slots if rules.is_over(slot)]
    if late:
        reason = f"{_how_many(len(late), late[0], late[-1])}{rules.over}"
        missed.append(Missed(late[-1], late[0], len(late), reason))
    runs.extend(DueRun(slot, Origin.SCHEDULE) for slot in slots[len(late) :])


def _how_many(count: int, oldest: int, newest: int) -> str:
    """The beginning of a reason that speaks of several slots; nothing for one, whose row says when it was."""
    return "" if count == 1 else f"{count} slots from {in_utc(oldest)} to {in_utc(newest)} "


def first_answered(reason: str) -> int | None:
    """The oldest slot that a row answers for, from the words above; None where it speaks of its own slot only."""
    found = _ANSWERED.search(reason)
    return int(datetime.fromisoformat(found.group(2)).timestamp()) if found else None


def slots_answered(reason: str) -> int:
    """For how many slots a row answers, from the words above."""
    found = _ANSWERED.search(reason)
    return int(found.group(1)) if found else 1


def of_the_gap(reason: str) -> str:
    """What such a reason says of the slots that the row answers for; before it may stand what became of its own run."""
    found = _ANSWERED.search(reason)
    return reason[found.start() :] if found else reason


def daemon_down(last: LastSeen | None, now: int) -> str:
    """What slots passed while, where no daemon was there until `now` (ms), with when the one before it stopped, or was
    last at work: nobody knows that any more once this one beats."""
    if last is None or last.at > now:  # the clock was set back
        return DAEMON_DOWN
    at = in_utc(last.at // 1000)
    when = f"{STOPPED} {at}" if last.stopped else f"{LAST_AT_WORK} {at}, {A_MINUTE_LONGER}"
    return f"{DAEMON_DOWN} ({when})"


def in_utc(slot: int) -> str:
    """As an instant is written into a reason; who shows it makes it local."""
    return datetime.fromtimestamp(slot, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class _Rules:
    """What decides about a late slot."""

    lateness: Lateness
    now_s: int
    passed_while: str
    put_off: Callable[[int], int]

    def lateness_of(self, slot: int) -> int:
        return self.now_s - slot - self.put_off(slot)

    def is_over(self, slot: int) -> bool:
        """Whether the slot's start_deadline has passed."""
        deadline = self.lateness.start_deadline
        return deadline is not None and self.lateness_of(slot) > deadline

    def is_merely_late(self, slot: int) -> bool:
        """Whether an explicit start_deadline says that the slot may still start as if it came now."""
        deadline = self.lateness.start_deadline
        return deadline is not None and self.lateness_of(slot) <= deadline

    def is_outside_window(self, slot: int) -> bool:
        return self.lateness_of(slot) > self.lateness.catch_up_window

    @property
    def over(self) -> str:
        return f"not started within its start_deadline of {format_duration(self.lateness.start_deadline or 0)}"

    def why_missed(self, slot: int) -> str:
        """The reason why a passed slot gets no run."""
        passed = f"passed while {self.passed_while}"
        if self.is_over(slot):
            return f"{passed}, {self.over}"
        if self.lateness.catch_up is CatchUp.NONE:
            return f"{passed}, and catch_up is none"
        if self.is_outside_window(slot):
            window = format_duration(self.lateness.catch_up_window)
            return f"{passed}, longer ago than the catch_up_window of {window}"
        return f"{passed}, and catch_up_limit keeps the newest {self.lateness.catch_up_limit}"


@dataclass(frozen=True, slots=True)
class _Gap:
    """The slots in (after, until], which passed while nobody could start them."""

    schedule: Schedule
    rules: _Rules
    after: int
    until: int

    def decide(self, runs: list[DueRun], missed: list[Missed]) -> None:
        newest = self.schedule.previous_at_or_before(self.until)
        if newest is None or newest <= self.after:
            return
        kept = self._kept(newest)
        once = self.rules.lateness.catch_up is CatchUp.ONCE
        if once and kept:
            runs.append(self._run_of(newest, self._count(newest)))
            return
        before = self.schedule.previous_at_or_before(kept[0] - 1) if kept else newest
        if before is not None and before > self.after:
            missed.append(self._missed(before))
        runs.extend(self._run_of(slot, 1) for slot in kept)

    def _kept(self, newest: int) -> list[int]:
        """The slots that get a run of their own, or, for `once`, the one that gets the only run."""
        rules = self.rules
        if rules.is_over(newest):
            return []
        if rules.lateness.catch_up is CatchUp.NONE:
            return [newest] if rules.is_merely_late(newest) else []
        if rules.lateness.catch_up is CatchUp.ONCE:
            return [] if rules.is_outside_window(newest) else [newest]
        candidates = self.schedule.newest_between(self.after, self.until, rules.lateness.catch_up_limit)
        return [slot for slot in candidates if not rules.is_over(slot) and not rules.is_outside_window(slot)]

    def _run_of(self, slot: int, stands_for: int) -> DueRun:
        lateness, passed_while = self.rules.lateness, self.rules.passed_while
        if stands_for > 1:
            oldest = self.schedule.next_after(self.after)
            reason = f"stands for {stands_for} slots since {in_utc(oldest or slot)} that passed while {passed_while}"
            return DueRun(slot, Origin.CATCH_UP, stands_for, reason)
        if lateness.catch_up is not CatchUp.ALL and self.rules.is_merely_late(slot):
            return DueRun(slot, Origin.SCHEDULE)
        return DueRun(slot, Origin.CATCH_UP, 1, f"caught up: its time passed while {passed_while}")

    def _missed(self, newest: int) -> Missed:
        """One row for everything from the oldest slot of the gap to `newest`."""
        oldest = self.schedule.next_after(self.after)
        assert oldest is not None
        count = self._count(newest)
        return Missed(newest, oldest, count, _how_many(count, oldest, newest) + self.rules.why_missed(newest))

    def _count(self, newest: int) -> int:
        return self.schedule.count_between(self.after, newest, _EXACT)
