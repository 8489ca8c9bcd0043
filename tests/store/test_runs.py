"""Runs from their making to their end."""

from __future__ import annotations

import random

import pytest

from jobctl.domain.admission import AGING_MS
from jobctl.domain.run import FINAL, NewRun, Origin, Status
from jobctl.domain.run_id import made_at, prefix_range, to_text
from jobctl.store.interface import Store
from jobctl.store.records import CancelRequest, HistoryFilter
from tests.store.building import (
    NOW,
    WITHOUT_ATTEMPT,
    add,
    begin,
    conclude,
    conclude_retrying,
    define,
    new_run,
    run_of,
    run_through,
)  # fmt: skip


def test_a_run_comes_back_as_it_was_made(store: Store) -> None:
    run = NewRun(
        job="mail", origin=Origin.QUEUE, status=Status.SCHEDULED, created_at=NOW, due_at=NOW + 60_000, start_by=NOW + 9,
        priority=8, queue="reports", max_attempts=4, params='{"to":"a"}', key="order-1", parent_id=5, reason="a test",
        keep=True,
    )  # fmt: skip
    kept = run_of(store, store.runs.add(run).id)
    for name in (
        "job", "origin", "status", "created_at", "due_at", "priority", "queue", "max_attempts", "params", "key",
        "parent_id", "reason", "keep", "slot",
    ):  # fmt: skip
        assert getattr(kept, name) == getattr(run, name), name
    assert (kept.attempt, kept.started_at, kept.finished_at, kept.dead_letter) == (0, None, None, False)


def test_ids_rise_and_tell_when_the_run_was_made(store: Store) -> None:
    ids = [add(store) for _ in range(50)] + [made.id for made in store.runs.add_many([new_run()] * 50)]
    assert ids == sorted(set(ids))
    assert all(abs(made_at(run_id) - NOW) < 1000 for run_id in ids)


def test_ids_follow_a_clock_that_is_corrected_by_more_than_a_minute(store: Store) -> None:
    a_year = 365 * 86_400_000
    add(store, created_at=NOW + a_year)
    assert made_at(add(store, created_at=NOW)) == NOW


def test_ids_stay_above_those_of_a_moment_ago_when_the_clock_steps_back(store: Store) -> None:
    first = add(store, created_at=NOW)
    assert add(store, created_at=NOW - 30_000) > first


def test_the_same_key_of_a_job_is_the_same_run(store: Store) -> None:
    first = store.runs.add(new_run("mail", key="order-1"))
    again = store.runs.add(new_run("mail", key="order-1"))
    other = store.runs.add(new_run("letter", key="order-1"))
    assert (first.existed, again.existed, other.existed) == (False, True, False)
    assert first.id == again.id != other.id


def test_the_same_slot_of_a_job_is_the_same_run_until_the_clock_is_corrected(store: Store) -> None:
    first = store.runs.add(new_run(origin=Origin.SCHEDULE, slot=100))
    again = store.runs.add(new_run(origin=Origin.SCHEDULE, slot=100))
    store.service.raise_clock_epoch(NOW)
    anew = store.runs.add(new_run(origin=Origin.SCHEDULE, slot=100))
    assert (again.existed, again.id) == (True, first.id)
    assert (anew.existed, anew.id == first.id) == (False, False)


def test_a_slot_is_answered_by_its_newest_run_or_by_the_next_slot_that_has_one(store: Store) -> None:
    store.runs.add(new_run(origin=Origin.SCHEDULE, slot=100))
    store.service.raise_clock_epoch(NOW)
    anew = store.runs.add(new_run(origin=Origin.SCHEDULE, slot=100))
    later = store.runs.add(new_run(origin=Origin.SCHEDULE, slot=160))
    answers = [store.runs.answering("backup", slot) for slot in (40, 100, 101, 161)]
    assert [run and run.id for run in answers] == [anew.id, anew.id, later.id, None]
    assert store.runs.answering("unknown", 1) is None


def test_many_runs_come_back_in_their_order_with_repeats_found(store: Store) -> None:
    before = store.runs.add(new_run(key="b"))
    made = store.runs.add_many([new_run(key="a"), new_run(), new_run(key="b"), new_run(key="a"), new_run()])
    assert [run.existed for run in made] == [False, False, True, True, False]
    assert made[2].id == before.id
    assert made[3].id == made[0].id
    assert store.runs.add_many([]) == []
    assert store.runs.counts()[Status.QUEUED] == 4


def test_many_runs_are_all_or_nothing(store: Store) -> None:
    with pytest.raises(Exception, match="CHECK"):
        store.runs.add_many([new_run(), new_run(priority=11)])
    assert store.runs.history(HistoryFilter()) == []
    assert add(store)  # and what was named for them is named again


def test_a_prefix_finds_its_runs_oldest_first(store: Store) -> None:
    ids = [add(store) for _ in range(3)]
    everything = prefix_range(to_text(ids[0])[0])
    exactly = prefix_range(to_text(ids[1]))
    assert everything is not None
    assert exactly is not None
    assert [run.id for run in store.runs.find(everything)] == ids
    assert [run.id for run in store.runs.find(everything, limit=2)] == ids[:2]
    assert [run.id for run in store.runs.find(exactly)] == [ids[1]]
    assert store.runs.get(1) is None


def test_counts_follow_every_move(store: Store) -> None:
    run_through(store, "backup", Status.SUCCEEDED)
    run_through(store, "backup", Status.FAILED)
    add(store)
    add(store, status=Status.SKIPPED, reason="an earlier run is active")
    counts = store.runs.counts()
    assert set(counts) == set(Status)
    assert {status: count for status, count in counts.items() if count} == {
        Status.SUCCEEDED: 1, Status.FAILED: 1, Status.QUEUED: 1, Status.SKIPPED: 1,
    }  # fmt: skip


def test_queues_with_runs_that_wait_or_run_are_counted(store: Store) -> None:
    for job, queue in (("backup", "heavy"), ("mail", "heavy"), ("mail", "light"), ("mail", "light"), ("mail", "over")):
        run_id = add(store, job, queue=queue)
    conclude(store, run_id, begin(store, run_id), Status.SUCCEEDED)
    begin(store, add(store, "mail", queue="light"))
    begin(store, add(store, "mail", queue="busy"))
    assert store.runs.queue_loads() == [("busy", 0, 1), ("heavy", 2, 0), ("light", 2, 1)]


def test_very_many_runs_of_one_instant_are_released_a_thousand_at_a_time(store: Store) -> None:
    store.runs.add_many([new_run(status=Status.SCHEDULED, due_at=NOW + 5) for _ in range(1_001)])
    assert [store.runs.release_due(NOW + 5) for _ in range(3)] == [1_000, 1, 0]


def test_runs_are_released_when_they_are_due(store: Store) -> None:
    late = add(store, status=Status.SCHEDULED, due_at=NOW + 2000)
    soon = add(store, status=Status.SCHEDULED, due_at=NOW + 1000)
    retrying = add(store)
    conclude_retrying(store, retrying, begin(store, retrying), due_at=NOW + 1500)
    assert store.runs.next_deadline() == NOW + 1000
    assert store.runs.release_due(NOW + 999) == 0
    assert store.runs.release_due(NOW + 1500) == 2
    assert run_of(store, soon).status is Status.QUEUED
    assert run_of(store, retrying).status is Status.QUEUED
    assert run_of(store, late).status is Status.SCHEDULED
    assert store.runs.next_deadline() == NOW + 2000


def test_the_higher_priority_starts_first_then_the_older_and_waiting_counts(store: Store) -> None:
    low_but_old = add(store, priority=1, due_at=NOW - 9 * AGING_MS - 1)
    old, young = add(store, due_at=NOW - 5), add(store)
    high = add(store, priority=10)
    same_rank_later_id = add(store)
    order = [run.id for run in store.runs.waiting(10, (), ())]
    assert order == [low_but_old, high, old, young, same_rank_later_id]
    assert [run.id for run in store.runs.waiting(2, (), ())] == order[:2]
    assert store.runs.waiting(0, (), ()) == []


def test_waiting_leaves_out_held_jobs_and_queues(store: Store) -> None:
    add(store, "held")
    add(store, "backup", queue="closed")
    wanted = [add(store, "backup"), add(store, "rotate")]
    found = store.runs.waiting(10, {"held", "never heard of"}, {"closed"})
    assert [run.id for run in found] == wanted


def test_aside_wait_those_of_a_job_that_a_person_started_or_that_are_due_long_enough(store: Store) -> None:
    add(store, origin=Origin.SCHEDULE, due_at=NOW)
    by_hand = add(store, origin=Origin.MANUAL, due_at=NOW)
    late = add(store, origin=Origin.QUEUE, due_at=NOW - 10, queue="mail")
    add(store, "rotate", origin=Origin.MANUAL)
    add(store, origin=Origin.MANUAL, status=Status.SCHEDULED)
    assert [run.id for run in store.runs.waiting_aside("backup", NOW - 10, 5)] == [late, by_hand]
    assert [run.id for run in store.runs.waiting_aside("backup", NOW - 11, 5)] == [by_hand]
    assert [run.id for run in store.runs.waiting_aside("backup", NOW, 2)] == [late, store.runs.active("backup")[0].id]


@pytest.mark.parametrize("limit", [1, 3, 20, 500])
def test_waiting_finds_what_a_look_at_all_runs_finds(store: Store, limit: int) -> None:
    chance = random.Random(limit)
    jobs, queues = [f"job-{number}" for number in range(12)], [f"queue-{number}" for number in range(4)]
    wishes = [(chance.choice(jobs), chance.choice(queues), NOW + 7 * place) for place in range(300)]
    chance.shuffle(wishes)
    store.runs.add_many([new_run(job, queue=queue, due_at=due_at) for job, queue, due_at in wishes])
    for _ in range(10):
        closed_jobs, closed_queues = set(chance.sample(jobs, 4)), set(chance.sample(queues, 2))
        found = [(run.job, run.queue, run.due_at) for run in store.runs.waiting(limit, closed_jobs, closed_queues)]
        open_ones = [wish for wish in wishes if wish[0] not in closed_jobs and wish[1] not in closed_queues]
        assert found == sorted(open_ones, key=lambda wish: wish[2])[:limit]


def test_the_first_in_a_lane_is_found_after_the_one_before_it_left(store: Store) -> None:
    first, second, third = (add(store, due_at=NOW + place) for place in range(3))
    store.runs.move(first, Status.QUEUED, Status.CANCELLED, NOW)
    store.runs.move(third, Status.QUEUED, Status.CANCELLED, NOW)
    assert [run.id for run in store.runs.waiting(10, (), ())] == [second]
    begin(store, second)
    assert store.runs.waiting(10, (), ()) == []
    urgent = add(store, priority=10, due_at=NOW - 99)
    assert [run.id for run in store.runs.waiting(10, (), ())] == [urgent]


def test_active_runs_are_those_that_a_slot_would_overlap_with(store: Store) -> None:
    queued, running, retrying, ended = (add(store) for _ in range(4))
    add(store, status=Status.SCHEDULED)
    add(store, "another")
    begin(store, running)
    conclude_retrying(store, retrying, begin(store, retrying), due_at=NOW + 5000)
    conclude(store, ended, begin(store, ended), Status.SUCCEEDED)
    assert [run.id for run in store.runs.active("backup")] == [queued, running, retrying]
    assert store.runs.active("unknown") == []


def test_runs_past_their_start_deadline_are_found_unless_they_had_an_attempt(store: Store) -> None:
    late = add(store, start_by=NOW + 1000)
    add(store, start_by=NOW + 5000)
    add(store)
    tried = add(store, start_by=NOW + 500, max_attempts=2)
    conclude_retrying(store, tried, begin(store, tried), due_at=NOW + 100)
    store.runs.release_due(NOW + 100)
    assert store.runs.next_deadline() == NOW + 1000
    assert store.runs.overdue(NOW + 1000, 10) == []
    assert [(run.id, at) for run, at in store.runs.overdue(NOW + 1001, 10)] == [(late, NOW + 1000)]
    store.runs.move(late, Status.QUEUED, Status.MISSED, NOW + 1001, "not started in time")
    assert store.runs.next_deadline() == NOW + 5000


@pytest.mark.parametrize(("source", "target"), WITHOUT_ATTEMPT)
def test_a_move_happens_once(store: Store, source: Status, target: Status) -> None:
    run_id = add(store, status=Status.QUEUED if source is Status.RETRYING else source)
    if source is Status.RETRYING:
        conclude_retrying(store, run_id, begin(store, run_id), due_at=NOW)
    assert store.runs.move(run_id, source, target, NOW + 7, "because")
    assert not store.runs.move(run_id, source, target, NOW + 8, "because")
    run = run_of(store, run_id)
    assert (run.status, run.reason) == (target, "because")
    assert run.finished_at == (NOW + 7 if target in FINAL else None)


@pytest.mark.parametrize(
    ("source", "target"),
    [(Status.QUEUED, Status.SUCCEEDED), (Status.RUNNING, Status.FAILED), (Status.FAILED, Status.QUEUED)],
)
def test_moves_that_need_an_attempt_are_mistakes_of_the_program(store: Store, source: Status, target: Status) -> None:
    with pytest.raises(ValueError, match="without an attempt"):
        store.runs.move(add(store), source, target, NOW)


def test_nothing_is_skipped_without_a_reason(store: Store) -> None:
    with pytest.raises(ValueError, match="reason"):
        store.runs.move(add(store), Status.QUEUED, Status.SKIPPED, NOW)


@pytest.mark.parametrize("status", [Status.FAILED, Status.TIMED_OUT, Status.LOST, Status.CANCELLED])
def test_retry_gives_an_ended_run_a_fresh_budget(store: Store, status: Status) -> None:
    run_id = run_through(store, "backup", status, start_by=NOW + 5)
    assert store.runs.retry(run_id, NOW + 90_000, 3)
    assert not store.runs.retry(run_id, NOW + 90_000, 3)
    run = run_of(store, run_id)
    assert (run.status, run.due_at, run.dead_letter, run.reason) == (Status.QUEUED, NOW + 90_000, False, None)
    assert (run.started_at, run.finished_at, run.exit_code, run.signal) == (None, None, None, None)
    assert (run.first_attempt, run.max_attempts - run.attempt) == (2, 3)
    assert store.runs.overdue(NOW + 99_999, 5) == []
    assert begin(store, run_id, NOW + 90_001) == 2
    assert conclude(store, run_id, 2, Status.SUCCEEDED, NOW + 95_000)
    assert [attempt.status for attempt in store.attempts.of_run(run_id)] == [status, Status.SUCCEEDED]


def test_a_run_that_was_given_retries_of_its_own_gets_as_many_again(store: Store) -> None:
    run_id = add(store, max_attempts=2, own_budget=True)
    for first in (1, 3):
        conclude_retrying(store, run_id, begin(store, run_id), due_at=NOW)
        store.runs.release_due(NOW)
        assert begin(store, run_id) == first + 1
        assert conclude(store, run_id, first + 1, Status.FAILED, NOW + 5)
        assert store.runs.retry(run_id, NOW, 7), "what its job says now"
        run = run_of(store, run_id)
        assert run.max_attempts - run.attempt == 2


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.SKIPPED])
def test_what_needs_no_retry_gets_none(store: Store, status: Status) -> None:
    if status is Status.SUCCEEDED:
        run_id = run_through(store, "backup", status)
    else:
        run_id = add(store, status=status, reason="an earlier run is active")
    assert not store.runs.retry(run_id, NOW, 1)


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.QUEUED, Status.RETRYING])
def test_a_waiting_run_is_cancelled_at_once(store: Store, status: Status) -> None:
    run_id = add(store, status=Status.SCHEDULED if status is Status.SCHEDULED else Status.QUEUED)
    if status is Status.RETRYING:
        conclude_retrying(store, run_id, begin(store, run_id), due_at=NOW + 5)
    assert store.runs.request_cancel(run_id, 15, "anna", NOW + 7) is status
    run = run_of(store, run_id)
    assert (run.status, run.finished_at, run.reason) == (Status.CANCELLED, NOW + 7, "cancelled by anna")
    assert store.runs.request_cancel(run_id, 15, "anna", NOW + 8) is None
    (event,) = store.events.recent(5)
    assert (event.actor, event.action, event.job, event.run_id) == ("anna", "cancel", "backup", run_id)


def test_a_running_run_is_asked_to_stop_and_says_who_asked(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    assert store.runs.cancel_requests() == []
    assert store.runs.request_cancel(run_id, 2, "anna", NOW + 20) is Status.RUNNING
    assert store.runs.request_cancel(run_id, 15, "ben", NOW + 30) is Status.RUNNING
    assert store.runs.cancel_requests() == [CancelRequest(run_id, number, "keeper-1", 15)]
    conclude(store, run_id, number, Status.CANCELLED)
    run = run_of(store, run_id)
    assert (run.status, run.reason, run.cancel_signal) == (Status.CANCELLED, "cancelled by ben", None)
    assert store.runs.cancel_requests() == []


def test_there_is_nothing_to_cancel_of_an_unknown_run(store: Store) -> None:
    assert store.runs.request_cancel(12345, 15, "anna", NOW) is None


def test_a_later_success_at_a_start_outlives_dead_starts_and_no_slots(store: Store) -> None:
    define(store, "backup")
    dead_start = run_through(store, "backup", Status.FAILED, origin=Origin.STARTUP)
    dead_slot = run_through(store, "backup", Status.FAILED, origin=Origin.SCHEDULE)
    run_through(store, "backup", Status.SUCCEEDED, origin=Origin.MANUAL)
    assert run_of(store, dead_start).dead_letter
    run_through(store, "backup", Status.SUCCEEDED, origin=Origin.STARTUP)
    assert not run_of(store, dead_start).dead_letter
    assert run_of(store, dead_slot).dead_letter


def test_a_later_success_of_the_schedule_outlives_its_dead_slots_and_nothing_else(store: Store) -> None:
    define(store, "backup", "rotate")
    slot = run_through(store, "backup", Status.FAILED, NOW, origin=Origin.SCHEDULE, slot=1)
    caught_up = run_through(store, "backup", Status.LOST, NOW + 10, origin=Origin.CATCH_UP, slot=2)
    by_hand = run_through(store, "backup", Status.FAILED, NOW + 20)
    other_job = run_through(store, "rotate", Status.FAILED, NOW + 30, origin=Origin.SCHEDULE, slot=3)
    run_through(store, "backup", Status.SUCCEEDED, NOW + 40)
    assert {run.id for run in store.runs.history(HistoryFilter(dead_letters=True))} == {
        slot, caught_up, by_hand, other_job,
    }  # fmt: skip
    run_through(store, "backup", Status.SUCCEEDED, NOW + 50, origin=Origin.SCHEDULE, slot=4)
    assert [run.id for run in store.runs.history(HistoryFilter(dead_letters=True))] == [other_job, by_hand]
    assert run_of(store, slot).status is Status.FAILED


def test_each_queue_says_since_when_its_longest_waiting_next_run_has_been_due(store: Store) -> None:
    assert store.runs.waiting_since() == {}
    add(store, due_at=NOW + 500)
    add(store, "mail", due_at=NOW + 100)
    add(store, "mail", due_at=NOW + 200)
    add(store, queue="reports", due_at=NOW + 900, priority=9)
    begin(store, add(store, due_at=NOW - 900))
    assert store.runs.waiting_since() == {"default": NOW + 100, "reports": NOW + 900}


def test_what_failed_last_is_what_ended_last_and_not_what_was_made_last(store: Store) -> None:
    long, short, well = (add(store, job) for job in ("backup", "mail", "mail"))
    numbers = {run_id: begin(store, run_id) for run_id in (long, short, well)}
    for run_id, status, at in ((short, Status.FAILED, 1), (well, Status.SUCCEEDED, 2), (long, Status.TIMED_OUT, 3)):
        assert conclude(store, run_id, numbers[run_id], status, NOW + 1000 * at)
    assert [run.id for run in store.runs.failed_last(9)] == [long, short]
    assert [run.id for run in store.runs.failed_last(1)] == [long]


def test_each_failing_job_tells_its_last_dead_letter_and_how_many_it_has(store: Store) -> None:
    for job, letters in (("backup", 2), ("mail", 1), ("report", 1)):
        ids = [run_through(store, job, Status.FAILED) for _ in range(letters)]
    assert sorted(count for _, count in store.runs.failing()) == [1, 1, 2]
    assert {run_of(store, run_id).job for run_id, _ in store.runs.failing()} == {"backup", "mail", "report"}
    store.runs.dismiss(ids[0])
    assert len(store.runs.failing()) == 2


def test_dead_letters_are_counted_until_somebody_has_seen_to_them(store: Store) -> None:
    runs = [run_through(store, "backup", status) for status in (Status.FAILED, Status.TIMED_OUT, Status.SUCCEEDED)]
    run_through(store, "mail", Status.FAILED)
    assert (store.runs.dead_letters(), store.runs.dead_letters("backup"), store.runs.dead_letters("none")) == (3, 2, 0)
    store.runs.dismiss(runs[0])
    assert (store.runs.dead_letters(), store.runs.dead_letters("backup")) == (2, 1)
