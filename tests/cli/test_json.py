"""What programs read: the names of PRODUCT.md, section 4, on stdout; errors on stderr."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.showcase import NOW, Showcase

RUN = [
    "id", "job", "status", "origin", "reason", "scheduled_for", "created_at", "started_at", "finished_at",
    "duration", "wait", "exit_code", "signal", "attempt", "max_attempts", "priority", "queue", "params", "key",
    "result", "progress", "message", "parent_id", "cpu_seconds", "max_rss_bytes", "log_bytes", "dead_letter", "keep",
    "read_bytes", "written_bytes",
]  # fmt: skip
ATTEMPT = [
    "number", "status", "started_at", "finished_at", "exit_code", "signal", "error", "pid", "cpu_seconds",
    "max_rss_bytes", "log_path", "read_bytes", "written_bytes",
]  # fmt: skip
JOB = [
    "name", "description", "group", "tags", "enabled", "disabled_reason", "disabled_until", "schedule", "timezone",
    "next_at", "running", "queued", "last_run", "streak", "command", "queue", "priority",
    "missed", "missed_since",
]  # fmt: skip


def read(showcase: Showcase, *words: str) -> Any:
    said = showcase.call(*words, "--json")
    assert said.status == 0
    return json.loads(said.out)


def test_a_job_has_the_promised_fields(showcase: Showcase) -> None:
    showcase.fill()
    jobs = read(showcase, "list")
    assert [job["name"] for job in jobs] == ["backup", "mail-queue", "report", "rotate"]
    assert all(list(job) == JOB for job in jobs)
    backup, _, _, rotate = jobs
    assert backup["tags"] == ["db", "critical"]
    assert backup["next_at"] == "2026-11-23T01:30:00Z"
    assert backup["last_run"]["status"] == "timed_out"
    assert (rotate["schedule"], rotate["next_at"], rotate["last_run"], rotate["group"]) == (None, None, None, None)


def test_one_job_has_its_definition_and_place(showcase: Showcase) -> None:
    showcase.fill()
    job = read(showcase, "show", "backup")
    assert list(job) == [*JOB, "definition", "file", "line", "followers", "arrived"]
    assert list(job["last_run"]) == RUN
    assert (job["file"], job["line"]) == ("/srv/jobs.toml", 1)
    assert job["definition"]["timeout"] == 3600.0
    assert job["definition"]["overlap"] == "skip"


def test_a_run_has_the_promised_fields_and_attempts(showcase: Showcase) -> None:
    ids = showcase.fill()
    run = read(showcase, "show", ids["failed"])
    assert list(run) == [*RUN, "waits", "attempts", "parents", "children", "events", "use"]
    assert [list(attempt) for attempt in run["attempts"]] == [ATTEMPT, ATTEMPT]
    assert (run["status"], run["dead_letter"], run["signal"], run["exit_code"]) == ("timed_out", True, 15, None)
    assert run["started_at"] == "2026-11-22T17:05:09.040Z"
    assert (run["wait"], run["duration"]) == (0.04, 3642.46)
    assert [attempt["status"] for attempt in run["attempts"]] == ["failed", "timed_out"]


def test_the_path_of_a_log_is_told_while_it_exists(showcase: Showcase) -> None:
    ids = showcase.fill()
    [attempt] = read(showcase, "show", ids["mail"])["attempts"]
    assert attempt["log_path"].startswith("/srv/state/logs/2026-11-22/")
    [attempt] = read(showcase, "show", ids["killed"])["attempts"]
    assert attempt["log_path"] is None


def test_history_is_a_list_of_runs_newest_first(showcase: Showcase) -> None:
    showcase.fill()
    runs = read(showcase, "history")
    assert all(list(run) == RUN for run in runs)
    assert [run["created_at"] for run in runs] == sorted((run["created_at"] for run in runs), reverse=True)
    skipped = runs[0]
    assert (skipped["status"], skipped["scheduled_for"]) == ("skipped", "2026-11-22T19:04:39Z")
    assert (skipped["started_at"], skipped["wait"], skipped["exit_code"]) == (None, None, None)


def test_status_is_one_document(showcase: Showcase) -> None:
    showcase.fill()
    status = read(showcase, "status")
    assert {"daemon", "counts", "running", "failing", "next", "alerts", "host"} <= set(status)
    assert list(status["daemon"]) == [
        "running", "pid", "version", "started_at", "config", "reloaded_at", "scheduling", "draining_since", "jobs",
        "stands_still", "last_beat_at", "stopped_at",
    ]  # fmt: skip
    assert (status["daemon"]["running"], status["daemon"]["jobs"]) == (True, 4)
    assert (status["counts"]["succeeded"], status["counts"]["queued"]) == (2, 0)
    assert [run["job"] for run in status["running"]] == ["mail-queue"]
    assert [run["job"] for run in status["failing"]] == ["report", "backup"]
    assert [slot["job"] for slot in status["next"]] == ["mail-queue", "backup", "report"]
    assert all(list(slot) == ["at", "job", "local", "reason", "run_id"] for slot in status["next"])
    assert status["next"][1]["local"] == "2026-11-23T02:30:00+01:00"


def test_without_a_daemon_its_fields_are_null(showcase: Showcase) -> None:
    daemon = read(showcase, "status")["daemon"]
    assert daemon == {
        "running": False, "pid": None, "version": None, "started_at": None, "config": None, "reloaded_at": None,
        "jobs": 4, "scheduling": None, "draining_since": None, "stands_still": False, "last_beat_at": None,
        "stopped_at": None,
    }  # fmt: skip


@pytest.mark.parametrize("words", [["status"], ["top", "--once"]])
def test_of_a_daemon_that_stands_still_a_program_is_told_that_and_since_when(
    showcase: Showcase, words: list[str]
) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    assert read(showcase, *words)["daemon"]["stands_still"] is False
    showcase.context.store.service.beat(NOW - 100_000)
    daemon = read(showcase, *words)["daemon"]
    assert (daemon["running"], daemon["stands_still"]) == (True, True)
    assert daemon["last_beat_at"] == "2026-11-22T19:03:29Z"


def test_one_job_asked_for_is_one_object(showcase: Showcase) -> None:
    showcase.fill()
    assert list(read(showcase, "status", "report")) == JOB
    assert len(read(showcase, "status", "re*", "b*")) == 2


def test_slots_are_told_in_both_clocks(showcase: Showcase) -> None:
    showcase.load()
    first, *_ = read(showcase, "next", "backup", "-n", "2")
    assert first == {
        "at": "2026-11-23T01:30:00Z", "job": "backup", "local": "2026-11-23T02:30:00+01:00", "reason": "30 2 * * *",
        "run_id": None,
    }  # fmt: skip


def test_health_names_every_check(showcase: Showcase) -> None:
    showcase.fill()
    report = read(showcase, "health")
    assert (report["state"], report["code"]) == ("ok", 0)
    assert {check["name"] for check in report["checks"]} >= {"daemon", "runs", "disk"}


def test_check_lists_problems_with_their_places(showcase: Showcase) -> None:
    showcase.define('[jobs.a]\ncomand = "true"\n')
    said = showcase.call("check", "--json")
    assert said.status == 3
    document = json.loads(said.out)
    assert (document["valid"], document["jobs"]) == (False, None)
    unknown = next(problem for problem in document["problems"] if problem["key"] == "jobs.a.comand")
    assert (unknown["line"], unknown["column"], unknown["severity"]) == (2, 1, "error")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "nothing"], 4),
        (["history", "--status", "green"], 2),
        (["logs", "backup"], 4),
        (["history", "--since", "soon"], 2),
        (["explain", "61 * * * *"], 2),
        (["list", "--tag", "nothing"], 4),
    ],
)
def test_an_error_is_one_object_on_stderr(showcase: Showcase, words: list[str], code: int) -> None:
    showcase.pretend_daemon_of_loaded_jobs()
    said = showcase.call(*words, "--json")
    assert (said.status, said.out) == (code, "")
    error = json.loads(said.err)["error"]
    assert list(error) == ["code", "message", "hint"]
    assert error["code"] == code
    assert error["message"]
    assert error["hint"]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_an_error_stays_json_whatever_the_locale(
    showcase: Showcase, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    error = json.loads(showcase.call("show", "größe", "--json").err)["error"]
    assert error["message"] == "there is no job and no run `größe`"


def test_the_schema_is_json(showcase: Showcase) -> None:
    assert json.loads(showcase.call("schema").out)["type"] == "object"
