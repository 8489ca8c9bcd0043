"""Whatever period is asked for, it is told from spans of several lengths as if its runs were counted one by one."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from jobctl.domain.outcome import Conclusion
from jobctl.domain.run import DEAD, Run, Status
from jobctl.domain.tally import Span, Tally
from jobctl.store.interface import Store
from tests.store.building import NOW, add, begin, end_of

HOUR, DAY, FOUR_WEEKS = int(Span.HOUR), int(Span.DAY), int(Span.FOUR_WEEKS)
JOBS = ["backup", "mail", "report"]
BEGIN = Span.FOUR_WEEKS.start_of(NOW) + FOUR_WEEKS
DAYS = 100
STATUSES = [Status.SUCCEEDED, Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT, Status.CANCELLED]


def ended(store: Store, job: str, status: Status, at: int, duration: int) -> None:
    run = add(store, job, due_at=at - duration - 40)
    number = begin(store, run, at - duration)
    end = end_of(status, at)._replace(started_at=at - duration, read_bytes=duration if duration % 3 else None)
    conclusion = Conclusion(status, status, None, None, dead_letter=status in DEAD)
    assert store.attempts.conclude(run, number, end, conclusion)


def scattered(store: Store, luck: Random, count: int) -> list[Run]:
    """Runs that ended in any order within the days after BEGIN, many of one job in its last hour; added a few at a
    time."""
    for number in range(count):
        at = BEGIN + (luck.randrange(DAYS * DAY) if number % 4 else DAYS * DAY - 1 - luck.randrange(HOUR))
        job = luck.choice(JOBS) if number % 4 else "backup"
        ended(store, job, luck.choice(STATUSES), at, int(luck.lognormvariate(8, 2)))
    runs = store.statistics.unfolded()
    while store.statistics.fold(luck.choice([1, 7, 100])):
        pass
    return runs


def counted(runs: Iterable[Run], since: int, until: int) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for run in runs:
        if since <= (run.finished_at or 0) < until:
            found.setdefault(run.job, Tally()).count(run)
    return found


def without_waits(tallies: dict[str, Tally]) -> dict[str, Tally]:
    for tally in tallies.values():
        tally.waits.clear()
    return tallies


def test_every_period_is_the_sum_of_the_runs_that_ended_in_it(store: Store) -> None:
    luck = Random(20261129)
    runs = scattered(store, luck, 300)
    for _ in range(200):
        span = luck.choice([Span.HOUR, Span.DAY])
        since, until = sorted(BEGIN + span * luck.randrange(-3, DAYS * DAY // span + 3) for _ in range(2))
        expected = without_waits(counted(runs, since, until))
        assert store.statistics.totals(span, since, until) == expected
        two = {job: expected[job] for job in JOBS[1:] if job in expected}
        assert store.statistics.totals(span, since, until, [*JOBS[1:], "nobody"]) == two
    assert store.statistics.ever() == counted(runs, 0, 2**62)


def test_what_is_too_old_leaves_every_period_that_begins_after_it_as_it_was(store: Store) -> None:
    luck = Random(7)
    runs = scattered(store, luck, 100)
    now = BEGIN + 800 * DAY + luck.randrange(28, 56) * DAY
    for job in JOBS:
        store.statistics.forget(job, now)
    kept = BEGIN + FOUR_WEEKS
    assert counted(runs, 0, kept).keys() == set(JOBS)
    assert store.statistics.totals(Span.DAY, 0, kept) == {}, "days, weeks and four weeks go together"
    for since in range(kept, BEGIN + DAYS * DAY, 5 * DAY):
        for until in range(since + DAY, BEGIN + DAYS * DAY, 9 * DAY):
            assert store.statistics.totals(Span.DAY, since, until) == without_waits(counted(runs, since, until))
    assert store.statistics.ever() == counted(runs, 0, 2**62)
    ended(store, "mail", Status.SUCCEEDED, BEGIN + DAY, 50)  # folded long after its time
    store.statistics.fold(10)
    store.statistics.forget("mail", now)
    assert store.statistics.ever()["mail"].finished == counted(runs, 0, 2**62)["mail"].finished + 1


def test_what_ends_after_a_period_is_not_in_it_where_a_clock_was_set_back(store: Store) -> None:
    today = Span.DAY.start_of(BEGIN + 3 * DAY)
    ended(store, "backup", Status.SUCCEEDED, today + HOUR, 50)
    store.statistics.fold(10)
    assert store.statistics.totals(Span.DAY, today, today + DAY)["backup"].finished == 1
    ended(store, "backup", Status.SUCCEEDED, today + DAY, 50)
    store.statistics.fold(10)
    assert store.statistics.totals(Span.DAY, today, today + DAY)["backup"].finished == 1


def test_an_end_in_the_first_moment_of_a_span_is_in_it(store: Store) -> None:
    for at in (BEGIN - 1, BEGIN):
        ended(store, "backup", Status.SUCCEEDED, at, 50)
        store.statistics.fold(10)
    assert store.statistics.totals(Span.DAY, BEGIN - 3 * DAY, BEGIN + DAY)["backup"].finished == 2
    assert store.statistics.totals(Span.DAY, BEGIN - 3 * DAY, BEGIN)["backup"].finished == 1
