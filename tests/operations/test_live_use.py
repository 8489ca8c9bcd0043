"""The use of a running attempt is that of its own processes and of nobody who inherited a pid."""

from __future__ import annotations

import os

from jobctl.domain.run import NewRun, Origin, Status
from jobctl.operations.live_use import live_use
from jobctl.process import identity
from tests.operations.site import Site


def test_only_a_process_that_began_with_the_attempt_is_measured(site: Site) -> None:
    ctx, own = site.ctx, os.getpid()
    booted_at = ctx.clock.now() - ctx.clock.boottime()
    began_at = booted_at + 1000 * (identity.start_time(own) or 0) // os.sysconf("SC_CLK_TCK")
    run = ctx.store.runs.add(NewRun("hello", Origin.MANUAL, Status.QUEUED, began_at, began_at))
    number = ctx.store.attempts.begin(run.id, b"0123456789abcdef", "keeper-1", began_at)
    (attempt,) = ctx.store.attempts.of_run(run.id)
    assert number == 1
    assert live_use(ctx, attempt) is None, "its pid is not known yet"
    found = live_use(ctx, attempt._replace(pid=own))
    assert found is not None
    assert found.rss_bytes > 1_000_000
    assert live_use(ctx, attempt._replace(pid=own, started_at=began_at + 10_000)) is None, (
        "it is older than the attempt"
    )
    assert live_use(ctx, attempt._replace(pid=own, started_at=began_at - 120_000)) is None, "it is younger"
    assert live_use(ctx, attempt._replace(pid=own, status=Status.FAILED)) is None
    assert live_use(ctx, attempt._replace(pid=2**22 + 1)) is None
