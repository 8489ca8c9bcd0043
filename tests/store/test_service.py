"""Pauses, the audit trail, and the word that operations and the daemon leave each other."""

from __future__ import annotations

from jobctl.domain.last_seen import LastSeen
from jobctl.domain.run import NewRun, Origin, Status
from jobctl.store.interface import Store
from jobctl.store.records import Event, Pause, ServiceInfo
from tests.store.building import NOW, add, run_of
from tests.store.conftest import Factory

INFO = ServiceInfo(4711, "1.0", NOW, "/etc/jobctl/jobs.toml", NOW + 1, "a-boot-id", 0)


def test_a_pause_is_in_force_until_it_ends_or_is_resumed(store: Store) -> None:
    everything = Pause(None, NOW, None, "anna", "upgrade")
    reports = Pause("reports", NOW, NOW + 1000, "ben", None)
    store.switches.pause(everything)
    store.switches.pause(reports)
    assert store.switches.pauses(NOW) == [everything, reports]
    assert store.switches.pauses(NOW + 1000) == [everything]
    assert store.switches.resume(None, "anna", NOW + 5)
    assert not store.switches.resume(None, "anna", NOW + 6)
    assert store.switches.pauses(NOW) == [reports]
    assert [(event.actor, event.action) for event in store.events.recent(9)] == [
        ("anna", "resume"), ("ben", "pause"), ("anna", "pause"),
    ]  # fmt: skip


def test_a_second_pause_replaces_the_first(store: Store) -> None:
    store.switches.pause(Pause("reports", NOW, NOW + 5, "anna", None))
    longer = Pause("reports", NOW + 1, None, "ben", "until fixed")
    store.switches.pause(longer)
    assert store.switches.pauses(NOW + 10) == [longer]


def test_the_daemon_says_what_it_is(store: Store) -> None:
    assert store.service.info() is None
    store.service.started(INFO)
    assert store.service.info() == INFO


def test_the_daemon_says_why_nothing_may_start_and_a_new_one_begins_afresh(store: Store) -> None:
    store.service.started(INFO._replace(scheduling=False, settings="{}"))
    store.service.draining(NOW + 2)
    store.service.refused("jobs.toml:1:1: no")
    told = INFO._replace(scheduling=False, settings="{}", draining_at=NOW + 2, refused="jobs.toml:1:1: no")
    assert store.service.info() == told
    store.service.adopted(NOW + 3, '{"a": 1}', scheduling=True)
    assert store.service.info() == INFO._replace(reloaded_at=NOW + 3, settings='{"a": 1}', draining_at=NOW + 2)
    store.service.started(INFO)
    assert store.service.info() == INFO


def test_the_clock_epoch_never_falls(store: Store) -> None:
    assert [store.service.raise_clock_epoch(NOW), store.service.raise_clock_epoch(NOW)] == [1, 2]
    store.service.started(INFO)
    assert store.service.info() == INFO._replace(clock_epoch=2)


def test_a_reload_is_asked_for_and_answered(store: Store, factory: Factory) -> None:
    first, second = store.service.request_reload("anna", NOW), store.service.request_reload("ben", NOW + 1)
    daemon = factory()
    assert daemon.service.open_reloads() == [first, second]
    daemon.service.reloaded([first], NOW + 5, "jobs.toml:1:1: what is this?")
    daemon.service.reloaded([second], NOW + 6, None)
    assert daemon.service.open_reloads() == []
    answers = [store.service.reload_request(request_id) for request_id in (first, second)]
    assert [(answer.done_at, answer.error) for answer in answers if answer] == [
        (NOW + 5, "jobs.toml:1:1: what is this?"), (NOW + 6, None),
    ]  # fmt: skip
    assert store.service.reload_request(99) is None


def test_events_come_newest_first_and_by_job(store: Store) -> None:
    run_id = add(store)
    trail = [
        Event(NOW, "anna", "run", job="backup", run_id=run_id),
        Event(NOW + 1, "daemon", "start", detail="pid 7"),
        Event(NOW + 2, "ben", "retry", job="rotate"),
    ]
    for event in trail:
        store.events.record(event)
    assert store.events.recent(2) == trail[:0:-1]
    assert store.events.recent(9, job="backup") == trail[:1]
    assert store.events.recent(9, since=trail[1].at) == trail[:0:-1]
    assert store.events.recent(9, until=trail[1].at) == trail[:1]
    assert store.events.recent(9, job="backup", since=trail[1].at) == []


def test_events_of_one_run_are_found_among_those_of_its_job(store: Store) -> None:
    for at, (job, run_id) in enumerate([("backup", 1), ("backup", 2), ("report", 1), ("backup", 1)]):
        store.events.record(Event(NOW + at, "anna", "retry", job=job, run_id=run_id))
    assert [event.at for event in store.events.of_run("backup", 1, 9)] == [NOW + 3, NOW]
    assert [event.at for event in store.events.of_run("backup", 1, 1)] == [NOW + 3]
    assert store.events.of_run("report", 2, 9) == []


def test_a_beat_is_seen_by_others(store: Store, factory: Factory) -> None:
    other = factory()
    assert not other.changed()
    assert other.service.last_beat() is None
    store.service.beat(NOW)
    assert other.changed()
    assert other.service.last_beat() == NOW
    assert not other.changed()
    assert not store.changed(), "what a store wrote itself is no news to it"


def test_a_daemon_was_last_seen_at_its_beat_or_at_the_runs_that_it_made_after_it(store: Store) -> None:
    assert store.service.last_seen() is None
    store.service.beat(NOW)
    assert store.service.last_seen() == LastSeen(NOW)
    for origin, later in [(Origin.SCHEDULE, 9_000), (Origin.QUEUE, 20_000), (Origin.SCHEDULE, 3_600_000)]:
        at = NOW + later
        store.runs.add(NewRun("backup", origin, Status.QUEUED, at, at))
        assert store.service.last_seen() == LastSeen(NOW + 9_000), origin


def test_a_daemon_that_was_told_to_stop_leaves_the_instant_until_another_one_works(store: Store) -> None:
    store.service.beat(NOW)
    store.service.stopped(NOW + 30_000)
    assert store.service.last_seen() == LastSeen(NOW + 30_000, stopped=True)
    store.service.started(INFO._replace(started_at=NOW + 60_000))
    assert store.service.last_seen() == LastSeen(NOW + 30_000, stopped=True)
    store.service.beat(NOW + 60_000)
    assert store.service.last_seen() == LastSeen(NOW + 60_000)


def test_a_transaction_is_seen_whole_or_not_at_all(store: Store, factory: Factory) -> None:
    other = factory()
    with store.transaction():
        run_id = add(store)
        with store.transaction():
            store.runs.move(run_id, Status.QUEUED, Status.SKIPPED, NOW, "a test")
        assert run_of(store, run_id).status is Status.SKIPPED
        assert other.runs.get(run_id) is None
    assert run_of(other, run_id).status is Status.SKIPPED
