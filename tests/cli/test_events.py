"""`history --events`: who did what and when."""

from __future__ import annotations

import json

import pytest

from jobctl.store.records import Event
from tests.cli.shell import Shell


@pytest.fixture
def acted(jobctl: Shell) -> Shell:
    """A site where somebody disabled one job, paused a queue and enabled another."""
    jobctl("disable", "hello", "--reason", "disk is full")
    jobctl("pause", "--queue", "mail", "--reason", "bounces")
    jobctl("disable", "fails")
    jobctl("enable", "fails")
    return jobctl


def test_acts_come_newest_first_with_who_and_why(acted: Shell) -> None:
    said = acted("history", "--events")
    head, *rows = said.out.splitlines()
    assert head.split() == ["WHEN", "WHO", "WHAT", "JOB", "DETAIL"]
    assert [row.split()[2] for row in rows] == ["enable", "disable", "pause", "disable"]
    assert rows[-1].endswith("disk is full")
    assert "queue mail: bounces" in rows[2]


def test_who_ran_what_by_hand_is_told_and_what_programs_enqueue_is_not(jobctl: Shell) -> None:
    jobctl("run", "hello")
    jobctl("enqueue", "fails")
    jobctl("run", "--detach", "--id", "once", "hello")
    jobctl("run", "--detach", "--id", "once", "hello")
    events = json.loads(jobctl("--json", "history", "--events").out)
    assert [(one["action"], one["job"]) for one in events] == [("run", "hello")] * 2
    assert all(one["actor"] and one["run_id"] for one in events)
    store, now = jobctl.site.ctx.store, jobctl.site.ctx.clock.now()
    store.events.record(Event(0, "ann", "disable", job="hello"))
    assert store.events.forget_runs(now + 1, 1) == 1
    assert store.events.forget_runs(now + 1, 9) == 1
    assert [event.action for event in store.events.recent(9)] == ["disable"]


def test_scripts_get_the_acts_on_one_job_as_an_array(acted: Shell) -> None:
    events = json.loads(acted("--json", "history", "--events", "fails", "-n", "1").out)
    assert [(one["action"], one["job"], one["run_id"]) for one in events] == [("enable", "fails", None)]
    assert set(events[0]) == {"at", "actor", "action", "job", "run_id", "detail"}


def test_only_acts_of_the_wanted_time_are_told(acted: Shell) -> None:
    ctx = acted.site.ctx
    ctx.store.events.record(Event(ctx.clock.now() - 7_200_000, "ann", "reload"))
    earlier = json.loads(acted("--json", "history", "--events", "--until", "1h").out)
    assert [(one["actor"], one["action"]) for one in earlier] == [("ann", "reload")]
    assert len(json.loads(acted("--json", "history", "--events", "--last", "1h").out)) == 4


def test_acts_have_no_status(jobctl: Shell) -> None:
    said = jobctl("history", "--events", "--status", "failed")
    assert said.status == 2
    assert "--events tells of people" in said.err
