"""How jobs, runs and instants are said to a person. Instants are milliseconds since the epoch; times are local."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from jobctl.cli.render.style import Meaning
from jobctl.domain.run import Origin, Run, Status
from jobctl.domain.units import format_duration, format_size
from jobctl.operations.saying import full_time as full_time
from jobctl.operations.saying import with_instants

if TYPE_CHECKING:
    from jobctl.store.records import Pause

_MEANINGS = {
    Status.SCHEDULED: Meaning.FAINT,
    Status.QUEUED: Meaning.PLAIN,
    Status.RUNNING: Meaning.BUSY,
    Status.RETRYING: Meaning.DOUBTFUL,
    Status.SUCCEEDED: Meaning.GOOD,
    Status.FAILED: Meaning.BAD,
    Status.TIMED_OUT: Meaning.BAD,
    Status.CANCELLED: Meaning.DOUBTFUL,
    Status.SKIPPED: Meaning.DOUBTFUL,
    Status.MISSED: Meaning.DOUBTFUL,
    Status.LOST: Meaning.BAD,
}
_WORDS = {status: status.word.replace("_", " ") for status in Status}
_ORIGINS = {
    Origin.SCHEDULE: "by its schedule",
    Origin.CATCH_UP: "to catch up",
    Origin.MANUAL: "by hand",
    Origin.QUEUE: "from the queue",
    Origin.STARTUP: "at the daemon's start",
    Origin.CHAIN: "after another job",
    Origin.EXEC: "by exec",
}
V = TypeVar("V")
T = TypeVar("T")
_HOUR_MS = 3_600_000
_DAY_MS = 86_400_000
_MINUTES_FROM = 600_000  # milliseconds from which on seconds are not said


def meaning_of(status: Status) -> Meaning:
    """The colour of a status."""
    return _MEANINGS[status]


def status_words(status: Status) -> str:
    """`succeeded`, `timed out`."""
    return _WORDS[status]


def origin_words(origin: Origin) -> str:
    """Why a run exists: `by its schedule`, `by hand`."""
    return _ORIGINS[origin]


def missed_words(count: int) -> str:
    """How many starts of a job were missed since it last began: nothing, `missed`, `missed 5 in a row`."""
    return f"missed {count:,} in a row" if count > 1 else "missed" if count else ""


def outcome_words(run: Run) -> str:
    """The status, with what the job itself said where that tells more: `failed (exit 3)`, `failed (SIGKILL)`."""
    words = status_words(run.status)
    if run.status is Status.FAILED or (run.status is Status.SUCCEEDED and run.exit_code):
        detail = code_words(run.exit_code, run.signal)
        return f"{words} ({detail})" if detail else words
    if run.status is Status.RUNNING and run.progress is not None:
        return f"{words} ({run.progress:.0f}%)"
    return words


def withdrawn_words(run: Run) -> str:
    """What to say of a run that was cancelled while it waited, for the first time or between two attempts."""
    return f"cancelled before {'its next attempt' if run.attempt else 'it started'}"


def progress_bar(percent: float, cells: int = 20) -> str:
    """`████████░░░░░░░░░░░░`"""
    done = int(cells * percent / 100)
    return "█" * done + "░" * (cells - done)


def reason_beside_outcome(run: Run) -> str:
    """The reason, where `outcome_words` do not say it already."""
    reason = run.reason or ""
    return "" if run.signal is not None and reason == f"killed by {code_words(None, run.signal)}" else reason


def code_words(exit_code: int | None, signal: int | None) -> str:
    """`exit 3`, `SIGKILL`, or nothing when neither is known."""
    if signal is not None:
        from jobctl.domain.outcome import signal_name  # with it the retry rules, for killed jobs only

        return signal_name(signal)
    return f"exit {exit_code}" if exit_code is not None else ""


def each(values: Sequence[V], say: Callable[[V], T]) -> list[T]:
    """What `say` makes of every value, asked once for those that are equal: ten thousand jobs share their words."""
    known = {value: say(value) for value in set(values)}
    return list(map(known.__getitem__, values))


def relative(at: int, now: int) -> str:
    """`in 3h12m`, `2m ago`, `now`: rounded down to what a glance needs."""
    apart = _roughly(at - now)
    if apart == 0:
        return "now"
    text = _said(abs(apart) // 1000)
    return f"in {text}" if apart > 0 else f"{text} ago"


def next_words(said: str) -> str:
    """What `relative` says of a coming start; `due 2m ago` where it should have come already."""
    return f"due {said}" if said.endswith(" ago") else said


def relatives(instants: Sequence[int | None], now: int) -> list[str]:
    """`relative` for each, nothing for none. Where most differ they are rounded first, without a call for each, so that
    few are left to be said."""
    if 4 * len(set(instants)) < len(instants):
        return each(instants, lambda at: "" if at is None else relative(at, now))
    long_ago, lately, soon = now - _DAY_MS, now - _MINUTES_FROM, now + _MINUTES_FROM
    apart = [
        None if at is None
        else (now - at) // _HOUR_MS * -_HOUR_MS if at <= long_ago
        else (now - at) // 60_000 * -60_000 if at <= lately
        else (at - now) // 60_000 * 60_000 if at >= soon
        else at - now
        for at in instants
    ]  # fmt: skip
    return each(apart, lambda one: "" if one is None else relative(now + one, now))


def short_time(at: int, now: int) -> str:
    """Local time, as short as it is still clear: `14:05:09` today, `Sat 14:05` within six days, else with the date."""
    then = time.localtime(at / 1000)
    if then[:3] == time.localtime(now / 1000)[:3]:
        return time.strftime("%H:%M:%S", then)
    if abs(at - now) < 6 * _DAY_MS:
        return time.strftime("%a %H:%M", then)
    return time.strftime("%Y-%m-%d %H:%M", then)


def local_words(text: str, now: int) -> str:
    """A stored sentence with the instants in it on the reader's clock."""
    return with_instants(text, lambda at: short_time(at, now))


def took(start: int | None, end: int | None) -> str:
    """The duration between two instants; nothing when one is missing."""
    if start is None or end is None:
        return ""
    millis = max(0, end - start)
    step = 1 if millis < 100 else 100 if millis < 10_000 else 1000
    return _said((millis + step // 2) // step * step / 1000)


def durations(millis: Sequence[int | None]) -> list[str]:
    """`took` for each duration, nothing for none, in a third of the time."""
    seen = [
        None if one is None
        else max(0, one) if one < 100
        else (one + 50) // 100 * 100 if one < 10_000
        else (one + 500) // 1000 * 1000
        for one in millis
    ]  # fmt: skip
    return each(seen, lambda one: "" if one is None else _said(one / 1000))


def cpu_words(seconds: float | None) -> str:
    """What was used of the processors; nothing where nobody knows."""
    return "" if seconds is None else format_duration(round(seconds, 3))


def size_words(count: int | None) -> str:
    """So many bytes; nothing where nobody knows."""
    return "" if count is None else format_size(count)


def storage_words(read: int | None, written: int | None) -> str:
    """Nothing where nothing was moved, or nobody knows: most jobs are served by the page cache."""
    return f"{format_size(read or 0)} read, {format_size(written or 0)} written" if read or written else ""


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """`1 job`, `2 jobs`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def held_notes(pauses: Sequence[Pause]) -> list[str]:
    """What a reader of coming starts is told of the pauses in force: one line, none without any."""
    if not pauses:
        return []
    what, queues = "starts", [str(pause.queue) for pause in pauses if pause.queue is not None]
    how = "`jobctl resume` lets them go on"
    if len(queues) == len(pauses):
        what = f"starts of {'queue' if len(queues) == 1 else 'queues'} {', '.join(queues)}"
        each = "" if len(queues) == 1 else ", a queue at a time"
        how = f"`jobctl resume --queue {queues[0]}` lets them go on{each}"
    return [f"{what} are held now (`jobctl status` says by whom, {how})"]


def _roughly(apart: int) -> int:
    """Milliseconds, towards zero, without the digits that nobody reads: whole seconds, whole minutes from 10 minutes
    on, whole hours from a day on."""
    far = abs(apart)
    far -= far % (1000 if far < _MINUTES_FROM else 60_000 if far < _DAY_MS else _HOUR_MS)
    return far if apart >= 0 else -far


@lru_cache(maxsize=4096)  # the jobs of a long listing share most of their durations
def _said(seconds: float) -> str:
    return format_duration(seconds)


def schedule_words(schedule: str, job: str) -> str:
    """The schedule as it is written, and what it means: `30 2 * * * (at 02:30 every day)`."""
    from jobctl.domain.cron_words import describe  # the cron grammar, for single jobs only
    from jobctl.domain.schedule_problem import ScheduleProblem

    if not schedule:
        return ""
    said = []
    for part in schedule.split("; "):
        try:
            said.append(f"{part} ({describe(part, job)})")
        except ScheduleProblem:
            said.append(part)  # `every 90s`, `on_start`: words already
    return "\n".join(said)
