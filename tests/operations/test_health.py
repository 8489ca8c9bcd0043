"""What monitoring is told, and how bad it is."""

from __future__ import annotations

import pytest

from jobctl.domain.run import NewRun, Origin, Status
from jobctl.operations.definitions import ensure_current
from jobctl.operations.health import Health, HealthReport, health
from tests.operations.site import Site


def check(report: HealthReport, name: str) -> tuple[Health, str]:
    return next((one.health, one.message) for one in report.checks if one.name == name)


def begin(site: Site, job: str, ago: float) -> None:
    started = site.ctx.clock.now() - round(1000 * ago)
    run = site.ctx.store.runs.add(NewRun(job, Origin.MANUAL, Status.QUEUED, started, started))
    site.ctx.store.attempts.begin(run.id, b"0123456789abcdef", "keeper-1", started)


def test_without_a_daemon_it_is_critical(site: Site) -> None:
    report = health(site.ctx)
    assert report.health is Health.CRITICAL
    assert report.line == "the daemon is not running"


def test_a_daemon_that_beats_is_well(site: Site) -> None:
    site.pretend_daemon()
    site.ctx.store.service.beat(site.ctx.clock.now() - 59_000)
    report = health(site.ctx)
    assert report.health is Health.OK
    assert report.line.startswith("daemon alive (pid ")
    assert "none stuck" in report.line


def test_a_daemon_that_has_not_beaten_yet_is_starting(site: Site) -> None:
    site.pretend_daemon()
    assert check(health(site.ctx), "daemon")[0] is Health.WARNING


def test_a_daemon_that_is_silent_is_stuck(site: Site) -> None:
    site.pretend_daemon()
    site.ctx.store.service.beat(site.ctx.clock.now() - 600_000)
    state, words = check(health(site.ctx), "daemon")
    assert state is Health.CRITICAL
    assert "is stuck: nothing stored for 10m" in words


def test_a_run_far_beyond_its_timeout_is_stuck_and_one_within_is_not(site: Site) -> None:
    site.define('[jobs.slow]\ncommand = "true"\ntimeout = "10m"\ngrace = "1m"\n[jobs.free]\ncommand = "true"\n')
    ensure_current(site.ctx)
    begin(site, "free", 100_000)
    begin(site, "slow", 700)
    assert check(health(site.ctx), "runs") == (Health.OK, "2 running, none stuck")
    begin(site, "slow", 730)
    state, words = check(health(site.ctx), "runs")
    assert state is Health.CRITICAL
    assert words.startswith("running far beyond their timeout: ")
    assert words.count(",") == 0


def test_a_run_without_a_keeper_is_a_warning(site: Site) -> None:
    begin(site, "sleeps", 5)
    [attempt] = site.ctx.store.attempts.unfinished()
    site.ctx.store.attempts.unsupervised(attempt.run_id, attempt.number)
    assert check(health(site.ctx), "supervision")[0] is Health.WARNING


def test_a_full_disk_is_critical(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobctl.operations.health.disk_free", lambda ctx: 63_000_000)
    state, words = check(health(site.ctx), "disk")
    assert state is Health.CRITICAL
    assert words.startswith("63MB free on the disk of ")
    assert words.endswith("nothing starts below 64MB")


def test_the_line_says_all_that_is_wrong_the_worst_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(site, "sleeps", 5)
    [attempt] = site.ctx.store.attempts.unfinished()
    site.ctx.store.attempts.unsupervised(attempt.run_id, attempt.number)
    first, second = health(site.ctx).line.split("; ")
    assert first == "the daemon is not running"
    assert second.startswith("running without a keeper: ")
