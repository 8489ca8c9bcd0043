"""Tallies of ended runs, in SQLite."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from jobctl.domain.run import DEAD, Run
from jobctl.domain.tally import Span, Tally, from_text, to_text, total
from jobctl.store.records import Minute
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.rows import run_of

HOURS_KEPT_MS = 35 * int(Span.DAY)
DAYS_KEPT_MS = 800 * int(Span.DAY)
_MINUTE_MS = 60_000
_MINUTES_KEPT_MS = 6 * int(Span.HOUR)
_NEVER_FOLDED = 2**62


class SqliteStatisticsStore:
    """StatisticsStore."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog
        self._sql = queries("statistics")

    def fold(self, limit: int) -> int:
        with self._database:
            last = self._last_of_slice(limit)
            if last is None:
                return 0
            self._database.begin()
            ended = self._ends_up_to(last)
            for (job, span, start), tally in _by_span(ended).items():
                self._add(self._catalog.job_made(job), span, start, tally)
            self._add_minutes(ended)
            return self._database.write(self._sql["forget_ends"], (last,))

    def totals(self, span: Span, since: int, until: int, jobs: Collection[str] | None = None) -> dict[str, Tally]:
        if jobs is None:
            rows = self._database.all(self._sql["totals_of_all"], (int(span), since, until))
        else:
            rows = [
                row
                for job in jobs
                for row in self._database.all(self._sql["totals_of_job"], (int(span), since, until, job))
            ]
        return {row[0]: _tally_of(row[1:]) for row in rows}

    def course(self, span: Span, since: int, until: int, job: str | None = None) -> dict[int, Tally]:
        if job is None:
            rows = self._database.all(self._sql["totals_by_start"], (int(span), since, until))
        else:
            rows = self._database.all(self._sql["of_job"], (int(span), since, until, job))
        return {row[0]: _tally_of(row[1:]) for row in rows}

    def minutes(self, since: int) -> list[Minute]:
        return [Minute(*row) for row in self._database.all(self._sql["minutes"], (since,))]

    def unfolded(self) -> list[Run]:
        return self._ends_up_to(_NEVER_FOLDED)

    def forget(self, job: str, now: int) -> None:
        number = self._catalog.job(job)
        with self._database:
            self._keep_past(number, now - DAYS_KEPT_MS)
            for span, kept in ((Span.HOUR, HOURS_KEPT_MS), (Span.DAY, DAYS_KEPT_MS)):
                self._database.write(self._sql["forget_old"], (number, int(span), now - kept))

    def ever(self) -> dict[str, Tally]:
        found = {row[0]: _tally_of(row[1:]) for row in self._database.all(self._sql["past_of_all"])}
        for job, tally in self.totals(Span.DAY, 0, _NEVER_FOLDED).items():
            found.setdefault(job, Tally()).add(tally)
        return found

    def _keep_past(self, job: int | None, before: int) -> None:
        self._database.begin()
        old = [_tally_of(row) for row in self._database.all(self._sql["old"], (job, int(Span.DAY), before))]
        if not old:
            return
        known = self._database.one(self._sql["past"], (job,))
        whole = total([*old, *([_tally_of(known)] if known is not None else [])])
        self._database.write(self._sql["keep_past"], (job, *_row_of(whole)))

    def _last_of_slice(self, limit: int) -> int | None:
        row = self._database.one(self._sql["last_of_slice"], (limit,))
        return row[0] if row else None

    def _ends_up_to(self, number: int) -> list[Run]:
        return [run_of(row) for row in self._database.all(self._sql["ends"], (number,))]

    def _add(self, job: int, span: Span, start: int, tally: Tally) -> None:
        known = self._database.one(self._sql["tally"], (job, int(span), start))
        if known is not None:
            tally.add(_tally_of(known))
        self._database.write(self._sql["keep"], (job, int(span), start, *_row_of(tally)))

    def _add_minutes(self, ended: Sequence[Run]) -> None:
        all_of: Counter[int] = Counter()
        bad: Counter[int] = Counter()
        for run in ended:
            if run.started_at is not None and run.finished_at is not None:
                start = run.finished_at - run.finished_at % _MINUTE_MS
                all_of[start] += 1
                bad[start] += run.status in DEAD
        for start, count in all_of.items():
            self._database.write(self._sql["add_minute"], (start, count, bad[start]))
        if all_of:
            self._database.write(self._sql["forget_minutes"], (max(all_of) - _MINUTES_KEPT_MS,))


def _by_span(ended: Sequence[Run]) -> dict[tuple[str, Span, int], Tally]:
    """The hours count the runs, and the days the hours."""
    hours: defaultdict[tuple[str, int], Tally] = defaultdict(Tally)
    for run in ended:
        hours[run.job, Span.HOUR.start_of(run.finished_at or 0)].count(run)
    found: defaultdict[tuple[str, Span, int], Tally] = defaultdict(Tally)
    for (job, start), tally in hours.items():
        found[job, Span.HOUR, start] = tally
        found[job, Span.DAY, Span.DAY.start_of(start)].add(tally)
    return found


def _tally_of(row: Sequence[Any]) -> Tally:
    fields: list[Any] = [*row[:-2], from_text(row[-2]), from_text(row[-1])]
    return Tally(*fields)


def _row_of(tally: Tally) -> tuple[Any, ...]:
    return (
        tally.succeeded, tally.failed, tally.timed_out, tally.lost, tally.cancelled, tally.skipped, tally.missed,
        tally.retries, tally.started, tally.wait_ms, tally.max_wait_ms, tally.duration_ms, tally.max_duration_ms,
        tally.cpu_ms, tally.max_rss_bytes, tally.read_bytes, tally.written_bytes, to_text(tally.durations),
        to_text(tally.waits),
    )  # fmt: skip
