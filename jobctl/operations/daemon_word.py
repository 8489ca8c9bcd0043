"""What keeps a living daemon from its work, a sentence each: what it says of itself, and what its silence says."""

import enum
from typing import NamedTuple

from jobctl.domain.last_seen import LastSeen, last_sign
from jobctl.domain.units import format_duration
from jobctl.operations.context import Context
from jobctl.store.records import ServiceInfo

# The daemon commits a beat at least once a minute; a busy machine may be a little late.
_SILENT_MS = 90_000
_SILENT_FOR_LONG_MS = 180_000
_OVERDUE_MS = 60_000


class Concern(enum.Enum):
    """What is not as it should be."""

    STARTING = "starting"
    SILENT = "silent"
    SILENT_FOR_LONG = "silent_for_long"
    DRAINING = "draining"
    SCHEDULING_OFF = "scheduling_off"
    REFUSED = "refused"


class Word(NamedTuple):
    """One thing that a person should know of the daemon."""

    concern: Concern
    sentence: str


def absence(ctx: Context) -> LastSeen | None:
    """The last sign of the daemon that runs no more; None: there never was one."""
    info = ctx.store.service.info()
    return last_sign(ctx.store.service.last_seen(), info.started_at if info is not None else None)


def silence(ctx: Context, pid: int) -> Word | None:
    """Whether the living daemon works: by its last beat, and by the slots that it should have decided."""
    now, info, beat = ctx.clock.now(), ctx.store.service.info(), ctx.store.service.last_beat()
    if beat is None or (info is not None and info.pid != pid):
        return Word(Concern.STARTING, f"the daemon (pid {pid}) is starting")
    silent = now - max(beat, info.started_at if info is not None else 0)
    if silent > _SILENT_MS:
        words = f"the daemon (pid {pid}) has not worked for {format_duration(silent // 1000)}{for_want_of_room(ctx)}"
        return Word(Concern.SILENT_FOR_LONG if silent > _SILENT_FOR_LONG_MS else Concern.SILENT, words)
    return _overdue(ctx, info, now) if info is not None and info.scheduling else None


def standstill(ctx: Context) -> str | None:
    """What is to be said of a living daemon that does not work; None: it works, begins to, or there is none."""
    word = silence(ctx, ctx.daemon_pid) if ctx.daemon_pid is not None else None
    return None if word is None or word.concern is Concern.STARTING else word.sentence


def for_want_of_room(ctx: Context) -> str:
    """Why a daemon does not store what it should, where that is a full disk: the end of a sentence, or nothing."""
    from jobctl.process.host import is_full  # where a daemon is silent

    return f": the disk of {ctx.places.state_dir} is full" if is_full(ctx.places.state_dir) else ""


def _overdue(ctx: Context, info: ServiceInfo, now: int) -> Word | None:
    """A slot that nobody decided tells of a daemon that stands still before its next beat is due. Of one that has just
    started it tells nothing: what came due before waits for its first tick."""
    first = next(iter(ctx.store.jobs.soonest(1)), None)
    if first is None or first.next_at is None or now - max(first.next_at, info.started_at) <= _OVERDUE_MS:
        return None
    late = format_duration((now - first.next_at) // 1000)
    return Word(Concern.SILENT, f"the daemon (pid {info.pid}) does not work: {first.name} was due {late} ago")


def scheduling_off(info: ServiceInfo | None) -> Word | None:
    """Whether the daemon was told to start nothing by itself, and where."""
    if info is None or info.scheduling:
        return None
    from jobctl.domain.settings import scheduling_is_off  # what a jobs file may say, which few verbs need

    off = scheduling_is_off(in_file=setting(info, "daemon.enabled") is False)
    return Word(Concern.SCHEDULING_OFF, f"{off}: nothing starts by itself")


def draining(ctx: Context, info: ServiceInfo | None) -> Word | None:
    """Whether the daemon waits for what runs, and starts nothing."""
    if info is None or info.draining_at is None:
        return None
    left = len(ctx.store.attempts.unfinished())
    waits = f", waits for {left} run{'' if left == 1 else 's'}" if left else ""
    return Word(Concern.DRAINING, f"the daemon is draining{waits}: nothing starts before another one does")


def refusal(info: ServiceInfo | None) -> Word | None:
    """Whether the daemon works with the jobs from before, because what the file says now was refused."""
    if info is None or info.refused is None:
        return None
    count = len(info.refused.splitlines())
    errors = f"{count} error{'' if count == 1 else 's'}"
    return Word(
        Concern.REFUSED,
        f"the changed jobs file was refused: {errors} (`jobctl check`); the jobs from before stay in force",
    )


def queue_settings(info: ServiceInfo | None) -> dict[str, dict[str, object]]:
    """The limits in force of each queue that has some, by their names in the jobs file."""
    if info is None or info.settings is None:
        return {}
    import json  # 2 ms that verbs need not pay where no daemon was

    found: dict[str, dict[str, object]] = {}
    for key, text in json.loads(info.settings).items():
        section, _, rest = key.partition(".")
        if section == "queues":
            name, _, limit = rest.rpartition(".")
            found.setdefault(name, {})[limit] = json.loads(text)
    return found


def setting(info: ServiceInfo | None, key: str) -> object:
    """A setting in force, by its dotted key; None when it is not known or left out."""
    if info is None or info.settings is None:
        return None
    import json  # as above

    text = json.loads(info.settings).get(key)
    return None if text is None else json.loads(text)
