"""What monitoring is told, and how bad it is."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from jobctl.domain.alert import AlertKind, Trouble, occurred
from jobctl.domain.outcome import Conclusion
from jobctl.domain.run import NewRun, Origin, Status
from jobctl.domain.run_id import to_text
from jobctl.operations.alerts import acknowledge, alerts
from jobctl.operations.control import pause
from jobctl.operations.definitions import ensure_current
from jobctl.operations.freshness import refresh
from jobctl.operations.health import health
from jobctl.operations.health_report import Health, HealthReport
from jobctl.operations.obstacle import general_hold
from jobctl.process.record_file import RecordFile
from jobctl.store.records import ServiceInfo
from tests.daemon.set_clock import HOUR, SECOND, SetClock
from tests.operations.site import Site
from tests.store.building import add, end_of
from tests.store.building import begin as store_begin


def say(site: Site, **words: Any) -> int:
    """A daemon that works and says this of itself. Returns now."""
    if site.ctx.daemon_pid is None:
        site.pretend_daemon()
    now = site.ctx.clock.now()
    info = ServiceInfo(os.getpid(), "0", now, str(site.jobs_file), now, "boot", 0)
    site.ctx.store.service.started(info._replace(**words))
    site.ctx.store.service.beat(now)
    return now


def check(report: HealthReport, name: str) -> tuple[Health, str]:
    return next((one.health, one.message) for one in report.checks if one.name == name)


def begin(site: Site, job: str, ago: float) -> None:
    started = site.ctx.clock.now() - round(1000 * ago)
    run = site.ctx.store.runs.add(NewRun(job, Origin.MANUAL, Status.QUEUED, started, started))
    site.ctx.store.attempts.begin(run.id, b"0123456789abcdef", "keeper-1", started)


def end(site: Site, keeper: str, token: bytes, ago: float) -> None:
    """A keeper leaves word that its attempt ended."""
    finished = site.ctx.clock.now() - round(1000 * ago)
    record = RecordFile(str(site.ctx.places.keepers_dir), keeper, "0" * 36, 1)
    record.write_end(token, 1, finished, finished, 3, 0, 0, 0, 0, 0, 0, "")
    record.close()


@pytest.mark.parametrize(
    ("ago", "token", "expected"),
    [
        (70, b"0123456789abcdef", Health.CRITICAL),
        (50, b"0123456789abcdef", Health.OK),
        (70, b"of.the.one.before", Health.OK),
    ],
)
def test_an_end_that_the_daemon_has_not_stored_is_critical_whatever_keeps_it(
    site: Site, ago: float, token: bytes, expected: Health
) -> None:
    say(site)
    begin(site, "hello", 100)
    end(site, "keeper-1", token[:16], ago)
    found, sentence = check(health(site.ctx), "conclusions")
    assert found is expected
    assert ("the daemon has not stored the end" in sentence) is (expected is Health.CRITICAL)


def test_an_end_that_waits_for_a_daemon_is_no_concern_of_its_own(site: Site) -> None:
    begin(site, "hello", 100)
    end(site, "keeper-1", b"0123456789abcdef", 70)
    assert check(health(site.ctx), "conclusions")[0] is Health.OK


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


@pytest.mark.parametrize(("ago", "state", "words"), [(100, Health.WARNING, "1m40s"), (600, Health.CRITICAL, "10m")])
def test_a_daemon_that_is_silent_is_a_concern_and_then_critical(
    site: Site, ago: int, state: Health, words: str
) -> None:
    site.pretend_daemon()
    site.ctx.store.service.beat(site.ctx.clock.now() - 1000 * ago)
    found, sentence = check(health(site.ctx), "daemon")
    assert found is state
    assert f"has not worked for {words}" in sentence


def test_a_slot_that_nobody_decided_tells_of_a_hung_daemon_before_its_beat_is_missed(site: Site) -> None:
    now = say(site, started_at=site.ctx.clock.now() - 600_000)
    site.ctx.store.jobs.plan_next({"hello": now - 30_000})
    assert check(health(site.ctx), "daemon")[0] is Health.OK
    site.ctx.store.jobs.plan_next({"hello": now - 90_000})
    state, sentence = check(health(site.ctx), "daemon")
    assert state is Health.WARNING
    assert "does not work: hello was due 1m30s ago" in sentence


def test_one_that_has_just_started_may_first_see_what_came_due_before(site: Site) -> None:
    now = say(site)
    site.ctx.store.jobs.plan_next({"hello": now - 3_600_000})
    assert check(health(site.ctx), "daemon")[0] is Health.OK


def test_a_daemon_that_was_told_to_start_nothing_is_a_concern(site: Site) -> None:
    say(site, scheduling=False, settings='{"daemon.enabled": "false"}')
    words = "scheduling is off ([daemon] enabled = false): nothing starts by itself"
    assert health(site.ctx).line == words
    assert refresh(site.ctx) == (words,)
    say(site, scheduling=False, settings='{"daemon.enabled": "true"}')
    assert health(site.ctx).line.startswith("scheduling is off (JOBCTL_ENABLED=false): nothing")


def test_a_draining_daemon_says_for_how_many_runs_it_waits(site: Site) -> None:
    now = say(site)
    begin(site, "sleeps", 5)
    site.ctx.store.service.draining(now)
    assert health(site.ctx).health is Health.WARNING
    assert health(site.ctx).line.startswith("the daemon is draining, waits for 1 run: nothing starts")


@pytest.mark.parametrize("damage", ["writable by all", "gone"])
def test_a_file_that_cannot_be_used_leaves_the_jobs_from_before_to_look_at(site: Site, damage: str) -> None:
    say(site)
    if damage == "gone":
        site.jobs_file.unlink()
    else:
        site.jobs_file.chmod(0o666)
    (note,) = refresh(site.ctx)
    assert note.startswith(f"the jobs as last loaded in {site.state_dir}, for ")
    site.end_pretending()
    assert any(said.startswith(f"the jobs as last loaded in {site.state_dir}, for ") for said in refresh(site.ctx))


def test_a_refused_file_is_remembered_until_it_is_as_it_was(site: Site) -> None:
    say(site)
    site.ctx.store.service.refused("jobs.toml:1:1: one\njobs.toml:2:1: two")
    assert health(site.ctx).health is Health.OK
    site.define("nonsense")
    assert health(site.ctx).health is Health.WARNING
    assert health(site.ctx).line.startswith("the changed jobs file was refused: 2 errors (`jobctl check`)")
    assert refresh(site.ctx) == (health(site.ctx).line,)


def test_a_file_that_would_be_refused_is_a_warning_before_anybody_reloads_it(site: Site) -> None:
    ensure_current(site.ctx)
    say(site)
    assert [one.name for one in health(site.ctx).checks].count("jobs_file") == 0
    site.define("[jobs.a]\ncomand = 1\n")
    report = health(site.ctx)
    assert report.health is Health.WARNING
    assert "jobs.toml:1:1: jobs.a: command is missing (and 1 more) (`jobctl check`)" in report.line
    assert report.line.startswith("the jobs file is broken and would be refused: ")
    site.define('[jobs.a]\ncommand = "true"\n')
    state, words = check(health(site.ctx), "jobs_file")
    assert (state, words.startswith("the jobs file has changed since it was loaded ")) == (Health.OK, True)


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
    site.ctx.store.attempts.unsupervised(attempt.run_id, attempt.number, attempt.token)
    assert check(health(site.ctx), "supervision")[0] is Health.WARNING


def test_an_attempt_whose_record_cannot_be_read_is_a_warning(site: Site) -> None:
    say(site)
    begin(site, "sleeps", 5)
    assert "records" not in {one.name for one in health(site.ctx).checks}  # there is none: it is concluded without
    record = site.ctx.places.keepers_dir / "keeper-1"
    record.mkdir()
    [attempt] = site.ctx.store.attempts.unfinished()
    report = health(site.ctx)
    assert report.health is Health.WARNING
    assert report.line == (
        f"the record of {to_text(attempt.run_id)} cannot be read, it is not known whether it runs "
        f"({record}: Is a directory)"
    )
    begin(site, "hello", 5)
    assert health(site.ctx).line.startswith("not known whether they run, for their records cannot be read: ")
    record.rmdir()


def test_a_full_disk_is_critical(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobctl.operations.health.disk_free", lambda ctx: 63_000_000)
    state, words = check(health(site.ctx), "disk")
    assert state is Health.CRITICAL
    assert words.startswith("63MB free on the disk of ")
    assert words.endswith("nothing starts below 64MB")


def test_the_line_says_all_that_is_wrong_the_worst_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(site, "sleeps", 5)
    [attempt] = site.ctx.store.attempts.unfinished()
    site.ctx.store.attempts.unsupervised(attempt.run_id, attempt.number, attempt.token)
    first, second = health(site.ctx).line.split("; ")
    assert first == "the daemon is not running"
    assert second.startswith("running without a keeper: ")


def test_a_missing_success_is_critical_also_while_nobody_looks(site: Site) -> None:
    say(site)
    site.define('[jobs.backup]\ncommand = "true"\nalert = { no_success = "1h" }\n')
    site.end_pretending()
    ensure_current(site.ctx)
    say(site)
    assert check(health(site.ctx), "dead_man") == (Health.OK, "no success overdue")
    site.ctx.clock = SetClock(site.ctx.clock.now() + HOUR + SECOND)
    assert check(health(site.ctx), "dead_man") == (Health.CRITICAL, "no success in time: backup for 1h (never yet)")


def test_a_high_alert_that_nobody_has_acknowledged_is_a_warning(site: Site) -> None:
    say(site)
    now = site.ctx.clock.now()
    for job in ("a", "b", "c", "d"):
        site.ctx.store.alerts.record([occurred(None, Trouble(AlertKind.FAILED, "bad", job, job, "high"), now)], now)
    quiet = Trouble(AlertKind.FAILED, "bad", "quiet", "quiet", "medium")
    site.ctx.store.alerts.record([occurred(None, quiet, now)], now)
    state, words = check(health(site.ctx), "alerts")
    assert state is Health.WARNING
    assert words == "4 high alerts open: d failed, c failed, b failed and 1 more (`jobctl alerts`)"
    acknowledge(site.ctx, [alert.id or 0 for alert in alerts(site.ctx, only_open=True, limit=9)])
    assert check(health(site.ctx), "alerts") == (Health.OK, "no high alert open but 4 acknowledged")


def test_a_high_alert_names_what_it_is_about_also_where_that_is_no_job(site: Site) -> None:
    say(site)
    now = site.ctx.clock.now()
    for kind in (AlertKind.DISK, AlertKind.CONFIG_BROKEN):
        site.ctx.store.alerts.record([occurred(None, Trouble(kind, "bad", severity="high"), now)], now)
    _, words = check(health(site.ctx), "alerts")
    assert words == "2 high alerts open: jobctl config_broken, host disk (`jobctl alerts`)"


def test_a_pause_of_everything_is_a_warning_that_says_who_and_why(site: Site) -> None:
    say(site)
    assert check(health(site.ctx), "pause") == (Health.OK, "not paused")
    pause(site.ctx, "mail", None, None)
    assert check(health(site.ctx), "pause")[0] is Health.OK
    add(site.ctx.store, "hello", queue="mail")
    found, words = check(health(site.ctx), "pause")
    assert found is Health.WARNING
    assert re.fullmatch(r"queue mail is paused by \S+ since [\d: -]+, 1 waits", words)
    held = pause(site.ctx, None, None, "kernel update").pause
    found, words = check(health(site.ctx), "pause")
    assert found is Health.WARNING
    assert words == general_hold(site.ctx)
    assert re.fullmatch(rf"everything is paused by {re.escape(held.by)} since [\d: -]+ \(kernel update\)", words)


def test_heartbeats_are_said_to_arrive_only_where_that_is_known(site: Site) -> None:
    say(site)
    assert check(health(site.ctx), "heartbeats") == (Health.OK, "no heartbeat fails")
    now = site.ctx.clock.now()
    site.ctx.store.heartbeats.fails(None, "the server answered 404 Not Found", now)
    assert check(health(site.ctx), "heartbeats") == (Health.OK, "1 heartbeat not delivered yet")
    site.ctx.clock = SetClock(now + 301 * SECOND)
    assert check(health(site.ctx), "heartbeats")[0] is Health.WARNING


def test_a_named_file_that_is_not_there_is_told_beside_a_daemon_that_works_with_another(site: Site) -> None:
    say(site, config="/etc/jobctl/jobs.toml")
    site.jobs_file.unlink()
    assert check(health(site.ctx), "jobs_file") == (
        Health.WARNING,
        f"there is no jobs file {site.jobs_file}; the daemon works with /etc/jobctl/jobs.toml",
    )


def test_a_job_that_misses_several_starts_in_a_row_is_a_warning_until_it_begins(site: Site) -> None:
    say(site)
    jobs, since = site.ctx.store.jobs, site.ctx.clock.now() - 3 * HOUR
    jobs.missed("hello", 2, since)
    assert check(health(site.ctx), "missed") == (Health.OK, "no job keeps missing its starts")
    jobs.missed("hello", 2_000, since + HOUR)
    state, words = check(health(site.ctx), "missed")
    assert state is Health.WARNING
    assert re.fullmatch(r"starts missed in a row: hello 2,002 for 3h\S* \(`jobctl why hello`\)", words)
    begin(site, "hello", 0)
    assert check(health(site.ctx), "missed")[0] is Health.OK


def skip(site: Site, job: str, times: int) -> None:
    now = site.ctx.clock.now()
    for _ in range(times):
        site.ctx.store.runs.add(NewRun(job, Origin.SCHEDULE, Status.SKIPPED, now, now, reason="overlap"))


def skipped(site: Site) -> list[str]:
    return [one.message for one in health(site.ctx).checks if one.name == "skipped" and one.health is Health.WARNING]


def test_a_run_that_does_not_end_while_its_job_skips_its_starts_is_a_warning(site: Site) -> None:
    ensure_current(site.ctx)
    say(site)
    begin(site, "hello", 3 * 3600)
    skip(site, "hello", 2)
    assert skipped(site) == []
    skip(site, "hello", 1)
    [words] = skipped(site)
    assert re.fullmatch(
        r"starts skipped in a row: hello 3 while (\w+) runs, for 3h\S* by now \(`jobctl show \1`\)", words
    )
    skip(site, "hello", 200)
    assert "hello 100 and more while" in skipped(site)[0]


def test_a_run_that_takes_as_long_as_it_usually_does_is_none(site: Site) -> None:
    ensure_current(site.ctx)
    ended = say(site) - 6 * HOUR
    run_id = add(site.ctx.store, "hello", created_at=ended - 2 * HOUR)
    end = end_of(Status.SUCCEEDED, ended)._replace(started_at=ended - 2 * HOUR)
    conclusion = Conclusion(Status.SUCCEEDED, Status.SUCCEEDED, None, None, dead_letter=False)
    site.ctx.store.attempts.conclude(run_id, store_begin(site.ctx.store, run_id, ended - 2 * HOUR), end, conclusion)
    begin(site, "hello", 3 * 3600)
    skip(site, "hello", 5)
    assert skipped(site) == []


def test_of_many_such_jobs_those_that_wait_longest_are_named(site: Site) -> None:
    now = say(site)
    names = ("hello", "fails", "sleeps", "reports")
    for at, name in enumerate(names):
        site.ctx.store.jobs.missed(name, 3, now - HOUR * (9 - at))
    named = re.findall(r"(\w+) 3 for ", words := check(health(site.ctx), "missed")[1])
    assert (tuple(named), words.endswith(" and 1 more (`jobctl why hello`)")) == (names[:3], True)
