"""Alerts, their notices, and what the store knows that alerts are made of."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from jobctl.domain.alert import (
    Alert,
    AlertKind,
    AlertState,
    Telling,
    Trouble,
    closed,
    occurred,
    recovered,
    recovery_words,
)
from jobctl.domain.definition_records import DefinitionChange, JobDefinition
from jobctl.domain.notice import NoticeState
from jobctl.domain.run import Origin, Status
from jobctl.store.interface import Store
from jobctl.store.records import DeadMan, WaitingRun
from tests.store.building import NOW, add, begin, conclude, define, run_through
from tests.store.conftest import Factory
from tests.store.volume import definition

HOUR = 3_600_000


def trouble(kind: AlertKind = AlertKind.FAILED, job: str | None = "backup", **changes: Any) -> Trouble:
    return replace(Trouble(kind, "failed with exit code 3", job, job or "", "high", 7), **changes)


def raise_alert(store: Store, what: Trouble | None = None, now: int = NOW) -> Alert:
    """Open it, or count it."""
    what = what or trouble()
    known = {(alert.kind, alert.subject): alert for alert in store.alerts.open()}
    store.alerts.record([occurred(known.get(what.key), what, now)], now)
    return next(alert for alert in store.alerts.open() if (alert.kind, alert.subject) == what.key)


def test_an_alert_is_kept_as_it_was_made(store: Store) -> None:
    made = raise_alert(store)
    assert made == Alert(
        made.id, AlertKind.FAILED, "backup", "backup", "high", AlertState.OPEN, NOW, NOW, 1, "failed with exit code 3",
        7, NOW,
    )  # fmt: skip
    assert made.id is not None
    assert store.alerts.get(made.id) == made
    assert store.alerts.get(99) is None


def test_open_alerts_are_found_by_job_and_by_kind(store: Store) -> None:
    raise_alert(store)
    raise_alert(store, trouble(AlertKind.LATE))
    raise_alert(store, trouble(job="mail"))
    raise_alert(store, trouble(AlertKind.DISK_LOW, job=None))
    assert [alert.kind for alert in store.alerts.open_of("backup")] == [AlertKind.FAILED, AlertKind.LATE]
    assert [alert.subject for alert in store.alerts.open([AlertKind.FAILED])] == ["mail", "backup"]
    assert len(store.alerts.open()) == 4


def test_an_alert_that_is_over_is_open_no_more_and_the_next_one_is_another(store: Store) -> None:
    first = raise_alert(store)
    store.alerts.record([recovered(first, NOW + 5, told=True)], NOW + 5)
    [told, *_] = store.outbox.history(9)
    assert told.message == recovery_words(first, NOW + 5)
    assert told.alert.message == first.message
    assert store.alerts.open() == []
    second = raise_alert(store, now=NOW + 9)
    assert second.id != first.id
    assert [(alert.id, alert.state) for alert in store.alerts.recent(9)] == [
        (second.id, AlertState.OPEN), (first.id, AlertState.RECOVERED),
    ]  # fmt: skip


def test_alerts_of_removed_jobs_are_found_but_not_those_of_exec(store: Store) -> None:
    define(store, "backup", "mail", "moved")
    raise_alert(store)
    raise_alert(store, trouble(job="mail"))
    of_exec = add(store, "moved", origin=Origin.EXEC)
    raise_alert(store, trouble(job="moved", run_id=of_exec))
    raise_alert(store, trouble(job="by-exec"))
    raise_alert(store, trouble(AlertKind.DISK_LOW, job=None))
    assert store.alerts.open_of_removed() == []
    store.jobs.apply(DefinitionChange((), ("backup", "moved"), frozenset()), NOW)
    assert [alert.job for alert in store.alerts.open_of_removed()] == ["backup"]
    [gone] = store.alerts.open_of_removed()
    store.alerts.record([closed(gone, "the job was removed", NOW + 5, told=True)], NOW + 5)
    assert store.alerts.open_of_removed() == []
    assert store.outbox.history(1)[0].telling is Telling.CLOSED
    assert store.alerts.prune(NOW + 6, 99) == 1


def test_two_who_open_the_same_alert_make_one(factory: Factory) -> None:
    one, other = factory(), factory()
    for store in (one, other):
        store.alerts.record([occurred(None, trouble(), NOW)], NOW)
    [alert] = one.alerts.open()
    assert alert.count == 2


def test_an_alert_is_acknowledged_once_and_the_trail_says_by_whom(store: Store) -> None:
    alert = raise_alert(store)
    assert alert.id is not None
    assert store.alerts.acknowledge(alert.id, AlertState.ACKNOWLEDGED, "anna", NOW + 1)
    assert not store.alerts.acknowledge(alert.id, AlertState.ACKNOWLEDGED, "ben", NOW + 2)
    seen = store.alerts.get(alert.id)
    assert seen is not None
    assert (seen.state, seen.acknowledged_by, seen.closed_at) == (AlertState.ACKNOWLEDGED, "anna", None)
    [event] = store.events.recent(9)
    assert (event.actor, event.action, event.job, event.detail) == ("anna", "ack", "backup", f"alert {alert.id}")


def test_an_acknowledgement_is_not_undone_by_who_read_the_alert_before(store: Store) -> None:
    alert = raise_alert(store)
    assert alert.id is not None
    store.alerts.acknowledge(alert.id, AlertState.ACKNOWLEDGED, "anna", NOW + 1)
    store.alerts.record([occurred(alert, trouble(), NOW + 2)], NOW + 2)
    [seen] = store.alerts.open()
    assert (seen.state, seen.count) == (AlertState.ACKNOWLEDGED, 2)


def test_the_alert_and_its_notice_are_one_commit_with_what_they_are_about(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)

    def fail_midway() -> None:
        with store.transaction():
            conclude(store, run_id, number, Status.FAILED)
            raise_alert(store)
            raise RuntimeError("the power is cut")

    with pytest.raises(RuntimeError, match="power"):
        fail_midway()
    assert store.alerts.open() == []
    assert store.outbox.history(9) == []
    assert store.runs.counts()[Status.RUNNING] == 1


# Notices


def test_a_notice_goes_through_each_channel_that_it_is_addressed_to(store: Store) -> None:
    raise_alert(store)
    [notice] = store.outbox.unaddressed(9)
    assert (notice.telling, notice.message, notice.run_id, notice.channel) == (
        Telling.OPENED, "failed with exit code 3", 7, None,
    )  # fmt: skip
    assert store.outbox.waiting(9) == []
    store.outbox.address(notice, ["ops", "chat"], NOW)
    store.outbox.address(notice, ["ops", "chat"], NOW)
    assert store.outbox.unaddressed(9) == []
    assert [waiting.channel for waiting in store.outbox.waiting(9)] == ["ops", "chat"]


def test_a_notice_without_a_channel_is_kept(store: Store) -> None:
    raise_alert(store)
    store.outbox.address(store.outbox.unaddressed(9)[0], [], NOW + 1)
    assert store.outbox.waiting(9) == store.outbox.unaddressed(9) == []
    [kept] = store.outbox.history(9)
    assert (kept.state, kept.done_at) == (NoticeState.KEPT, NOW + 1)


def test_what_was_sent_put_off_and_given_up_is_told_apart(store: Store) -> None:
    for job in ("a", "b", "c"):
        raise_alert(store, trouble(job=job))
    for notice in store.outbox.unaddressed(9):
        store.outbox.address(notice, ["ops"], NOW)
    a, b, c = (notice.id for notice in store.outbox.waiting(9))
    store.outbox.sent([a], NOW + 10)
    store.outbox.put_off([b], NOW + 60_000, "connection refused")
    store.outbox.give_up([c], "no such channel", NOW + 11)
    [waiting] = store.outbox.waiting(9)
    assert (waiting.id, waiting.due_at, waiting.tries, waiting.error) == (b, NOW + 60_000, 1, "connection refused")
    assert [(one.id, one.state, one.error) for one in store.outbox.history(9)] == [
        (c, NoticeState.FAILED, "no such channel"), (b, NoticeState.WAITING, "connection refused"),
        (a, NoticeState.SENT, None),
    ]  # fmt: skip
    assert [one.id for one in store.outbox.sent_since("ops", NOW + 10)] == [a]
    assert store.outbox.sent_since("ops", NOW + 11) == []


def test_alerts_of_long_ago_go_with_their_notices_and_open_ones_stay(store: Store) -> None:
    old = raise_alert(store)
    store.alerts.record([recovered(old, NOW + 5, told=True)], NOW + 5)
    newer = raise_alert(store, now=NOW + HOUR)
    store.alerts.record([recovered(newer, NOW + HOUR, told=False)], NOW + HOUR)
    still = raise_alert(store, trouble(AlertKind.LATE))
    assert store.alerts.prune(NOW + HOUR, keep=100) == 1
    assert [alert.id for alert in store.alerts.recent(9)] == [still.id, newer.id]
    assert {notice.alert.id for notice in store.outbox.history(9)} == {still.id, newer.id}
    assert store.alerts.prune(0, keep=1) == 1
    assert [alert.id for alert in store.alerts.recent(9)] == [still.id]


# What alerts are made of


def test_the_streak_of_a_job_counts_failures_below_zero(store: Store) -> None:
    define(store, "backup")
    assert store.alerts.streak("backup") == 0
    run_through(store, "backup", Status.FAILED)
    run_through(store, "backup", Status.LOST)
    assert store.alerts.streak("backup") == -2
    run_through(store, "backup", Status.SUCCEEDED)
    assert store.alerts.streak("backup") == 1
    assert store.alerts.streak("nobody") == 0


def watched(name: str, no_success: float = 3600.0, **changes: Any) -> JobDefinition:
    alert = {"on": ["no_success"], "no_success": no_success} | changes
    return definition(name)._replace(definition=json.dumps({"alert": alert}))


def test_a_job_owes_a_success_since_it_came_and_since_its_last_one(store: Store) -> None:
    define(store, watched("backup"), watched("mail"), "other", watched("quiet", on=["failed"]), now=NOW)
    assert store.alerts.dead_men() == [DeadMan("backup", 3600.0, NOW), DeadMan("mail", 3600.0, NOW)]
    run_through(store, "mail", Status.SUCCEEDED, now=NOW + 50_000)
    run_through(store, "backup", Status.FAILED, now=NOW + 50_000)
    assert store.alerts.dead_men("mail") == [DeadMan("mail", 3600.0, NOW, None, NOW + 51_000)]
    assert store.alerts.dead_men("mail")[0].since == NOW + 51_000
    assert store.alerts.dead_men("backup")[0].overdue_at == NOW + HOUR


def test_a_disabled_job_owes_nothing_and_one_enabled_again_counts_anew(store: Store) -> None:
    define(store, watched("backup"), now=NOW)
    store.jobs.disable("backup", "anna", NOW + 5, None, None)
    assert store.alerts.dead_men() == []
    store.jobs.enable("backup", "anna", NOW + HOUR)
    [man] = store.alerts.dead_men()
    assert (man, man.since) == (DeadMan("backup", 3600.0, NOW, NOW + HOUR), NOW + HOUR)


def test_a_job_that_was_removed_and_came_back_counts_from_its_return(store: Store) -> None:
    define(store, watched("backup"), now=NOW)
    store.jobs.apply(DefinitionChange((), ("backup",), frozenset()), NOW + 5)
    assert store.alerts.dead_men() == []
    define(store, watched("backup"), now=NOW + HOUR)
    assert store.alerts.dead_men() == [DeadMan("backup", 3600.0, NOW + HOUR)]


def test_the_run_that_has_waited_longest_is_found(store: Store) -> None:
    assert store.alerts.waiting_jobs() == set()
    assert store.alerts.first_waiting("backup") is None
    add(store, "backup", due_at=NOW + 10)
    longest = add(store, "backup", due_at=NOW - 10, priority=1)
    tried = add(store, "backup", due_at=NOW - 99)
    number = begin(store, tried)
    conclude(store, tried, number, Status.FAILED)
    store.runs.retry(tried, NOW - 50, 1)
    add(store, "mail")
    assert store.alerts.waiting_jobs() == {"backup", "mail"}
    assert store.alerts.first_waiting("backup") == WaitingRun(longest, NOW - 10)
