"""Alerts, in SQLite. What an alert is, only those import who find one: each end of a run asks here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from jobctl.store.records import DeadMan, Event, WaitingRun
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.reader import Row
from jobctl.store.sqlite.service import SqliteEventStore

if TYPE_CHECKING:
    from jobctl.domain.alert import Alert, AlertKind, AlertState, Change, Telling


class SqliteAlertStore:
    """AlertStore."""

    def __init__(self, database: Database, catalog: Catalog, events: SqliteEventStore) -> None:
        self._database = database
        self._catalog = catalog
        self._events = events
        self._sql = queries("alerts")
        self._as_of = (0, -1)
        self._any_open = False  # of any job

    def get(self, alert_id: int) -> Alert | None:
        return next(iter(_alerts_of(self._database.all(self._sql["get"], (alert_id,)))), None)

    def open_of(self, job: str) -> list[Alert]:
        if not self._has_open():
            return []
        return _alerts_of(self._database.all(self._sql["open_of"], (job,)))

    def open(self, kinds: Collection[AlertKind] = ()) -> list[Alert]:
        from jobctl.domain.alert import AlertKind  # as above

        wanted = f"[{','.join(str(int(kind)) for kind in kinds or AlertKind)}]"
        return _alerts_of(self._database.all(self._sql["open"], (wanted,)))

    def open_of_removed(self) -> list[Alert]:
        return _alerts_of(self._database.all(self._sql["open_of_removed"]))

    def recent(self, limit: int) -> list[Alert]:
        return _alerts_of(self._database.all(self._sql["alerts"], (limit,)))

    def record(self, changes: Sequence[Change], now: int) -> None:
        if not changes:
            return
        with self._database:
            for change in changes:
                alert_id = self._keep(change.alert)
                if change.telling is not None:
                    self._post(alert_id, change, change.telling, now)

    def acknowledge(self, alert_id: int, state: AlertState, actor: str, now: int) -> bool:
        with self._database:
            changed = self._database.write_returning(self._sql["acknowledge"], (int(state), actor, now, alert_id))
            for (job,) in changed:
                self._events.record(Event(now, actor, "ack", job=job, detail=f"alert {alert_id}"))
        return bool(changed)

    def streak(self, job: str) -> int:
        row = self._database.one(self._sql["streak"], (self._catalog.job(job),))
        return int(row[0]) if row else 0

    def dead_men(self, job: str | None = None) -> list[DeadMan]:
        return [DeadMan(*row) for row in self._database.all(self._sql["dead_men"], (job,))]

    def waiting_jobs(self) -> set[str]:
        return {row[0] for row in self._database.all(self._sql["waiting_jobs"])}

    def first_waiting(self, job: str) -> WaitingRun | None:
        row = self._database.one(self._sql["first_waiting"], (self._catalog.job(job),))
        return WaitingRun(*row) if row else None

    def prune(self, before: int, keep: int) -> int:
        with self._database:
            return self._database.write(self._sql["prune"], (before, keep))

    def _has_open(self) -> bool:
        """Asked at each end of a run: what has been found out is good until somebody writes, and an alert if we do."""
        as_of = self._database.data_version(), self._database.undone
        if as_of != self._as_of:
            self._any_open = self._database.one(self._sql["any_open"]) is not None
            self._as_of = as_of
        return self._any_open

    def _keep(self, alert: Alert) -> int:
        self._as_of = (0, -1)
        if alert.id is not None:
            self._database.write(
                self._sql["change"],
                (
                    int(alert.state), alert.last_at, alert.count, alert.message, alert.run_id, alert.told_at,
                    alert.closed_at, alert.id,
                ),
            )  # fmt: skip
            return alert.id
        row = (
            int(alert.kind), alert.job, alert.subject, alert.severity, int(alert.state), alert.opened_at,
            alert.last_at, alert.count, alert.message, alert.run_id, alert.told_at,
        )  # fmt: skip
        ((alert_id,),) = self._database.write_returning(self._sql["open_new"], row)
        return int(alert_id)

    def _post(self, alert_id: int, change: Change, telling: Telling, now: int) -> None:
        message = change.alert.message if change.message is None else change.message
        run_id = change.run_id or change.alert.run_id
        self._database.write(self._sql["post"], (alert_id, int(telling), message, run_id, now, now))


def _alerts_of(rows: Sequence[Row]) -> list[Alert]:
    if not rows:
        return []
    from jobctl.store.sqlite.alert_rows import alert_of  # as above

    return [alert_of(row) for row in rows]
