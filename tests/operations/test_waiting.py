"""Why a queued run waits, for those who look at it."""

from __future__ import annotations

import os
import re

import pytest

from jobctl.domain.admission import HELD_FOR_LOAD
from jobctl.domain.rate_limit import Bucket
from jobctl.domain.run import NewRun, Origin, Run, Status
from jobctl.domain.run_id import to_text
from jobctl.operations.context import Context
from jobctl.operations.control import pause
from jobctl.operations.definitions import ensure_current
from jobctl.operations.waiting import reasons, why_it_waits
from jobctl.store.records import ServiceInfo
from jobctl.store.sqlite.store import SqliteStore
from tests.operations.site import Site


def queue(site: Site, job: str, queue: str = "default") -> Run:
    now = site.ctx.clock.now()
    return site.run(site.ctx.store.runs.add(NewRun(job, Origin.MANUAL, Status.QUEUED, now, now, queue=queue)).id)


def begin(site: Site, run: Run) -> str:
    site.ctx.store.attempts.begin(run.id, b"0123456789abcdef", "keeper-1", site.ctx.clock.now())
    return to_text(run.id)


@pytest.fixture
def ctx(site: Site) -> Context:
    """Beside a daemon that works and has said which limits it holds to."""
    site.pretend_daemon()
    now = site.ctx.clock.now()
    limits = '{"queues.mail.max_concurrent": "1", "daemon.max_concurrent": "2"}'
    info = ServiceInfo(os.getpid(), "0", now, str(site.jobs_file), now, "boot", 0, settings=limits)
    site.ctx.store.service.started(info)
    site.ctx.store.service.beat(now)
    return site.ctx


def test_a_run_that_is_about_to_start_waits_for_nothing(site: Site, ctx: Context) -> None:
    assert why_it_waits(ctx, queue(site, "hello")) is None


def test_the_limit_of_the_job_of_its_queue_and_of_the_daemon_are_told_apart(site: Site, ctx: Context) -> None:
    first = begin(site, queue(site, "hello", "mail"))
    assert why_it_waits(ctx, queue(site, "hello")) == f"max_concurrent = 1 of hello is reached: waits for {first}"
    limit_of_queue = f"max_concurrent = 1 of queue mail is reached: waits for {first}"
    assert why_it_waits(ctx, queue(site, "reports", "mail")) == limit_of_queue
    assert why_it_waits(ctx, queue(site, "fails")) is None
    second = begin(site, queue(site, "sleeps"))
    limit_of_all = f"max_concurrent = 2 of the daemon is reached: waits for {first}, {second}"
    assert why_it_waits(ctx, queue(site, "fails")) == limit_of_all


def test_the_reason_is_found_without_reading_what_else_waits(site: Site, ctx: Context) -> None:
    begin(site, queue(site, "hello"))
    run = queue(site, "hello")
    alone = statements(ctx, run)
    for _ in range(20):
        queue(site, "hello")
    assert statements(ctx, run) == alone


def statements(ctx: Context, run: Run) -> int:
    """How many it takes to find out why the run waits."""
    asked: list[str] = []
    assert isinstance(ctx.store, SqliteStore)
    ctx.store._database._connection.set_trace_callback(asked.append)
    assert why_it_waits(ctx, run) is not None
    ctx.store._database._connection.set_trace_callback(None)
    return len(asked)


def test_a_run_that_was_started_since_it_was_read_does_not_wait_for_itself(site: Site, ctx: Context) -> None:
    run = queue(site, "hello", "mail")
    begin(site, run)
    assert why_it_waits(ctx, run) is None
    begin(site, queue(site, "sleeps"))
    assert why_it_waits(ctx, run) is None


def test_a_rate_limit_is_told_with_the_instant_of_the_next_start(site: Site, ctx: Context) -> None:
    now = ctx.clock.now()
    info = ctx.store.service.info() or pytest.fail("no daemon")
    ctx.store.service.started(info._replace(settings='{"queues.mail.rate_limit": "[30, 60.0]"}'))
    run = queue(site, "reports", "mail")
    assert why_it_waits(ctx, run) is None
    ctx.store.rates.keep("mail", Bucket((now + 70_000) * 1000, 2_000_000))
    told = r"rate_limit = 30/m of queue mail is reached: the next one starts at (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d"
    assert re.fullmatch(told, why_it_waits(ctx, run) or "")
    assert why_it_waits(ctx, queue(site, "hello")) is None, "which is in another queue"


def test_a_pause_and_a_draining_daemon_are_told(site: Site, ctx: Context) -> None:
    run = queue(site, "hello")
    pause(ctx, None, None, "upgrade")
    assert "everything is paused by" in (why_it_waits(ctx, run) or "")
    ctx.store.service.draining(ctx.clock.now())
    assert why_it_waits(ctx, run) == "the daemon is draining: nothing starts before another one does"


def test_without_a_daemon_that_is_what_it_waits_for_and_ended_runs_have_no_reason(site: Site) -> None:
    run, running = queue(site, "hello"), queue(site, "sleeps")
    begin(site, running)
    assert reasons(site.ctx, [run, site.run(running.id)]) == {run.id: "no daemon is running that would start it"}


def test_a_run_that_waits_for_an_idle_machine_says_how_busy_it_is(site: Site) -> None:
    ctx = site.ctx
    site.define('[jobs.patient]\ncommand = "true"\nwait_for_idle = { memory_free = "900TB", latest = "2h" }\n')
    ensure_current(ctx)
    site.pretend_daemon()
    now = ctx.clock.now()
    run = site.run(ctx.store.runs.add(NewRun("patient", Origin.SCHEDULE, Status.QUEUED, now, now)).id)
    words = why_it_waits(ctx, run) or ""
    assert re.fullmatch(r"held for load: \S+ of memory is free, less than 900TB; it starts 2h .* latest", words)
    assert HELD_FOR_LOAD not in (why_it_waits(ctx, queue(site, "patient")) or ""), "a person started it"
