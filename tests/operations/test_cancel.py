"""Waiting runs are withdrawn at once; running ones are stopped, with or without anybody who executes them."""

from __future__ import annotations

import os
import signal

import pytest

from jobctl.domain.run import Status
from jobctl.errors import UsageError
from jobctl.operations.cancel import Cancelled, ask_to_cancel, cancel, runs_of_jobs, signal_number
from jobctl.operations.definitions import ensure_current
from jobctl.operations.trigger import trigger
from jobctl.process import identity
from tests.operations.executor import Executor
from tests.operations.site import Site, keeper_pid, wait_until


def test_a_waiting_run_is_withdrawn_at_once(site: Site) -> None:
    (run_id,) = trigger(site.ctx, ["hello"])
    (result,) = cancel(site.ctx, [run_id], signal.SIGTERM)
    assert result.result is Cancelled.WITHDRAWN
    assert site.run(run_id).status is Status.CANCELLED


def test_a_run_that_a_call_executes_is_stopped_by_it(site: Site) -> None:
    (run_id,) = trigger(site.ctx, ["sleeps"])
    with Executor(site, run_id) as executor:
        executor.wait_until_the_job_runs()
        (result,) = cancel(site.ctx, [run_id], signal.SIGTERM)
    assert result.result is Cancelled.STOPPED
    assert (result.run.status, result.run.signal) == (Status.CANCELLED, signal.SIGTERM)


def test_a_run_whose_call_was_killed_is_stopped_through_its_keeper(site: Site) -> None:
    run_id = _abandoned(site, "sleeps")
    (result,) = cancel(site.ctx, [run_id], signal.SIGTERM)
    assert result.result is Cancelled.STOPPED
    assert (result.run.status, result.run.signal) == (Status.CANCELLED, signal.SIGTERM)


def test_kill_spares_the_grace_of_a_job_that_ignores_sigterm(site: Site) -> None:
    site.define('[jobs.deaf]\ncommand = "trap : TERM; while :; do sleep 0.02; done"\ngrace = "1h"\n')
    ensure_current(site.ctx)
    run_id = _abandoned(site, "deaf")
    (result,) = cancel(site.ctx, [run_id], signal.SIGKILL)
    assert (result.run.status, result.run.signal) == (Status.CANCELLED, signal.SIGKILL)


def test_a_job_that_ignores_sigterm_is_killed_after_its_grace(site: Site) -> None:
    site.define('[jobs.deaf]\ncommand = "trap : TERM; while :; do sleep 0.02; done"\ngrace = "300ms"\n')
    ensure_current(site.ctx)
    run_id = _abandoned(site, "deaf")
    (result,) = cancel(site.ctx, [run_id], signal.SIGTERM)
    assert (result.result, result.run.signal) == (Cancelled.STOPPED, signal.SIGKILL)


def test_processes_without_a_keeper_are_stopped_and_the_run_is_lost(site: Site) -> None:
    run_id = _abandoned(site, "sleeps")
    (attempt,) = site.ctx.store.attempts.of_run(run_id)
    keeper = keeper_pid(site, attempt.keeper)
    os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: (found := identity.stat(keeper)) is None or found.state in "ZX", "the keeper is gone")
    (result,) = cancel(site.ctx, [run_id], signal.SIGTERM)
    assert result.result is Cancelled.STOPPED
    assert result.run.status is Status.LOST


def test_an_ended_run_is_left_as_it_is(site: Site) -> None:
    (run_id,) = trigger(site.ctx, ["hello"])
    cancel(site.ctx, [run_id], signal.SIGTERM)
    (result,) = cancel(site.ctx, [run_id], signal.SIGTERM)
    assert result.result is Cancelled.ENDED


def test_a_daemon_that_does_not_act_leaves_the_request_standing(site: Site) -> None:
    site.define('[jobs.brief]\ncommand = "sleep 60"\ngrace = "1ms"\n')
    ensure_current(site.ctx)
    run_id = _abandoned(site, "brief")
    site.pretend_daemon()
    (result,) = cancel(site.ctx, [run_id], signal.SIGINT)
    assert result.result is Cancelled.STOPPING
    assert site.run(run_id).cancel_signal == signal.SIGINT
    site.end_pretending()
    (result,) = cancel(site.ctx, [run_id], signal.SIGTERM)
    assert result.result is Cancelled.STOPPED


def test_only_waiting_runs_are_meant_when_that_is_said(site: Site) -> None:
    running = _abandoned(site, "sleeps")
    (waiting,) = trigger(site.ctx, ["sleeps"])
    assert runs_of_jobs(site.ctx, ["sleeps"], only_waiting=False) == [running, waiting]
    assert runs_of_jobs(site.ctx, None, only_waiting=True) == [waiting]
    results = cancel(site.ctx, [running, waiting], signal.SIGTERM, only_waiting=True)
    assert [result.result for result in results] == [Cancelled.RUNNING, Cancelled.WITHDRAWN]
    cancel(site.ctx, [running], signal.SIGKILL)


def test_who_cannot_wait_asks_and_goes_on(site: Site) -> None:
    site.define('[jobs.deaf]\ncommand = "trap : TERM; while :; do sleep 0.02; done"\ngrace = "1h"\n')
    ensure_current(site.ctx)
    run_id = _abandoned(site, "deaf")
    assert ask_to_cancel(site.ctx, run_id, signal.SIGTERM).result is Cancelled.STOPPING
    assert site.run(run_id).cancel_signal == signal.SIGTERM
    assert ask_to_cancel(site.ctx, run_id, signal.SIGKILL).result is Cancelled.STOPPING
    (attempt,) = site.ctx.store.attempts.of_run(run_id)
    pid = keeper_pid(site, attempt.keeper)
    wait_until(lambda: (found := identity.stat(pid)) is None or found.state in "ZX", "its keeper has killed it")
    assert ask_to_cancel(site.ctx, trigger(site.ctx, ["deaf"])[0], signal.SIGTERM).result is Cancelled.WITHDRAWN


@pytest.mark.parametrize("text", ["9", "KILL", "kill", "SIGKILL"])
def test_a_signal_is_named_or_numbered(text: str) -> None:
    assert signal_number(text) == signal.SIGKILL


@pytest.mark.parametrize("text", ["", "0", "FOO", "-9", "99", "SIGSIGKILL"])
def test_what_is_no_signal_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="there is no signal"):
        signal_number(text)


def _abandoned(site: Site, job: str) -> int:
    """A running run of the job, whose call was killed: its keeper is alone with it."""
    (run_id,) = trigger(site.ctx, [job])
    with Executor(site, run_id) as executor:
        executor.wait_until_the_job_runs()
    return run_id
