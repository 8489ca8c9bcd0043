"""What `status` gathers."""

from __future__ import annotations

from contextlib import closing

import pytest

from jobctl.domain.run import Status
from jobctl.operations.definitions import ensure_current
from jobctl.operations.freshness import refresh
from jobctl.operations.status import status
from jobctl.operations.trigger import trigger
from jobctl.operations.upcoming import next_start_of
from jobctl.wiring import open_context
from tests.operations.site import JOBS, Site


def test_what_is_next_is_the_coming_start_of_each_job_where_no_daemon_has_followed_the_schedules(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.define(f'{JOBS}[jobs.often]\ncommand = "true"\nschedule = "*/5 * * * *"\n')
    ensure_current(site.ctx)
    jobs, now = site.ctx.store.jobs, site.ctx.clock.now()
    monkeypatch.setattr(site.ctx.clock, "now", lambda: now)
    expected = [next_start_of(site.ctx, row) for row in jobs.rows(("often", "hello"))]
    long_ago = now - 3_600_000
    jobs.plan_next({"hello": long_ago, "often": long_ago})  # as in a copy of the state directory
    found = {start.job: start.at for start in status(site.ctx).next}
    assert found == dict(zip(("hello", "often"), expected, strict=True))
    assert len(status(site.ctx).next) == 2


def test_a_job_whose_disabling_is_over_is_shown_enabled_and_with_its_next_start(site: Site) -> None:
    jobs, now = site.ctx.store.jobs, site.ctx.clock.now()
    jobs.disable("hello", "ann", now - 9_000, now - 5_000, None)
    jobs.plan_next({"hello": None})
    refresh(site.ctx)
    (row,) = jobs.rows(["hello"])
    assert (row.enabled, row.next_at) == (True, next_start_of(site.ctx, row))
    assert [start.job for start in status(site.ctx).next] == ["hello"]
    assert site.ctx.store.events.recent(1)[0].at == now - 5_000


def test_the_figures_agree_whatever_is_written_while_they_are_gathered(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = site.ctx.store.runs
    count = runs.counts

    def count_before_another_comes() -> dict[Status, int]:
        counts = count()
        with closing(open_context(site.jobs_file, site.state_dir)) as another:
            trigger(another, ["hello"])
        return counts

    trigger(site.ctx, ["hello"])
    monkeypatch.setattr(runs, "counts", count_before_another_comes)
    report = status(site.ctx)
    assert (report.counts[Status.QUEUED], len(report.waiting), [one.waiting for one in report.queues]) == (1, 1, [1])
    assert runs.counts()[Status.QUEUED] == 2
