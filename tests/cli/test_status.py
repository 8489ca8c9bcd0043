"""What `status` tells of many failures, of runs that wait, and of a daemon that does not start anything."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest

from jobctl.domain.alert import AlertKind, Trouble, occurred
from jobctl.domain.rate_limit import Bucket
from jobctl.domain.run import Status
from jobctl.domain.run_id import to_text
from jobctl.store.records import Pause
from tests.cli.showcase import JOBS, NOW, Showcase

MANY = "".join(f'[jobs.job-{at:02}]\ncommand = "true"\n' for at in range(13))


def test_a_job_that_failed_often_is_one_line_and_what_is_left_out_is_told(showcase: Showcase) -> None:
    showcase.define(MANY)
    showcase.pretend_daemon_of_loaded_jobs()
    for at in (*range(13), 12, 12):
        newest = showcase.run_through(f"job-{at:02}", Status.FAILED)
    said = showcase.call("status").out
    failed = said[said.index("Failed, and nothing made up for it") :].splitlines()
    assert len(failed) == 1 + 10 + 1
    assert "job-12  ×3" in failed[1]
    assert failed[-1] == "… and 3 more (`jobctl dead`)"
    failing = json.loads(showcase.call("status", "--json").out)["failing"]
    assert (failing[0]["job"], failing[0]["dead_letters"]) == ("job-12", 3)
    assert showcase.run(newest).dead_letter


def test_without_a_daemon_the_file_is_told_that_the_jobs_are_from(showcase: Showcase) -> None:
    assert "\nJobs    4 jobs from /srv/jobs.toml\n" in showcase.call("status").out
    showcase.define("[jobs.broken")
    assert "\nJobs    4 jobs from /srv/jobs.toml\n" in showcase.call("status").out, "they still are"
    showcase.jobs_file = showcase.jobs_file.rename(showcase.folder / "other.toml")
    showcase.context.close()
    showcase.context = showcase.open()
    assert "\nJobs    4 jobs\n" in showcase.call("status").out, "where they are from is not what is in use"


def test_a_run_that_waits_says_why_wherever_it_is_shown(showcase: Showcase) -> None:
    ids = showcase.fill()
    waits = to_text(showcase.add("mail-queue"))
    why = f"max_concurrent = 1 of mail-queue is reached: waits for {ids['running']}"
    for words in (["status"], ["history", "--status", "queued"], ["show", waits]):
        said = showcase.call(*words)
        assert "max_concurrent = 1 of mail-queue is reached" in said.out, words
    assert json.loads(showcase.call("show", waits, "--json").out)["waits"].startswith(why[:40])


def test_more_runs_wait_than_are_shown(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    for _ in range(7):
        showcase.add("report")
    said = showcase.call("status").out
    assert "\nWaiting\n" in said
    assert "… and 2 more (`jobctl history --status queued`)\n" in said


def test_a_daemon_that_starts_nothing_by_itself_is_told_by_every_verb_that_looks_ahead(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    service = showcase.context.store.service
    info = service.info()
    assert info is not None
    service.started(info._replace(scheduling=False, settings='{"daemon.enabled": "false"}'))
    for verb in ("status", "list", "next"):
        words = "scheduling is off ([daemon] enabled = false): nothing starts by itself\n"
        assert words in showcase.call(verb).err, verb
    assert showcase.call("health").status == 1
    service.draining(showcase.clock.at)
    assert "Daemon  draining, up 1d" in showcase.call("status").out


def test_queues_with_something_to_tell_are_told_with_their_limits(showcase: Showcase) -> None:
    showcase.define(
        '[queues.heavy]\nmax_concurrent = 2\nrate_limit = "5/m"\n[queues.idle]\nmax_concurrent = 1\n'
        '[jobs.report]\ncommand = "true"\nqueue = "heavy"\n[jobs.mail]\ncommand = "true"\nqueue = "mail"\n'
    )
    showcase.pretend_daemon_of_loaded_jobs()
    store = showcase.context.store
    info = store.service.info()
    assert info is not None
    limits = {"heavy.max_concurrent": "2", "heavy.rate_limit": "[5, 60.0]", "idle.max_concurrent": "1"}
    settings = json.dumps({f"queues.{key}": value for key, value in limits.items()})
    store.service.started(info._replace(settings=settings))
    store.rates.keep("heavy", Bucket((showcase.clock.at + 60_000) * 1000, 12_000_000))
    store.switches.pause(Pause("mail", showcase.clock.at, None, "ann", None))
    for queue, job in (("heavy", "report"), ("heavy", "report"), ("mail", "mail"), ("default", "mail")):
        showcase.add(job, queue=queue)
    said = showcase.call("status").out
    assert "Queue   heavy: 2 waiting, 0 of 2 running, at most 5/m, next start in 12s\n" in said
    assert "Queue   mail: 1 waiting, 0 running, paused\n" in said
    assert ("idle:" in said, "default:" in said) == (False, False)
    queues = json.loads(showcase.call("status", "--json").out)["queues"]
    assert [queue["name"] for queue in queues] == ["default", "heavy", "idle", "mail"]
    assert queues[1] == {
        "name": "heavy", "waiting": 2, "running": 0, "max_concurrent": 2, "rate_limit": "5/m",
        "next_start_at": "2026-11-22T19:05:21Z", "paused": False,
    }  # fmt: skip
    assert [queue["paused"] for queue in queues] == [False, False, False, True]


def test_what_is_next_tells_of_runs_that_wait_for_their_time(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    showcase.add("report", status=Status.SCHEDULED, due_at=showcase.clock.now() + 30_000)
    said = showcase.call("status").out
    first = said[said.index("\nNext\n") :].splitlines()[2]
    assert first.split(maxsplit=4)[1:] == ["in", "30s", "report", "run id0000000001, put off until then"]
    start = json.loads(showcase.call("status", "--json").out)["next"][0]
    assert (start["job"], start["run_id"]) == ("report", "id0000000001")


def test_the_head_counts_the_open_alerts(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    context, now = showcase.context, showcase.clock.now()
    for job, severity in (("report", "high"), ("backup", "medium")):
        trouble = Trouble(AlertKind.LATE, "not started", job, job, severity)
        context.store.alerts.record([occurred(None, trouble, now)], now)
    assert "\nAlerts  2 open, 1 high (`jobctl alerts`)\n" in showcase.call("status").out


def file_line(showcase: Showcase) -> str | None:
    found = re.search(r"^File +(.*(?:\n +.*)*)", showcase.call("status").out, re.MULTILINE)
    return " ".join(found[1].split()) if found else None


def file_document(showcase: Showcase) -> Any:
    return json.loads(showcase.call("status", "--json").out)["jobs_file"]


def test_a_file_that_the_daemon_has_not_loaded_has_a_line_that_says_what_a_reload_would_make_of_it(
    showcase: Showcase,
) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    assert file_line(showcase) is None
    assert file_document(showcase) == {"changed": False, "refused": False, "problem": None}
    showcase.define(JOBS + "# more\n")
    assert file_line(showcase) == "changed since loaded 19:05:09, not reloaded (`jobctl reload`)"
    assert showcase.call("status").err == ""
    showcase.define("[jobs.a]\ncomand = 1\n")
    problem = "jobs.toml:1:1: jobs.a: command is missing"
    broken = f"broken: {problem} (and 1 more); {{}}, the jobs loaded 19:05:09 stay in force (`jobctl check`)"
    assert file_line(showcase) == broken.format("a reload would be refused")
    assert file_document(showcase) == {"changed": True, "refused": False, "problem": problem}
    showcase.context.store.service.refused("jobs.toml:1:1: bad")
    assert file_line(showcase) == broken.format("reload refused")
    showcase.define(JOBS + "# mended\n")
    assert file_line(showcase) == "refused, mended since, not reloaded (`jobctl reload`)"
    showcase.jobs_file.unlink()
    assert (file_line(showcase) or "").startswith("broken: jobs.toml: there is no such file; reload refused, ")


def test_a_broken_file_without_a_daemon_has_that_line_too(showcase: Showcase) -> None:
    showcase.load()
    showcase.define("[jobs.a]\ncomand = 1\n")
    said = "broken: jobs.toml:1:1: jobs.a: command is missing (and 1 more); the jobs are those from before"
    assert file_line(showcase) == f"{said} (`jobctl check`)"
    assert showcase.call("status").err == "no daemon is running: nothing starts by itself (`jobctl daemon`)\n"


def test_the_file_is_that_of_the_daemon_whichever_is_in_use_here(
    showcase: Showcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    showcase.define(JOBS + "# more\n")
    monkeypatch.setattr(showcase, "jobs_file", showcase.folder / "other.toml")
    showcase.define(JOBS)
    assert (file_line(showcase) or "").startswith("changed since loaded ")


def test_alerts_that_the_list_of_failures_tells_already_are_counted_below_the_others(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    showcase.run_through("report", Status.FAILED)
    context, now = showcase.context, showcase.clock.now()
    for kind, job in ((AlertKind.FAILED, "report"), (AlertKind.NO_SUCCESS, "backup")):
        context.store.alerts.record([occurred(None, Trouble(kind, "bad", job, job), now)], now)
    said = showcase.call("status").out
    shown = said[said.index("\nAlerts\n") :].split("\n\n")[0].splitlines()
    assert len(shown) == 4, "its heading, one alert, and how many more there are"
    assert shown[-1] == "… and 1 more of what failed above (`jobctl alerts`)"


def test_high_alerts_come_before_newer_ones(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    now = showcase.clock.now()
    for at in range(12):
        trouble = Trouble(AlertKind.LATE, "not started", "backup", f"job-{at}", "medium" if at else "high")
        showcase.context.store.alerts.record([occurred(None, trouble, now + at)], now + at)
    said = showcase.call("status").out
    shown = said[said.index("\nAlerts\n") :].split("\n\n")[0].splitlines()
    assert "high" in shown[2]
    assert shown[-1] == "… and 2 more (`jobctl alerts`)"


def test_a_daemon_that_stands_still_is_not_called_running(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    assert "Daemon  running, up " in showcase.call("status").out
    showcase.context.store.service.beat(showcase.clock.now() - 100_000)
    assert "Daemon  not working, up " in showcase.call("status").out


def test_of_a_daemon_that_is_gone_it_is_told_since_when_and_whether_it_died(showcase: Showcase) -> None:
    assert "Daemon  not running\n" in showcase.call("status").out, "there never was one"
    service = showcase.context.store.service
    service.beat(NOW - 90_000)
    for words in (["status"], ["top", "--once"]):
        assert "Daemon  not running: it died, last seen at work 20:03:39\n" in showcase.call(*words).out
    assert "the daemon is not running: it died, last seen at work 1m30s ago" in showcase.call("health").out
    service.stopped(NOW - 60_000)
    assert "Daemon  not running: stopped 20:04:09\n" in showcase.call("status").out
    assert "the daemon is not running: it stopped 1m ago" in showcase.call("health").out
    daemon = json.loads(showcase.call("status", "--json").out)["daemon"]
    assert (daemon["running"], daemon["stopped_at"]) == (False, "2026-11-22T19:04:09Z")


def test_until_when_starts_are_held_is_said_in_one_way(showcase: Showcase) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    now = showcase.clock.now()
    showcase.context.store.switches.pause(Pause(None, now - 60_000, now + 600_000, "ada", "the printer is moved"))
    assert (
        "Paused  everything by ada since 20:04:09 until 20:15:09 (in 10m): the printer is moved\n"
        in showcase.call("status").out
    )


def test_what_failed_keeps_its_line_on_a_very_narrow_screen(
    showcase: Showcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    showcase.run_through("mail-queue", Status.FAILED, exit_code=127)
    showcase.run_through("mail-queue", Status.FAILED, exit_code=127)
    monkeypatch.setenv("COLUMNS", "50")
    said = showcase.call("status").out
    line = said[said.index("\nFailed, ") :].splitlines()[2]
    assert line.split()[1:] == ["mail-queue", "×2", "failed", "(exit", "127)"]


def miss(showcase: Showcase, job: str, count: int, hours_ago: float) -> None:
    """So many starts of a job in a row were missed, the first of them so long ago."""
    showcase.context.store.jobs.missed(job, count, showcase.clock.at - round(3_600_000 * hours_ago))


def test_a_job_that_was_not_started_does_not_look_untouched(showcase: Showcase) -> None:
    showcase.fill()
    miss(showcase, "report", 4_321, 50)
    miss(showcase, "rotate", 1, 1)
    listed = {row.split()[0]: row for row in showcase.call("list").out.splitlines()}
    assert "  missed 4,321 in a row  " in listed["report"]
    assert listed["rotate"].endswith("  missed")
    failing = showcase.call("list", "--failing").out.splitlines()
    assert [row.split()[0] for row in failing[1:]] == ["report", "backup", "rotate", "mail-queue"]
    told = json.loads(showcase.call("list", "--json", "--failing").out)
    assert [job["name"] for job in told] == ["report", "backup", "rotate", "mail-queue"]
    assert [(job["missed"], job["missed_since"]) for job in told[:2]] == [(4321, "2026-11-20T17:05:09Z"), (0, None)]
    sheet = showcase.call("show", "report").out
    assert "Missed      4,321 starts in a row, since 2026-11-20 18:05:09 +01:00 (2d2h ago): it has not begun" in sheet


def test_what_was_missed_is_among_what_is_wrong(showcase: Showcase) -> None:
    showcase.fill()
    assert "Missed" not in showcase.call("status").out
    miss(showcase, "report", 3, 50)
    miss(showcase, "rotate", 1, 1)
    said = showcase.call("status").out
    section = said[said.index("Missed, and not started since") :].splitlines()
    assert section[1].split() == ["report", "missed", "3", "in", "a", "row", "since", "Fri", "18:05", "2d2h", "ago"]
    assert section[2].split() == ["rotate", "missed", "since", "19:05:09", "1h", "ago"]
    missed = json.loads(showcase.call("status", "--json").out)["missed"]
    assert missed[0] == {"job": "report", "missed": 3, "missed_since": "2026-11-20T17:05:09Z"}


def test_more_jobs_miss_their_starts_than_are_shown(showcase: Showcase) -> None:
    showcase.define(MANY)
    showcase.pretend_daemon_of_loaded_jobs()
    for at in range(13):
        miss(showcase, f"job-{at:02}", 1, 20 - at)
    section = showcase.call("status").out.partition("Missed, and not started since\n")[2].splitlines()
    assert [row.split()[0] for row in section[:10]] == [f"job-{at:02}" for at in range(10)]
    assert section[10] == "… and 3 more (`jobctl list --failing`)"


def test_what_somebody_disabled_is_not_told_to_be_missed(showcase: Showcase) -> None:
    showcase.fill()
    miss(showcase, "report", 3, 50)
    showcase.context.store.jobs.disable("report", "ann", showcase.clock.at, None, None)
    for words in (["status"], ["list"], ["show", "report"]):
        assert "missed" not in showcase.call(*words).out.lower(), words


@pytest.mark.parametrize("questions", range(1, 8))
def test_a_daemon_that_comes_meanwhile_is_there_or_not_but_never_both(
    showcase: Showcase, questions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    left = iter([None] * questions)
    monkeypatch.setattr("jobctl.operations.context.daemon_pid", lambda path: next(left, os.getpid()))
    said = showcase.call("status")
    assert ("Daemon  running" in said.out) != ("no daemon is running" in said.err)
