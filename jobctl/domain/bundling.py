"""Which notices go out together: a storm of one cause is one message. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobctl.domain.alert import AlertKind, Telling
from jobctl.domain.notice import Notice, NoticeState

GATHER_MS = 2_000  # what happens at one instant is told together
STORM_MS = 600_000  # after this many messages of one kind within this time …
STORM_MESSAGES = 3
STORM_GATHER_MS = 60_000  # … the next ones are gathered for so long
ALONE = 3  # so many notices of one kind are still told one by one

Cause = tuple[AlertKind, Telling]


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes through one channel now, each bundle as one message, and when there is something to decide again."""

    bundles: tuple[tuple[Notice, ...], ...]
    next_at: int | None


def plan(waiting: Sequence[Notice], sent: Sequence[Notice], now: int) -> Plan:
    """Decide for one channel. `sent` is what went through it within `STORM_MS`."""
    free = _not_behind_others(waiting)
    due = [notice for notice in free if notice.due_at <= now]
    later = [notice.due_at for notice in free if notice.due_at > now]
    bundles: list[tuple[Notice, ...]] = []
    for cause in dict.fromkeys(map(_cause, due)):
        group = [notice for notice in due if _cause(notice) == cause]
        storm = _messages(sent, cause) >= STORM_MESSAGES
        ready_at = min(_ready_at(notice, storm=storm) for notice in group)
        if ready_at > now:
            later.append(ready_at)
        elif len(group) > ALONE or storm:
            bundles.append(tuple(group))
        else:
            bundles += [(notice,) for notice in group]
    return Plan(tuple(bundles), min(later, default=None))


def held_until(notice: Notice) -> int | None:
    """Until when, at the latest, a waiting notice that no channel has refused is held to go out with others; None: it
    is not."""
    if notice.state is not NoticeState.WAITING or notice.channel is None or notice.tries:
        return None
    return _ready_at(notice, storm=True)


def _not_behind_others(waiting: Sequence[Notice]) -> list[Notice]:
    """Nobody hears of a recovery before they hear of what is over: that one goes, or is given up, first."""
    first: dict[int | None, Notice] = {}
    for notice in sorted(waiting, key=lambda notice: notice.id):
        first.setdefault(notice.alert.id, notice)
    return [notice for notice in waiting if notice.telling is first[notice.alert.id].telling]


def _cause(notice: Notice) -> Cause:
    return notice.alert.kind, notice.telling


def _messages(sent: Sequence[Notice], cause: Cause) -> int:
    """Notices that went out together were sent at one instant."""
    return len({notice.done_at for notice in sent if _cause(notice) == cause})


def _ready_at(notice: Notice, *, storm: bool) -> int:
    """One that was tried before has waited for others long enough, and one of high severity takes them with it."""
    if notice.tries:
        return notice.due_at
    return notice.due_at + (STORM_GATHER_MS if storm and notice.alert.severity != "high" else GATHER_MS)
