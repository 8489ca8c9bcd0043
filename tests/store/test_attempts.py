"""Single executions: each is claimed once and ends once."""

from __future__ import annotations

import pytest

from jobctl.domain.outcome import Conclusion
from jobctl.domain.reached_limit import LimitKind, ReachedLimit
from jobctl.domain.run import AttemptState, Origin, Status
from jobctl.store.interface import Store
from tests.store.building import NOW, TOKEN, add, begin, conclude, conclude_retrying, end_of, run_of

OTHER_TOKEN = bytes(16)


def test_a_queued_run_is_claimed_once(store: Store) -> None:
    run_id = add(store)
    assert store.attempts.begin(run_id, TOKEN, "keeper-1", NOW + 10) == 1
    assert store.attempts.begin(run_id, TOKEN, "keeper-2", NOW + 11) is None
    run = run_of(store, run_id)
    assert (run.status, run.attempt, run.started_at) == (Status.RUNNING, 1, NOW + 10)
    (attempt,) = store.attempts.unfinished()
    assert (attempt.run_id, attempt.number, attempt.state) == (run_id, 1, AttemptState.STARTING)
    assert (attempt.token, attempt.keeper, attempt.status, attempt.pid) == (TOKEN, "keeper-1", None, None)


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.SKIPPED])
def test_what_is_not_queued_is_not_claimed(store: Store, status: Status) -> None:
    assert store.attempts.begin(add(store, status=status, reason="a test"), TOKEN, "keeper-1", NOW) is None
    assert store.attempts.begin(12345, TOKEN, "keeper-1", NOW) is None
    assert store.attempts.unfinished() == []


def test_an_attempt_goes_from_starting_to_running_to_unsupervised(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    store.attempts.started(run_id, number, TOKEN, 4711)
    (attempt,) = store.attempts.unfinished()
    assert (attempt.state, attempt.pid) == (AttemptState.RUNNING, 4711)
    store.attempts.unsupervised(run_id, number, TOKEN)
    (attempt,) = store.attempts.unfinished()
    assert (attempt.state, attempt.pid) == (AttemptState.UNSUPERVISED, 4711)


def test_late_word_of_an_attempt_that_was_withdrawn_does_not_reach_its_successor(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    assert store.attempts.withdraw(run_id, number, TOKEN, NOW + 20)
    assert store.attempts.begin(run_id, OTHER_TOKEN, "keeper-2", NOW + 30) == number
    assert not store.attempts.started(run_id, number, TOKEN, 4711)
    assert not store.attempts.unsupervised(run_id, number, TOKEN)
    (attempt,) = store.attempts.unfinished()
    assert (attempt.state, attempt.pid) == (AttemptState.STARTING, None)
    assert store.attempts.started(run_id, number, OTHER_TOKEN, 4712)
    assert store.attempts.unsupervised(run_id, number, OTHER_TOKEN)


def test_the_end_of_an_attempt_is_kept_with_its_run(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id, NOW + 10)
    end = end_of(Status.FAILED, NOW + 2000)._replace(
        started_at=NOW + 15, pid=99, cpu_seconds=0.5, max_rss_bytes=700, log_bytes=12
    )
    conclusion = Conclusion(Status.FAILED, Status.FAILED, "disk gone", None, dead_letter=True)
    assert store.attempts.conclude(run_id, number, end, conclusion)
    run = run_of(store, run_id)
    assert (run.status, run.reason, run.exit_code, run.dead_letter) == (Status.FAILED, "disk gone", 3, True)
    assert (run.started_at, run.finished_at) == (NOW + 15, NOW + 2000)
    assert (run.cpu_seconds, run.max_rss_bytes, run.log_bytes) == (0.5, 700, 12)
    (attempt,) = store.attempts.of_run(run_id)
    assert (attempt.state, attempt.status, attempt.exit_code, attempt.pid) == (AttemptState.ENDED, Status.FAILED, 3, 99)
    assert (attempt.started_at, attempt.finished_at, attempt.cpu_seconds) == (NOW + 15, NOW + 2000, 0.5)
    assert store.attempts.unfinished() == []


def test_an_attempt_ends_once(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    assert conclude(store, run_id, number, Status.SUCCEEDED)
    assert not conclude(store, run_id, number, Status.FAILED)
    assert not conclude(store, run_id, number + 1, Status.FAILED)
    assert run_of(store, run_id).status is Status.SUCCEEDED


def test_the_end_of_another_attempt_ends_nothing(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    end = end_of(Status.SUCCEEDED)._replace(token=b"f" * 16)
    assert not store.attempts.conclude(
        run_id, number, end, Conclusion(Status.SUCCEEDED, Status.SUCCEEDED, None, None, dead_letter=False)
    )
    assert run_of(store, run_id).status is Status.RUNNING


def test_an_attempt_keeps_the_limit_that_it_died_of(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    end = end_of(Status.FAILED)._replace(error=None, limit=ReachedLimit(LimitKind.OPEN_FILES, 50))
    conclusion = Conclusion(Status.FAILED, Status.FAILED, end.error_as(Status.FAILED), None, dead_letter=True)
    assert store.attempts.conclude(run_id, number, end, conclusion)
    (attempt,) = store.attempts.of_run(run_id)
    assert attempt.error == run_of(store, run_id).reason == "open_files limit of 50 reached"


def test_a_lost_run_always_has_a_reason(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    lost = Conclusion(Status.LOST, Status.LOST, None, None, dead_letter=True)
    assert store.attempts.conclude(run_id, number, end_of(Status.LOST)._replace(error=None), lost)
    assert run_of(store, run_id).reason


def test_a_retrying_run_waits_until_it_is_due_and_adds_up_what_it_used(store: Store) -> None:
    run_id = add(store, max_attempts=2)
    for due_at, finished_at in ((NOW + 5000, NOW + 1000), (NOW + 9000, NOW + 6000)):
        number = begin(store, run_id, finished_at - 500)
        end = end_of(Status.FAILED, finished_at)._replace(
            cpu_seconds=1.0, max_rss_bytes=finished_at, log_bytes=10, read_bytes=512
        )
        retrying = Conclusion(Status.FAILED, Status.RETRYING, None, due_at, dead_letter=False)
        assert store.attempts.conclude(run_id, number, end, retrying)
        run = run_of(store, run_id)
        assert (run.status, run.due_at, run.finished_at) == (Status.RETRYING, due_at, None)
        assert store.runs.release_due(due_at) == 1
    run = run_of(store, run_id)
    assert (run.attempt, run.cpu_seconds, run.max_rss_bytes, run.log_bytes) == (2, 2.0, NOW + 6000, 20)
    assert (run.read_bytes, run.written_bytes) == (1024, None)
    assert [one.read_bytes for one in store.attempts.of_run(run_id)] == [512, 512]
    assert run.started_at == NOW + 500, "a run begins with its first attempt"


def test_a_cancel_that_came_before_the_end_was_stored_is_not_forgotten(store: Store) -> None:
    run_id = add(store, max_attempts=2)
    number = begin(store, run_id)
    store.runs.request_cancel(run_id, 15, "anna", NOW + 20)
    assert conclude_retrying(store, run_id, number, due_at=NOW + 9000)
    run = run_of(store, run_id)
    assert (run.status, run.reason, run.cancel_signal) == (Status.CANCELLED, "cancelled by anna", None)
    assert store.attempts.of_run(run_id)[0].status is Status.FAILED


def test_a_withdrawn_attempt_does_not_count(store: Store) -> None:
    run_id = add(store, start_by=NOW + 5)
    for _ in range(2):
        assert store.attempts.withdraw(run_id, begin(store, run_id), TOKEN, NOW + 20)
    run = run_of(store, run_id)
    assert (run.status, run.attempt, run.started_at) == (Status.QUEUED, 0, None)
    assert store.attempts.of_run(run_id) == []
    assert [late.id for late, _ in store.runs.overdue(NOW + 6, 5)] == [run_id]
    assert begin(store, run_id) == 1


def test_only_a_start_that_the_daemon_did_not_survive_is_blamed_on_the_run(store: Store) -> None:
    run_id = add(store)
    for blame in (False, True, False, True):
        store.attempts.withdraw(run_id, begin(store, run_id), TOKEN, NOW + 20, blame=blame)
    assert store.attempts.blamed(run_id) == 2


def test_an_attempt_that_came_to_an_end_clears_its_run_of_blame(store: Store) -> None:
    """Or the third of a hundred retries would be quarantined for deaths of weeks ago."""
    run_id = add(store, max_attempts=2)
    for _ in range(2):
        store.attempts.withdraw(run_id, begin(store, run_id), TOKEN, NOW + 20, blame=True)
    conclude_retrying(store, run_id, begin(store, run_id), due_at=NOW + 30)
    store.runs.release_due(NOW + 30)
    store.attempts.withdraw(run_id, begin(store, run_id), TOKEN, NOW + 40, blame=True)
    assert store.attempts.blamed(run_id) == 1


def test_a_withdrawn_attempt_leaves_earlier_ones_alone(store: Store) -> None:
    run_id = add(store, max_attempts=2)
    conclude_retrying(store, run_id, begin(store, run_id, NOW + 1), due_at=NOW + 2000)
    started_at = run_of(store, run_id).started_at
    store.runs.release_due(NOW + 2000)
    store.attempts.withdraw(run_id, begin(store, run_id, NOW + 2000), TOKEN, NOW + 2001)
    run = run_of(store, run_id)
    assert (run.status, run.attempt, run.started_at) == (Status.QUEUED, 1, started_at)
    assert [attempt.number for attempt in store.attempts.of_run(run_id)] == [1]


def test_a_withdrawn_run_that_somebody_cancelled_is_cancelled(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    store.runs.request_cancel(run_id, 15, "anna", NOW + 20)
    store.attempts.withdraw(run_id, number, TOKEN, NOW + 30)
    run = run_of(store, run_id)
    assert (run.status, run.finished_at, run.reason) == (Status.CANCELLED, NOW + 30, "cancelled by anna")


def test_an_attempt_that_was_given_the_number_of_a_withdrawn_one_is_not_withdrawn_in_its_place(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    assert store.attempts.withdraw(run_id, number, TOKEN, NOW + 20)
    assert store.attempts.begin(run_id, OTHER_TOKEN, "keeper-2", NOW + 21) == number
    assert not store.attempts.withdraw(run_id, number, TOKEN, NOW + 22)
    assert run_of(store, run_id).status is Status.RUNNING
    assert [attempt.token for attempt in store.attempts.unfinished()] == [OTHER_TOKEN]


def test_what_has_ended_is_not_withdrawn(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    conclude(store, run_id, number, Status.SUCCEEDED)
    assert store.attempts.withdraw(run_id, number, TOKEN, NOW + 30) == 0
    assert run_of(store, run_id).status is Status.SUCCEEDED


@pytest.mark.parametrize(
    ("ends", "reason"),
    [(Status.SUCCEEDED, "stands for 7 slots"), (Status.CANCELLED, "cancelled by anna; stands for 7 slots")],
)
def test_what_a_catch_up_stands_for_outlives_a_cancel_that_came_too_late(
    store: Store, ends: Status, reason: str
) -> None:
    run_id = add(store, origin=Origin.CATCH_UP, slot=100, reason="stands for 7 slots")
    number = begin(store, run_id)
    store.runs.request_cancel(run_id, 15, "anna", NOW + 20)
    conclude(store, run_id, number, ends)
    assert (run_of(store, run_id).status, run_of(store, run_id).reason) == (ends, reason)


def test_what_a_catch_up_stands_for_outlives_its_attempts_and_a_retry_by_hand(store: Store) -> None:
    run_id = add(store, origin=Origin.CATCH_UP, slot=100, max_attempts=2, reason="stands for 7 slots")
    killed = Conclusion(Status.FAILED, Status.RETRYING, "killed by SIGKILL", NOW + 2000, dead_letter=False)
    number = begin(store, run_id)
    assert store.attempts.conclude(run_id, number, end_of(Status.FAILED), killed)
    assert run_of(store, run_id).reason == "killed by SIGKILL; stands for 7 slots"
    store.runs.release_due(NOW + 2000)
    conclude(store, run_id, begin(store, run_id), Status.FAILED)
    assert run_of(store, run_id).reason == "stands for 7 slots"
    store.runs.retry(run_id, NOW + 3000, 1)
    conclude(store, run_id, begin(store, run_id), Status.SUCCEEDED)
    assert run_of(store, run_id).reason == "stands for 7 slots"


def test_an_asker_of_an_earlier_attempt_is_not_named_later(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    store.runs.request_cancel(run_id, 15, "anna", NOW + 20)
    conclude(store, run_id, number, Status.FAILED)
    store.runs.retry(run_id, NOW + 2000, 1)
    conclude(store, run_id, begin(store, run_id), Status.CANCELLED)
    assert run_of(store, run_id).reason == "stopped without a request, as by a shutdown of the machine"


def test_the_result_of_a_failed_attempt_is_not_that_of_the_next(store: Store) -> None:
    run_id = add(store, max_attempts=2)
    failed = Conclusion(Status.FAILED, Status.RETRYING, None, NOW + 2000, dead_letter=False, result="[1]")
    store.attempts.conclude(run_id, begin(store, run_id), end_of(Status.FAILED), failed)
    assert run_of(store, run_id).result == "[1]"
    store.runs.release_due(NOW + 2000)
    number = begin(store, run_id, NOW + 2000)
    assert run_of(store, run_id).result is None
    conclude(store, run_id, number, Status.SUCCEEDED)
    assert run_of(store, run_id).result is None


def test_unfinished_attempts_come_oldest_first(store: Store) -> None:
    ids = [add(store) for _ in range(3)]
    for place, run_id in enumerate(reversed(ids)):
        begin(store, run_id, NOW + place)
    assert [attempt.run_id for attempt in store.attempts.unfinished()] == ids[::-1]


def test_word_of_its_pid_that_comes_late_does_not_supervise_an_attempt_again(store: Store) -> None:
    run_id = add(store)
    number = begin(store, run_id)
    store.attempts.unsupervised(run_id, number, TOKEN)
    store.attempts.started(run_id, number, TOKEN, 4711)
    (attempt,) = store.attempts.unfinished()
    assert (attempt.state, attempt.pid) == (AttemptState.UNSUPERVISED, 4711)


def test_the_progress_of_an_attempt_is_kept_with_its_run_until_the_next_begins(store: Store) -> None:
    run_id = add(store, max_attempts=2)
    failed = Conclusion(Status.FAILED, Status.RETRYING, None, NOW, False, progress=40.5, message="indexing")
    store.attempts.conclude(run_id, begin(store, run_id), end_of(Status.FAILED), failed)
    assert (run_of(store, run_id).progress, run_of(store, run_id).message) == (40.5, "indexing")
    store.runs.release_due(NOW)
    begin(store, run_id)
    assert (run_of(store, run_id).progress, run_of(store, run_id).message) == (None, None)
