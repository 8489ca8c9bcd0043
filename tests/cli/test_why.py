"""`why`: one reason, in words and for scripts."""

from __future__ import annotations

import json

import pytest

from jobctl.domain.run import NewRun, Origin, Status
from tests.cli.shell import Shell

EVERY_MINUTE = '[daemon]\ntimezone = "UTC"\n[jobs.often]\ncommand = "true"\nevery = "1s"\n'


def reason(jobctl: Shell, *words: str) -> str:
    return str(json.loads(jobctl("--json", "why", *words).out)["reason"])


def test_a_person_gets_the_reason_and_a_paragraph(jobctl: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = jobctl("why", "hello")
    assert said.status == 0
    head, *text = said.out.splitlines()
    assert head == "hello  not defined"
    assert "is defined since" in " ".join(text)
    assert max(map(len, text)) <= 80, "broken between words, at the width of the screen"


def test_a_script_gets_the_slot_its_neighbours_and_the_run(jobctl: Shell) -> None:
    jobctl("list")
    document = json.loads(jobctl("--json", "why", "hello", "--at", "2099-01-01T02:30Z").out)
    assert (document["job"], document["slot"], document["reason"]) == ("hello", "2099-01-01T02:30:00Z", "not_yet")
    assert document["run"] is None
    assert document["before"] == {
        "at": "2098-12-31T02:30:00Z", "job": "hello", "local": "2098-12-31T02:30:00+00:00", "reason": "30 2 * * *",
    }  # fmt: skip
    assert document["after"]["at"] == "2099-01-02T02:30:00Z"


def test_a_time_between_two_slots_has_none(jobctl: Shell) -> None:
    jobctl("list")
    assert reason(jobctl, "hello", "--at", "2099-01-01T02:31Z") == "no_slot"


def test_a_job_whose_one_time_is_to_come_is_not_due_yet(jobctl: Shell) -> None:
    jobctl.site.define('[jobs.once]\ncommand = "true"\nat = 2099-01-01T12:00:00Z\n')
    said = jobctl("why", "once")
    assert said.out.startswith("once  not yet\nIt is not due yet: its first slot is 2099-01-01 12:00:00")
    assert reason(jobctl, "once", "--at", "2099-01-01T11:00Z") == "no_slot"


def test_a_run_by_hand_is_what_ran(jobctl: Shell) -> None:
    jobctl("run", "fails")
    said = jobctl("why", "fails")
    assert said.out.startswith("fails  ran\nIt did run: run ")
    assert "failed with exit code 3" in " ".join(said.out.split())
    assert "jobctl show" in said.err


def test_a_job_without_a_schedule_waits_for_people(jobctl: Shell) -> None:
    assert reason(jobctl, "reports") == "no_clock"
    jobctl("run", "--detach", "reports")
    assert reason(jobctl, "reports") == "waiting"


@pytest.mark.parametrize("disabled", [False, True])
def test_a_slot_without_a_daemon_and_one_of_a_disabled_job(jobctl: Shell, disabled: bool) -> None:
    jobctl.site.define(EVERY_MINUTE)
    jobctl("list")
    if disabled:
        jobctl("disable", "often", "--reason", "disk")
    now = jobctl.site.ctx.clock.now
    begin = now()
    while now() < begin + 1100:  # the first second of the job's life has passed
        jobctl("list")
    found = json.loads(jobctl("--json", "why", "often").out)
    assert found["reason"] == ("disabled" if disabled else "daemon_down")
    assert ("disk" in found["text"]) is disabled


def test_an_overlap_names_the_run_that_was_in_the_way(jobctl: Shell) -> None:
    jobctl("list")
    now = jobctl.site.ctx.clock.now()
    words = "overlap: run 0abc of this job was still running"
    slot = (now // 1000 // 86400 + 1) * 86400 + 9000
    jobctl.site.ctx.store.runs.add(
        NewRun("hello", Origin.SCHEDULE, Status.SKIPPED, now, 1000 * slot, slot=slot, reason=words)
    )
    document = json.loads(jobctl("--json", "why", "hello", "--at", f"@{slot}").out)
    assert document["reason"] == "overlap"
    assert words in document["text"]
    assert document["run"]["status"] == "skipped"


def test_a_job_that_never_was_is_an_error_with_the_nearest_name(jobctl: Shell) -> None:
    said = jobctl("why", "helo")
    assert said.status == 4
    assert "did you mean `hello`" in said.err
