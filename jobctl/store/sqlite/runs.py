"""Runs from their making to their end, in SQLite."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jobctl.domain.admission import AGING_MS, rank
from jobctl.domain.run import NewRun, Run, Status, may_move
from jobctl.store.records import AddedRun, CancelRequest, Event, HistoryFilter, QueueLoad
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.history import History
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.read_ahead import Closed, Line, ReadAhead
from jobctl.store.sqlite.rows import run_of
from jobctl.store.sqlite.run_numbers import RunNumbers
from jobctl.store.sqlite.service import SqliteEventStore

if TYPE_CHECKING:
    from jobctl.store.sqlite.staging import Staging

_RELEASED_AT_ONCE = 1_000  # of a hundred thousand due at one instant the first start while the last still wait
_LONGEST_WAIT_MS = 3_600_000


class SqliteRunStore:
    """RunStore."""

    def __init__(self, database: Database, catalog: Catalog, events: SqliteEventStore, ahead: ReadAhead) -> None:
        self._database = database
        self._ahead = ahead
        self._catalog = catalog
        self._events = events
        self._numbers = RunNumbers(database)
        self._history = History(database, catalog)
        self._sql = queries("runs")

    def add(self, run: NewRun) -> AddedRun:
        with self._database:
            self._database.begin()
            return self._add_one(self._numbers.take(run.created_at, 1)[0], run)

    def add_many(self, runs: Sequence[NewRun]) -> list[AddedRun]:
        if not runs:
            return []
        with self._database:
            self._database.begin()
            ids = self._numbers.take(runs[0].created_at, len(runs))
            staging = self._staging
            if staging.add(map(self._row, ids, runs)) == len(runs):
                return [AddedRun(run_id, existed=False) for run_id in ids]
            made = staging.made(ids)
            return [
                AddedRun(run_id, existed=False) if run_id in made else self._existing(run)
                for run_id, run in zip(ids, runs, strict=True)
            ]

    @cached_property
    def _staging(self) -> Staging:
        from jobctl.store.sqlite.staging import Staging  # for those who make many

        return Staging(self._database)

    def get(self, run_id: int) -> Run | None:
        row = self._database.one(self._sql["get"], (run_id,))
        return run_of(row) if row else None

    def find(self, ids: range, limit: int = 10) -> list[Run]:
        return [run_of(row) for row in self._database.all(self._sql["find"], (ids.start, ids.stop, limit))]

    def history(self, wanted: HistoryFilter) -> list[Run]:
        return self._get_all(self.history_ids(wanted))

    def history_ids(self, wanted: HistoryFilter) -> list[int]:
        return self._history.ids(wanted)

    def counts(self) -> dict[Status, int]:
        return {Status(status): count for status, count in self._database.all(self._sql["counts"])}

    def queue_loads(self) -> list[QueueLoad]:
        return [QueueLoad(*row) for row in self._database.all(self._sql["queue_loads"])]

    def waiting_since(self) -> dict[str, int]:
        return dict(self._database.all(self._sql["waiting_since"]))

    def dead_letters(self, job: str | None = None) -> int:
        if job is None:
            row = self._database.one(self._sql["dead_letters"])
        else:
            row = self._database.one(self._sql["dead_letters_of"], (self._catalog.job(job),))
        return row[0] if row else 0

    def failing(self) -> list[tuple[int, int]]:
        return self._database.all(self._sql["failing"])

    def failed_last(self, limit: int) -> list[Run]:
        return self._get_all(row[0] for row in self._database.all(self._sql["failed_last"], (limit,)))

    def to_name(self, limit: int) -> list[Run]:
        return self._get_all(row[0] for row in self._database.all(self._sql["to_name"], {"limit": limit}))

    def release_due(self, now: int) -> int:
        row = self._database.one(self._sql["next_release_at"])
        if row is None or row[0] is None or row[0] > now:
            return 0
        with self._database:
            return self._database.write(self._sql["release_due"], (now, _RELEASED_AT_ONCE))

    def releases(self, limit: int) -> list[Run]:
        return self._get_all(row[0] for row in self._database.all(self._sql["releases"], (limit,)))

    def of_slot(self, job: str, slot: int) -> int | None:
        row = self._database.one(self._sql["find_by_slot"], (self._catalog.job(job), slot))
        return row[0] if row else None

    def answering(self, job: str, slot: int) -> Run | None:
        row = self._database.one(self._sql["answering"], (self._catalog.job(job), slot))
        return self.get(row[0]) if row else None

    def overdue(self, now: int, limit: int) -> list[tuple[Run, int]]:
        rows = self._database.all(self._sql["overdue"], (now, limit))
        return [(run, start_by) for run_id, start_by in rows if (run := self.get(run_id)) is not None]

    def next_deadline(self) -> int | None:
        return self._ahead.deadline(self._read_deadline)

    def _read_deadline(self) -> int | None:
        row = self._database.one(self._sql["next_deadline"])
        return row[0] if row else None

    def waiting(self, limit: int, without_jobs: Collection[str], without_queues: Collection[str]) -> list[Run]:
        if limit <= 0:
            return []
        jobs = frozenset(map(self._catalog.job, without_jobs))
        queues = frozenset(map(self._catalog.queue, without_queues))
        return self._get_all(self._ahead.first(limit, (jobs, queues), self._waiting_line))

    def _waiting_line(self, limit: int, closed: Closed) -> Line:
        first: list[tuple[int, int, int]] = []  # (rank, id, job), the best so far
        lanes, passed_by = self._open_lanes(limit, *closed)
        for head, job, queue in lanes:
            worst = first[-1][0] if len(first) >= limit else 2**62
            if head >= worst:  # of a thousand jobs due at one instant not all need to be looked at
                break
            waiting = self._database.all(self._sql["waiting_in_lane"], (job, queue, worst, limit))
            first = sorted(first + [(rank, run_id, job) for rank, run_id in waiting])[:limit]
        return Line([(job, run_id) for _, run_id, job in first], frozenset(passed_by))

    def waiting_aside(self, job: str, due_by: int, limit: int) -> list[Run]:
        found = self._database.all(self._sql["waiting_aside"], (self._catalog.job(job), due_by, limit))
        return self._get_all(row[0] for row in found)

    def _open_lanes(
        self, limit: int, closed_jobs: frozenset[int | None], closed_queues: frozenset[int | None]
    ) -> tuple[list[tuple[int, int, int]], set[int]]:
        """The `limit` lanes with the best heads as (rank, job, queue), best first: the runs to start are in them. And
        the closed jobs that were met on the way."""
        best: list[tuple[int, int, int]] = []
        passed_by: set[int] = set()
        for head, queue in self._database.all(self._sql["queue_heads"]):
            if len(best) >= limit and head >= best[-1][0]:
                break
            if queue not in closed_queues:
                in_queue: list[tuple[int, int, int]] = []
                for lane in self._database.each(self._sql["lanes"], (queue,)):
                    if lane[1] in closed_jobs:
                        passed_by.add(lane[1])
                        continue
                    in_queue.append(lane)
                    if len(in_queue) == limit:
                        break
                best = sorted([*best, *in_queue])[:limit]
        return best, passed_by

    def active(self, job: str) -> list[Run]:
        found = self._database.all(self._sql["active"], (self._catalog.job(job),))
        return self._get_all(sorted(row[0] for row in found))

    def move(self, run_id: int, expected: Status, target: Status, now: int, reason: str | None = None) -> bool:
        if not may_move(expected, target) or expected.is_final or Status.RUNNING in (expected, target):
            raise ValueError(f"no run moves from {expected.word} to {target.word} without an attempt")
        if target in (Status.SKIPPED, Status.MISSED) and not reason:
            raise ValueError(f"a {target.word} run needs a reason")
        finished_at = now if target.is_final else None
        with self._database:
            return self._database.write(self._sql["move"], (target, reason, finished_at, run_id, expected)) == 1

    def retry(self, run_id: int, now: int, extra_attempts: int, params: str | None = None) -> bool:
        with self._database:
            values = (now, AGING_MS, max(1, extra_attempts), run_id, params)
            return self._database.write(self._sql["retry"], values) == 1

    def rebase(self, now: int) -> None:
        with self._database:
            self._database.write(self._sql["rebase"], (now + _LONGEST_WAIT_MS, AGING_MS))

    def dismiss(self, run_id: int) -> bool:
        with self._database:
            return self._database.write(self._sql["dismiss"], (run_id,)) == 1

    def delete(self, run_id: int) -> bool:
        with self._database:
            return self._database.write(self._sql["delete"], (run_id,)) == 1

    def request_cancel(self, run_id: int, signal: int, actor: str, now: int) -> Status | None:
        with self._database:
            self._database.begin()
            row = self._database.one(self._sql["status_of"], (run_id,))
            if row is None or (status := Status(row[0])).is_final:
                return None
            reason = f"cancelled by {actor}"
            if status is Status.RUNNING:
                self._database.write(self._sql["ask_to_stop"], (signal, reason, run_id))
            else:
                self._database.write(self._sql["move"], (Status.CANCELLED, reason, now, run_id, status))
            self._events.record(Event(now, actor, "cancel", job=row[1], run_id=run_id))
        return status

    def cancel_requests(self) -> list[CancelRequest]:
        return [CancelRequest(*row) for row in self._database.all(self._sql["cancel_requests"])]

    def _add_one(self, run_id: int, run: NewRun) -> AddedRun:
        """Inside a transaction: what is found after a conflict cannot vanish before it is read."""
        if self._database.write(self._sql["add"], self._row(run_id, run)) == 1:
            return AddedRun(run_id, existed=False)
        return self._existing(run)

    def _existing(self, run: NewRun) -> AddedRun:
        """The run that has the key or the slot."""
        job = self._catalog.job(run.job)
        row = self._database.one(self._sql["find_by_key"], (job, run.key)) if run.key is not None else None
        if row is None:
            row = self._database.one(self._sql["find_by_slot"], (job, run.slot))
        assert row is not None
        return AddedRun(row[0], existed=True)

    def _row(self, run_id: int, run: NewRun) -> tuple[Any, ...]:
        """Plain numbers and text, which for nothing is empty: sqlite3 looks for an adapter for each enum, bool and None
        that it binds, at 0.5 to 2 µs a value."""
        slot, start_by, parent_id = run.slot, run.start_by, run.parent_id
        return (
            run_id, self._catalog.job_made(run.job), self._catalog.queue_made(run.queue), int(run.status),
            int(run.origin), run.priority, rank(run.priority, run.due_at), "" if slot is None else slot,
            run.created_at, run.due_at, "" if start_by is None else start_by, run.max_attempts, int(run.keep),
            "" if parent_id is None else parent_id, run.key or "", run.reason or "", run.params or "",
            int(run.own_budget),
        )  # fmt: skip

    def _get_all(self, ids: Iterable[int]) -> list[Run]:
        rows = (self._database.one(self._sql["get"], (run_id,)) for run_id in ids)
        return [run_of(row) for row in rows if row is not None]
