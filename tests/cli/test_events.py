"""`history --events`: who did what and when."""

from __future__ import annotations

import json

import pytest

from jobctl.domain.policies import REPLACED_BY
from jobctl.store.records import Event
from tests.cli.shell import Shell
from tests.store.building import add


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


def test_what_an_overlap_rule_replaced_does_not_bury_the_people_and_is_told_of_its_job(acted: Shell) -> None:
    ctx = acted.site.ctx
    now = ctx.clock.now()
    run = add(ctx.store, "hello")
    ctx.store.runs.request_cancel(run, 15, REPLACED_BY, now)
    rows = acted("history", "--events", "-n", "4").out.splitlines()[1:]
    assert [row.split()[2] for row in rows] == ["enable", "disable", "pause", "disable"]
    assert "overlap = replace  cancel" in acted("history", "--events", "hello").out
    assert ctx.store.events.forget_runs(now + 1, 9) == 1, "there may be as many as there are starts"


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
