"""Tallies in the store: every end counts once, and they outlive the runs."""

from __future__ import annotations

from jobctl.domain.outcome import Conclusion
from jobctl.domain.run import Status
from jobctl.domain.tally import Span, Tally, total
from jobctl.store.interface import Store
from jobctl.store.records import Ends
from tests.store.building import NOW, add, begin, conclude, define, end_of
from tests.store.conftest import Factory

HOUR, DAY = int(Span.HOUR), int(Span.DAY)
EVER = (0, NOW + 1000 * DAY)


def ended(store: Store, job: str = "backup", status: Status = Status.SUCCEEDED, at: int = NOW + 1000) -> int:
    run = add(store, job)
    conclude(store, run, begin(store, run), status, at)
    return run


def days(store: Store, job: str = "backup") -> Tally:
    return total(course(store, Span.DAY, job).values())


def course(store: Store, span: Span, job: str = "backup") -> dict[int, Tally]:
    return store.statistics.course(span, *EVER, [job]).get(job, {})


def test_an_end_is_unfolded_first_and_then_part_of_the_tallies(store: Store) -> None:
    run = ended(store)
    assert [one.id for one in store.statistics.unfolded()] == [run]
    assert store.statistics.fold(10) == 1
    assert store.statistics.unfolded() == []
    assert days(store).succeeded == 1
    assert store.statistics.fold(10) == 0
    assert days(store).succeeded == 1


def test_many_ends_are_folded_a_few_at_a_time(store: Store) -> None:
    for _ in range(5):
        ended(store)
    assert [store.statistics.fold(2) for _ in range(4)] == [2, 2, 1, 0]
    assert days(store).succeeded == 5


def test_skipped_and_missed_slots_count_without_having_run(store: Store) -> None:
    add(store, status=Status.SKIPPED, reason="overlap")
    add(store, status=Status.MISSED, reason="the daemon was not running")
    store.statistics.fold(10)
    assert (days(store).skipped, days(store).missed, days(store).started) == (1, 1, 0)


def test_a_run_that_is_retried_after_its_end_counts_for_both_ends(store: Store) -> None:
    run = ended(store, status=Status.FAILED)
    store.statistics.fold(10)
    assert store.runs.retry(run, NOW + 2000, 1)
    conclude(store, run, begin(store, run, NOW + 2010), Status.SUCCEEDED, NOW + 3000)
    store.statistics.fold(10)
    assert (days(store).failed, days(store).succeeded) == (1, 1)


def test_a_retry_before_the_fold_leaves_the_unfinished_run_out(store: Store) -> None:
    run = ended(store, status=Status.FAILED)
    store.runs.retry(run, NOW + 2000, 1)
    assert store.statistics.unfolded() == []
    store.statistics.fold(10)
    assert days(store) == Tally()


def test_tallies_outlive_the_runs_that_they_count(store: Store) -> None:
    run = ended(store)
    store.statistics.fold(10)
    assert store.runs.delete(run)
    assert days(store).succeeded == 1


def test_an_end_whose_run_is_deleted_holds_up_no_other(store: Store) -> None:
    gone = ended(store)
    assert store.runs.delete(gone)
    ended(store)
    assert store.statistics.fold(1) == 1
    store.statistics.fold(1)
    assert days(store).succeeded == 1
    assert store.statistics.fold(1) == 0


def test_totals_are_by_job_and_within_their_time(store: Store) -> None:
    define(store, "backup", "mail")
    ended(store, "backup")
    ended(store, "mail", Status.FAILED)
    ended(store, "mail", at=NOW + 3 * DAY)
    store.statistics.fold(10)
    today = Span.DAY.start_of(NOW)
    found = store.statistics.totals(Span.DAY, today, today + DAY)
    assert {job: (tally.succeeded, tally.failed) for job, tally in found.items()} == {"backup": (1, 0), "mail": (0, 1)}
    assert set(store.statistics.totals(Span.DAY, today, today + DAY, ["mail"])) == {"mail"}
    by_hour = store.statistics.course(Span.HOUR, *EVER, ["backup", "mail", "nobody"])
    assert {job: total(found.values()).finished for job, found in by_hour.items()} == {"backup": 1, "mail": 2}


def test_old_hours_go_before_old_days(store: Store) -> None:
    ended(store)
    store.statistics.fold(10)
    store.statistics.forget("backup", NOW + 100 * DAY)
    assert course(store, Span.HOUR) == {}
    assert days(store).succeeded == 1
    store.statistics.forget("backup", NOW + 900 * DAY)
    assert days(store) == Tally()


def test_what_counts_everything_never_falls(store: Store) -> None:
    for number in range(3):
        ended(store, at=NOW + number * 850 * DAY)
        store.statistics.fold(10)
        before = store.statistics.ever()
        store.statistics.forget("backup", NOW + number * 850 * DAY)
        assert store.statistics.ever() == before
        assert store.statistics.ever()["backup"].succeeded == number + 1
    assert sum(store.statistics.ever()["backup"].waits.values()) == 3


def moved(store: Store, *attempts: int, at: int = NOW + 1000) -> None:
    """A run whose attempts read so many bytes each; what they wrote nobody knows."""
    run = add(store, max_attempts=len(attempts))
    for left, read in reversed(list(enumerate(reversed(attempts)))):
        number = begin(store, run)
        status = Status.RETRYING if left else Status.SUCCEEDED
        state = Status.FAILED if left else status
        conclusion = Conclusion(state, status, None, at if left else None, dead_letter=False)
        assert store.attempts.conclude(run, number, end_of(state, at)._replace(read_bytes=read), conclusion)
        store.runs.release_due(at)


def test_what_storage_moved_for_all_attempts_is_in_each_sum_and_what_nobody_knows_in_none(store: Store) -> None:
    ended(store)
    moved(store, 512, 1024, 2048)
    moved(store, 8192)
    assert store.statistics.fold(1) == 1
    assert days(store).read_bytes is None, "of the first run nothing is known"
    assert store.statistics.fold(10) == 2
    ended(store)
    store.statistics.fold(10)
    today = Span.DAY.start_of(NOW)
    sums = [
        days(store),
        *store.statistics.totals(Span.DAY, today, today + DAY).values(),
        *store.statistics.totals(Span.HOUR, *EVER, ["backup"]).values(),
        *course(store, Span.DAY).values(),
        *store.statistics.ever().values(),
    ]
    assert [(tally.read_bytes, tally.written_bytes) for tally in sums] == [(11776, None)] * 5


def test_what_storage_moved_long_ago_is_counted_on(store: Store) -> None:
    for number in range(3):
        moved(store, 512, at=NOW + number * 850 * DAY)
        store.statistics.fold(10)
        store.statistics.forget("backup", NOW + number * 850 * DAY)
        assert store.statistics.ever()["backup"].read_bytes == (number + 1) * 512
    assert store.statistics.ever()["backup"].written_bytes is None


def test_a_fold_that_is_undone_counts_nothing_twice(factory: Factory) -> None:
    store = factory()
    ended(store)
    try:
        with store.transaction():
            store.statistics.fold(10)
            raise KeyError
    except KeyError:
        pass
    assert days(store) == Tally()
    store.statistics.fold(10)
    assert days(factory()).succeeded == 1


def test_each_minute_knows_how_many_ended_in_it_before_and_after_they_are_folded(store: Store) -> None:
    minute = NOW - NOW % 60_000
    ended(store, at=minute + 60_100)
    ended(store, "mail", Status.FAILED, at=minute + 119_900)
    add(store, status=Status.SKIPPED, reason="overlap")
    expected = [Ends(minute + 60_000, 2, 1)]
    assert store.statistics.minutes(minute) == expected
    store.statistics.fold(1)
    assert store.statistics.minutes(minute) == expected
    store.statistics.fold(10)
    assert store.statistics.minutes(minute) == expected
    assert store.statistics.minutes(minute + 120_000) == []


def test_minutes_are_kept_for_hours_and_not_for_ever(store: Store) -> None:
    minute = NOW - NOW % 60_000 + 60_000
    ended(store, at=minute)
    ended(store, at=minute + 7 * 3_600_000)
    store.statistics.fold(1)
    assert store.statistics.minutes(0) == [Ends(minute, 1, 0), Ends(minute + 7 * 3_600_000, 1, 0)]
    store.statistics.fold(1)
    assert store.statistics.minutes(0) == [Ends(minute + 7 * 3_600_000, 1, 0)]


def test_each_hour_knows_how_many_ended_in_it_before_and_after_they_are_folded(store: Store) -> None:
    hour = Span.HOUR.start_of(NOW)
    ended(store, at=hour + 100)
    ended(store, "mail", Status.LOST, at=hour + HOUR - 1)
    add(store, status=Status.SKIPPED, reason="overlap", created_at=hour + HOUR)
    ended(store, at=hour + 2 * HOUR)
    span = (hour, hour + 2 * HOUR)
    for _ in range(3):
        assert store.statistics.hours(*span) == [Ends(hour, 2, 1), Ends(hour + HOUR, 0, 0)]
        assert store.statistics.hours(*span, ["mail", "nobody"]) == [Ends(hour, 1, 1)]
        store.statistics.fold(2)


def test_hours_are_kept_for_weeks_and_the_newest_for_ever(store: Store) -> None:
    hour = Span.HOUR.start_of(NOW)
    ended(store, at=hour)
    ended(store, at=hour + HOUR)
    store.statistics.fold(10)
    store.statistics.forget("backup", hour + 35 * DAY + HOUR)
    assert store.statistics.hours(*EVER) == [Ends(hour + HOUR, 1, 0)]
    store.statistics.forget("backup", hour + 100 * DAY)
    assert store.statistics.hours(*EVER) == [Ends(hour + HOUR, 1, 0)]
