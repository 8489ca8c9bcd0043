"""Word between operations and the daemon, pauses, and the audit trail, in SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from jobctl.domain.last_seen import UNTIL_THE_NEXT_BEAT_MS, LastSeen
from jobctl.domain.policies import REPLACED_BY
from jobctl.domain.run_id import make
from jobctl.store.records import Event, Pause, ReloadRequest, ServiceInfo
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.rows import event_of, pause_of, reload_request_of, service_info_of

_EVER = (1 << 63) - 1  # no instant lies after it


class SqliteEventStore:
    """EventStore."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries("service")

    def record(self, event: Event) -> None:
        row = (event.at, event.actor, event.action, event.job, event.run_id, event.detail)
        with self._database:
            self._database.write(self._sql["record"], row)

    def recent(
        self, limit: int, job: str | None = None, since: int | None = None, until: int | None = None
    ) -> list[Event]:
        span = (since or 0, _EVER if until is None else until)
        if job is None:
            found = self._database.all(self._sql["recent"], (*span, REPLACED_BY, limit))
        else:
            found = self._database.all(self._sql["recent_of_job"], (job, *span, limit))
        return [event_of(row) for row in found]

    def forget_runs(self, before: int, limit: int) -> int:
        with self._database:
            return self._database.write(self._sql["forget_runs"], (REPLACED_BY, before, limit))

    def of_run(self, job: str, run_id: int, limit: int) -> list[Event]:
        return [event_of(row) for row in self._database.all(self._sql["events_of_run"], (job, run_id, limit))]


class SqliteSwitchStore:
    """SwitchStore."""

    def __init__(self, database: Database, events: SqliteEventStore) -> None:
        self._database = database
        self._events = events
        self._sql = queries("service")

    def pause(self, pause: Pause) -> None:
        row = (pause.queue or "", pause.since, pause.until, pause.by, pause.reason)
        with self._database:
            self._database.write(self._sql["pause"], row)
            self._events.record(Event(pause.since, pause.by, "pause", detail=_extent(pause.queue, pause.reason)))

    def resume(self, queue: str | None, actor: str, now: int) -> bool:
        with self._database:
            if not self._database.write(self._sql["resume"], (queue or "",)):
                return False
            self._events.record(Event(now, actor, "resume", detail=_extent(queue, None)))
        return True

    def pauses(self, now: int) -> list[Pause]:
        return [pause_of(row) for row in self._database.all(self._sql["pauses"], (now,))]


class SqliteServiceStore:
    """ServiceStore."""

    def __init__(self, database: Database, events: SqliteEventStore) -> None:
        self._database = database
        self._events = events
        self._sql = queries("service")

    def started(self, info: ServiceInfo) -> None:
        with self._database:
            self._database.write(
                self._sql["started"],
                (
                    info.pid, info.version, info.started_at, info.config, info.reloaded_at, info.boot_id,
                    info.clock_epoch, int(info.scheduling), info.settings,
                ),
            )  # fmt: skip

    def adopted(self, now: int, settings: str, *, scheduling: bool) -> None:
        with self._database:
            self._database.write(self._sql["adopted"], (now, int(scheduling), settings))

    def refused(self, error: str) -> None:
        with self._database:
            self._database.write(self._sql["refused"], (error,))

    def draining(self, now: int) -> None:
        with self._database:
            self._database.write(self._sql["draining"], (now,))

    def info(self) -> ServiceInfo | None:
        row = self._database.one(self._sql["info"])
        return service_info_of(row) if row else None

    def beat(self, now: int) -> None:
        with self._database:
            self._database.write(self._sql["beat"], (now,))

    def last_beat(self) -> int | None:
        row = self._database.one(self._sql["last_beat"])
        return row[0] if row else None

    def stopped(self, now: int) -> None:
        with self._database:
            self._database.write(self._sql["stopped"], (now,))

    def last_seen(self) -> LastSeen | None:
        row = self._database.one(self._sql["last_seen"])
        if row is None or row == (None, None):
            return None
        beat_at, stopped_at = row
        if stopped_at is not None:
            return LastSeen(stopped_at, stopped=True)
        soon = (make(beat_at, 0), make(beat_at + UNTIL_THE_NEXT_BEAT_MS, 0))
        made = self._database.one(self._sql["last_made_by_a_daemon"], soon)
        return LastSeen(max(beat_at, (made and made[0]) or beat_at))

    def raise_clock_epoch(self, now: int) -> int:
        with self._database:
            ((epoch,),) = self._database.write_returning(self._sql["raise_clock_epoch"])
            self._events.record(Event(now, "daemon", "clock", detail=f"epoch {epoch} begins"))
        return int(epoch)

    def request_reload(self, actor: str, now: int) -> int:
        with self._database:
            ((request_id,),) = self._database.write_returning(self._sql["request_reload"], (now, actor))
            self._events.record(Event(now, actor, "reload"))
        return int(request_id)

    def reload_request(self, request_id: int) -> ReloadRequest | None:
        row = self._database.one(self._sql["reload_request"], (request_id,))
        return reload_request_of(row) if row else None

    def open_reloads(self) -> list[int]:
        return [row[0] for row in self._database.all(self._sql["open_reloads"])]

    def reloaded(self, request_ids: Sequence[int], now: int, error: str | None) -> None:
        with self._database:
            self._database.write_many(self._sql["reloaded"], [(now, error, request_id) for request_id in request_ids])


def _extent(queue: str | None, reason: str | None) -> str:
    """What an event says of a pause: first what it holds, so that no reason can be taken for that, and why."""
    what = f"queue {queue}" if queue else "everything"
    return f"{what}: {reason}" if reason else what
