"""Runs followed as they end: none is missed, none is told twice."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from jobctl.domain.outcome import AttemptEnd, Conclusion
from jobctl.domain.run import NewRun, Origin, Run, Status
from jobctl.operations.history import follow
from jobctl.store.interface import Store
from jobctl.store.records import HistoryFilter
from jobctl.wiring import open_store
from tests.operations.site import Site

LOOKS = 20


class NothingMore(Exception):
    """The follower looked often enough in vain."""


class Work:
    """Another process beside the follower: it makes runs and ends them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.now = site.ctx.clock.now()
        self.store: Store = open_store(site.ctx.places)
        self._looks = 0

    def add(self, made_before: int = 0) -> int:
        now = self.now - made_before
        return self.store.runs.add(NewRun("hello", Origin.MANUAL, Status.QUEUED, created_at=now, due_at=now)).id

    def begin(self, run_id: int) -> bytes:
        token = os.urandom(16)
        assert self.store.attempts.begin(run_id, token, "nobody", self.now) is not None
        return token

    def end(self, run_id: int, token: bytes) -> None:
        conclusion = Conclusion(Status.SUCCEEDED, Status.SUCCEEDED, None, None, dead_letter=False)
        end = AttemptEnd(token, self.now, self.now + 5, exit_code=0)
        assert self.store.attempts.conclude(run_id, 1, end, conclusion)

    def through(self, made_before: int = 0) -> int:
        run_id = self.add(made_before)
        self.end(run_id, self.begin(run_id))
        return run_id

    def followed(self, **wanted: int) -> Iterator[Run]:
        return follow(self.site.ctx, HistoryFilter()._replace(**wanted), self._pause)  # type: ignore[arg-type]

    def _pause(self, _: float) -> None:
        self._looks += 1
        if self._looks > LOOKS:
            raise NothingMore


@pytest.fixture
def work(site: Site) -> Iterator[Work]:
    made = Work(site)
    yield made
    made.store.close()


def test_a_run_that_ends_while_the_first_ones_are_shown_is_told(work: Work) -> None:
    first = work.through()
    running = work.add()
    token = work.begin(running)
    followed = work.followed()
    assert next(followed).id == first
    work.end(running, token)
    assert next(followed).id == running


def test_a_run_with_a_smaller_id_that_comes_later_is_told(work: Work) -> None:
    work.through()
    followed = work.followed()
    next(followed)
    late = work.through(made_before=300)
    assert next(followed).id == late


def test_no_run_is_told_twice_and_older_ones_beyond_the_limit_never(work: Work) -> None:
    runs = sorted(work.through() for _ in range(5))
    followed = work.followed(limit=1)
    assert next(followed).id == runs[-1]
    new = work.through()
    assert next(followed).id == new
    work.add()
    with pytest.raises(NothingMore):
        next(followed)
