"""What has been kept long enough is found and forgotten, and what must stay stays."""

from __future__ import annotations

import pytest

from jobctl.domain.job import JobRetention
from jobctl.domain.outcome import Conclusion
from jobctl.domain.retention import EVERYTHING, Bounds, Policy, Scope, older_than, policy_of
from jobctl.domain.run import FINAL, Status
from jobctl.domain.settings import Retention
from jobctl.store import retention
from jobctl.store.interface import Store
from jobctl.store.records import HistoryFilter, Log
from jobctl.store.retention import PastRun, overdue
from tests.store.building import NOW, TOKEN, add, begin, conclude, define, end_of, new_run, run_of, run_through
from tests.store.volume import definition

DAY = 86_400_000


def run_with_log(store: Store, job: str, size: int, now: int = NOW, status: Status = Status.SUCCEEDED) -> int:
    """A run of one attempt that has written so many bytes."""
    run_id = add(store, job, created_at=now)
    end = end_of(status, now + 1000)._replace(log_bytes=size)
    conclusion = Conclusion(status, status, None, None, dead_letter=False)
    assert store.attempts.conclude(run_id, begin(store, run_id, now), end, conclusion)
    return run_id


def overdue_ids(store: Store, policy: Policy, now: int, scope: Scope = EVERYTHING, by_age: bool = True) -> list[int]:
    """What a dry run names."""
    found = overdue(store.retention, policy, now, scope, by_age=by_age, dry_run=True)
    return [run.id for page in found for run in page]


def forget_overdue(store: Store, policy: Policy, now: int) -> list[int]:
    """What a real round takes away."""
    gone: list[int] = []
    for page in overdue(store.retention, policy, now):
        gone += sorted(store.retention.forget([run.id for run in page], now))
    return gone


def kept(store: Store) -> list[int]:
    return sorted(run.id for run in store.runs.history(HistoryFilter(limit=10_000)))


def last_run(store: Store, job: str = "backup") -> int | None:
    [row] = store.jobs.rows([job])
    return row.last_run_id


def test_a_page_tells_of_each_run_what_its_keeping_depends_on(store: Store) -> None:
    define(store, "backup")
    old = run_with_log(store, "backup", 700)
    skipped = add(store, status=Status.SKIPPED, reason="an earlier run was active", created_at=NOW + 5000)
    pinned = run_through(store, "backup", Status.FAILED, NOW + 10_000, keep=True)
    waiting = add(store, created_at=NOW + 20_000)
    last = run_through(store, "backup", Status.FAILED, NOW + 30_000)
    assert store.retention.page(0, 10) == [
        PastRun(old, "backup", Status.SUCCEEDED, NOW + 1000, 700, stays=False),
        PastRun(skipped, "backup", Status.SKIPPED, NOW + 5000, 0, stays=False),
        PastRun(pinned, "backup", Status.FAILED, NOW + 11_000, 0, stays=True),
        PastRun(waiting, "backup", Status.QUEUED, None, 0, stays=True),
        PastRun(last, "backup", Status.FAILED, NOW + 31_000, 0, stays=True),
    ]


def test_pages_follow_each_other_and_may_be_of_one_job(store: Store) -> None:
    mixed = [run_through(store, job, Status.SUCCEEDED, NOW + at) for at, job in enumerate("abab")]
    first = store.retention.page(0, 3)
    assert [run.id for run in first] == mixed[:3]
    assert [run.id for run in store.retention.page(first[-1].id, 3)] == mixed[3:]
    assert [run.id for run in store.retention.page(0, 3, "b")] == mixed[1::2]
    assert store.retention.page(0, 3, "unknown") == []


def test_runs_go_by_the_age_of_their_class(store: Store) -> None:
    of_status = {status: run_through(store, "backup", status) for status in (Status.SUCCEEDED, Status.FAILED)}
    policy = policy_of(Retention(succeeded=30 * 86400.0, failed=90 * 86400.0), {})
    assert overdue_ids(store, policy, NOW + 30 * DAY) == []
    assert overdue_ids(store, policy, NOW + 31 * DAY) == [of_status[Status.SUCCEEDED]]
    assert overdue_ids(store, policy, NOW + 91 * DAY) == sorted(of_status.values())


def test_the_last_run_of_a_defined_job_stays_and_that_of_a_removed_one_goes(store: Store) -> None:
    define(store, "backup")
    runs = {job: [run_through(store, job, Status.SUCCEEDED, NOW + at) for at in (0, 9)] for job in ("backup", "gone")}
    assert forget_overdue(store, older_than(1.0), NOW + DAY) == [runs["backup"][0], *runs["gone"]]
    assert last_run(store) == runs["backup"][1]


@pytest.mark.parametrize("keep", [False, True])
def test_a_run_that_was_made_to_be_kept_stays(store: Store, keep: bool) -> None:
    run_id = run_through(store, "backup", Status.SUCCEEDED, keep=keep)
    assert forget_overdue(store, older_than(0.0), NOW + DAY) == ([] if keep else [run_id])
    assert store.retention.forget([run_id], NOW + DAY) == set()


def test_a_run_that_has_not_ended_stays_however_old_it_is(store: Store) -> None:
    active = [add(store), add(store, status=Status.SCHEDULED, due_at=NOW + DAY)]
    begin(store, active[0])
    assert forget_overdue(store, older_than(0.0), NOW + 1000 * DAY) == []
    assert store.retention.forget(active, NOW + 1000 * DAY) == set()


def test_a_dead_letter_goes_like_any_failure(store: Store) -> None:
    run_id = run_through(store, "backup", Status.FAILED)
    assert run_of(store, run_id).dead_letter
    assert forget_overdue(store, older_than(60.0), NOW + DAY) == [run_id]


def test_a_run_that_was_retried_since_it_was_found_stays(store: Store) -> None:
    run_id = run_through(store, "backup", Status.FAILED)
    assert store.runs.retry(run_id, NOW + DAY, 1)
    assert store.retention.forget([run_id], NOW + DAY) == set()
    conclude(store, run_id, begin(store, run_id, NOW + DAY), Status.FAILED, NOW + DAY + 1)
    assert store.retention.forget([run_id], NOW + DAY) == set()
    assert store.retention.forget([run_id], NOW + DAY + 1) == {run_id}


def test_the_oldest_go_where_a_job_has_too_many(store: Store) -> None:
    many = [run_through(store, "many", Status.SUCCEEDED, NOW + at) for at in range(7)]
    few = [run_through(store, "few", Status.SUCCEEDED, NOW + at) for at in range(7)]
    run_through(store, "many", Status.SUCCEEDED, NOW, keep=True)
    policy = policy_of(Retention(max_runs_per_job=5), {"few": JobRetention(max_runs=2)})
    assert store.retention.crowded(6) == {"few": 7, "many": 7}
    assert sorted(forget_overdue(store, policy, NOW + 10)) == []  # they have not ended by then
    assert sorted(forget_overdue(store, policy, NOW + DAY)) == sorted(many[:2] + few[:5])
    assert store.retention.crowded(2) == {"many": 5}


def test_a_job_at_its_number_has_not_passed_it(store: Store) -> None:
    for at in range(5):
        run_through(store, "many", Status.SUCCEEDED, NOW + at)
    assert overdue_ids(store, policy_of(Retention(max_runs_per_job=5), {}), NOW + 1) == []


def test_the_oldest_succeeded_go_first_where_the_logs_are_too_large(store: Store) -> None:
    failed = run_with_log(store, "a", 400, NOW, Status.FAILED)
    good = [run_with_log(store, job, 300, NOW + 10 + at) for at, job in enumerate("abab")]
    silent = run_with_log(store, "a", 0, NOW + 5)
    assert store.retention.log_bytes() == 1600
    for most, gone in ((1600, []), (1599, good[:1]), (1000, good[:2]), (399, [*good, failed])):
        policy = Policy(Bounds(), max_log_bytes=most)
        assert overdue_ids(store, policy, NOW + DAY) == gone, most
    assert forget_overdue(store, Policy(Bounds(), max_log_bytes=900), NOW + DAY) == good[:3]
    assert store.retention.log_bytes() == 700
    assert kept(store) == sorted([failed, silent, good[3]])


def test_a_log_counts_as_what_its_job_may_keep_of_it(store: Store) -> None:
    job = definition("noisy")._replace(definition='{"max_log_size": 5000}')
    define(store, job)
    run_with_log(store, "noisy", 1_000_000_000)
    run_with_log(store, "noisy", 1200)
    run_with_log(store, "noisy", 800)
    assert store.retention.log_bytes() == 5000 + 1200 + 800


def test_every_attempt_counts_with_its_log(store: Store) -> None:
    run_id = add(store)
    for size in (30, 12):
        end = end_of(Status.FAILED)._replace(log_bytes=size)
        conclusion = Conclusion(Status.FAILED, Status.FAILED, None, None, dead_letter=False)
        assert store.attempts.conclude(run_id, begin(store, run_id), end, conclusion)
        store.runs.retry(run_id, NOW + 2000, 1)
    assert store.retention.log_bytes() == 42
    store.runs.request_cancel(run_id, 15, "test", NOW + 3000)
    assert [run.log_bytes for run in store.retention.page(0, 1)] == [42]
    assert store.retention.forget([run_id], NOW + DAY) == {run_id}
    assert store.retention.log_bytes() == 0


def test_what_goes_leaves_word_of_its_logs_until_they_are_cleared(store: Store) -> None:
    run_id = run_through(store, "backup", Status.FAILED)
    store.runs.retry(run_id, NOW + 2000, 1)
    conclude(store, run_id, begin(store, run_id), Status.SUCCEEDED)
    deleted = run_through(store, "backup", Status.SUCCEEDED)
    assert store.retention.litter(10) == []
    assert store.retention.forget([run_id], NOW + DAY) == {run_id}
    assert store.runs.delete(deleted)
    logs = [Log(run_id, 1), Log(run_id, 2), Log(deleted, 1)]
    assert store.retention.litter(10) == logs
    assert store.retention.litter(2) == logs[:2]
    store.retention.cleared(logs[:1])
    assert store.retention.litter(10) == logs[1:]
    assert store.attempts.of_run(run_id) == []


def test_an_attempt_that_never_began_leaves_no_litter_for_its_number_is_given_again(store: Store) -> None:
    run_id = add(store)
    assert store.attempts.withdraw(run_id, begin(store, run_id), TOKEN, NOW + 20)
    assert store.retention.litter(10) == []


def test_forgetting_is_one_commit_with_its_word_of_the_logs(store: Store) -> None:
    run_id = run_through(store, "backup", Status.SUCCEEDED)

    def forget_in_vain() -> None:
        with store.transaction():
            assert store.retention.forget([run_id], NOW + DAY) == {run_id}
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        forget_in_vain()
    assert kept(store) == [run_id]
    assert store.retention.litter(10) == []


def test_counts_of_ended_runs_stay_true_through_all_moves(store: Store) -> None:
    assert store.retention.crowded(0) == {}
    skipped = add(store, status=Status.SKIPPED, reason="an earlier run was active")
    failed = run_through(store, "backup", Status.FAILED)
    cancelled = add(store)
    add(store)
    run_through(store, "backup", Status.SUCCEEDED, keep=True)
    assert store.retention.crowded(0) == {"backup": 2}
    store.runs.request_cancel(cancelled, 15, "test", NOW)
    assert store.retention.crowded(0) == {"backup": 3}
    store.runs.retry(failed, NOW, 1)
    assert store.retention.crowded(0) == {"backup": 2}
    conclude(store, failed, begin(store, failed), Status.SUCCEEDED)
    store.runs.delete(failed)
    assert store.retention.forget([skipped], NOW + DAY) == {skipped}
    assert store.retention.crowded(0) == {"backup": 1}
    assert sum(store.runs.counts().values()) == len(kept(store)) == 3


def test_a_scope_of_jobs_touches_no_others_and_no_bound_on_all_logs(store: Store) -> None:
    mine = [run_with_log(store, "mine", 500, NOW + at) for at in range(3)]
    run_with_log(store, "other", 500)
    mine_only = Scope(jobs=frozenset({"mine"}))
    assert overdue_ids(store, Policy(Bounds(max_runs=1), max_log_bytes=1), NOW + DAY, mine_only) == mine[:2]
    assert overdue_ids(store, older_than(1.0), NOW + DAY, mine_only) == mine


def test_a_scope_of_statuses_applies_ages_alone(store: Store) -> None:
    failed = run_with_log(store, "a", 500, NOW, Status.FAILED)
    run_with_log(store, "a", 500, NOW)
    failures = Scope(statuses=frozenset({Status.FAILED}))
    assert overdue_ids(store, older_than(1.0), NOW + DAY, failures) == [failed]
    assert overdue_ids(store, Policy(Bounds(max_runs=1), max_log_bytes=1), NOW + DAY, failures) == []


def test_a_round_without_ages_counts_what_is_too_old_among_what_is_too_many(store: Store) -> None:
    runs = [run_through(store, "many", Status.SUCCEEDED, NOW + at) for at in range(4)]
    policy = Policy(Bounds(succeeded=1.0, max_runs=3))
    found = overdue(store.retention, policy, NOW + DAY, by_age=False)
    assert [run.id for page in found for run in page] == runs[:1]


@pytest.mark.parametrize("page", [1, 2, 7, 1000])
def test_a_dry_run_names_exactly_what_a_round_takes(store: Store, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAGE", page)
    define(store, "a", "b")
    for at in range(40):
        status = sorted(FINAL)[at % 3]
        run_with_log(store, "ab"[at % 5 == 0], 10 * at, NOW + at * DAY, status)
    policy = policy_of(
        Retention(succeeded=35 * 86400.0, failed=37 * 86400.0, max_runs_per_job=24, max_log_bytes=3500),
        {"b": JobRetention(succeeded=20 * 86400.0, max_runs=4)},
    )
    before = store.retention.log_bytes()
    named = overdue_ids(store, policy, NOW + 41 * DAY)
    assert len(named) == len(set(named))
    assert forget_overdue(store, policy, NOW + 41 * DAY) == named
    assert before > 3500 >= store.retention.log_bytes()
    assert store.retention.crowded(4).keys() <= {"a"}
    assert overdue_ids(store, policy, NOW + 41 * DAY) == []


def test_a_walk_over_ages_ends_where_no_run_can_be_old_enough(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAGE", 2)
    store.runs.add_many([new_run(created_at=NOW + DAY)] * 20)
    assert len(list(overdue(store.retention, older_than(3600.0), NOW + DAY))) == 1
