"""What changes many runs lets others write in between."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from jobctl.domain.run import Status
from jobctl.operations import slices
from jobctl.operations.cancel import Cancelled, cancel, runs_of_jobs
from jobctl.operations.dead_letters import retry
from jobctl.operations.trigger import trigger
from tests.operations.site import Site


def _watched(site: Site, act: Callable[..., Any], status: Status, seen: list[int]) -> Callable[..., Any]:
    """The same, and how many runs have this status in the eyes of others each time."""

    def watched(*given: Any) -> Any:
        with closing(sqlite3.connect(site.ctx.places.database)) as other:
            seen.append(other.execute("SELECT count(*) FROM runs WHERE status = ?", (status,)).fetchone()[0])
        return act(*given)

    return watched


def test_many_runs_are_cancelled_and_retried_in_slices(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE", 2)
    runs, made = site.ctx.store.runs, [trigger(site.ctx, ["hello"])[0] for _ in range(5)]
    cancelled: list[int] = []
    monkeypatch.setattr(runs, "request_cancel", _watched(site, runs.request_cancel, Status.CANCELLED, cancelled))
    cancel(site.ctx, runs_of_jobs(site.ctx, ["hello"], only_waiting=False), signal.SIGTERM)
    assert cancelled == [0, 0, 2, 2, 4]
    waiting: list[int] = []
    monkeypatch.setattr(runs, "retry", _watched(site, runs.retry, Status.QUEUED, waiting))
    assert [run.id for run in retry(site.ctx, [site.run(run_id) for run_id in made])] == made
    assert waiting == [0, 0, 2, 2, 4]


def test_what_came_of_many_is_read_while_it_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [trigger(site.ctx, ["hello"])[0] for _ in range(3)]
    results = cancel(site.ctx, made, signal.SIGTERM)
    read: list[int] = []
    get = site.ctx.store.runs.get
    monkeypatch.setattr(site.ctx.store.runs, "get", lambda run_id: read.append(run_id) or get(run_id))  # type: ignore[func-returns-value]
    for place, result in enumerate(results, 1):
        assert result.result is Cancelled.WITHDRAWN
        assert read == made[:place]
