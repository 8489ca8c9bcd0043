"""Rows of the database as the records that the rest of jobctl knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from jobctl.domain.run import Attempt, AttemptState, Origin, Run, RunEnd, Status
from jobctl.store.records import Event, JobLabels, JobListing, JobRow, JobTiming, Pause, ReloadRequest, ServiceInfo

Row = tuple[Any, ...]

_STATUSES = {status.value: status for status in Status}  # a third of what Status(number) takes
_IDLE = (0, 0)  # nothing runs, nothing is queued
_ORIGINS = {origin.value: origin for origin in Origin}


def status_of(number: int | None) -> Status | None:
    """The status behind a stored number."""
    return None if number is None else _STATUSES[number]


def run_of(row: Row) -> Run:
    """A row of the view `run_rows`."""
    fields = list(row)
    fields[2] = _STATUSES[row[2]]
    fields[3] = _ORIGINS[row[3]]
    fields[25] = row[25] == 1  # dead_letter
    fields[26] = row[26] == 1  # keep
    return Run(*fields)


def attempt_of(row: Row) -> Attempt:
    """A row of the query `of_run` or `unfinished`."""
    run_id, number, state, status, *rest = row
    return Attempt(run_id, number, AttemptState(state), status_of(status), *rest)


def job_row_of(row: Row) -> JobRow:
    """A row of the query `rows`."""
    fields = list(row)
    fields[3] = _tags(row[3])
    fields[4] = row[4] == 1  # enabled
    fields[14] = status_of(row[14])  # last_status
    return JobRow._make(fields)


def labels_of(row: Row) -> JobLabels:
    """A row of the query `labels`."""
    name, group, tags = row
    return JobLabels(name, group, _tags(tags))


def _tags(stored: str) -> tuple[str, ...]:
    return tuple(stored.split("\n")) if stored else ()


def job_listing_of(
    columns: Sequence[Sequence[Any]], off: Set[str], busy: Mapping[str, Sequence[int]], missed: Mapping[str, int]
) -> JobListing:
    """The columns of the query `listing`, in the order in which they are shown."""
    names, schedules, next_at, statuses, finished, took, streaks, groups, descriptions = map(tuple, columns)
    return JobListing(
        names=names,
        enabled=tuple(name not in off for name in names) if off else (True,) * len(names),
        schedules=schedules,
        next_at=next_at,
        running=tuple(busy.get(name, _IDLE)[0] for name in names) if busy else (0,) * len(names),
        queued=tuple(busy.get(name, _IDLE)[1] for name in names) if busy else (0,) * len(names),
        last_statuses=tuple(map(_STATUSES.get, statuses)),
        last_finished_at=finished,
        last_took=took,
        streaks=streaks,
        groups=groups,
        descriptions=descriptions,
        missed=tuple(missed.get(name, 0) for name in names) if missed else (0,) * len(names),
    )


def timing_of(row: Row) -> JobTiming:
    """A row of the query `timings`."""
    name, watermark, next_at, last_finished_at, disabled, disabled_until = row
    return JobTiming(name, watermark, next_at, last_finished_at, disabled == 1, disabled_until)


def end_of(row: Row) -> RunEnd:
    """A row of the query `arrivals` or `parents`, or of `first_ends` without its number."""
    job, run_id, attempt, status, finished_at, result = row
    return RunEnd(job, run_id, attempt, _STATUSES[status], finished_at, result)


def pause_of(row: Row) -> Pause:
    """A row of the query `pauses`."""
    queue, *rest = row
    return Pause(queue or None, *rest)


def service_info_of(row: Row) -> ServiceInfo:
    """A row of the query `info`."""
    fields = list(row)
    fields[7] = row[7] == 1  # scheduling
    return ServiceInfo(*fields)


def reload_request_of(row: Row) -> ReloadRequest:
    """A row of the query `reload_request`."""
    return ReloadRequest(*row)


def event_of(row: Row) -> Event:
    """A row of the query `recent` or `recent_of_job`."""
    return Event(*row)
