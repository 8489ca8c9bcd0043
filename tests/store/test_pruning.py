"""A round of pruning goes in slices, and one that is cut off anywhere is finished by the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from jobctl.domain.retention import older_than
from jobctl.domain.run import Status
from jobctl.domain.tally import Span
from jobctl.store import pruning
from jobctl.store.interface import Store
from jobctl.store.pruning import Pruning
from jobctl.store.records import Log
from tests.store.building import NOW, run_through

DAY = 86_400_000


class Files:
    """The logs on a disk, and the order of what happens to them and to the rows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.there: set[Log] = set()

    def remove(self, logs: Sequence[Log]) -> None:
        for log in logs:
            assert self._store.runs.get(log.run_id) is None, "a run without its log is a riddle"
            self.there.discard(log)


@pytest.fixture
def files(store: Store) -> Files:
    return Files(store)


def make(store: Store, files: Files, count: int) -> list[int]:
    with store.transaction():  # one sync for all of them
        runs = [run_through(store, "backup", Status.SUCCEEDED, NOW + at) for at in range(count)]
    files.there |= {Log(run, 1) for run in runs}
    return runs


def round_of(store: Store, files: Files) -> Pruning:
    return Pruning(store, files.remove, older_than(1.0), NOW + DAY)


def slices(pruning: Pruning, took: int = 15) -> Iterator[int]:
    """How many runs each slice removed, those left out that removed none."""
    while (done := pruning.next_slice()) is not None:
        pruning.took(took)
        if done.gone:
            yield len(done.gone)


def test_a_round_removes_all_rows_and_all_logs(store: Store, files: Files) -> None:
    make(store, files, 250)
    assert list(slices(round_of(store, files))) == [100, 100, 50]
    assert (files.there, store.retention.litter(1)) == (set(), [])
    assert store.retention.page(0, 1) == []


def test_what_goes_has_been_counted_for_the_statistics(store: Store, files: Files) -> None:
    make(store, files, 250)
    list(slices(round_of(store, files)))
    [tally] = store.statistics.totals(Span.DAY, 0, NOW + DAY).values()
    assert tally.succeeded == 250


def test_a_round_with_nothing_to_do_writes_nothing(store: Store, files: Files, factory: Callable[[], Store]) -> None:
    make(store, files, 3)
    other = factory()
    other.changed()
    assert list(slices(Pruning(store, files.remove, older_than(1e6), NOW + DAY))) == []
    assert not other.changed()


@pytest.mark.parametrize(("took", "sizes"), [(1, [100, 200, 400, 300]), (15, [100] * 10), (90, [100, 50, *[25] * 34])])
def test_slices_grow_where_they_are_short_and_shrink_where_they_are_long(
    store: Store, files: Files, took: int, sizes: list[int]
) -> None:
    make(store, files, 1000)
    assert list(slices(round_of(store, files), took)) == sizes


@pytest.mark.parametrize("after", range(1, 7))
def test_a_round_that_dies_after_any_slice_is_finished_by_the_next(store: Store, files: Files, after: int) -> None:
    make(store, files, 250)
    cut_off = round_of(store, files)
    for _ in range(after):
        cut_off.next_slice()
    list(slices(round_of(store, files)))
    assert (files.there, store.retention.litter(1), store.retention.page(0, 1)) == (set(), [], [])


def test_a_round_that_dies_between_files_and_commit_is_finished_by_the_next(store: Store, files: Files) -> None:
    make(store, files, 250)

    def remove_and_die(logs: Sequence[Log]) -> None:
        files.remove(logs)
        if logs:
            raise KeyboardInterrupt

    cut_off = Pruning(store, remove_and_die, older_than(1.0), NOW + DAY)
    with pytest.raises(KeyboardInterrupt):
        list(slices(cut_off))
    assert store.retention.litter(1) != []
    list(slices(round_of(store, files)))
    assert (files.there, store.retention.litter(1), store.retention.page(0, 1)) == (set(), [], [])


def test_each_slice_is_a_commit_that_others_can_write_after(
    store: Store, files: Files, factory: Callable[[], Store]
) -> None:
    make(store, files, 250)
    other = factory()
    began = round_of(store, files)
    while (done := began.next_slice()) is not None:
        other.service.beat(NOW)
        assert not done.gone or other.runs.get(done.gone[0].id) is None


def test_a_long_round_moves_what_it_wrote_into_the_database_now_and_then(
    store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_RUNS_PER_CHECKPOINT", 100)
    make(store, files, 250)
    with counted_checkpoints(store, monkeypatch) as count:
        list(slices(round_of(store, files)))
    assert count() == 3


@contextmanager
def counted_checkpoints(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    done: list[None] = []
    checkpoint = store.retention.checkpoint

    def count_and_do() -> None:
        done.append(None)
        checkpoint()

    monkeypatch.setattr(store.retention, "checkpoint", count_and_do)
    yield lambda: len(done)
