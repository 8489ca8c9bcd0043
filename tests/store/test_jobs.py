"""Definitions and the state that belongs to a job."""

from __future__ import annotations

from functools import partial

import pytest

from jobctl.domain.definition_records import DefinitionChange
from jobctl.domain.run import Origin, Status
from jobctl.store.interface import Store
from tests.store.building import NOW, add, begin, conclude, define, run_of, run_through
from tests.store.volume import definition


def test_what_was_applied_is_listed_by_name(store: Store) -> None:
    define(store, "rotate", "backup")
    assert store.jobs.names() == ["backup", "rotate"]
    assert [row.name for row in store.jobs.rows()] == ["backup", "rotate"]
    assert [row.name for row in store.jobs.rows(["rotate", "unknown"])] == ["rotate"]
    assert store.jobs.definition("backup") == definition("backup").definition
    assert store.jobs.definition("unknown") is None
    assert store.jobs.definitions()["backup"].hash == "backup"


def test_a_row_shows_the_definition_as_it_was_applied(store: Store) -> None:
    job = definition("backup")._replace(
        tags=("db", "critical"), priority=9, enabled=False, line=12, timezone="Asia/Tokyo"
    )
    define(store, job)
    (row,) = store.jobs.rows()
    assert (row.tags, row.priority, row.enabled, row.line) == (("db", "critical"), 9, False, 12)
    assert (row.timezone, row.command, row.group, row.queue) == ("Asia/Tokyo", "true", "volume", "default")
    assert (row.last_run_id, row.last_status, row.streak, row.running, row.queued) == (None, None, 0, 0, 0)


def test_a_job_without_tags_has_none(store: Store) -> None:
    define(store, definition("backup")._replace(tags=()))
    assert store.jobs.rows()[0].tags == ()


def test_files_are_those_of_the_last_change(store: Store) -> None:
    store.jobs.apply(DefinitionChange((), (), frozenset(), {"a.toml": "1", "b.toml": "2"}), NOW)
    store.jobs.apply(DefinitionChange((), (), frozenset(), {"a.toml": "3"}), NOW)
    assert store.jobs.files() == {"a.toml": "3"}


def test_the_watermark_of_rescheduled_jobs_becomes_now_and_others_keep_theirs(store: Store) -> None:
    define(store, "kept", "moved")
    store.jobs.decided("kept", 77, NOW + 5)
    store.jobs.decided("moved", 77, NOW + 5)
    both = (definition("kept"), definition("moved"))
    store.jobs.apply(DefinitionChange(both, (), frozenset({"moved"})), NOW + 60_000)
    timings = {timing.name: timing for timing in store.jobs.timings()}
    assert (timings["kept"].watermark, timings["kept"].next_at) == (77, NOW + 5)
    assert (timings["moved"].watermark, timings["moved"].next_at) == (NOW // 1000 + 60, None)


def test_plan_next_is_seen_in_the_listing(store: Store) -> None:
    define(store, "backup", "rotate")
    store.jobs.plan_next({"backup": NOW + 1, "rotate": NOW + 2})
    store.jobs.plan_next({"rotate": None})
    assert [row.next_at for row in store.jobs.rows()] == [NOW + 1, None]


def test_a_removed_job_keeps_its_runs_and_its_waiting_slots_are_cancelled(store: Store) -> None:
    define(store, "backup")
    done = run_through(store, "backup", Status.SUCCEEDED)
    slot = add(store, origin=Origin.SCHEDULE, slot=100)
    later = add(store, origin=Origin.CATCH_UP, status=Status.SCHEDULED, slot=200)
    asked_for = add(store, origin=Origin.QUEUE)
    running = add(store, origin=Origin.SCHEDULE, slot=300)
    begin(store, running)
    store.jobs.apply(DefinitionChange((), ("backup",), frozenset()), NOW + 9)
    assert store.jobs.names() == []
    assert store.jobs.definition("backup") is None
    for run_id in (slot, later):
        run = run_of(store, run_id)
        assert (run.status, run.finished_at) == (Status.CANCELLED, NOW + 9)
        assert "removed" in (run.reason or "")
    assert run_of(store, done).job == "backup"
    assert run_of(store, asked_for).status is Status.QUEUED
    assert run_of(store, running).status is Status.RUNNING


def test_a_job_that_comes_back_has_its_history_again(store: Store) -> None:
    define(store, "backup")
    run_through(store, "backup", Status.FAILED)
    store.jobs.apply(DefinitionChange((), ("backup",), frozenset()), NOW)
    define(store, "backup")
    (row,) = store.jobs.rows()
    assert (row.last_status, row.streak) == (Status.FAILED, -1)
    assert store.jobs.definition("backup") == definition("backup").definition


def test_what_a_job_was_is_known_for_every_instant(store: Store) -> None:
    first, second = definition("backup"), definition("backup")._replace(definition='{"b": 2}', hash="another")
    store.jobs.apply(DefinitionChange((first,), (), frozenset()), NOW)
    store.jobs.apply(DefinitionChange((second,), (), frozenset()), NOW + 10)
    store.jobs.apply(DefinitionChange((), ("backup",), frozenset()), NOW + 20)
    found = [store.jobs.version_at("backup", NOW + apart) for apart in (-1, 0, 9, 10, 20)]
    assert [(one.since, one.until, one.definition) for one in found] == [
        (None, NOW, None), (NOW, NOW + 10, first.definition), (NOW, NOW + 10, first.definition),
        (NOW + 10, NOW + 20, second.definition), (NOW + 20, None, None),
    ]  # fmt: skip
    unknown = store.jobs.version_at("unknown", NOW)
    assert (unknown.since, unknown.until, unknown.definition) == (None, None, None)


def test_an_attempt_keeps_the_definition_it_was_begun_with(store: Store) -> None:
    define(store, definition("backup")._replace(hash="1", definition='{"retries":1}'))
    run_id = add(store)
    number = begin(store, run_id)
    changed = definition("backup")._replace(hash="2", definition='{"retries":2}')
    store.jobs.apply(DefinitionChange((changed,), (), frozenset()), NOW)
    assert store.jobs.retry_policy_of(run_id, number) == '{"retries":1}'
    assert store.jobs.definition("backup") == '{"retries":2}'
    assert store.jobs.retry_policy_of(run_id, number + 1) is None


def test_an_attempt_of_a_job_that_no_file_defines_has_no_definition(store: Store) -> None:
    run_id = add(store, "from-cron", origin=Origin.EXEC)
    assert store.jobs.retry_policy_of(run_id, begin(store, run_id)) is None
    assert store.jobs.names() == []


def test_disable_holds_until_enable_and_nothing_is_caught_up(store: Store) -> None:
    define(store, "backup")
    assert store.jobs.disable("backup", "anna", NOW, NOW + 99, "too loud")
    (row,) = store.jobs.rows()
    assert (row.enabled, row.disabled_by, row.disabled_reason, row.disabled_until) == (
        False,
        "anna",
        "too loud",
        NOW + 99,
    )
    assert store.jobs.timings()[0].disabled
    assert store.jobs.enable("backup", "ben", NOW + 50_000)
    assert not store.jobs.enable("backup", "ben", NOW + 90_000)
    (timing,) = store.jobs.timings()
    assert (timing.disabled, timing.watermark) == (False, NOW // 1000 + 50)
    assert [(event.actor, event.action, event.job) for event in store.events.recent(5)] == [
        ("ben", "enable", "backup"),
        ("anna", "disable", "backup"),
    ]


def test_an_unknown_job_cannot_be_disabled(store: Store) -> None:
    assert not store.jobs.disable("nobody", "anna", NOW, None, None)
    assert not store.jobs.enable("nobody", "anna", NOW)
    assert store.events.recent(5) == []


def test_a_disabling_ends_at_its_time_unless_it_was_renewed_meanwhile(store: Store) -> None:
    define(store, "backup")
    store.jobs.disable("backup", "anna", NOW, NOW + 99, None)
    assert not store.jobs.end_disabled("backup", NOW + 98)
    store.jobs.disable("backup", "ben", NOW + 98, NOW + 60_000, None)
    assert not store.jobs.end_disabled("backup", NOW + 99)
    store.jobs.disable("backup", "ben", NOW + 98, None, None)
    assert not store.jobs.end_disabled("backup", NOW + 90_000)
    store.jobs.disable("backup", "ben", NOW + 98, NOW + 60_000, None)
    generation = store.jobs.generation()
    assert store.jobs.end_disabled("backup", NOW + 90_000)
    assert not store.jobs.end_disabled("backup", NOW + 90_000)
    assert store.jobs.generation() > generation
    (timing,) = store.jobs.timings()
    assert (timing.disabled, timing.watermark) == (False, (NOW + 60_000) // 1000 - 1)
    assert [(event.at, event.action) for event in store.events.recent(1)] == [(NOW + 60_000, "enable")]


def test_what_is_decided_already_is_not_decided_again_by_the_end_of_a_disabling(store: Store) -> None:
    define(store, "backup")
    for end in (partial(store.jobs.enable, "backup", "anna"), partial(store.jobs.end_disabled, "backup")):
        store.jobs.disable("backup", "anna", NOW - 90_000, NOW - 60_000, None)
        store.jobs.decided("backup", NOW // 1000 + 60, None)  # the schedule was changed, or the clock set back
        assert end(NOW)
        assert store.jobs.timings()[0].watermark == NOW // 1000 + 60


def test_disabling_survives_a_reload(store: Store) -> None:
    define(store, "backup")
    store.jobs.disable("backup", "anna", NOW, None, None)
    define(store, "backup")
    assert not store.jobs.rows()[0].enabled


def test_the_generation_rises_with_each_change_of_what_should_start(store: Store) -> None:
    seen = [store.jobs.generation()]
    define(store, "backup")
    seen.append(store.jobs.generation())
    store.jobs.disable("backup", "anna", NOW, None, None)
    seen.append(store.jobs.generation())
    store.jobs.enable("backup", "anna", NOW)
    seen.append(store.jobs.generation())
    assert seen == sorted(set(seen))
    store.jobs.enable("backup", "anna", NOW)
    assert store.jobs.generation() == seen[-1]


def test_a_row_counts_what_waits_and_runs(store: Store) -> None:
    define(store, "backup")
    first, _, _ = add(store), add(store), add(store)
    begin(store, first)
    (row,) = store.jobs.rows()
    assert (row.running, row.queued) == (1, 2)
    store.jobs.apply(DefinitionChange((), (), frozenset()), NOW)
    conclude(store, first, 1, Status.SUCCEEDED)
    (row,) = store.jobs.rows()
    assert (row.running, row.queued, row.last_run_id) == (0, 2, first)


@pytest.mark.parametrize(
    ("ends", "streak"),
    [
        ("SSS", 3), ("SF", -1), ("FTL", -3), ("FS", 1), ("SSC", 2), ("FC", -1), ("C", 0),
    ],
)  # fmt: skip
def test_a_streak_counts_what_says_something_about_the_job(store: Store, ends: str, streak: int) -> None:
    letters = {
        "S": Status.SUCCEEDED, "F": Status.FAILED, "T": Status.TIMED_OUT, "L": Status.LOST, "C": Status.CANCELLED,
    }  # fmt: skip
    define(store, "backup")
    for place, letter in enumerate(ends):
        run_through(store, "backup", letters[letter], NOW + 10_000 * place)
    store.runs.move(add(store), Status.QUEUED, Status.SKIPPED, NOW, "another run is active")
    (row,) = store.jobs.rows()
    assert row.streak == streak
    assert row.last_status is letters[ends[-1]]
    assert row.last_finished_at == NOW + 10_000 * (len(ends) - 1) + 1000
    assert store.jobs.timings()[0].last_finished_at == row.last_finished_at


def test_a_run_that_was_tried_and_is_not_tried_again_is_counted_once(store: Store) -> None:
    define(store, "backup")
    run_id = run_through(store, "backup", Status.FAILED)
    assert store.runs.retry(run_id, NOW, 1)
    assert store.runs.move(run_id, Status.QUEUED, Status.MISSED, NOW, "not started within its start_deadline of 5m")
    assert store.jobs.rows()[0].streak == -1


def test_the_soonest_jobs_are_those_that_will_start_by_themselves(store: Store) -> None:
    define(store, "a", "b", "c", "d", definition("off")._replace(enabled=False))
    store.jobs.plan_next({"a": NOW + 9, "b": NOW + 3, "c": NOW + 6, "off": NOW + 1})
    store.jobs.disable("c", "anna", NOW, None, None)
    assert store.jobs.count() == 5
    assert [(row.name, row.next_at) for row in store.jobs.soonest(5)] == [("b", NOW + 3), ("a", NOW + 9)]
    assert [row.name for row in store.jobs.soonest(1)] == ["b"]
    store.jobs.apply(DefinitionChange((), ("b",), frozenset()), NOW)
    assert store.jobs.count() == 4
    assert [row.name for row in store.jobs.soonest(5)] == ["a"]


def test_a_listing_tells_by_column_what_the_rows_tell(store: Store) -> None:
    define(store, "b", "a", "c", definition("d")._replace(enabled=False))
    store.jobs.disable("c", "anna", NOW, None, None)
    run_through(store, "a", Status.SUCCEEDED)
    begin(store, add(store, "b"))
    add(store, "b")
    add(store, "a")
    rows = store.jobs.rows()
    listing = store.jobs.listing()
    assert listing.names == tuple(row.name for row in rows) == ("a", "b", "c", "d")
    assert listing.enabled == tuple(row.enabled for row in rows) == (True, True, False, False)
    assert listing.running == tuple(row.running for row in rows) == (0, 1, 0, 0)
    assert listing.queued == tuple(row.queued for row in rows) == (1, 1, 0, 0)
    assert listing.schedules == tuple(row.schedule for row in rows)
    assert listing.streaks == tuple(row.streak for row in rows)
    assert listing.last_finished_at == tuple(row.last_finished_at for row in rows)
    took = [None if row.last_finished_at is None else row.last_finished_at - (row.last_started_at or 0) for row in rows]
    assert listing.last_took == tuple(took)
    assert took[0] == 500
    assert listing.descriptions == tuple(row.description for row in rows)
    assert store.jobs.listing(["c", "a", "none"]).names == ("a", "c")
    assert store.jobs.listing([]).names == ()


def test_labels_are_those_of_the_defined_jobs_by_name(store: Store) -> None:
    define(
        store, "b", definition("a")._replace(group="system", tags=("db", "critical")), definition("c")._replace(tags=())
    )
    store.jobs.apply(DefinitionChange((), ("b",), frozenset()), NOW)
    assert store.jobs.labels() == [("a", "system", ("db", "critical")), ("c", "volume", ())]


def test_a_job_that_was_removed_is_known_as_it_was(store: Store) -> None:
    define(store, "backup", "rotate")
    run_id = run_through(store, "backup", Status.SUCCEEDED)
    assert store.jobs.removed("backup") is None
    store.jobs.apply(DefinitionChange((), ("backup",), frozenset()), NOW + 9)
    removed = store.jobs.removed("backup")
    assert removed is not None
    assert (removed.removed_at, removed.definition) == (NOW + 9, definition("backup").definition)
    assert (removed.row.name, removed.row.command, removed.row.last_run_id) == ("backup", "true", run_id)
    assert (removed.row.enabled, removed.row.next_at) == (False, None)
    assert store.jobs.removed("unknown") is None
    define(store, "backup")
    assert store.jobs.removed("backup") is None


def test_names_with_runs_are_told_with_whether_one_succeeded(store: Store) -> None:
    define(store, "backup", "mail", "unused")
    run_through(store, "backup", Status.SUCCEEDED, NOW)
    run_through(store, "backup", Status.FAILED, NOW + 60_000)
    run_through(store, "mail", Status.FAILED, NOW)
    run_through(store, "by-exec", Status.FAILED, NOW)
    assert store.jobs.tried() == {"backup": True, "by-exec": False, "mail": False}
    store.jobs.disable("mail", "ada", NOW, None, None)
    store.jobs.apply(DefinitionChange((), ("backup",), frozenset()), NOW)
    assert store.jobs.tried() == {"by-exec": False}, "neither what is disabled nor what was removed"


def test_the_last_success_of_a_job_outlives_later_failures(store: Store) -> None:
    define(store, "backup", "mail")
    assert store.jobs.last_successes() == {}
    run_through(store, "backup", Status.SUCCEEDED, NOW)
    run_through(store, "backup", Status.FAILED, NOW + 60_000)
    run_through(store, "mail", Status.FAILED, NOW)
    (found,) = store.jobs.last_successes().items()
    assert found == ("backup", NOW + 1000)


def test_new_jobs_among_known_ones_get_what_is_theirs(store: Store) -> None:
    define(store, "first", "second")
    add(store, "from-cron", origin=Origin.EXEC)
    jobs = [definition(name)._replace(definition=f'"{name}"', hash=name) for name in "dcba"]
    store.jobs.apply(DefinitionChange((definition("second"), *jobs), ("first",), frozenset("abcd")), NOW + 5000)
    assert store.jobs.names() == ["a", "b", "c", "d", "second"]
    assert [store.jobs.definition(name) for name in "abcd"] == ['"a"', '"b"', '"c"', '"d"']
    assert {timing.name: timing.watermark for timing in store.jobs.timings()} == {
        "second": NOW // 1000, **dict.fromkeys("abcd", NOW // 1000 + 5)
    }  # fmt: skip
    assert store.jobs.digests().keys() == store.jobs.definitions().keys() == {"a", "b", "c", "d", "second"}


def test_a_job_that_only_moved_keeps_its_version(store: Store) -> None:
    define(store, "backup")
    store.jobs.apply(DefinitionChange((definition("backup")._replace(line=9),), (), frozenset()), NOW + 10)
    assert store.jobs.version_at("backup", NOW + 10).since == NOW
    assert store.jobs.digests()["backup"].line == 9


def test_the_version_in_force_is_the_last_one_also_when_the_clock_was_set_back(store: Store) -> None:
    define(store, "backup")
    earlier = definition("backup")._replace(definition='{"b": 2}', hash="another")
    store.jobs.apply(DefinitionChange((earlier,), (), frozenset()), NOW - 60_000)
    assert store.jobs.definition("backup") == '{"b": 2}'


def test_a_listing_is_by_name_or_has_those_first_that_fail_longest(store: Store) -> None:
    define(store, "d", "a", "e", "b", "c")
    for job, failures in (("c", 1), ("d", 2), ("b", 2)):
        for _ in range(failures):
            run_through(store, job, Status.FAILED)
    run_through(store, "a", Status.SUCCEEDED)
    assert store.jobs.listing().names == ("a", "b", "c", "d", "e")
    failing = store.jobs.listing(failing_first=True)
    assert (failing.names, failing.streaks) == (("b", "d", "c", "a", "e"), (-2, -2, -1, 1, 0))
    assert store.jobs.listing(["e", "c"], failing_first=True).names == ("c", "e")
    assert store.jobs.listing(["e", "a"], failing_first=True).names == ("a", "e")
