"""What `status` gathers."""

from __future__ import annotations

from contextlib import closing

import pytest

from jobctl.domain.run import Status
from jobctl.operations.status import status
from jobctl.operations.trigger import trigger
from jobctl.wiring import open_context
from tests.operations.site import Site


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
