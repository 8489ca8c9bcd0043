"""The log of the database is moved into it often enough to stay short, and an idle daemon sleeps."""

from __future__ import annotations

from collections.abc import Callable

from tests.daemon.assembly import Assembly
from tests.daemon.set_clock import SECOND

Assemble = Callable[[str], Assembly]
JOBS = '[jobs.quick]\ncommand = "true"\n'


def commit(here: Assembly, times: int) -> None:
    for _ in range(times):
        here.store.service.beat(here.clock.now())
        here.tick()


def log_size(here: Assembly) -> int:
    database = here.around.places.database
    return database.with_name(database.name + "-wal").stat().st_size


def test_many_commits_do_not_make_the_log_longer(assemble: Assemble) -> None:
    here = assemble(JOBS)
    commit(here, 100)
    size = log_size(here)
    assert here.store.commits_in_log() < 100
    commit(here, 400)
    assert log_size(here) <= size


def test_a_few_commits_are_moved_ten_seconds_later(assemble: Assemble) -> None:
    here = assemble(JOBS)
    commit(here, 3)
    here.tick(9 * SECOND)
    assert here.store.commits_in_log() >= 3
    here.tick(SECOND)
    assert here.store.commits_in_log() == 0
