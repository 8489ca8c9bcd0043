"""Tallies of ended runs, in SQLite."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

from jobctl.domain.run import Run
from jobctl.domain.stretch import Stretch, stretches
from jobctl.domain.tally import Span, Tally, from_texts, to_text, total
from jobctl.store.records import Ends
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries
from jobctl.store.sqlite.rows import run_of
from jobctl.store.sqlite.tallying import Place, hours_of, minutes_of, tallies_of

HOURS_KEPT_MS = 35 * int(Span.DAY)
DAYS_KEPT_MS = 800 * int(Span.DAY)
_MINUTES_KEPT_MS = 6 * int(Span.HOUR)
_NEVER_FOLDED = 2**62
_NO_END = max(Span).start_of(2**62)  # where spans of all lengths end: one stretch reaches to it
_tally: Callable[..., Tally] = Tally  # of columns, whose types nobody knows here
_LOOSE = 64  # ends whose buckets may stand behind a histogram before they are added up with it


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
            tallies = tallies_of(ended)
            self._add_tallies(tallies)
            for hour in hours_of(tallies):
                self._database.write(self._sql["add_hour"], hour)
            self._add_minutes(ended)
            return self._database.write(self._sql["forget_ends"], (last,))

    def totals(self, span: Span, since: int, until: int, jobs: Collection[str] | None = None) -> dict[str, Tally]:
        with self._database.snapshot():
            wanted = json.dumps(self._stretches(since, until, span))
            if jobs is None:
                rows = self._database.all(self._sql["totals_of_all"], (wanted,))
            else:
                rows = self._database.all(self._sql["totals_of_jobs"], (wanted, self._numbers(jobs)))
        durations = from_texts(row[-1] for row in rows)
        return {row[0]: _tally(*row[1:-1], histogram) for row, histogram in zip(rows, durations, strict=True)}

    def course(self, span: Span, since: int, until: int, jobs: Collection[str]) -> dict[str, dict[int, Tally]]:
        rows = self._database.all(self._sql["course_of_jobs"], (int(span), since, until, self._numbers(jobs)))
        durations = from_texts(row[-1] for row in rows)
        found: dict[str, dict[int, Tally]] = {}
        for row, histogram in zip(rows, durations, strict=True):
            found.setdefault(row[0], {})[row[1]] = _tally(*row[2:-1], histogram)
        return found

    def hours(self, since: int, until: int, jobs: Collection[str] | None = None) -> list[Ends]:
        if jobs is None:
            rows = self._database.all(self._sql["hours_of_all"], (since, until))
        else:
            rows = self._database.all(self._sql["hours_of_jobs"], (since, until, self._numbers(jobs)))
        return [Ends(*row) for row in rows]

    def minutes(self, since: int) -> list[Ends]:
        return [Ends(*row) for row in self._database.all(self._sql["minutes"], (since,))]

    def unfolded(self) -> list[Run]:
        return self._ends_up_to(_NEVER_FOLDED)

    def forget(self, job: str, now: int) -> None:
        number = self._catalog.job(job)
        days_end = max(Span).start_of(now - DAYS_KEPT_MS)  # where spans of all lengths end, so none is left in part
        with self._database:
            self._keep_past(number, days_end)
            for span in Span:
                before = now - HOURS_KEPT_MS if span is Span.HOUR else days_end
                self._database.write(self._sql["forget_old"], (number, int(span), before))
            self._database.write(self._sql["forget_hours"], (now - HOURS_KEPT_MS,))

    def ever(self) -> dict[str, Tally]:
        with self._database.snapshot():
            past = self._database.all(self._sql["past_of_all"])
            rows = self._database.all(self._sql["all_of"], (int(max(Span)),))
        found = {row[0]: _tally_of(row[1:]) for row in past}
        texts = from_texts(text for row in rows for text in row[-2:])
        for row, durations, waits in zip(rows, texts, texts, strict=True):
            found.setdefault(row[0], Tally()).add(_tally(*row[1:-2], durations, waits))
        return found

    def _stretches(self, since: int, until: int, finest: Span) -> list[Stretch]:
        """Where nothing has ended since `until`, long spans may reach beyond it, and fewer short ones are needed."""
        ((newest,),) = self._database.all(self._sql["newest_hour"])
        if newest is None or newest >= until:
            return stretches(since, until, finest)
        return [one for one in stretches(since, _NO_END, finest) if one.since <= newest]

    def _numbers(self, jobs: Collection[str]) -> str:
        row = self._database.one(self._sql["numbers"], (json.dumps(list(jobs)),))
        return row[0] if row else "[]"

    def _keep_past(self, job: int | None, before: int) -> None:
        self._database.begin()
        old = [_tally_of(row) for row in self._database.all(self._sql["old"], (job, int(max(Span)), before))]
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

    def _add_tallies(self, tallies: Mapping[Place, Tally]) -> None:
        """In the order in which the rows lie; most spans of a job hold the same runs."""
        before: Tally | None = None
        values: tuple[Any, ...] = ()
        for (job, span, start), tally in sorted(tallies.items(), key=itemgetter(0)):
            if tally is not before:
                before, values = tally, _row_of(tally)
            place = (self._catalog.job_made(job), int(span), start)
            ((started,),) = self._database.write_returning(self._sql["add"], (*place, *values))
            if started // _LOOSE > (started - tally.started) // _LOOSE:
                self._add_up_histograms(place)

    def _add_up_histograms(self, place: tuple[int, int, int]) -> None:
        (found,) = self._database.all(self._sql["histograms"], place)
        texts = [to_text(histogram) for histogram in from_texts(found)]
        self._database.write(self._sql["keep_histograms"], (*texts, *place))

    def _add_minutes(self, ended: Sequence[Run]) -> None:
        minutes = minutes_of(ended)
        for minute in minutes:
            self._database.write(self._sql["add_minute"], minute)
        if minutes:
            self._database.write(self._sql["forget_minutes"], (max(minutes).start - _MINUTES_KEPT_MS,))


def _tally_of(row: Sequence[Any]) -> Tally:
    return _tally(*row[:-2], *from_texts(row[-2:]))


def _row_of(tally: Tally) -> tuple[Any, ...]:
    return (
        tally.succeeded, tally.failed, tally.timed_out, tally.lost, tally.cancelled, tally.skipped, tally.missed,
        tally.retries, tally.started, tally.wait_ms, tally.max_wait_ms, tally.duration_ms, tally.max_duration_ms,
        tally.cpu_ms, tally.max_rss_bytes, tally.read_bytes, tally.written_bytes, to_text(tally.durations),
        to_text(tally.waits),
    )  # fmt: skip
