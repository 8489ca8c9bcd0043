"""What `status` gathers."""

from __future__ import annotations

from contextlib import closing

import pytest

from jobctl.domain.run import Status
from jobctl.operations.status import status
from jobctl.operations.trigger import trigger
from jobctl.operations.upcoming import upcoming
from jobctl.wiring import open_context
from tests.operations.site import Site


def test_what_is_next_is_not_past_where_no_daemon_has_followed_the_schedule(site: Site) -> None:
    jobs = site.ctx.store.jobs
    expected = upcoming(site.ctx, jobs.rows(), None, None, 9, all_jobs=True).starts
    assert [start.job for start in expected] == ["hello"] * 9
    jobs.plan_next({"hello": site.ctx.clock.now() - 3_600_000})  # as in a copy of the state directory
    assert list(status(site.ctx).next[:9]) == expected


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
