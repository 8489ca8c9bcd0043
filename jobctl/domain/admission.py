"""Which of the waiting runs starts first, what is in the way of a new one, which one a busy machine holds, and how long
all wait when the machine refuses a start."""

from typing import TYPE_CHECKING, NamedTuple

from jobctl.domain.run import Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.domain.units import format_duration, format_size

if TYPE_CHECKING:
    from jobctl.domain.job import WaitForIdle  # with it what a job is, which verbs that only look do not need

AGING_MS = 600_000  # ten minutes of waiting outweigh one step of priority
HELD_FOR_LOAD = "held for load"  # so begins the reason of a run that a busy machine holds
_HOLD_FIRST_MS, _HOLD_LAST_MS = 1_000, 60_000


def rank(priority: int, due_at: int) -> int:
    """The place in the queue: smaller starts first, equal ranks by id.

    The higher priority first, then the older; whoever has waited long enough overtakes a higher priority. Every
    run ages at the same pace, so the number never changes while a run waits and an index can keep the order.
    """
    return due_at - priority * AGING_MS


def turn(run: Run) -> tuple[int, int]:
    """The place of a run where one is executed after the other, as `rank`: what is to start later comes last, by its
    time."""
    return run.due_at if run.status is Status.SCHEDULED else 0, rank(run.priority, run.due_at)


def next_hold(last_ms: int) -> int:
    """Milliseconds without starts after the machine refused one, from those after the refusal before (0: it was none):
    1 s, doubled each time up to a minute."""
    return min(max(_HOLD_FIRST_MS, 2 * last_ms), _HOLD_LAST_MS)


def overlap_reason(active: Run) -> str:
    """Why a run is skipped that came while `active` of the same job was under way."""
    return f"overlap: run {to_text(active.id)} of this job was still {active.status.word}"


def overlapped(reason: str) -> str | None:
    """The id of the run that was in the way, from the words above."""
    words = reason.split()
    return words[2] if words[:2] == ["overlap:", "run"] and len(words) > 2 else None


class HostLoad(NamedTuple):
    """How busy the machine is: the load of the last minute, and how many bytes of memory can still be had (None: nobody
    says)."""

    load: float
    memory_free: int | None


def waits_for_idle(wait: "WaitForIdle", run: Run, now: int) -> bool:
    """Whether a busy machine holds the run at all: not what a person started, and not for longer than `latest`."""
    if run.origin is Origin.MANUAL:
        return False
    return wait.latest is None or now < latest_start(wait, run.due_at)


def latest_start(wait: "WaitForIdle", due_at: int) -> int:
    """When a run that was due then starts however busy the machine is (ms); `wait` has a `latest`."""
    return due_at + round(1000 * (wait.latest or 0))


def held_for_load(wait: "WaitForIdle", host: HostLoad) -> str | None:
    """Why a run that waits for an idle machine does not start on this one, in words; None when it may."""
    busy = busy_with(wait, host)
    if not busy:
        return None
    latest = "" if wait.latest is None else f"; it starts {format_duration(wait.latest)} after it was due at the latest"
    return f"{HELD_FOR_LOAD}: {' and '.join(busy)}{latest}"


def busy_with(wait: "WaitForIdle", host: HostLoad, be: str = "is") -> list[str]:
    """What of the machine is not as idle as the run wants it, in words; `be`: "was" tells of what is over."""
    busy = []
    if wait.load_below is not None and host.load >= wait.load_below:
        busy.append(f"the load {be} {host.load:.2f}, not below {wait.load_below:g}")
    if wait.memory_free is not None and host.memory_free is not None and host.memory_free < wait.memory_free:
        busy.append(f"{format_size(host.memory_free)} of memory {be} free, less than {format_size(wait.memory_free)}")
    return busy
