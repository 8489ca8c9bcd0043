"""Which runs a history shows, found without looking at those that it does not.

Ids rise with the time of making, so the newest are read off the end of an index: that of the ids, of a job, or of a
rare status. Only a filter that hardly any run passes, such as an origin nobody uses, makes it read further back.
"""

from __future__ import annotations

from collections.abc import Collection

from jobctl.domain.run import Status
from jobctl.domain.run_id import make
from jobctl.store.records import HistoryFilter
from jobctl.store.sqlite.catalog import Catalog
from jobctl.store.sqlite.database import Database
from jobctl.store.sqlite.queries import queries

MOST_JOBS_ONE_BY_ONE = 100  # more jobs than these share the newest runs anyway
CLOCK_SLACK_MS = 120_000  # how far an id may be ahead of its run's making, see run_numbers.SMALL_STEP_MS
_FOREVER = 2**62

_LEADING = {
    Status.SCHEDULED: "scheduled",
    Status.QUEUED: "queued",
    Status.RUNNING: "busy",
    Status.RETRYING: "busy",
} | {status: "ended_otherwise" for status in Status if status > Status.SUCCEEDED}


_BUSY = frozenset({Status.RUNNING, Status.RETRYING})  # few, whichever job is meant: behind them a million may wait


class History:
    """Turns a filter into ids."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog
        self._sql = queries("history")

    def ids(self, wanted: HistoryFilter) -> list[int]:
        """Ids of the wanted runs: newest first, or oldest first after `after_id`."""
        jobs = [number for number in map(self._catalog.job, wanted.jobs) if number is not None]
        if wanted.jobs and not jobs:
            return []
        conditions = _conditions(wanted, jobs)
        if wanted.after_id is not None:
            conditions["limit"] = wanted.limit
            return self._column("following", conditions)
        newest = self._newest(wanted, jobs, conditions)
        return newest[wanted.offset : wanted.offset + wanted.limit]

    def _newest(self, wanted: HistoryFilter, jobs: list[int], conditions: dict[str, object]) -> list[int]:
        """At least the newest `offset + limit` that fit."""
        if wanted.dead_letters:
            return self._column("dead", conditions)
        if 0 < len(jobs) <= MOST_JOBS_ONE_BY_ONE and not (wanted.statuses and _BUSY.issuperset(wanted.statuses)):
            found = [id_ for job in jobs for id_ in self._column("of_job", conditions | {"job": job})]
        elif wanted.statuses and Status.SUCCEEDED not in wanted.statuses:
            found = [
                id_
                for status in set(wanted.statuses)
                for id_ in self._column(_LEADING[status], conditions | {"status": status})
            ]
        else:
            return self._column("all", conditions)
        return sorted(found, reverse=True)

    def _column(self, name: str, conditions: dict[str, object]) -> list[int]:
        return [row[0] for row in self._database.all(self._sql[name], conditions)]


def _conditions(wanted: HistoryFilter, jobs: list[int]) -> dict[str, object]:
    since = wanted.since if wanted.since is not None else 0
    until = wanted.until if wanted.until is not None else _FOREVER
    low = make(since, 0)
    if wanted.after_id is not None:
        low = max(low, wanted.after_id + 1)
    return {
        "low": low,
        "high": make(until + CLOCK_SLACK_MS, 0) if wanted.until is not None else _FOREVER,
        "since": since,
        "until": until,
        "statuses": _numbers(wanted.statuses),
        "origins": _numbers(wanted.origins),
        "jobs": _numbers(jobs),
        "dead": int(wanted.dead_letters),
        "limit": wanted.offset + wanted.limit,
    }


def _numbers(numbers: Collection[int]) -> str | None:
    """A JSON list for json_each, written by hand: importing json costs a read verb 7 ms."""
    return f"[{','.join(str(int(number)) for number in numbers)}]" if numbers else None
