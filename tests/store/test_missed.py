"""How many starts of a job in a row were missed, which its last run does not tell."""

from __future__ import annotations

import pytest

from jobctl.domain.definition_records import DefinitionChange
from jobctl.domain.run import Status
from jobctl.store.interface import Store
from jobctl.store.records import MissedStarts
from tests.store.building import NOW, TOKEN, add, begin, conclude, conclude_retrying, define, run_through
from tests.store.volume import definition

HOUR = 3_600_000


@pytest.fixture
def missing(store: Store) -> Store:
    """A store with a job that ran well once, and then missed one start and four more."""
    define(store, "backup", "rotate")
    run_through(store, "backup", Status.SUCCEEDED, NOW - 3 * HOUR)
    store.jobs.missed("backup", 1, NOW - 2 * HOUR)
    store.jobs.missed("backup", 4, NOW - HOUR)
    return store


def missed(store: Store) -> tuple[int, int | None]:
    """What is told of the job, which every way of asking tells alike."""
    (row,) = store.jobs.rows(["backup"])
    found = [(one.missed, one.since) for one in store.jobs.missed_in_a_row() if one.job == "backup"]
    assert found == ([(row.missed, row.missed_since)] if row.missed else [])
    assert store.jobs.listing(["backup"]).missed == (row.missed,)
    return row.missed, row.missed_since


def test_a_job_that_never_missed_a_start_has_none(store: Store) -> None:
    define(store, "backup")
    run_through(store, "backup", Status.SUCCEEDED)
    assert missed(store) == (0, None)


def test_starts_are_counted_together_since_the_first_of_them(missing: Store) -> None:
    assert missed(missing) == (5, NOW - 2 * HOUR)
    (row,) = missing.jobs.rows(["backup"])
    assert (row.last_status, row.streak) == (Status.SUCCEEDED, 1), "the last run is what it was"


def test_the_job_that_has_waited_longest_comes_first(missing: Store) -> None:
    missing.jobs.missed("rotate", 2, NOW - 3 * HOUR)
    assert missing.jobs.missed_in_a_row() == [
        MissedStarts("rotate", 2, NOW - 3 * HOUR), MissedStarts("backup", 5, NOW - 2 * HOUR)
    ]  # fmt: skip
    assert [one.job for one in missing.jobs.missed_in_a_row(3)] == ["backup"]


def test_a_run_that_begins_ends_the_row_whoever_asked_for_it(missing: Store) -> None:
    run_id = add(missing)
    assert missed(missing)[0] == 5, "what waits has not begun"
    number = begin(missing, run_id)
    assert missed(missing) == (0, None)
    conclude(missing, run_id, number, Status.FAILED)
    later = add(missing)
    assert missing.attempts.withdraw(later, begin(missing, later), TOKEN, NOW)
    assert missed(missing) == (0, None), "and nothing brings it back"
    missing.jobs.missed("backup", 1, NOW + 9 * HOUR)
    assert missed(missing) == (1, NOW + 9 * HOUR), "another row"


def test_a_start_that_is_withdrawn_began_nothing(missing: Store) -> None:
    run_id = add(missing)
    for _ in range(2):
        number = begin(missing, run_id)
        assert missing.attempts.withdraw(run_id, number, TOKEN, NOW)
        assert missed(missing) == (5, NOW - 2 * HOUR)


def test_a_start_that_is_withdrawn_while_another_run_goes_on_brings_nothing_back(missing: Store) -> None:
    begin(missing, add(missing))
    second = add(missing)
    assert missing.attempts.withdraw(second, begin(missing, second), TOKEN, NOW)
    assert missed(missing) == (0, None)


@pytest.mark.parametrize("ending", ["before it", "after it"])
def test_a_start_that_is_withdrawn_brings_back_what_was_missed_since_the_runs_began_that_go_on(
    missing: Store, ending: str
) -> None:
    first, second = add(missing), add(missing)
    number = begin(missing, first)
    missing.jobs.missed("backup", 1, NOW + HOUR)
    withdrawn = begin(missing, second, NOW + 2 * HOUR)
    assert missed(missing) == (0, None), "as far as anybody knows it has begun"
    if ending == "before it":
        conclude(missing, first, number, Status.SUCCEEDED)
    assert missing.attempts.withdraw(second, withdrawn, TOKEN, NOW)
    assert missed(missing) == (1, NOW + HOUR)
    if ending == "after it":
        conclude(missing, first, number, Status.SUCCEEDED)
    assert missed(missing) == (1, NOW + HOUR), "nothing has begun since that start was missed"


def test_nor_does_the_end_of_an_older_run_take_it_for_begun(missing: Store) -> None:
    first, second = add(missing), add(missing)
    number = begin(missing, first)
    missing.jobs.missed("backup", 1, NOW + HOUR)
    later = begin(missing, second, NOW + 2 * HOUR)
    conclude_retrying(missing, first, number, NOW + 9 * HOUR)
    conclude(missing, second, later, Status.SUCCEEDED, NOW + 3 * HOUR)
    third = add(missing)
    assert missing.attempts.withdraw(third, begin(missing, third, NOW + 4 * HOUR), TOKEN, NOW)
    assert missed(missing) == (0, None), "the second one had begun for good"


def test_a_second_attempt_that_is_withdrawn_brings_nothing_back(missing: Store) -> None:
    run_id = add(missing)
    conclude_retrying(missing, run_id, begin(missing, run_id), NOW + 5)
    missing.runs.release_due(NOW + 10)
    assert missing.attempts.withdraw(run_id, begin(missing, run_id), TOKEN, NOW)
    assert missed(missing) == (0, None)


def test_starts_missed_while_a_run_goes_on_are_told_then_and_after_its_end(missing: Store) -> None:
    run_id = add(missing)
    number = begin(missing, run_id)
    missing.jobs.missed("backup", 2, NOW + 5 * HOUR)
    assert missed(missing) == (2, NOW + 5 * HOUR)
    conclude(missing, run_id, number, Status.SUCCEEDED)
    assert missed(missing) == (2, NOW + 5 * HOUR)


def test_a_job_that_somebody_disables_misses_nothing_and_begins_anew_when_it_is_enabled(missing: Store) -> None:
    missing.jobs.disable("backup", "anna", NOW, NOW + HOUR, None)
    assert missed(missing) == (0, None)
    missing.jobs.enable("backup", "anna", NOW + 9)
    assert missed(missing) == (0, None)


def test_so_does_one_whose_disabling_is_over(missing: Store) -> None:
    missing.jobs.disable("backup", "anna", NOW, NOW + HOUR, None)
    missing.jobs.end_disabled("backup", NOW + HOUR)
    assert missed(missing) == (0, None)


def test_another_schedule_has_missed_nothing_yet(missing: Store) -> None:
    missing.jobs.apply(DefinitionChange((definition("backup"),), (), frozenset()), NOW)
    assert missed(missing)[0] == 5
    missing.jobs.apply(DefinitionChange((definition("backup"),), (), frozenset({"backup"})), NOW)
    assert missed(missing) == (0, None)


def test_a_job_that_is_off_in_the_file_or_in_no_file_is_not_told(missing: Store) -> None:
    missing.jobs.apply(DefinitionChange((definition("backup")._replace(enabled=False),), (), frozenset()), NOW)
    assert missed(missing) == (0, None)
    missing.jobs.apply(DefinitionChange((), ("backup",), frozenset()), NOW)
    assert missing.jobs.missed_in_a_row() == []
    removed = missing.jobs.removed("backup")
    assert removed is not None
    assert (removed.row.missed, removed.row.missed_since) == (0, None)


def test_those_that_fail_or_miss_their_starts_come_first_the_longest_on_top(missing: Store) -> None:
    define(missing, "clean", "late", "never-well")
    for at in range(3):
        run_through(missing, "never-well", Status.FAILED, NOW + 10_000 * at)
    run_through(missing, "late", Status.FAILED)
    missing.jobs.missed("late", 3, NOW)
    listing = missing.jobs.listing(failing_first=True)
    assert listing.names == ("backup", "late", "never-well", "clean", "rotate")
    assert listing.missed == (5, 3, 0, 0, 0)
